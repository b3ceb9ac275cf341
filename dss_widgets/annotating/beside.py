"""Files beside a recording: read, kept under other names, and written by one at a time."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dss_widgets.errors import DataError
from dss_widgets.roots import confined, open_confined
from dss_widgets.whole_files import appearing_whole

try:
    import fcntl
except ImportError:  # Windows: files are still compared before they are replaced
    fcntl = None  # type: ignore[assignment]

KEPT = ".kept-"
"""What follows the name of a file that is kept beside another, before its number: no reader knows such an ending."""

_PATIENCE_SECONDS = 2.0


def content_of(path: Path) -> bytes | None:
    """Return a file's bytes; None: it is not there.

    Raises:
        DataError: it cannot be read, or not from here.
    """
    try:
        with open_confined(path) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error


def digest(content: bytes | None) -> str:
    """Return a text that tells contents apart; '' for a file that is not there."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def write(path: Path, content: bytes) -> None:
    """Write a file whole, where the roots allow it.

    Raises:
        DataError: it cannot be written; what was there is still there.
    """
    confined(path)
    try:
        with appearing_whole(path) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise _not_written(path, error) from error


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        DataError: it cannot be removed.
    """
    try:
        confined(path).unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error


def keep(path: Path, content: bytes) -> Path:
    """Keep what a file holds beside it, under the next free name; what was kept so already is not kept twice.

    Returns:
        The file that holds it: ``NAME.kept-1``, ``NAME.kept-2`` ...

    Raises:
        DataError: it cannot be written.
    """
    for number in range(1, 10_000):
        kept = confined(path.with_name(f"{path.name}{KEPT}{number}"))
        if content_of(kept) == content:
            return kept
        if not os.path.lexists(kept):
            write(kept, content)
            return kept
    raise DataError(f"{path}: far too many files are kept beside it. Remove some that end in {KEPT}N.")


def why_read_only(path: Path) -> str:
    """Return why a file beside a recording cannot be written, as a sentence; '' if it can."""
    folder = path.parent
    for place, what in ((folder, "The folder"), (path, path.name)):
        with suppress(OSError):
            mode = place.stat().st_mode
            if not os.access(place, os.W_OK) or not mode & 0o222:  # nobody's to write: also not for who may do anything
                return f"{what} cannot be written to ({place}). Copy the recordings to a place of your own to correct them."
    return ""


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Be the only one on this machine who compares and replaces files of a folder, for the moment that it takes.

    Raises:
        DataError: somebody else does not end.
    """
    handle = -1
    if fcntl is not None:
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
    try:
        if handle >= 0 and not _taken(handle):
            raise DataError(f"{folder}: somebody else is writing here and does not end. Try again.")
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _taken(handle: int) -> bool:
    """Return whether the lock could be had; file systems without locks are taken as they are."""
    pause = threading.Event()
    for _ in range(int(_PATIENCE_SECONDS / 0.01)):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(0.01)
        except OSError:
            return True
        else:
            return True
    return False


def _not_written(path: Path, error: OSError) -> DataError:
    return DataError(f"{path}: cannot be written ({error.strerror or error}). Make room, or copy the recordings elsewhere.")
