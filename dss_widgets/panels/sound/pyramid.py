"""The least and the greatest value of stretches of every length, read from the file as they are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from dss_widgets.dataset.recordings.recording import Read

COLUMNS = 512
"""Columns of a tile. A column of level n covers 2 ** n samples."""

MOST_COLUMNS = 2**20
"""Columns that are kept in memory, of all channels together: 8 MiB."""

_PROBES, _PROBE = 64, 512
_MOST_VALUES = 2**20
"""Values that are read at once, of all channels together."""


class Pyramid:
    """Extremes of an array that lies in a file.

    One level is kept, as far as it is known; what is finer is read from the file, what is coarser is made of it. So ten
    hours take no more memory than a minute, and no reading before somebody looks.

    Args:
        read: reads samples [start, stop) as ``[samples, channels]``.
        n_samples, n_channels: how much there is.

    Attributes:
        level: the level that is kept.
    """

    def __init__(self, read: Read, n_samples: int, n_channels: int) -> None:
        self._read, self._n_samples = read, n_samples
        self.level = max(8, math.ceil(math.log2(max(1, n_samples * n_channels / MOST_COLUMNS))))
        n_tiles = -(-n_samples // (COLUMNS << self.level))
        self._kept = np.zeros((-(-n_samples // (1 << self.level)), n_channels, 2), dtype=np.float32)
        self._is_known = np.zeros(n_tiles, dtype=bool)

    def tile(self, level: int, index: int) -> np.ndarray:
        """Return a tile, ``[columns, channels, 2]``: least and greatest; columns beyond the end are left out.

        Raises:
            DataError: the file cannot be read there.
        """
        start, stop = self._samples(level, index)
        if level < self.level:
            return self._extremes(start, stop, 1 << level)
        for base in self.missing(level, index):
            self.learn(base)
        first, last = start >> self.level, -(-stop >> self.level)
        return _coarser(self._kept[first:last], 1 << (level - self.level))

    def unread(self, level: int, index: int) -> int:
        """Return how many values must be read to learn what is missing of a tile."""
        return len(self.missing(level, index)) * (COLUMNS << self.level) * self._kept.shape[1]

    def missing(self, level: int, index: int) -> list[int]:
        """Return which parts must be learned before a tile can be made; none where it is read from the file anyway."""
        if level < self.level:
            return []
        start, stop = self._samples(level, index)
        first, last = start // (COLUMNS << self.level), -(-stop // (COLUMNS << self.level))
        return (first + np.flatnonzero(~self._is_known[first:last])).tolist()

    def learn(self, base: int) -> None:
        """Read one part of the level that is kept: 512 of its columns.

        Raises:
            DataError: the file cannot be read there.
        """
        start, stop = self._samples(self.level, base)
        found = self._extremes(start, stop, 1 << self.level)
        self._kept[base * COLUMNS : base * COLUMNS + len(found)] = found
        self._is_known[base] = True

    def estimate(self, level: int, index: int) -> np.ndarray:
        """Return a tile made of a few samples here and there: what it holds occurs, but greater values may.

        Raises:
            DataError: the file cannot be read there.
        """
        start, stop = self._samples(level, index)
        n_columns = -(-(stop - start) // (1 << level))
        n_probes = min(_PROBES, n_columns)
        places = start + ((np.arange(n_probes) + 0.5) * (stop - start) / n_probes).astype(int)
        rows = [self._read(place, min(stop, place + _PROBE)) for place in places.tolist()]
        found = np.stack([np.stack([row.min(axis=0), row.max(axis=0)], axis=1) for row in rows])
        return found[np.arange(n_columns) * n_probes // n_columns]

    def _extremes(self, start: int, stop: int, step: int) -> np.ndarray:
        """Read samples [start, stop) in blocks of a bounded size, and return their extremes as :func:`extremes` does."""
        block = 1 << max(0, int(math.log2(_MOST_VALUES / max(1, self._kept.shape[1]))))
        unit = min(step, block)
        parts = [extremes(self._read(at, min(stop, at + block)), unit) for at in range(start, stop, block)]
        return _coarser(np.concatenate(parts), step // unit)

    def _samples(self, level: int, index: int) -> tuple[int, int]:
        start = index * COLUMNS << level
        stop = min(self._n_samples, start + (COLUMNS << level))
        if not 0 <= start < stop:
            raise ValueError(f"there is no tile {index} of level {level}")
        return start, stop


def extremes(audio: np.ndarray, step: int) -> np.ndarray:
    """Return least and greatest value of every ``step`` samples, the last few included: float32 ``[columns, channels, 2]``.

    Args:
        audio: ``[samples, channels]``.
        step: samples a column.
    """
    return np.stack([_reduced(np.min, audio, step), _reduced(np.max, audio, step)], axis=-1).astype(np.float32)


def _coarser(found: np.ndarray, factor: int) -> np.ndarray:
    if factor == 1:
        return found
    return np.stack([_reduced(np.min, found[..., 0], factor), _reduced(np.max, found[..., 1], factor)], axis=-1)


def _reduced(extreme: Callable[..., np.ndarray], rows: np.ndarray, step: int) -> np.ndarray:
    """Return the extreme of every ``step`` rows, and of the few that remain."""
    whole = len(rows) // step * step
    parts = [extreme(rows[:whole].reshape(-1, step, rows.shape[1]), axis=1)] if whole else []
    if whole < len(rows):
        parts.append(extreme(rows[whole:], axis=0, keepdims=True))
    return np.concatenate(parts)
