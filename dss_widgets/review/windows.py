"""What networks say of a recording, summed up window by window as the probabilities come: bounded in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Windows:
    """Sums over windows that follow each other without gaps; the last may be shorter.

    All are float64, and in seconds: a second in which a type has the probability 0.5 is half a second of it.

    Attributes:
        seconds: duration of each window, ``[windows]``.
        uncertain: seconds in which the network wavers, ``[windows]``: 1 where its two most probable classes are equally
            probable, 0 where it is sure of one.
        by_class: seconds of every class, ``[windows, classes]``, noise first.
        wavering: seconds of every class among those that are uncertain, ``[windows, classes]``.
        disagreement: seconds in which another network says something else, ``[windows]``; 0 where there is no other.
        others: seconds of every class in which the other network says something else, ``[windows, classes]``: what it says.
    """

    seconds: np.ndarray
    uncertain: np.ndarray
    by_class: np.ndarray
    wavering: np.ndarray
    disagreement: np.ndarray
    others: np.ndarray


class WindowSums:
    """Sums up a stream of probabilities.

    Args:
        n_classes: classes, noise included.
        rate_hz: rows a second.
        window_rows: rows of a window.

    Example:
        >>> sums = WindowSums(3, rate_hz=1000.0, window_rows=500)
        >>> sums.add(np.array([[0.2, 0.7, 0.1]] * 1200))
        >>> sums.finish().seconds.tolist()
        [0.5, 0.5, 0.2]
    """

    def __init__(self, n_classes: int, rate_hz: float, window_rows: int) -> None:
        self._n_classes, self._rate, self._rows = n_classes, rate_hz, window_rows
        self._done: list[np.ndarray] = []
        self._open = np.zeros(3 + 3 * n_classes)

    def add(self, probabilities: np.ndarray, other: np.ndarray | None = None) -> None:
        """Take the next rows ``[rows, classes]``, and what another network says of them."""
        told = _columns(np.asarray(probabilities, dtype=np.float64), other)
        start = 0
        while start < len(told):
            stop = min(len(told), start + self._rows - round(self._open[0]))
            self._open += told[start:stop].sum(axis=0)
            if round(self._open[0]) == self._rows:
                self._done.append(self._open.copy())
                self._open[:] = 0
            start = stop

    def finish(self) -> Windows:
        """Return the windows of all rows."""
        if self._open[0]:
            self._done.append(self._open.copy())
            self._open[:] = 0
        told = np.array(self._done).reshape(-1, len(self._open)) / self._rate
        n = self._n_classes
        return Windows(told[:, 0], told[:, 1], told[:, 3 : 3 + n], told[:, 3 + n : 3 + 2 * n], told[:, 2], told[:, 3 + 2 * n :])


def _columns(probabilities: np.ndarray, other: np.ndarray | None) -> np.ndarray:
    """Return what is summed up, ``[rows, 3 + 3 classes]``: a count, uncertainty, disagreement, and three of every class."""
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    uncertain = 1 - np.abs(two[:, 1] - two[:, 0])
    if other is None:
        differs, others = np.zeros(len(probabilities)), np.zeros_like(probabilities)
    else:
        differs = 0.5 * np.abs(probabilities - other).sum(axis=1)
        others = np.maximum(other - probabilities, 0)
    each = np.stack([np.ones(len(probabilities)), uncertain, differs], axis=1)
    return np.concatenate([each, probabilities, probabilities * uncertain[:, None], others], axis=1)


def matched_columns(names: Sequence[str], others: Sequence[str]) -> np.ndarray:
    """Return for every class which column of another network has it, ``[classes]``; -1 where that does not know it.

    What the other network calls by a name that this one does not know is part of neither.
    """
    return np.array([others.index(name) if name in others else -1 for name in names])
