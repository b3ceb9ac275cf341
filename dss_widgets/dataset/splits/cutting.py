"""Cutting recordings into contiguous stretches for the splits that are made by samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Piece = tuple[int, int, int]
"""A stretch as (first sample, sample after the last, bin)."""


def random_order(shares: np.ndarray, rng: np.random.Generator, *, rounds: int = 1) -> list[int]:
    """Return the bins that have a share in random order; with two rounds twice, never one beside itself."""
    wanted = np.flatnonzero(shares > 0)
    orders: list[int] = []
    for _ in range(rounds):
        order = rng.permutation(wanted).tolist()
        if orders and len(order) > 1 and order[0] == orders[-1]:
            order.append(order.pop(0))
        orders += order
    return orders


def cut_in_order(n_samples: int, shares: np.ndarray, order: Sequence[int]) -> list[Piece]:
    """Cut a recording into one stretch for every bin of an order.

    Args:
        n_samples: the recording's length.
        shares: what each bin is to get, ``[bins]``, summing to 1.
        order: the bins from the beginning to the end; one that comes twice gets two stretches of half the size.

    Returns:
        The pieces in order, covering the recording.
    """
    times = np.bincount(order, minlength=len(shares))[order]
    edges = np.rint(np.cumsum([0.0, *(shares[order] / times)]) * n_samples).astype(np.int64)
    edges[-1] = n_samples
    return join([(int(a), int(b), bin_) for a, b, bin_ in zip(edges[:-1], edges[1:], order, strict=True) if b > a])


def block_edges(n_samples: int, block: int) -> np.ndarray:
    """Return the borders of blocks of ``block`` samples; a last, shorter one is a block too."""
    return np.append(np.arange(0, n_samples, max(1, block)), n_samples)


def join(pieces: Sequence[Piece]) -> list[Piece]:
    """Join neighbouring pieces of the same bin."""
    joined: list[Piece] = []
    for start, stop, bin_ in pieces:
        if joined and joined[-1][2] == bin_ and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], stop, bin_)
        else:
            joined.append((start, stop, bin_))
    return joined


def guarded(pieces: Sequence[Piece], guard: int, left_out: int) -> list[Piece]:
    """Leave ``guard`` samples out between neighbours of different bins, half on each side of their border.

    Args:
        pieces: joined pieces in order.
        guard: samples.
        left_out: the bin of what no split gets; its borders need no guard.
    """
    if guard <= 0:
        return list(pieces)
    before, after = guard // 2, guard - guard // 2
    kept = []
    for i, (start, stop, bin_) in enumerate(pieces):
        first, last = start, stop
        if bin_ != left_out:
            if i > 0 and pieces[i - 1][2] != left_out:
                first = start + after
            if i + 1 < len(pieces) and pieces[i + 1][2] != left_out:
                last = stop - before
        if last > first:
            kept.append((first, last, bin_))
    return kept
