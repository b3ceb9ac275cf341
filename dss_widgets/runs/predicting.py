"""Predicting in a process of its own: this one stays free of tensorflow, can go on with other things, and can cancel it."""

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
from pathlib import Path

from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import RunError
from dss_widgets.options import PredictionOptions
from dss_widgets.runs.start import environment

_BAR = re.compile(r"\[(#*)(\.*)\]")
_MOST_LINES = 200


@dataclass(frozen=True)
class PredictionStatus:
    """How far a prediction is.

    Attributes:
        state: ``going``, ``done``, ``cancelled`` or ``failed``.
        share: how much of the audio is done, 0 to 1; None before the network is loaded.
        seconds_left: estimated; None before there is anything to tell.
        message: why it failed, for people.
        notices: what it remarked, such as that a recording was resampled.
    """

    state: str
    share: float | None = None
    seconds_left: float | None = None
    message: str = ""
    notices: tuple[str, ...] = ()


class Prediction:
    """Annotates recordings with a trained network: ``dss-widgets predict`` in a process of its own.

    Args:
        stem: path of the network's files, without their endings.
        recordings: audio files.
        out_folder: where ``<base>_annotations.csv`` are written.
        options: thresholds and durations.
        overwrite: whether annotations that are there already may be replaced.

    Raises:
        RunError: no process can be started.

    Example:
        >>> prediction = Prediction("song.res/20261123_141500", ["new.wav"], "predicted")
        >>> prediction.wait()
        >>> prediction.status().state, prediction.files()
    """

    def __init__(
        self,
        stem: str | os.PathLike[str],
        recordings: Sequence[str | os.PathLike[str]],
        out_folder: str | os.PathLike[str],
        options: PredictionOptions | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        self.stem, self.recordings, self.out_folder = Path(stem), [Path(r) for r in recordings], Path(out_folder)
        self._lines: list[str] = []
        self._share: float | None = None
        self._first: tuple[float, float] | None = None
        self._cancelled = False
        self._started = time.time()
        command = [
            *(sys.executable, "-m", "dss_widgets", "predict"), *option_flags(options or PredictionOptions()),
            *(["--overwrite"] if overwrite else []), f"--out={self.out_folder.absolute()}", "--",
            *(str(path.absolute()) for path in (self.stem, *self.recordings)),
        ]  # fmt: skip
        self._process, self._told = _start(command)
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

    def _take(self, line: str) -> None:
        bar = _BAR.search(line)
        if bar and line.strip().startswith("predicting"):
            self._share = len(bar.group(1)) / max(1, len(bar.group(0)) - 2)
            if self._first is None:
                self._first = time.monotonic(), self._share

    def status(self) -> PredictionStatus:
        """Return how far it is, or how it ended."""
        notices = tuple(line.removeprefix("notice: ") for line in self._lines if line.startswith("notice: "))
        if self._listener.is_alive():
            return PredictionStatus("going", self._share, self._seconds_left(), notices=notices)
        if self._cancelled:
            return PredictionStatus("cancelled", self._share, notices=notices)
        if self._process.returncode == 0:
            return PredictionStatus("done", 1.0, 0.0, notices=notices)
        return PredictionStatus("failed", self._share, message=self._why(), notices=notices)

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

    def files(self) -> list[Path]:
        """Return the annotation files that it has written, in the order of the recordings."""
        paths = [self.out_folder / f"{path.stem}{SUFFIX}" for path in self.recordings]
        return [path for path in paths if path.is_file() and path.stat().st_mtime >= self._started - 1]

    def cancel(self) -> None:
        """End it; files of recordings that are finished stay."""
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


def option_flags(options: PredictionOptions) -> list[str]:
    """Return the command-line flags of what differs from the defaults."""
    declared, flags = options.declared(), []
    for name, value in options.as_dict(changed_only=True).items():
        option = declared[name]
        if option.kind == "bool":
            flags.append(option.flag if value else f"--no-{option.flag[2:]}")
        else:
            flags.append(f"{option.flag}={option.format(value)}")
    return flags
