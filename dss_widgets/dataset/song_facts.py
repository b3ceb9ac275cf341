"""What a dataset's song is like: how long its song types last, how often they occur and how far apart they are."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import SUFFIX, read_annotations
from dss_widgets.dataset.stores.store import Dataset, Split, open_dataset
from dss_widgets.errors import DataError
from dss_widgets.options.assembly import SPLITS
from dss_widgets.options.song import SongFacts, TypeFacts

_BLOCK_ROWS = 2**18
_MOST_BLOCKS = 16
"""Blocks of targets that are looked at where a dataset keeps no annotations; counts are scaled up from them."""


def song_facts(dataset: Dataset, song_type: str = "", split: str = "train") -> SongFacts:
    """Return the facts of one of a dataset's splits.

    They come from the split's annotations; of song types that these do not name (a dataset of DAS's has none), from the
    targets.

    Args:
        dataset: what is trained on.
        song_type: the only song type of interest; empty: all.
        split: the split whose song is looked at.

    Raises:
        DataError: the dataset has no individual targets for that song type.
    """
    return _facts(StoreStamp.of(dataset.path), song_type, split)


@dataclass(frozen=True)
class StoreStamp:
    """What tells a dataset from what lies in its place once it was assembled again: path, and times and sizes of its files."""

    path: Path
    files: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, path: Path) -> StoreStamp:
        """Return the stamp of what lies at a path now."""
        files = []
        for name in ("", "attrs.npy", *(f"{split}/{file}" for split in SPLITS for file in ("x.npy", f"x{SUFFIX}"))):
            with suppress(OSError):
                about = (path / name).stat()
                files.append((name, about.st_mtime_ns, about.st_size))
        return cls(path, tuple(files))


@lru_cache(maxsize=16)
def _facts(stamp: StoreStamp, song_type: str, split: str) -> SongFacts:
    """Return the facts, read once for as long as the dataset stays as it is."""
    dataset = open_dataset(stamp.path)
    names, kinds = dataset.classes(song_type)
    part = dataset.split(split)
    found, share = _annotated(part), 1.0
    if not len(found) and part.n_samples:
        found, share = _meant(part.y(song_type), names, kinds, dataset.samplerate_hz)
    types = [_type_facts(name, kind, found, share) for name, kind in zip(names[1:], kinds[1:], strict=True)]
    return SongFacts(
        samplerate_hz=dataset.samplerate_hz,
        n_channels=dataset.n_channels,
        train_samples=dataset.split("train").n_samples,
        val_samples=dataset.split("val").n_samples,
        types=tuple(types),
    )


def _annotated(split: Split) -> Annotations:
    path = split.folder / f"x{SUFFIX}"
    try:
        return read_annotations(path)[0] if path.is_file() else Annotations.of([])
    except DataError:
        return Annotations.of([])


def _meant(targets: np.ndarray, names: list[str], kinds: list[str], samplerate_hz: float) -> tuple[Annotations, float]:
    """Return the annotations that some of the targets mean, and the share of all targets that these are."""
    n_blocks = math.ceil(len(targets) / _BLOCK_ROWS)
    chosen = np.unique(np.linspace(0, n_blocks - 1, min(n_blocks, _MOST_BLOCKS)).astype(int)) * _BLOCK_ROWS
    entries, n_rows = [], 0
    for begin in chosen.tolist():
        block = targets[begin : begin + _BLOCK_ROWS] >= 0.5
        n_rows += len(block)
        for column, (name, kind) in enumerate(zip(names[1:], kinds[1:], strict=True), start=1):
            edges = np.diff(block[:, column].astype(np.int8), prepend=0, append=0)
            starts, stops = ((begin + np.flatnonzero(edges == way)) / samplerate_hz for way in (1, -1))
            if kind == "event":
                starts = stops = (starts + stops) / 2
            entries += [(name, float(start), float(stop)) for start, stop in zip(starts, stops, strict=True)]
    return Annotations.of(entries), n_rows / max(1, len(targets))


def _type_facts(name: str, kind: str, found: Annotations, share: float) -> TypeFacts:
    mine = found.names == name
    starts, lasted = np.sort(found.start_seconds[mine]), (found.stop_seconds - found.start_seconds)[mine]
    if not len(starts):
        return TypeFacts(name, kind, 0)
    short, typical = (float(value) for value in np.quantile(lasted, [0.1, 0.5]))
    return TypeFacts(name, kind, round(len(starts) / share), typical, short, *_distances(starts))


def _distances(starts: np.ndarray) -> tuple[float | None, float | None]:
    """Return the median time from one to the next, and that within which 19 of 20 have another one, before or after."""
    gaps = np.diff(starts)
    if not len(gaps):
        return None, None
    nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    return float(np.median(gaps)), float(np.quantile(nearest, 0.95))
