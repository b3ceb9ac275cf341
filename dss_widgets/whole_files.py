"""Files that appear whole or not at all: whoever reads them, and whenever the writer dies, they are never half written."""

from __future__ import annotations

import glob
import os
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


def remove_leftovers_of(path: Path) -> None:
    """Remove what killed processes of this machine left half written of a file."""
    if os.name != "posix":  # elsewhere nothing tells who is alive without harm
        return
    with suppress(OSError):
        for partial in path.parent.glob(f".{glob.escape(path.stem)}.*.partial{path.suffix}"):
            pid = partial.name.removesuffix(path.suffix).split(".")[-2]
            if pid.isdigit() and not _is_alive(int(pid)):
                partial.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


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
