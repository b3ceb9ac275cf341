"""Where files may be read and written: the one guard that every path goes through, picked, typed, from a link or a file.

A path is checked as the operating system would take it, and what is opened is what was checked: between the two a folder
or file could be replaced by a symbolic link.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dss_widgets.errors import DataError, Problem

if TYPE_CHECKING:
    from dss_widgets.options import Options

VARIABLE = "DSS_WIDGETS_ROOTS"
"""Environment variable with the folders that may be used, separated as PATH is; unset: no confinement."""


INSTEAD = "Choose a folder inside of them, or start the server with --root FOLDER to allow others."
"""What to do about a path that may not be used."""

_FOLLOWING = {"store_folder": ("data_folder", "store_path"), "save_folder": ("store_folder", "save_path")}
"""Options that may be empty: the option that they follow from then, and the attribute that tells the path."""


_LISTS_OF_PATHS = ("recordings", "more_networks")
"""Options that hold several paths."""


def allowed_roots() -> tuple[Path, ...]:
    """Return the folders that everything is confined to, symbolic links resolved; none: there is no confinement.

    A variable that is set but names no folder confines to nothing at all, so that a slip never opens everything.
    """
    value = os.environ.get(VARIABLE)
    if value is None:
        return ()
    named = [Path(part).expanduser().resolve() for part in value.split(os.pathsep) if part.strip()]
    return tuple(named) or (Path(os.devnull),)


def why_refused(path: str | os.PathLike[str], roots: Sequence[Path] | None = None) -> str | None:
    """Return why a path may not be used, as the end of a sentence that begins with its label; None if it may.

    The path is taken as the operating system would take it: ``~`` and ``..`` and symbolic links are followed first,
    also those of parents of something that does not exist yet.

    Args:
        path: what was picked or typed.
        roots: the allowed folders; left out, those of :func:`allowed_roots`. Empty: everything is allowed.
    """
    roots = allowed_roots() if roots is None else roots
    if not str(path) or not roots:
        return None
    try:
        resolved = Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        return f"cannot be followed ({error})."
    if any(resolved == root or root in resolved.parents for root in roots):
        return None
    return f"lies outside of the folders that may be used here: {', '.join(map(str, roots))}."


def confined(path: str | os.PathLike[str]) -> Path:
    """Return a path that may be used.

    Raises:
        DataError: it lies outside of the allowed folders.
    """
    refused = why_refused(path)
    if refused:
        raise DataError(f"{path} {refused} {INSTEAD}")
    path = path if isinstance(path, Path) else Path(path)  # what is done here for nothing adds up over thousands of files
    return path.expanduser() if str(path).startswith("~") else path


def open_confined(path: str | os.PathLike[str], mode: str = "rb", **how: Any) -> IO[Any]:
    """Open a file for reading, such that what was checked is what is read.

    The file is opened first, then looked up again by its resolved path: only if that lies inside of the allowed folders and
    is the very file that was opened, it is handed out. A symbolic link that is put there in between leads nowhere.

    Args:
        path: the file.
        mode: ``rb`` or ``r``.
        how: further arguments of :func:`open`, such as ``encoding``.

    Returns:
        The open file; close it.

    Raises:
        DataError: it lies outside of the allowed folders, or is no ordinary file.
        OSError: it cannot be opened; also where it was replaced while it was being opened.
        ValueError: the mode is one for writing.
    """
    if mode.strip("bt") != "r":
        raise ValueError(f"files are opened for reading only, not with mode {mode!r}")
    allowed = confined(path)
    if not allowed.is_file() and allowed.exists():  # opening a pipe would wait for its other end
        raise DataError(f"{path}: is no ordinary file. Move it away.")
    file = open(allowed, mode, **how)  # noqa: SIM115 - it is the caller's to close
    if not allowed_roots():
        return file
    try:
        resolved = confined(allowed).resolve()
        if not os.path.samestat(os.stat(resolved), os.fstat(file.fileno())):
            raise OSError(f"{path} was replaced while it was being opened")
    except BaseException:
        file.close()
        raise
    return file


def refused_paths(options: Options) -> list[Problem]:
    """Return a problem for every file and folder that options name and that may not be used, with the option as its field.

    Also for a folder that follows from another one. For options that come from a file too, such as those of a run that is
    resumed: no form has looked at them.
    """
    declared, problems = options.declared(), []
    for name, option in declared.items():
        value = getattr(options, name)
        paths = [value] if option.kind in ("file", "folder") else value if name in _LISTS_OF_PATHS else []
        source, follows = _FOLLOWING.get(name, ("", ""))
        if not value and source in declared and getattr(options, source):
            refused = why_refused(followed := getattr(options, follows))
            if refused:
                problems.append(Problem(f"would be {followed}, which {refused}", INSTEAD, field=name))
        problems += [Problem(refused, INSTEAD, field=name) for path in paths if (refused := why_refused(str(path)))]
    return problems


def start_folder() -> Path:
    """Return where choosing a folder starts: the first allowed one, else the current folder."""
    roots = allowed_roots()
    return roots[0] if roots else Path.cwd()
