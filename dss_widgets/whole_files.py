"""Files that appear whole or not at all: whoever reads them, and whenever the writer dies, they are never half written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dss_widgets.errors import DataError


def partial_path(path: Path) -> Path:
    """Return the hidden name, of this process, under which a file is written before it has its own; its ending stays."""
    return path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")


def remove_partials_of(folder: Path, pid: int) -> None:
    """Remove what a process that has ended left half written in a folder."""
    with suppress(OSError):
        for path in folder.glob(f".*.{pid}.partial*"):
            path.unlink(missing_ok=True)


def remove_leftovers_of(*paths: Path) -> None:
    """Remove what killed processes of this machine left half written of files; each folder is listed once."""
    if os.name != "posix":  # elsewhere nothing tells who is alive without harm
        return
    wanted: dict[Path, set[str]] = {}
    for path in paths:
        wanted.setdefault(path.parent, set()).add(path.name)
    for folder, names in wanted.items():
        with suppress(OSError):
            partials = (name for name in os.listdir(folder) if ".partial" in name)
            for partial in filter(None, map(_PARTIAL.fullmatch, partials)):
                if partial["stem"] + partial["suffix"] in names and not _is_alive(int(partial["pid"])):
                    (folder / partial.string).unlink(missing_ok=True)


_PARTIAL = re.compile(r"\.(?P<stem>.+)\.(?P<pid>[0-9]{1,9})\.partial(?P<suffix>(?:\.[^.]*)?)", re.DOTALL)
"""The names that :func:`partial_path` makes."""


def _is_alive(pid: int) -> bool:
    """Return whether a process runs: one that has ended and that nobody has asked about yet does not, where Linux tells."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]  # its name, in brackets, may hold any
    except (OSError, IndexError):
        return True
    return state not in (b"Z", b"X")


@contextmanager
def appearing_whole(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; it becomes ``path`` if all goes well, else it is removed.

    Raises:
        OSError: it cannot be moved to its place; what was there is still there.

    Example:
        >>> with appearing_whole(Path("notes.txt")) as partial:
        ...     partial.write_text("all of it")
    """
    partial = partial_path(path)
    try:
        yield partial
        os.replace(partial, path)
    finally:
        with suppress(OSError):
            partial.unlink()


def write_whole_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8, as it stands; the file appears whole or not at all.

    Returns:
        The path.

    Raises:
        DataError: it cannot be written; what was there is still there.
    """
    try:
        with appearing_whole(path) as partial:
            partial.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error}). Make room or choose another place.") from error
    return path
