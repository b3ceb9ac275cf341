"""The work of assembling, in pieces that any executor can do: each writes its part of the dataset's files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.dataset.recordings.resampling import resampled
from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.stores.npy_files import ArrayFile
from dss_widgets.dataset.targets import RecordingTargets, TargetRules
from dss_widgets.errors import DataError
from dss_widgets.options.assembly import SPLITS

_BLOCK_VALUES = 2**21
"""Values (samples times channels and classes) in a block: what bounds the memory."""

_JOB_SAMPLES = 2**24
"""Samples of a recording in one job, so that a long one keeps several workers busy."""


@dataclass(frozen=True)
class SplitFiles:
    """The files of one split."""

    x: ArrayFile
    y: ArrayFile
    individual: dict[str, ArrayFile]


@dataclass(frozen=True)
class WriteJob:
    """A part of one recording, with all that is needed to write it; it can be pickled.

    Attributes:
        recording: the recording, at its own sample rate.
        annotations: all of the recording's.
        song_types: the dataset's.
        samplerate_hz: the dataset's.
        rules: how annotations become targets.
        stretches: what of the recording goes where, in samples of the dataset.
        files: the files of every split.
    """

    recording: Recording
    annotations: Annotations
    song_types: tuple[SongType, ...]
    samplerate_hz: float
    rules: TargetRules
    stretches: tuple[Stretch, ...]
    files: dict[str, SplitFiles]

    @property
    def n_samples(self) -> int:
        """Samples that the job writes."""
        return sum(stretch.n_samples for stretch in self.stretches)


def create_files(plan: SplitPlan, folder: Path) -> dict[str, SplitFiles]:
    """Create the files of every split, at their full size, in a folder.

    Raises:
        OSError: they cannot be made.
    """
    dtype = np.dtype(plan.options.store_format)
    alone = plan.class_names[1:] if plan.options.individual_targets else []
    files = {}
    for split, n_samples in plan.split_samples.items():
        inner = folder / split
        inner.mkdir()
        files[split] = SplitFiles(
            x=ArrayFile(inner / "x.npy", (n_samples, plan.n_channels), dtype),
            y=ArrayFile(inner / "y.npy", (n_samples, len(plan.class_names)), dtype),
            individual={name: ArrayFile(inner / f"y_{name}.npy", (n_samples, 2), dtype) for name in alone},
        )
    return files


def jobs_of(plan: SplitPlan, files: dict[str, SplitFiles]) -> Iterator[WriteJob]:
    """Yield the jobs that write a dataset: one a recording, or several for a long one."""
    by_recording: dict[str, list[Stretch]] = {}
    for stretch in plan.stretches:
        by_recording.setdefault(stretch.recording, []).extend(_parts(stretch))
    for entry in plan.survey.recordings:
        waiting: list[Stretch] = []
        for part in by_recording.get(entry.name, []):
            if waiting and sum(s.n_samples for s in waiting) + part.n_samples > _JOB_SAMPLES:
                yield _job(plan, entry.recording, entry.annotations, waiting, files)
                waiting = []
            waiting.append(part)
        if waiting:
            yield _job(plan, entry.recording, entry.annotations, waiting, files)


def _parts(stretch: Stretch) -> Iterator[Stretch]:
    for start in range(stretch.start, stretch.stop, _JOB_SAMPLES):
        stop = min(stretch.stop, start + _JOB_SAMPLES)
        yield Stretch(stretch.recording, start, stop, stretch.split, stretch.position + start - stretch.start)


def _job(
    plan: SplitPlan, recording: Recording, annotations: Annotations, stretches: list[Stretch], files: dict[str, SplitFiles]
) -> WriteJob:
    return WriteJob(
        recording, annotations, plan.survey.song_types, plan.samplerate_hz, plan.rules, tuple(stretches), files
    )  # fmt: skip


def write_part(job: WriteJob, on_block: Callable[[int], None] | None = None) -> float:
    """Do a job, block by block.

    Args:
        job: the job.
        on_block: told the samples of every block that is written; what it raises ends the job.

    Returns:
        The largest absolute value of the audio.

    Raises:
        DataError: the recording cannot be read, or holds values that the store's format cannot.
        OSError: the files cannot be written.
    """
    recording = resampled(job.recording, job.samplerate_hz)
    targets = RecordingTargets(job.annotations, job.song_types, job.samplerate_hz, recording.n_samples, job.rules)
    limit = float(np.finfo(job.files[SPLITS[0]].x.dtype).max)
    block, peak = _block_samples(job, len(targets.class_names)), 0.0
    for stretch in job.stretches:
        out = job.files[stretch.split]
        for start in range(stretch.start, stretch.stop, block):
            stop = min(stretch.stop, start + block)
            row = stretch.position + start - stretch.start
            audio = recording.read(start, stop)
            peak = max(peak, float(audio.max(initial=0)), -float(audio.min(initial=0)))
            if peak > limit:
                raise DataError(
                    f"{job.recording.path}: holds values above {limit:g}, too large for {out.x.dtype}. "
                    "Choose the store format float32."
                )
            out.x.write(row, audio)
            out.y.write(row, targets.block(start, stop, out.y.dtype))
            for name, file in out.individual.items():
                file.write(row, targets.individual_block(name, start, stop))
            if on_block is not None:
                on_block(stop - start)
    return peak


def _block_samples(job: WriteJob, n_classes: int) -> int:
    """Return how many samples a block has, such that neither it nor the audio it is resampled from is large."""
    width = job.recording.n_channels + 2 * n_classes
    source_rate = max(1.0, job.recording.samplerate_hz / job.samplerate_hz)
    return max(1024, math.floor(_BLOCK_VALUES / (width + job.recording.n_channels * source_rate)))
