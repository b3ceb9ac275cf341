"""What a job of Slurm is doing or how it ended: what its events tell, and what Slurm says, put together.

Slurm is asked before the events are read: the last events of a worker are never missed. A Slurm that does not answer changes
nothing; what it has said of an end is kept in the job's folder, since it forgets.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.note import Note, read_json, user_number, write_json
from dss_widgets.jobs.slurm.queue import QUEUE, Seen
from dss_widgets.jobs.slurm.tools import SlurmSilentError
from dss_widgets.jobs.slurm.words import ALIVE, WAITING, InSlurm, end_words, state_in_log, waiting_words
from dss_widgets.jobs.status import JobStatus

AnyStatus = TypeVar("AnyStatus", bound=JobStatus)

LATE_SECONDS = 10.0
"""How late a worker's last events may arrive after Slurm says that it has ended (network file systems)."""

_SETTLED_SECONDS = 30.0
"""After its end a job may still be queued again by Slurm itself (a node failed, another job came first)."""

_LOG_LINES = 20
_FORGOTTEN = "FORGOTTEN"


class Look:
    """What Slurm says of a job at this moment.

    Args:
        files: the job's folder.
        note: of its submission.
        log_tail: gives the last lines of its log.
    """

    def __init__(self, files: JobFolder, note: Note, log_tail: Callable[[int], list[str]]) -> None:
        self._files, self._note, self._log_tail = files, note, log_tail
        self.number = note.number or str(read_json(files.worker).get("number") or "")
        self.silence = ""
        self.seen = self._ended_before() or self._ask()

    def _ended_before(self) -> Seen | None:
        told = read_json(self._files.slurm_end)
        texts = [told.get(name) for name in ("number", "state", "reason", "node")]
        if texts[0] != self.number or not all(isinstance(text, str) for text in texts):
            return None
        ends = told.get("ends")
        return Seen(str(texts[1]), str(texts[2]), None, str(texts[3]), float(ends) if isinstance(ends, int | float) else None)

    def _ask(self) -> Seen | None:
        """Return what Slurm says; None, with the reason in ``silence``, where it says nothing."""
        if not self.number:
            self.silence = "" if time.time() - self._note.submitted < 2 * LATE_SECONDS else "Slurm has not told its number."
            return None
        try:
            seen = QUEUE.look(self.number, self._note.user)
        except SlurmSilentError as error:
            self.silence = str(error)
            return None
        if seen is None and self._note.user not in ("", user_number()):
            self.silence = "Slurm does not tell here of this user's jobs."
            return None
        if seen is None:
            try:
                seen = Seen(QUEUE.account(self.number) or state_in_log(self._log_tail(_LOG_LINES)) or _FORGOTTEN)
            except SlurmSilentError as error:
                self.silence = str(error)
                return None
        if seen.state not in (*WAITING, *ALIVE) and (seen.ends is None or time.time() - seen.ends > _SETTLED_SECONDS):
            self._keep(seen)
        return seen

    def _keep(self, seen: Seen) -> None:
        values = {"number": self.number, "state": seen.state, "reason": seen.reason, "node": seen.node, "ends": seen.ends}
        with suppress(OSError):  # whoever looks may not be allowed to write
            write_json(self._files.slurm_end, values)

    def put_together(self, told: AnyStatus, *, alive: bool) -> AnyStatus:
        """Return a job's status.

        Args:
            told: what its events tell, read after the look at Slurm.
            alive: whether somebody on this machine holds the job's lock.
        """
        seen = self.seen
        if seen is None:
            remark = f"{self.silence} It is not known whether the job goes on." if self.silence else ""
            return replace(told, slurm=InSlurm(self.number, remark=remark))
        place = InSlurm(self.number, seen.state, seen.reason, seen.starts, seen.node)
        if seen.state in WAITING:
            return replace(
                told, state="queued", message=waiting_words(seen.reason, seen.starts), seconds_left=None,
                slurm=replace(place, node=""),
            )  # fmt: skip
        if seen.state in ALIVE:
            begins = told.state == "queued" and seen.state != "COMPLETING"  # which is of the attempt that had it queued again
            return replace(told, state="starting" if begins else told.state, slurm=place)
        return self._ended(told, place, seen, alive=alive)

    def _ended(self, told: AnyStatus, place: InSlurm, seen: Seen, *, alive: bool) -> AnyStatus:
        """Return the status of a job of which Slurm says that it has ended."""
        why = end_words(seen.state, seen.reason)
        more = ["--memory-gb", f"{2 * self._note.options().memory_gb:g}"] if seen.state == "OUT_OF_MEMORY" else []
        again = self._files.to_continue(*more)
        if told.state == "stopped":
            by_the_system = bool(told.message)
            return replace(told, message=f"{why} {again}" if by_the_system and why else told.message, slurm=place)
        if alive or (seen.ends is not None and time.time() - seen.ends < LATE_SECONDS and told.state != "queued"):
            return replace(told, slurm=place)
        never_began = told.state == "queued" and bool(why)
        if never_began and seen.state == "CANCELLED":
            parts = [why, "It had not begun."]
        else:
            words = [self._exit_words(), self._last_words()] if not never_began else []
            parts = [why or self._unexplained(seen), *words, again]
        state = "stopped" if seen.state == "CANCELLED" else "failed" if never_began else "died"
        return replace(told, state=state, seconds_left=None, message=" ".join(filter(None, parts)), slurm=place)

    def _unexplained(self, seen: Seen) -> str:
        if seen.state == _FORGOTTEN:
            return "Slurm does not know the job any more, and it ended without a word (killed, or its node failed)."
        return f"Its process ended without a word (Slurm says: {seen.state.lower()})."

    def _exit_words(self) -> str:
        told = read_json(self._files.exit)
        code = told.get("code")
        if str(told.get("number")) != self.number or not isinstance(code, int) or code == 0:
            return ""
        killed = " (killed: perhaps it took too much memory)" if code == 137 else ""
        return f"Its exit code was {code}{killed}."

    def _last_words(self) -> str:
        tail = " ".join(self._log_tail(1))
        return f"Its last words: {tail}" if tail else ""


def is_over(told: JobStatus) -> bool:
    """Return whether what a job's events tell is its end, whatever Slurm says."""
    return told.state in ("finished", "failed")
