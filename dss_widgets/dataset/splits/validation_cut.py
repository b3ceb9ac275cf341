"""Validation cut from train, for a dataset whose validation split is empty: the same pieces each time."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.splits.dealing import deal
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import TrainingOptions

_PIECES = 4
"""About how many pieces validation is put together from, so that it has song of several places."""

_ROWS_AT_ONCE = 2**18

Span = tuple[int, int]


@dataclass(frozen=True)
class ValidationCut:
    """Which rows of the train split are learned from, and which validate; spans of rows, stop not included.

    Attributes:
        train, val: spans in their order; those of ``train`` keep a distance from those of ``val``.
    """

    train: tuple[Span, ...]
    val: tuple[Span, ...]


def cut_validation(targets: np.ndarray, share: float, chunk: int) -> ValidationCut:
    """Cut a share off the train split such that every song type has its share in it, as nearly as whole pieces allow.

    Nothing but the arguments has a say, so a run that goes on finds the same cut.

    Args:
        targets: of the train split ``[samples, classes]``.
        share: of all samples, above 0 and below 1.
        chunk: samples of a chunk: no piece is shorter, and as much is left out between the two, so that no chunk of the one
            touches the other. Less where there is little data.
    """
    n = len(targets)
    length = max(1, min(max(2 * chunk, round(n * share / _PIECES)), round(n * share)))
    borders = np.append(np.arange(0, n - length // 2, length), n) if n else np.array([0])
    if len(borders) < 3:
        return ValidationCut(((0, n),), ())
    amounts = np.stack([_amounts(targets, int(a), int(b)) for a, b in itertools.pairwise(borders)])
    is_val = deal(amounts, np.array([1 - share, share]), np.random.default_rng(0)) == 1
    val = _spans(borders, is_val)
    guard = min(chunk, length // 4)
    train = [
        (start + (guard if start > 0 else 0), stop - (guard if stop < n else 0)) for start, stop in _spans(borders, ~is_val)
    ]
    return ValidationCut(tuple((a, b) for a, b in train if b > a), tuple(val))


def validation_cut(options: TrainingOptions, dataset: Dataset) -> ValidationCut | None:
    """Return which part of train validates where the dataset has no validation data; None where it has."""
    if dataset.split("val").n_samples or not options.validation_from_train:
        return None
    targets = dataset.split("train").y(options.song_type)
    return cut_validation(targets, options.validation_from_train, options.chunk_duration)


def cut_lengths(n_samples: int, share: float, chunk: int) -> tuple[int, int]:
    """Return about how many samples train and validation have after a cut, without looking at the targets."""
    n_val = math.ceil(n_samples * share)
    return max(0, n_samples - n_val - 2 * _PIECES * min(chunk, max(1, n_val // (4 * _PIECES)))), n_val


def _amounts(targets: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Return how many samples there are of every class in a stretch, float64 ``[classes]``."""
    total = np.zeros(targets.shape[1])
    for begin in range(start, stop, _ROWS_AT_ONCE):
        total += targets[begin : min(stop, begin + _ROWS_AT_ONCE)].sum(axis=0, dtype=np.float64)
    return total


def _spans(borders: np.ndarray, chosen: np.ndarray) -> list[Span]:
    """Return the chosen blocks as spans; neighbours are one span."""
    edges = np.diff(chosen.astype(np.int8), prepend=0, append=0)
    starts, stops = borders[np.flatnonzero(edges == 1)], borders[np.flatnonzero(edges == -1)]
    return [(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]
