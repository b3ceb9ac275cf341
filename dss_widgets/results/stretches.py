"""Stretches of song in a stream of samples, and the gaps between them."""

from __future__ import annotations

import numpy as np


def stretches_of(
    is_song: np.ndarray, types: np.ndarray, n_types: int, lengths: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where there is song without a gap, and of which types.

    Args:
        is_song: bool ``[entries]``.
        types: number of the likeliest type, ``[entries]``.
        n_types: how many types there are.
        lengths: samples that each entry stands for; left out, one.

    Returns:
        Starts and stops in samples ``[stretches]`` (stop excluded), and samples of each type ``[stretches, types]``.
    """
    edges = np.diff(is_song.astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    stretch = np.cumsum(edges[:-1] == 1)[is_song] - 1
    places = stretch * n_types + types[is_song]
    if lengths is None:
        votes = np.bincount(places, minlength=len(starts) * n_types)
    else:
        at = np.concatenate([[0], np.cumsum(lengths)])
        starts, stops = at[starts], at[stops]
        votes = np.bincount(places, weights=lengths[is_song], minlength=len(starts) * n_types).astype(np.int64)
    return starts, stops, votes.reshape(len(starts), n_types)


class StretchFinder:
    """Finds stretches of song in a stream, and how many samples of each type lie in every stretch.

    Args:
        n_types: segment types.
    """

    def __init__(self, n_types: int) -> None:
        self.n_types = n_types
        self._n = 0
        self._open = False
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._votes: list[np.ndarray] = []

    def add(self, is_song: np.ndarray, types: np.ndarray) -> None:
        """Take the next block: whether there is song ``[samples]`` and of which type ``[samples]``."""
        if not len(is_song):
            return
        starts, stops, votes = stretches_of(is_song, types, self.n_types)
        for start, stop, vote in zip(starts + self._n, stops + self._n, votes, strict=True):
            if self._open and start == self._n:
                self._stops[-1] = int(stop)
                self._votes[-1] = self._votes[-1] + vote
            else:
                self._starts.append(int(start))
                self._stops.append(int(stop))
                self._votes.append(vote)
        self._n += len(is_song)
        self._open = bool(is_song[-1])

    def finish(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return starts and stops in samples ``[stretches]`` (stop excluded) and votes ``[stretches, types]``."""
        votes = np.stack(self._votes) if self._votes else np.zeros((0, self.n_types), dtype=np.int64)
        return np.array(self._starts, dtype=np.int64), np.array(self._stops, dtype=np.int64), votes


def fill_gaps(
    starts: np.ndarray, stops: np.ndarray, votes: np.ndarray, shorter_than: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join stretches whose gap is shorter than ``shorter_than`` samples; their votes are added up."""
    if len(starts) < 2:
        return starts, stops, votes
    first = np.concatenate([[True], starts[1:] - stops[:-1] >= shorter_than - 1e-6])
    begins = np.flatnonzero(first)
    ends = np.append(begins[1:], len(starts)) - 1
    return starts[begins], stops[ends], np.add.reduceat(votes, begins, axis=0)
