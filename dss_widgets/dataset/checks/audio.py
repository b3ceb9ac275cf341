"""Checks that need the audio itself: damaged, NaN, clipped, silent, too faint. They read all of it, and take their time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from dss_widgets.dataset.assembly.assemble import Progress
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.dataset.survey import Survey
from dss_widgets.errors import Cancelled, DataError, Problem

_BLOCK_VALUES = 2**20

_FULL_SCALE = 1 - 1.5 / 2**15
"""What the largest of 16-bit integers reach, and anything above."""

_RUN = 3
"""Neighbouring samples at full scale that make clipping: a single one may just be loud."""


class _Findings:
    """What the audio of one recording shows, gathered block by block."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.n_clipped, self.first_clipped = 0, -1
        self.peaks = np.zeros(recording.n_channels)
        self._tail = np.zeros((0, recording.n_channels), dtype=bool)

    def add(self, start: int, audio: np.ndarray) -> None:
        """Take in the block that begins at a sample."""
        size = np.abs(audio)
        self.peaks = np.maximum(self.peaks, size.max(axis=0, initial=0))
        full = np.concatenate([self._tail, size >= _FULL_SCALE])
        runs = full[: len(full) - _RUN + 1].copy()
        for shift in range(1, _RUN):
            runs &= full[shift : len(full) - _RUN + 1 + shift]
        if runs.any():
            if self.first_clipped < 0:
                self.first_clipped = start - len(self._tail) + int(np.argmax(runs.any(axis=1)))
            self.n_clipped += int(np.count_nonzero(runs))
        self._tail = full[max(0, len(full) - _RUN + 1) :]

    def problems(self) -> Iterator[Problem]:
        """Yield a warning for everything that is odd."""
        name, rate, peak = self.recording.path.name, self.recording.samplerate_hz, float(self.peaks.max(initial=0))
        silent = np.flatnonzero(self.peaks == 0)
        if self.n_clipped and peak <= 1:
            yield Problem(
                f"is clipped {self.n_clipped} times, first at {self.first_clipped / rate:.3f} s.",
                "Record with less gain, if it can be done again.", severity="warning", file=name,
            )  # fmt: skip
        if len(silent) == len(self.peaks):
            yield Problem("is silent from beginning to end.", "Leave it out.", severity="warning", file=name)
        elif len(silent):
            told = ", ".join(str(channel + 1) for channel in silent)
            yield Problem(f"is silent in channel {told}.", "Check the microphone.", severity="warning", file=name)
        if 0 < peak < float(np.finfo(np.float16).tiny):
            yield Problem(
                f"is nowhere louder than {peak:.2g}, too faint for float16.", "Choose the store format float32.",
                severity="warning", file=name,
            )  # fmt: skip


def check_audio(
    survey: Survey,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Survey:
    """Read all audio of a survey through, and return the survey with the problems that this brings to light.

    Args:
        survey: from :func:`~dss_widgets.dataset.survey.survey`.
        progress: told after every recording.
        cancelled: asked before every recording.

    Raises:
        Cancelled: ``cancelled`` said so.
    """
    entries = survey.recordings
    total, done, start = sum(entry.recording.n_samples for entry in entries), 0, time.monotonic()
    problems = [*survey.problems]
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(_check_recording, entry.recording) for entry in entries]
        for entry, future in zip(entries, waiting, strict=True):
            if cancelled is not None and cancelled():
                pool.shutdown(wait=False, cancel_futures=True)
                raise Cancelled("Checking the audio was cancelled.")
            problems += [replace(problem, file=entry.name) for problem in future.result()]
            done += entry.recording.n_samples
            if progress is not None:
                progress(Progress(done, total, time.monotonic() - start))
    problems.sort(key=lambda problem: (not problem.is_error, problem.file or "", problem.row or 0))
    return replace(survey, problems=tuple(problems))


def _check_recording(recording: Recording) -> list[Problem]:
    findings = _Findings(recording)
    block = max(1, _BLOCK_VALUES // recording.n_channels)
    try:
        for start in range(0, recording.n_samples, block):
            findings.add(start, recording.read(start, min(recording.n_samples, start + block)))
    except DataError as error:
        return [Problem(str(error).removeprefix(str(recording.path)).lstrip(":, "), file=recording.path.name)]
    return list(findings.problems())
