"""What options say as Python and as flags of the command line: the parts that code is put together from."""

from __future__ import annotations

import shlex

from dss_widgets.options import Options
from dss_widgets.options.files import options_as_yaml


def python_call(options: Options) -> str:
    """Return the expression that makes options like these; only what differs from the defaults is named."""
    changed = options.as_dict(changed_only=True)
    if not changed:
        return f"{type(options).__name__}()"
    lines = "".join(f"    {name}={value!r},\n" for name, value in changed.items())
    return f"{type(options).__name__}(\n{lines})"


def flags(options: Options, *left_out: str) -> list[str]:
    """Return the command-line flags of what differs from the defaults."""
    words: list[str] = []
    declared = options.declared()
    for name, value in options.as_dict(changed_only=True).items():
        option = declared[name]
        if name in left_out or not option.shown:
            continue
        if option.kind == "bool":
            words.append(option.flag if value else f"--no-{option.flag[2:]}")
        else:
            text = option.format(value)
            words += [option.flag, *(text.split() if option.kind == "flags" else [text])]
    return words


def command(*words: str) -> str:
    """Return words as one command, a flag a line."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word.startswith("--"):
            lines.append([])
        lines[-1].append(shlex.quote(word))
    return " \\\n    ".join(" ".join(line) for line in lines)


def texts(python: str, command_line: str, **configs: Options | None) -> dict[str, str]:
    """Return texts by their titles: ``Python``, ``Command line`` and, for every config, ``<name>.yaml``; none for None."""
    files = {f"{name}.yaml": options_as_yaml(options) for name, options in configs.items() if options is not None}
    return {"Python": python, "Command line": command_line, **files}
