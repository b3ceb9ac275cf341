"""Every stretch that could be asked for, with what is known of each: as arrays, to be ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.review.oddities import Oddity
from dss_widgets.review.windows import Windows

WINDOWS_A_STRETCH = 4
"""Windows that a stretch is made of: stretches begin with any of them."""

Span = tuple[float, float]


@dataclass(frozen=True)
class Candidates:
    """Stretches that overlap each other.

    Attributes:
        recordings: the recordings' paths.
        recording: which of them each stretch is of, int64 ``[stretches]``.
        start, stop: seconds, float64 ``[stretches]``.
        uncertain, disagreement: see :class:`~dss_widgets.review.windows.Windows`, ``[stretches]``.
        by_class, wavering, others: the same by class, ``[stretches, classes]``.
        odd: how odd what is found in it is, ``[stretches]``.
        class_names: noise first.
        known: seconds of every class that the network has learned from, ``[classes]``.
    """

    recordings: Sequence[str]
    recording: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    uncertain: np.ndarray
    disagreement: np.ndarray
    by_class: np.ndarray
    wavering: np.ndarray
    others: np.ndarray
    odd: np.ndarray
    class_names: Sequence[str]
    known: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    @property
    def seconds(self) -> np.ndarray:
        """Duration of each, ``[stretches]``."""
        lasting: np.ndarray = self.stop - self.start
        return lasting


def candidates(
    windows: Mapping[str, Windows],
    odd: Mapping[str, Sequence[Oddity]],
    class_names: Sequence[str],
    *,
    known: np.ndarray | None = None,
    without: Mapping[str, Sequence[Span]] | None = None,
) -> Candidates:
    """Return the stretches of recordings.

    Args:
        windows: of every recording, by its path.
        odd: what is odd in each.
        class_names: noise first.
        known: seconds of every class in what the network learned from ``[classes]``; None: not known, and what it found
            stands for that.
        without: spans of recordings that are not to be asked for, such as those that were reviewed already.
    """
    parts = [
        _of_recording(i, told, odd.get(path, ()), (without or {}).get(path, ()))
        for i, (path, told) in enumerate(windows.items())
    ]
    n = len(class_names)
    found = np.concatenate([np.zeros((0, 6 + 3 * n)), *parts])
    total = sum((told.by_class.sum(axis=0) for told in windows.values()), np.zeros(n))
    return Candidates(
        list(windows), found[:, 0].astype(np.int64), found[:, 1], found[:, 2], found[:, 3], found[:, 4],
        found[:, 6 : 6 + n], found[:, 6 + n : 6 + 2 * n], found[:, 6 + 2 * n :], found[:, 5], list(class_names),
        total if known is None else known,
    )  # fmt: skip


def _of_recording(number: int, told: Windows, odd: Sequence[Oddity], without: Sequence[Span]) -> np.ndarray:
    """Return the stretches of a recording, ``[stretches, 6 + 3 classes]``; a short recording is one."""
    edges = np.append(0.0, np.cumsum(told.seconds))
    each = np.concatenate(
        [
            told.uncertain[:, None],
            told.disagreement[:, None],
            np.zeros((len(told.seconds), 1)),
            told.by_class,
            told.wavering,
            told.others,
        ],
        axis=1,
    )
    if odd:
        at = np.clip(np.searchsorted(edges, [o.time for o in odd], side="right") - 1, 0, len(each) - 1)
        np.add.at(each[:, 2], at, [o.worth for o in odd])
    sums = np.concatenate([np.zeros((1, each.shape[1])), np.cumsum(each, axis=0)])
    n = min(WINDOWS_A_STRETCH, len(each))
    if not n:
        return np.zeros((0, 3 + each.shape[1]))
    first = np.arange(len(each) - n + 1)
    start, stop = edges[first], edges[first + n]
    free = np.ones(len(first), dtype=bool)
    for begin, end in without:
        free &= np.minimum(stop, end) - np.maximum(start, begin) <= 1e-6
    rows = np.column_stack([np.full(len(first), float(number)), start, stop, sums[first + n] - sums[first]])
    return rows[free]
