"""What Slurm says of jobs: asked in one call for all of them, and not more often than it can bear."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from dss_widgets.errors import RunError
from dss_widgets.jobs.slurm.tools import PATIENCE_SECONDS, SlurmSilentError, ask

FRESH_SECONDS = 4.0
"""How long an answer is taken for what is."""

_SILENT_SECONDS = 15.0
"""How long nothing is asked after no answer came."""

_GLANCE_SECONDS = 0.2
"""How long whoever runs an event loop waits for an answer; it comes to the next look."""

_FORMAT = "\x1f".join(("%i", "%T", "%r", "%S", "%N", "%e"))


@dataclass(frozen=True)
class Seen:
    """What Slurm says of a job.

    Attributes:
        state: Slurm's word, such as ``PENDING``.
        reason: why it waits, or why it ended, in Slurm's word; '' where there is none.
        starts: when it is expected to start, or started, unix seconds; None where Slurm does not say.
        node: where it runs.
        ends: when its time is up, or when it ended.
    """

    state: str
    reason: str = ""
    starts: float | None = None
    node: str = ""
    ends: float | None = None


@dataclass(frozen=True)
class Answer:
    """An answer, or the lack of one.

    Attributes:
        asked: when it was asked for, by :func:`time.monotonic`.
        jobs: by number.
        silence: why there is no answer; '' where there is one.
    """

    asked: float = float("-inf")
    jobs: dict[str, Seen] = field(default_factory=dict)
    silence: str = ""

    @property
    def stays_until(self) -> float:
        """Until when nothing is asked again."""
        return self.asked + (_SILENT_SECONDS if self.silence else FRESH_SECONDS)


class Queue:
    """Slurm's jobs of some users, as this process sees them. Whoever runs an event loop is never made to wait for Slurm."""

    def __init__(self) -> None:
        self._users: set[str] = set()
        self._answer = Answer()
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None
        self._accounts: dict[str, str] = {}
        self._accounting: dict[str, threading.Thread] = {}

    def look(self, number: str, user: str) -> Seen | None:
        """Return what Slurm says of a job; None where it does not know it (any more).

        Raises:
            SlurmSilentError: there is no answer.
        """
        began = time.monotonic()
        answer = self._answered(user, since=began - FRESH_SECONDS)
        if not answer.silence and number not in answer.jobs:  # it may be newer than the answer
            answer = self._answered(user, since=began)
        if answer.silence:
            raise SlurmSilentError(answer.silence)
        return answer.jobs.get(number)

    def account(self, number: str) -> str:
        """Return how a job ended that Slurm has forgotten, by its accounts; '' where it keeps none, or none of this job.

        Raises:
            SlurmSilentError: there is no answer yet.
        """
        if number not in self._accounts:
            thread = self._accounting.get(number)
            if thread is None or not thread.is_alive():
                thread = threading.Thread(target=self._look_up, args=(number,), name="asking Slurm's accounts", daemon=True)
                self._accounting[number] = thread
                thread.start()
            thread.join(_patience())
        if number not in self._accounts:
            raise SlurmSilentError("Slurm's accounts have not answered yet.")
        return self._accounts[number]

    def _look_up(self, number: str) -> None:
        try:
            told = ask("sacct", f"--jobs={number}", "--noheader", "--allocations", "--parsable2", "--format=State")
        except RunError:  # many clusters keep no accounts
            told = ""
        self._accounts[number] = told.strip().partition("\n")[0].partition(" ")[0]

    def forget(self) -> None:
        """Ask again at the next look: something was changed."""
        self._answer = Answer()

    def _answered(self, user: str, *, since: float) -> Answer:
        """Return an answer that was asked for after a moment."""
        if user not in self._users:
            self._users.add(user)
            self.forget()
        answer = self._answer
        if answer.asked >= since or (answer.silence and time.monotonic() < answer.stays_until):
            return answer
        with self._lock:
            thread = self._asking
            if thread is None or not thread.is_alive():
                thread = self._asking = threading.Thread(target=self._ask, name="asking Slurm", daemon=True)
                thread.start()
        thread.join(_patience())
        answer = self._answer
        return answer if answer.asked >= since else Answer(silence=answer.silence or "Slurm has not answered yet.")

    def _ask(self) -> None:
        began = time.monotonic()
        users = ",".join(sorted(self._users))
        try:
            told = ask("squeue", "--noheader", "--states=all", f"--user={users}", f"--format={_FORMAT}")
            self._answer = Answer(began, dict(_read(told.splitlines())))
        except RunError as error:
            self._answer = Answer(began, silence=str(error))


def _read(lines: Iterable[str]) -> Iterable[tuple[str, Seen]]:
    for line in lines:
        parts = [part.strip() for part in line.split("\x1f")]
        if len(parts) == 6:
            number, state, reason, starts, node, ends = parts
            yield number, Seen(state, "" if reason == "None" else reason, _moment(starts), _named(node), _moment(ends))


def _moment(text: str) -> float | None:
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    except (ValueError, OverflowError):
        return None


def _named(node: str) -> str:
    return "" if node in ("(null)", "None assigned") else node


def _patience() -> float:
    """Return how long this thread may wait for an answer."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return 2 * PATIENCE_SECONDS
    return _GLANCE_SECONDS


QUEUE = Queue()
"""What this process knows of Slurm's jobs; all that look at jobs share one answer."""
