"""Where a network errs most: stretches of a test, the worst first. Pure functions over a results file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.panels.look.words import duration, listing
from dss_widgets.results.results_file import Results

MOST_STRETCHES = 50
WRONG = "Wrong"
"""The name of the track that shows where labels differ."""

_HOPS = 4
"""Stretches begin at multiples of a quarter of their length."""
_BLOCK = 2**20


@dataclass(frozen=True)
class Stretch:
    """A stretch of a test, in samples, and how many of them are labelled otherwise than annotated."""

    start: int
    stop: int
    n_wrong: int


def worst_stretches(results: Results, n_samples: int, class_number: int | None = None) -> list[Stretch]:
    """Return the stretches of a test with the most wrongly labelled samples, which do not overlap, worst first.

    Args:
        results: the test.
        n_samples: length of a stretch.
        class_number: count only errors that this class takes part in; None: all.

    Raises:
        DataError: the results file cannot be read.
    """
    hop = max(1, n_samples // _HOPS)
    counts = np.concatenate([np.zeros(0, int), *_wrong_by_hop(results, hop, class_number)])
    if not len(counts):
        return []
    sums = np.cumsum(np.concatenate([[0], counts]))
    starts = np.arange(max(1, len(counts) - _HOPS + 1))
    of_window = sums[np.minimum(starts + _HOPS, len(counts))] - sums[starts]
    taken = np.zeros(len(counts) + _HOPS, dtype=bool)
    found: list[Stretch] = []
    for start in np.argsort(-of_window, kind="stable").tolist():
        if len(found) == MOST_STRETCHES or not of_window[start]:
            break
        if not taken[start : start + _HOPS].any():
            taken[start : start + _HOPS] = True
            stop = min(results.n_samples, (start + _HOPS) * hop)
            found.append(Stretch(start * hop, stop, int(of_window[start])))
    return found


def _wrong_by_hop(results: Results, hop: int, class_number: int | None) -> Iterator[np.ndarray]:
    """Yield how many samples are wrong in every hop, block by block: nothing needs the whole test in memory."""
    block = max(1, _BLOCK // hop) * hop
    for start in range(0, results.n_samples, block):
        wrong = _wrong(*labels_of(results, start, start + block), class_number)
        wrong = np.pad(wrong, (0, -len(wrong) % hop))
        yield wrong.reshape(-1, hop).sum(axis=1)


def labels_of(results: Results, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the annotated and the predicted class of every sample of a stretch."""
    return results.read("labels_test", start, stop), results.read("labels_pred", start, stop)


def _wrong(annotated: np.ndarray, predicted: np.ndarray, class_number: int | None) -> np.ndarray:
    wrong = annotated != predicted
    if class_number is not None:
        wrong &= (annotated == class_number) | (predicted == class_number)
    return wrong


def wrong_stretches(annotated: np.ndarray, predicted: np.ndarray, start: int, samplerate_hz: float) -> Annotations:
    """Return where labels differ as annotations named :data:`WRONG`, in seconds.

    Args:
        annotated, predicted: classes, ``[samples]``.
        start: the first one's place, in samples.
        samplerate_hz: of the samples.
    """
    edges = np.flatnonzero(np.diff((annotated != predicted).astype(np.int8), prepend=np.int8(0), append=np.int8(0)))
    times = ((edges + start) / samplerate_hz).reshape(-1, 2).tolist()
    return Annotations.of([(WRONG, onset, offset) for onset, offset in times])


def mistakes(annotated: np.ndarray, predicted: np.ndarray, names: Sequence[str], samplerate_hz: float) -> str:
    """Return what was taken for what, and for how long, in words: ``12 ms of ‘a’ taken for ‘b’``; longest first, three at most.

    Args:
        annotated, predicted: classes, ``[samples]``.
        names: of the classes, noise first.
        samplerate_hz: of the samples.
    """
    pairs, counts = np.unique(np.stack([annotated, predicted]), axis=1, return_counts=True)
    told = []
    for i in np.argsort(-counts, kind="stable").tolist():
        was, taken = int(pairs[0, i]), int(pairs[1, i])
        if was == taken:
            continue
        lasting = duration(counts[i] / samplerate_hz)
        if taken == 0:
            told.append(f"{lasting} of ‘{names[was]}’ missed")
        elif was == 0:
            told.append(f"{lasting} of ‘{names[taken]}’ found where nothing is annotated")
        else:
            told.append(f"{lasting} of ‘{names[was]}’ taken for ‘{names[taken]}’")
    return listing(told[:3])
