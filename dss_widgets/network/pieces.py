"""Rows of some pieces of an array, one after the other, as if there were nothing between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dss_widgets.network.rows import Rows


class RowPieces(Rows):
    """Reads rows of pieces of an array.

    Args:
        array: ``[samples, columns]``, mapped or in memory.
        spans: first and last (excluded) row of every piece, in their order.
    """

    def __init__(self, array: np.ndarray, spans: Sequence[tuple[int, int]]) -> None:
        self._rows = Rows(array)
        self._spans = list(spans)
        self._ends = np.cumsum([stop - start for start, stop in self._spans], dtype=np.int64)
        self.shape = (int(self._ends[-1]) if len(self._ends) else 0, *array.shape[1:])
        self._empty = np.zeros((0, *array.shape[1:]), dtype=array.dtype)
        self._file = None

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return rows [start, stop) of the pieces together, cut to those that there are, ``[rows, columns]``."""
        start, stop = max(0, start), min(stop, len(self))
        parts = []
        piece = int(np.searchsorted(self._ends, start, side="right"))
        while start < stop:
            first, last = self._spans[piece]
            before = int(self._ends[piece]) - (last - first)
            upto = min(stop, int(self._ends[piece]))
            parts.append(self._rows.read(first + start - before, first + upto - before))
            start, piece = upto, piece + 1
        return parts[0] if len(parts) == 1 else np.concatenate([self._empty, *parts])
