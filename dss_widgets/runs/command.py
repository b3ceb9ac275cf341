"""A command of this program in a process of its own: this one stays free of tensorflow, and can cancel it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from dss_widgets.errors import RunError
from dss_widgets.runs.start import environment

_BAR = re.compile(r"\[(#*)(\.*)\]")
_MOST_LINES = 200


@dataclass(frozen=True)
class CommandStatus:
    """How far a command is.

    Attributes:
        state: ``going``, ``done``, ``cancelled`` or ``failed``.
        share: how much is done, 0 to 1; None before the network is loaded.
        seconds_left: estimated; None before there is anything to tell.
        message: why it failed, for people.
        notices: what it remarked, such as that a recording was resampled.
    """

    state: str
    share: float | None = None
    seconds_left: float | None = None
    message: str = ""
    notices: tuple[str, ...] = ()


class Command:
    """``dss-widgets ...`` in a process of its own, which is listened to.

    Args:
        words: the command and its flags.

    Attributes:
        started: unix seconds.

    Raises:
        RunError: no process can be started.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.started = time.time()
        self._lines: list[str] = []
        self._share: float | None = None
        self._first: tuple[float, float] | None = None
        self._cancelled = False
        self._process, self._told = _start([sys.executable, "-m", "dss_widgets", *words])
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        """Read what the process tells, until it ends."""
        decoded = ""
        with os.fdopen(self._told, "rb", buffering=0) as told:
            while True:
                try:
                    piece = told.read(4096)
                except OSError:  # a terminal whose other side has closed
                    break
                if not piece:
                    break
                *whole, decoded = re.split(r"[\r\n]+", decoded + piece.decode("utf-8", "replace"))
                for line in [*whole, decoded]:
                    self._take(line)
                self._lines = [*self._lines, *(line.strip() for line in whole if _says(line))][-_MOST_LINES:]
        if _says(decoded):
            self._lines.append(decoded.strip())
        self._process.wait()
        self._clear_up(self._process.pid)

    def _clear_up(self, pid: int) -> None:
        """Remove what the process, which has ended, left half-written; called in the thread that listens."""

    def _take(self, line: str) -> None:
        bar = _BAR.search(line)
        if bar:
            self._share = len(bar.group(1)) / max(1, len(bar.group(0)) - 2)
            if self._first is None:
                self._first = time.monotonic(), self._share

    def status(self) -> CommandStatus:
        """Return how far it is, or how it ended."""
        notices = tuple(line.removeprefix("notice: ") for line in self._lines if line.startswith("notice: "))
        if self._listener.is_alive():
            return CommandStatus("going", self._share, self._seconds_left(), notices=notices)
        if self._cancelled:
            return CommandStatus("cancelled", self._share, notices=notices)
        if self._process.returncode == 0:
            return CommandStatus("done", 1.0, 0.0, notices=notices)
        return CommandStatus("failed", self._share, message=self._why(), notices=notices)

    def _seconds_left(self) -> float | None:
        if self._first is None or self._share is None or self._share <= self._first[1]:
            return None
        return (time.monotonic() - self._first[0]) * (1 - self._share) / (self._share - self._first[1])

    def _why(self) -> str:
        errors = [line.removeprefix("error: ") for line in self._lines if line.startswith("error: ")]
        if errors:
            return " ".join(errors)
        ended = f"The process ended with code {self._process.returncode}"
        return f"{ended}. {self._lines[-1]}" if self._lines else f"{ended} without a word (killed, or out of memory)."

    def cancel(self) -> None:
        """End it; what is finished stays."""
        self._cancelled = self._listener.is_alive()
        with contextlib.suppress(ProcessLookupError, OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGTERM)
            else:
                self._process.terminate()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._listener.join(seconds)


def _says(line: str) -> bool:
    return bool(line.strip()) and not _BAR.search(line)


def _start(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command; returns it and a descriptor to read what it tells.

    Commands show passing progress only in a terminal, so it gets one where the system has such a thing.
    """
    if os.name == "posix":
        import pty

        ours, theirs = pty.openpty()
    else:
        ours, theirs = os.pipe()
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True,
            cwd=tempfile.gettempdir(), env={**environment(), "COLUMNS": "100"},
        )  # fmt: skip
    except OSError as error:
        os.close(ours)
        raise RunError(f"No process can be started ({error.strerror}).") from error
    finally:
        os.close(theirs)
    return process, ours
