"""Where a network errs most in its test: song that it misses, adds or confuses first, edges that are off last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dss_widgets.results.results_file import Results

MOST_STRETCHES = 50

_HOPS = 4
"""Stretches begin at multiples of a quarter of their length."""
_BLOCK = 2**20


@dataclass(frozen=True)
class WorstStretch:
    """A stretch of a test, in samples.

    Attributes:
        start, stop: the stretch; stop is not part of it.
        n_wrong: samples that are labelled otherwise than annotated.
        n_edge: those among them where an onset or offset is off, and the song itself was found.
    """

    start: int
    stop: int
    n_wrong: int
    n_edge: int = 0


def worst_stretches(results: Results, n_samples: int, class_number: int | None = None) -> list[WorstStretch]:
    """Return the stretches of a test that are labelled worst, which do not overlap, worst first.

    Song that was missed, added or taken for another counts first; of stretches with as much of that, edges that are off.

    Args:
        results: the test.
        n_samples: length of a stretch.
        class_number: count only errors that this class takes part in; None: all.

    Raises:
        DataError: the results file cannot be read.
    """
    hop = max(1, n_samples // _HOPS)
    runs = _Runs.of(results, class_number)
    if not runs.bounds[-1]:
        return []
    n_hops = -(-results.n_samples // hop)
    starts = hop * np.arange(max(1, n_hops - _HOPS + 1))
    stops = np.minimum(results.n_samples, starts + _HOPS * hop)
    edge, wrong = (runs.within(which, starts, stops) for which in (runs.is_edge, runs.is_wrong))
    taken = np.zeros(n_hops + _HOPS, dtype=bool)
    found: list[WorstStretch] = []
    for i in np.lexsort((-wrong, edge - wrong)).tolist():
        if len(found) == MOST_STRETCHES or not wrong[i]:
            break
        if not taken[i : i + _HOPS].any():
            taken[i : i + _HOPS] = True
            found.append(WorstStretch(int(starts[i]), int(stops[i]), int(wrong[i]), int(edge[i])))
    return found


@dataclass(frozen=True, eq=False)
class _Runs:
    """A test as runs of samples with the same annotated and the same predicted class.

    Attributes:
        bounds: where runs begin, and where the last one ends, ``[runs + 1]``.
        is_wrong: whether the two differ, ``[runs]``.
        is_edge: those of ``is_wrong`` that only shift the border of song that was found, ``[runs]``.
    """

    bounds: np.ndarray
    is_wrong: np.ndarray
    is_edge: np.ndarray

    @classmethod
    def of(cls, results: Results, class_number: int | None) -> _Runs:
        parts = list(_runs(results))
        bounds = np.concatenate([*(part[0] for part in parts), [results.n_samples]])
        annotated, predicted = (np.concatenate([np.zeros(0, int), *(part[i] for part in parts)]) for i in (1, 2))
        wrong = annotated != predicted
        lengths, is_found = np.diff(bounds), ~wrong & (annotated != 0)
        edge = np.zeros(len(wrong), dtype=bool)
        for one, other in ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))):
            song = annotated[other]
            same = (annotated[one] == song) | (predicted[one] == song)
            edge[one] |= wrong[one] & is_found[other] & same & (lengths[one] <= lengths[other])
        if class_number is not None:
            wrong &= (annotated == class_number) | (predicted == class_number)
        return cls(bounds, wrong, edge & wrong)

    def within(self, which: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """Return how many samples of runs that a mask picks lie in stretches."""
        sums = np.concatenate([[0], np.cumsum(np.diff(self.bounds) * which)])
        before, until = (np.interp(places, self.bounds, sums) for places in (starts, stops))
        found: np.ndarray = np.rint(until - before).astype(int)
        return found


def _runs(results: Results) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield where runs begin, with their annotated and predicted classes, block by block: the whole is never in memory."""
    last = (-1, -1)
    for start in range(0, results.n_samples, _BLOCK):
        annotated, predicted = labels_of(results, start, start + _BLOCK)
        changes = np.flatnonzero((np.diff(annotated) != 0) | (np.diff(predicted) != 0)) + 1
        first = [] if (int(annotated[0]), int(predicted[0])) == last else [0]
        at = np.concatenate([np.array(first, dtype=int), changes])
        yield at + start, annotated[at].astype(int), predicted[at].astype(int)
        last = int(annotated[-1]), int(predicted[-1])


def labels_of(results: Results, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the annotated and the predicted class of every sample of a stretch."""
    return results.read("labels_test", start, stop), results.read("labels_pred", start, stop)
