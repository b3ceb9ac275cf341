"""How much of every song type lies within a stretch of a recording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.song_types import SongType


class SongAmounts:
    """Counts and seconds of each song type between any two times of one recording.

    Args:
        annotations: what occurs in it.
        song_types: the types, in the order of the results' columns; annotations of other types do not count.
    """

    def __init__(self, annotations: Annotations, song_types: Sequence[SongType]) -> None:
        columns = {song_type.name: i for i, song_type in enumerate(song_types)}
        column = np.array([columns.get(name, -1) for name in annotations.names.tolist()], dtype=np.int64)
        known = column >= 0
        self._n_types = len(columns)
        self._column = column[known]
        self._onsets, self._offsets = annotations.start_seconds[known], annotations.stop_seconds[known]

    def counts(self, edges: np.ndarray) -> np.ndarray:
        """Return how many annotations of each type begin between neighbouring edges (seconds): int64 ``[edges - 1, types]``.

        What begins at the very last moment of a recording counts only where the last edge lies beyond it.
        """
        n_bins = len(edges) - 1
        bins = np.searchsorted(edges, self._onsets, side="right") - 1
        within = (bins >= 0) & (bins < n_bins)
        cells = bins[within] * self._n_types + self._column[within]
        return np.bincount(cells, minlength=n_bins * self._n_types).reshape(n_bins, self._n_types)

    def seconds(self, edges: np.ndarray) -> np.ndarray:
        """Return how long each type lasts between neighbouring edges (seconds): float64 ``[edges - 1, types]``."""
        n_bins = len(edges) - 1
        first = np.clip(np.searchsorted(edges, self._onsets, side="right") - 1, 0, n_bins - 1)
        last = np.clip(np.searchsorted(edges, self._offsets, side="left") - 1, first, n_bins - 1)
        span = last - first + 1  # the bins that each annotation lies in
        one = np.repeat(np.arange(len(span)), span)
        bins = np.arange(len(one)) - np.repeat(np.cumsum(span) - span, span) + first[one]
        overlap = np.minimum(self._offsets[one], edges[bins + 1]) - np.maximum(self._onsets[one], edges[bins])
        cells = bins * self._n_types + self._column[one]
        total = np.bincount(cells, weights=np.maximum(0, overlap), minlength=n_bins * self._n_types)
        return total.reshape(n_bins, self._n_types)
