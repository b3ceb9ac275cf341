"""A worker never works twice: not on one node, where a lock tells, nor on two, whose locks may not see each other.

Each attempt at a job writes its claim into the job's folder. One that finds another's claim in place of its own ends at once,
as if it were killed, which every kind of work survives. One that follows an attempt that may still live waits for that: for
its lock on the same machine, for a while that is long enough to notice on another.
"""

from __future__ import annotations

import os
import platform
import secrets
import sys
import threading
import time
from typing import IO, NoReturn

from dss_widgets.jobs import lock
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.note import read_json, read_note, write_json

LOOK_SECONDS = 3.0
"""How often a worker looks whether its claim still holds."""

NOTICED_SECONDS = 60.0
"""After which a worker on another node has noticed, also where what a file holds arrives late (network file systems)."""

_LOCK_SECONDS = 180.0
"""How long the lock of an attempt before is waited for; file systems may keep that of a lost node for a while."""

SUPERSEDED = 75
"""Exit code of a worker that found another's claim."""


def _number() -> str:
    """Return the number of the job of Slurm that this process belongs to."""
    return os.environ.get("SLURM_JOB_ID", "")


class Claim:
    """This process's claim to a job of Slurm.

    Args:
        files: the job's folder.
        token: of the submission that it belongs to.

    Attributes:
        in_vain: how many attempts before, one after the other, came to nothing that the next could go on from.
    """

    def __init__(self, files: JobFolder, token: str) -> None:
        self._files, self._token = files, token
        self._name = secrets.token_hex(8)
        self._before = read_json(files.worker)
        in_vain = self._before.get("in_vain")
        self.in_vain = in_vain if isinstance(in_vain, int) and self._before.get("number") == _number() else 0

    def take(self, *, may_live: bool) -> IO[bytes] | None:
        """Put the claim in place of the one before, and wait until nobody else works on the job.

        Args:
            may_live: whether the attempt before ended without its last word.

        Returns:
            The job's lock; None if somebody holds on to it.

        Raises:
            OSError: the folder cannot be written.
        """
        before = self._before
        self._write(self.in_vain)
        threading.Thread(target=self._watch, name="claim", daemon=True).start()
        if may_live and before and before.get("host") != platform.node():
            time.sleep(NOTICED_SECONDS)
        deadline = time.monotonic() + _LOCK_SECONDS
        while (held := lock.acquire(self._files.lock)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        return held

    def tell(self, *, came_further: bool) -> int:
        """Keep whether this attempt came to something; returns how many one after the other did not.

        One that another attempt has taken over from ends here instead.

        Raises:
            OSError: the folder cannot be written.
        """
        if not self.holds():
            self._give_way()
        in_vain = 0 if came_further else self.in_vain + 1
        self._write(in_vain)
        return in_vain

    def _write(self, in_vain: int) -> None:
        told = {"pid": os.getpid(), "host": platform.node(), "claim": self._name, "in_vain": in_vain}
        write_json(self._files.worker, {**told, "number": _number()})

    def holds(self) -> bool:
        """Return whether it is in place; where that cannot be read, it is."""
        claim = read_json(self._files.worker).get("claim", self._name)
        note = read_note(self._files)
        return claim == self._name and (note is None or note.token == self._token)

    def _watch(self) -> None:
        while self.holds():
            time.sleep(LOOK_SECONDS)
        self._give_way()

    @staticmethod
    def _give_way() -> NoReturn:
        print("Another attempt at this job has taken over.", file=sys.stderr, flush=True)
        os._exit(SUPERSEDED)
