"""The dry check: what a training comes to and takes, told before it starts and without building a network."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.splits.validation_cut import cut_lengths
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.options.amount import LEAST_STEPS, STEPS
from dss_widgets.options.cost import DataShape, activation_bytes, count_weights, disk_bytes, memory_bytes

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class DryCheck:
    """What a training comes to.

    Attributes:
        batches, val_batches: of an epoch, and of its validation.
        steps: of learning, in all epochs together.
        chunk_seconds, context_seconds: what the network sees at once, and around every moment.
        step_seconds: time resolution of the predictions.
        rate_hz: the rate at which the network works, after downsampling.
        typical_seconds: median duration of every segment type that occurs.
        n_weights: numbers that are learned.
        memory_bytes, memory_there: about what the worker takes, and what this machine has (None: unknown).
        least_memory_bytes: what one step takes at the very least.
        disk_bytes, disk_free: about what the run writes, and what is free where it does.
    """

    batches: int
    val_batches: int
    steps: int
    chunk_seconds: float
    context_seconds: float
    step_seconds: float
    rate_hz: float
    typical_seconds: dict[str, float]
    n_weights: int
    memory_bytes: int
    least_memory_bytes: int
    memory_there: int | None
    disk_bytes: int
    disk_free: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)


def chunks_in(n_samples: int, options: TrainingOptions) -> int:
    """Return how many chunks a split of ``n_samples`` has; a last, incomplete one counts."""
    if n_samples == 0:
        return 0
    return max(1, math.ceil((n_samples - 2 * options.boundary) / max(1, options.chunk_stride)))


def dry_check(options: TrainingOptions, dataset: Dataset) -> DryCheck:
    """Say what a training will come to.

    Args:
        options: of the training; they and the dataset must be without errors.
        dataset: what is trained on.
    """
    rate = dataset.samplerate_hz
    _, n_val = split_lengths(options, dataset)
    names, _ = dataset.classes(options.song_type)
    shape = DataShape(dataset.n_channels, len(names), dataset.split("test").n_samples)
    facts = song_facts(dataset, options.song_type)
    batches = math.ceil(chunks_in(learned_samples(options, dataset), options) / options.batch_size)
    return DryCheck(
        batches=batches,
        val_batches=math.ceil(chunks_in(int(n_val * options.val_data_fraction), options) / options.batch_size),
        steps=batches * options.epochs,
        chunk_seconds=options.chunk_duration / rate,
        context_seconds=min(options.receptive_field, options.chunk_duration) / rate,
        step_seconds=options.hop / rate,
        rate_hz=rate / options.hop,
        typical_seconds={found.name: found.typical_seconds for found in facts.segments},
        n_weights=count_weights(options, shape.n_channels, shape.n_classes),
        memory_bytes=memory_bytes(options, options.batch_size, shape),
        least_memory_bytes=activation_bytes(options, options.batch_size, shape),
        memory_there=machine_memory(),
        disk_bytes=disk_bytes(options, shape),
        disk_free=_free(options.save_path),
    )


def split_lengths(options: TrainingOptions, dataset: Dataset) -> tuple[int, int]:
    """Return the samples of train and validation, also where validation is cut from train."""
    n_train, n_val = (dataset.split(name).n_samples for name in ("train", "val"))
    if n_val == 0 and options.validation_from_train:
        return cut_lengths(n_train, options.validation_from_train, options.chunk_duration)
    return n_train, n_val


def learned_samples(options: TrainingOptions, dataset: Dataset) -> int:
    """Return the samples of train that a training learns from."""
    return int(split_lengths(options, dataset)[0] * options.data_fraction)


def cost_problems(told: DryCheck) -> Iterator[Problem]:
    """Yield what stands against a training that takes so much, or sees so little."""
    there = told.memory_there
    if there is not None and told.least_memory_bytes > there:
        yield Problem(
            f"takes at least {gigabytes(told.least_memory_bytes)} of memory with these chunks, and this machine has "
            f"{gigabytes(there)}.",
            "Use a smaller batch, shorter chunks, or fewer filters.", field="batch_size",
        )  # fmt: skip
    elif there is not None and told.memory_bytes > 0.8 * there:
        yield Problem(
            f"may take about {gigabytes(told.memory_bytes)} of memory with these chunks; this machine has {gigabytes(there)}.",
            "A smaller batch or shorter chunks take less.", severity="warning", field="batch_size",
        )  # fmt: skip
    if told.disk_bytes > told.disk_free:
        yield Problem(
            f"has {gigabytes(told.disk_free)} free, and the run writes about {gigabytes(told.disk_bytes)}.",
            "Free some space, or choose another folder.", field="save_folder",
        )  # fmt: skip
    if 0 < told.steps < LEAST_STEPS:
        yield Problem(
            f"makes only {told.steps} training steps in all; most networks need {STEPS // 2} to {STEPS:,} before they find "
            "song.",
            f"Raise it to about {math.ceil(STEPS / told.batches)}, or begin with what is suggested for this data.",
            severity="warning", field="epochs",
        )  # fmt: skip
    yield from _context_problems(told)


def _context_problems(told: DryCheck) -> Iterator[Problem]:
    """Yield that the network sees too little of a song type to know it."""
    longest = max(told.typical_seconds, key=lambda name: told.typical_seconds[name], default=None)
    if longest is None:
        return
    lasts = told.typical_seconds[longest]
    if told.context_seconds < lasts / 4:
        chunk_is_short = told.chunk_seconds <= told.context_seconds
        yield Problem(
            f"lets the network see {1000 * told.context_seconds:.3g} ms around every moment; {longest!r} typically lasts "
            f"{1000 * lasts:.3g} ms.",
            "Use longer chunks." if chunk_is_short else "Use more blocks, longer filters or a higher downsample factor.",
            severity="warning", field="chunk_duration" if chunk_is_short else "blocks",
        )  # fmt: skip


def gigabytes(n_bytes: float) -> str:
    """Return an amount of memory for people: ``1.3 GB``, ``850 MB``."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 0.95e9 else f"{max(1, round(n_bytes / 1e6))} MB"


def machine_memory() -> int | None:
    """Return the memory in bytes that this process may use in all: the machine's, or its container's; None if unknown."""
    found = []
    try:
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return None
    for path in _CGROUP_LIMITS:
        try:
            found.append(int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return min(found)


def _free(folder: Path) -> int:
    """Return the free bytes where a folder is or will be."""
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0
