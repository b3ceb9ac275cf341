"""Whether a worker is alive: it holds a lock for as long as it lives, however it dies.

A process number can be reused and a dead child can linger; a lock is gone with its holder.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import IO

from dss_widgets.jobs.folder import append_only

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes], *, shared: bool = False) -> bool:  # noqa: ARG001 - Windows knows no shared locks
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[bytes], *, shared: bool = False) -> bool:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def acquire(path: Path) -> IO[bytes] | None:
    """Take the lock; it is held until the file that is returned is closed, by every process that inherited it.

    Returns:
        The open, inheritable file, or None if somebody else holds the lock.
    """
    file = open(append_only(path), "a+b")  # noqa: SIM115 - stays open for as long as the lock is held
    if not _try_lock(file):
        file.close()
        return None
    os.set_inheritable(file.fileno(), True)
    return file


def is_held(path: Path) -> bool:
    """Return whether somebody holds the lock.

    Looking takes a shared lock for a moment, on a file opened for reading: those who look do not see one another, and a
    folder that cannot be written can be looked at.
    """
    try:
        with open(path, "rb") as file:
            return not _try_lock(file, shared=True)
    except OSError:
        return False


def wait_until_free(path: Path, *, seconds: float = 10.0) -> bool:
    """Wait until nobody holds the lock; returns whether that came true in time."""
    deadline = time.monotonic() + seconds
    while is_held(path):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
