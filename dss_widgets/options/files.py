"""Config files: options as YAML that people can read, edit and keep with their data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from dss_widgets.errors import DataError, OptionsError, reason
from dss_widgets.options.base import Options
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

AnyOptions = TypeVar("AnyOptions", bound=Options)

MOST_CONFIG_BYTES = 2_000_000
"""More than any options need, the names of thousands of recordings included."""


def options_as_yaml(options: Options, *, changed_only: bool = False) -> str:
    """Return options as YAML, a line an option, each with its label, unit and bounds as a comment."""
    declared = options.declared()
    lines = [f"# {type(options).__name__} of dss_widgets"]
    for name, value in options.as_dict(changed_only=changed_only).items():
        option = declared[name]
        unit = f" [{option.unit}]" if option.unit else ""
        choices = f" ({', '.join(map(str, option.choices))})" if option.choices else ""
        text = _on_one_line(value)
        lines.append(f"{name}: {text}  # {option.label}{unit}{choices}")
    return "\n".join(lines) + "\n"


def _on_one_line(value: Any) -> str:
    """Return a value as YAML, with quotes and escapes where it would not be read as it was."""
    for style in (None, '"'):
        text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, default_style=style)
        text = text.removesuffix("...\n").strip()
        if yaml.safe_load(text) == value:
            break
    return text


def save_options(options: Options, path: str | os.PathLike[str], *, changed_only: bool = False) -> Path:
    """Write options to a YAML file, which appears whole or not at all.

    Raises:
        DataError: the file cannot be written.
    """
    path = Path(path)
    try:
        with appearing_whole(path) as partial:
            partial.write_text(options_as_yaml(options, changed_only=changed_only), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another place for it.") from error
    return path


class _PlainLoader(yaml.SafeLoader):
    """The safe loader, without references: values that name each other again and again grow without end."""

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # the stubs leave it out
            raise yaml.MarkedYAMLError(problem="a reference (*) to another value; write the value itself", problem_mark=mark)
        return super().compose_node(parent, index)


def read_yaml_mapping(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a YAML file that holds names and values, with the safe loader.

    Raises:
        DataError: there is no such file, it may not be read, or it is not YAML, or not a mapping; the message gives the line.
    """
    try:
        with open_confined(path) as file:
            content = file.read(MOST_CONFIG_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    if len(content) > MOST_CONFIG_BYTES:
        raise DataError(f"{path}: is larger than {MOST_CONFIG_BYTES // 1000} kB, so it is no config. Choose another file.")
    return parse_yaml_mapping(content, str(path))


def parse_yaml_mapping(content: bytes, name: str) -> dict[str, Any]:
    """Read names and values from the content of a YAML file; see :func:`read_yaml_mapping`.

    Args:
        content: of the file.
        name: of the file, for messages.

    Raises:
        DataError: it is not YAML, or not a mapping; the message gives the line.
    """
    try:
        values = yaml.load(content.decode("utf-8-sig"), Loader=_PlainLoader)
    except Exception as error:  # values that look like dates, numbers or bytes raise more than YAML's own errors
        mark = getattr(error, "problem_mark", None)
        where = f", row {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or reason(error)
        raise DataError(f"{name}{where}: is not a YAML file that holds plain values ({why}). Save the config again.") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise DataError(f"{name}: holds no 'name: value' lines. Save a config with 'Save config' and edit that.")
    return values


def load_values(kind: type[AnyOptions], path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read just the options that a YAML file names, as names and values.

    Raises:
        DataError, OptionsError: as :func:`load_options`.
    """
    told = read_yaml_mapping(path)
    values = _options_of(kind, told, path).as_dict()
    return {name: values[name] for name in told}


def load_options(kind: type[AnyOptions], path: str | os.PathLike[str]) -> AnyOptions:
    """Read options from a YAML file; what it does not name keeps its default.

    Raises:
        DataError: the file cannot be read.
        OptionsError: a name is no option, or a value is out of bounds; with the file's name.
    """
    return _options_of(kind, read_yaml_mapping(path), path)


def _options_of(kind: type[AnyOptions], values: Mapping[str, Any], path: str | os.PathLike[str]) -> AnyOptions:
    try:
        return options_from_yaml(kind, values)
    except OptionsError as error:
        raise OptionsError(replace(problem, file=str(path)) for problem in error.problems) from error


def options_from_yaml(kind: type[AnyOptions], values: Mapping[str, Any]) -> AnyOptions:
    """Return the options that the names and values of a YAML file say.

    Raises:
        OptionsError: a name is no option, or a value is out of bounds.
    """
    return kind.from_dict({name: _as_number(kind, name, value) for name, value in values.items()})


def _as_number(kind: type[Options], name: str, value: Any) -> Any:
    """Return a number for a text that is one to everybody but YAML, such as 1e-4."""
    option = kind.declared().get(name)
    if option is None or option.kind not in ("int", "float") or not isinstance(value, str):
        return value
    try:
        return option.parse(value)
    except ValueError:
        return value
