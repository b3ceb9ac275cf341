"""Chunks with rare song types more than once in an epoch: repeat-factor sampling (Gupta, Dollar and Girshick 2019, LVIS)."""

from __future__ import annotations

import numpy as np

from dss_widgets.network.rows import Rows

COMMON_SHARE = 0.3
"""Share of the chunks from which on a song type is not rare."""

MAX_REPEATS = 8.0
"""How often a chunk comes in an epoch at most."""


def types_in_chunks(targets: Rows, starts: np.ndarray, duration: int, boundary: int) -> np.ndarray:
    """Return which song types are in every chunk, bool ``[chunks, types]``, noise left out.

    Args:
        targets: ``[samples, classes]``, noise first.
        starts: first sample of every chunk.
        duration: samples of a chunk.
        boundary: samples at each end of a chunk that count nothing.
    """
    holds = np.zeros((len(starts), targets.shape[1] - 1), dtype=bool)
    for i, start in enumerate(starts.tolist()):
        holds[i] = (targets.read(start + boundary, start + duration - boundary)[:, 1:] > 0).any(axis=0)
    return holds


def repeat_factors(targets: Rows, starts: np.ndarray, duration: int, boundary: int) -> np.ndarray:
    """Return how often every chunk is to come in an epoch, at least once, float64 ``[chunks]``.

    A song type that is in a share ``f`` of the chunks makes its chunks come ``sqrt(COMMON_SHARE / f)`` times; of several in a
    chunk, the rarest decides.

    Args:
        targets: ``[samples, classes]``, noise first.
        starts: first sample of every chunk.
        duration: samples of a chunk.
        boundary: samples at each end of a chunk that count nothing.
    """
    holds = types_in_chunks(targets, starts, duration, boundary)
    shares = holds.mean(axis=0) if len(starts) else np.ones(holds.shape[1])
    factors = np.sqrt(COMMON_SHARE / np.maximum(shares, 1e-12))
    wanted = np.where(holds, factors, 1.0).max(axis=1, initial=1.0)
    return np.minimum(wanted, MAX_REPEATS)


def draw(repeats: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the chunks of an epoch, int64, in their order: every one as often as it is to come, rounded up or down by chance.

    There are equally many in every epoch (:func:`chunks_per_epoch`), and every chunk comes at least once.
    """
    total = chunks_per_epoch(repeats)
    ends = np.cumsum(repeats) * (total / repeats.sum())
    return np.minimum(np.searchsorted(ends, np.arange(total) + rng.random(), side="right"), len(repeats) - 1)


def chunks_per_epoch(repeats: np.ndarray) -> int:
    """Return how many chunks an epoch has."""
    return int(np.ceil(repeats.sum() - 1e-9))
