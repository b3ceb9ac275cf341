"""Which split gets which stretch of a recording: the orders with which every split has its share of every song type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.splits.amounts import SongAmounts
from dss_widgets.dataset.splits.cutting import Piece, cut_in_order, random_order
from dss_widgets.dataset.splits.dealing import WHOLE, in_parts

_MOST_SEARCHED = 100
"""Recordings whose order is chosen. Of more, those with the rarest song types are: the others are balanced by their number."""

_ORDERS_DRAWN = 24
"""Random orders that are drawn for a recording, of which those that differ are tried: of three splits there are six."""

_FEWEST_STARTS, _MOST_STARTS, _SEARCH_EFFORT = 3, 40, 400
"""Random beginnings of the search, of which the best end is kept: as many as go through this many recordings in all."""

_MOST_PASSES = 10
"""Bounds how often the search goes through all recordings; it hardly ever takes half of them."""


@dataclass(frozen=True)
class Uncut:
    """A recording that is to be cut.

    Attributes:
        name: its file name.
        n_samples: its length at the dataset's rate.
        song: what is sung in it.
    """

    name: str
    n_samples: int
    song: SongAmounts


def choose_cuts(
    recordings: Sequence[Uncut],
    shares: np.ndarray,
    samplerate_hz: float,
    rng_of: Callable[[str], np.random.Generator],
    *,
    rounds: int = 1,
    asked: Sequence[int] | None = None,
) -> dict[str, list[Piece]]:
    """Cut recordings into a stretch for every bin (see :func:`~dss_widgets.dataset.splits.cutting.cut_in_order`).

    The order of the bins in a recording is random at first. Then recording by recording the order is taken that helps most, as
    long as any does: first so that no bin lacks a song type that others have, then so that the types' parts come close to
    the shares.

    Args:
        recordings: what to cut.
        shares: what each bin is to get, ``[bins]``, summing to 1.
        samplerate_hz: rate of the recordings' samples.
        rng_of: returns a source of chance for a name, which must not depend on other names.
        rounds: stretches a bin and recording.
        asked: bins that are to have every song type; default: all that have a share.

    Returns:
        The pieces of every recording in order, by file name.
    """
    rngs = {r.name: rng_of(f"cut {r.name}") for r in recordings}
    first = {r.name: random_order(shares, rngs[r.name], rounds=rounds) for r in recordings}
    cuts = {r.name: cut_in_order(r.n_samples, shares, first[r.name]) for r in recordings}
    amounts = {r.name: song_in_bins(cuts[r.name], r.song, len(shares), samplerate_hz) for r in recordings}
    searched = _rarest_first(recordings, amounts)[:_MOST_SEARCHED]
    if not searched or (shares > 0).sum() < 2:
        return cuts
    choices = []
    for recording in searched:
        drawn = [random_order(shares, rngs[recording.name], rounds=rounds) for _ in range(_ORDERS_DRAWN)]
        orders = [list(order) for order in dict.fromkeys(map(tuple, [first[recording.name], *drawn]))]
        tried = [cut_in_order(recording.n_samples, shares, order) for order in orders]
        choices.append((tried, np.stack([song_in_bins(cut, recording.song, len(shares), samplerate_hz) for cut in tried])))
    names = {recording.name for recording in searched}
    resting = sum((amounts[r.name] for r in recordings if r.name not in names), np.zeros_like(choices[0][1][0]))
    wanted = np.flatnonzero(shares > 0) if asked is None else np.asarray(asked)
    found = _search([tried for _, tried in choices], resting, shares, wanted, rng_of("search"))
    return cuts | {r.name: tried[i] for r, (tried, _), i in zip(searched, choices, found, strict=True)}


def song_in_bins(cut: Sequence[Piece], song: SongAmounts, n_bins: int, samplerate_hz: float) -> np.ndarray:
    """Return seconds and counts of every song type in every bin: ``[bins, 2 * types]``."""
    edges = np.array([0, *(stop for _, stop, _ in cut)]) / samplerate_hz
    seconds = song.seconds(edges)
    counts = song.counts(np.append(edges[:-1], np.inf))  # the last piece has what happens in the very last moment
    amounts = np.zeros((n_bins, 2 * seconds.shape[1]))
    np.add.at(amounts, [bin_ for _, _, bin_ in cut], np.hstack([seconds, counts]))
    return amounts


def _rarest_first(recordings: Sequence[Uncut], amounts: dict[str, np.ndarray]) -> list[Uncut]:
    """Return the recordings with song, those with the types of which there is least first."""
    if not recordings:
        return []
    held = np.array([amounts[r.name].sum(axis=0) for r in recordings])
    counts = held[:, held.shape[1] // 2 :]
    with_song = counts.sum(axis=1) > 0
    rarest = np.where(counts > 0, counts.sum(axis=0), np.inf).min(axis=1, initial=np.inf)
    return [recordings[i] for i in np.lexsort((np.arange(len(recordings)), rarest)) if with_song[i]]


def _search(
    tried: Sequence[np.ndarray], resting: np.ndarray, shares: np.ndarray, asked: np.ndarray, rng: np.random.Generator
) -> list[int]:
    """Return which order every recording gets.

    Args:
        tried: what every order of a recording gives the bins, ``[orders, bins, quantities]`` each; the first is the random one.
        resting: what the bins have of the recordings that are not searched, ``[bins, quantities]``.
        shares: what each bin is to get, ``[bins]``.
        asked: bins that are to have everything.
        rng: source of other beginnings.
    """
    totals = resting.sum(axis=0) + sum(orders[0].sum(axis=0) for orders in tried)
    parts, rest = [in_parts(orders, totals) for orders in tried], in_parts(resting, totals)
    is_count = (np.arange(len(totals)) >= len(totals) // 2)[totals > 0]
    aim = np.rint(shares * WHOLE).astype(np.int64)[:, None]

    def rating(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what is missing and how far off the shares it is, for sums ``[..., bins, quantities]``."""
        missing = (sums[..., asked, :][..., is_count] == 0).sum(axis=(-2, -1))
        return missing, ((sums - aim)[..., asked, :] ** 2).sum(axis=(-2, -1))

    best, best_rating = [0] * len(parts), None
    for start in range(int(np.clip(_SEARCH_EFFORT // len(parts), _FEWEST_STARTS, _MOST_STARTS))):
        chosen = [0 if start == 0 else int(rng.integers(len(orders))) for orders in parts]
        sums = rest + sum(orders[i] for orders, i in zip(parts, chosen, strict=True))
        for _ in range(_MOST_PASSES):
            before = list(chosen)
            for k in rng.permutation(len(parts)):
                others = sums - parts[k][chosen[k]]
                missing, off = rating(others + parts[k])
                better = int(np.lexsort((np.arange(len(off)) != chosen[k], off, missing))[0])
                chosen[k], sums = better, others + parts[k][better]
            if chosen == before:
                break
        found = tuple(int(x) for x in rating(sums))
        if best_rating is None or found < best_rating:
            best, best_rating = chosen, found
    return best
