"""The place of a dataset on disk: claimed by one process at a time, and changed in one step.

What is being written stands beside its place under a hidden name. Whatever happens there is the old dataset, or the new one,
or none; what attempts that died left behind is removed by the next.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dss_widgets.errors import DataError
from dss_widgets.options.assembly import SPLITS

try:
    import fcntl
except ImportError:  # not a POSIX system: two processes at once are not kept apart
    fcntl = None  # type: ignore[assignment]

_OWN_FILES = {*SPLITS, "attrs.npy", "attrs.json"}
_OTHERS_FILES = {"thumbs.db", "desktop.ini"}


def _partial_folder(store: Path) -> Path:
    """Return where attempts write a dataset until it is complete."""
    return store.with_name(f".{store.name}.assembling")


def _old_folder(store: Path) -> Path:
    return store.with_name(f".{store.name}.replaced")


def _lock_file(store: Path) -> Path:
    return store.with_name(f".{store.name}.lock")


@contextmanager
def claimed(store: Path) -> Iterator[None]:
    """Keep others from writing this dataset, and clear away what attempts that died left.

    Raises:
        DataError: somebody else is writing it at this moment.
        OSError: the folder that is to hold it cannot be made or written.
    """
    store.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(_lock_file(store))
    if lock is None:
        raise DataError(f"{store}: is being assembled by another process right now. Wait for it, or cancel it there.")
    try:
        _recover(store)
        yield
    finally:
        with suppress(OSError):
            _lock_file(store).unlink()
        lock.close()


def _lock(path: Path) -> IO[bytes] | None:
    """Return the open file while the lock is held: it is gone with its holder, however that ends. None: another holds it."""
    while True:
        file = open(path, "ab")  # noqa: SIM115 - stays open for as long as the lock is held
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError:
            return file  # a file system without locks: better without than not at all
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
        file.close()  # its last holder has just removed it: this is a lock on nothing


def _recover(store: Path) -> None:
    """Remove a dead attempt's leftovers; if it died in the moment of replacing, put the old dataset back."""
    shutil.rmtree(_partial_folder(store), ignore_errors=True)
    old = _old_folder(store)
    if old.exists() and not store.exists():
        os.rename(old, store)
    elif old.exists():
        shutil.rmtree(old, ignore_errors=True)


def check_replaceable(store: Path) -> None:
    """Make sure that nothing but a dataset is lost by replacing a folder.

    Raises:
        DataError: it is no dataset, or holds something else besides.
    """
    if not (store / "attrs.npy").is_file():
        raise DataError(f"{store}: exists and is no dataset, so it is not replaced. Choose another store folder.")
    foreign = next(_foreign(store), None)
    if foreign is not None:
        raise DataError(
            f"{store}: holds {foreign}, which is not part of a dataset, so it is not replaced. "
            "Move that elsewhere, or choose another store folder."
        )


def _foreign(store: Path) -> Iterator[str]:
    for path in sorted(store.iterdir()):
        if path.name.startswith(".") or path.name.lower() in _OTHERS_FILES:
            continue
        if path.name not in _OWN_FILES or (path.name in SPLITS) != path.is_dir():
            yield path.name
        elif path.is_dir():
            for inner in sorted(path.iterdir()):
                if not inner.name.startswith(".") and (inner.suffix not in (".npy", ".csv") or not inner.is_file()):
                    yield f"{path.name}/{inner.name}"


@contextmanager
def written_whole(store: Path) -> Iterator[Path]:
    """Give a folder to write a dataset in; it is moved to its place at the end, in place of what was there, unless that raises.

    No other attempt has the folder's path: what an attempt that was stopped left running, on a cluster that cannot take back
    what it began, then misses its files, and writes into no other's.

    Raises:
        OSError: it cannot be made, written or moved; then the old dataset is where it was.
    """
    folder = _partial_folder(store) / uuid.uuid4().hex
    try:
        folder.mkdir(parents=True)
        yield folder
        _flush_to_disk(folder)
        _move_into_place(folder, store)
    finally:
        shutil.rmtree(_partial_folder(store), ignore_errors=True)


def _move_into_place(folder: Path, store: Path) -> None:
    old = _old_folder(store)
    if not store.exists():
        os.rename(folder, store)
        return
    os.rename(store, old)
    try:
        os.rename(folder, store)
    except OSError:
        os.rename(old, store)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _flush_to_disk(folder: Path) -> None:
    """Wait until every file of a folder is on the disk, so that a power cut does not leave a dataset of zeros."""
    with ThreadPoolExecutor(8) as pool:  # the disk orders what it is given at once better than one after the other
        list(pool.map(_flush_file, [path for path in folder.rglob("*") if path.is_file()]))


def _flush_file(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
