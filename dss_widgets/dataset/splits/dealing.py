"""Dealing units (recordings, groups, blocks) to splits so that every split gets its share of everything.

All sums are of whole numbers, so that the same deal comes out on every machine, however its processor adds.
"""

from __future__ import annotations

import numpy as np

WHOLE = 2**24
"""What all there is of a quantity counts as."""

_SEARCH_LIMIT = 400
"""With more units than this, no exchanges are tried: the greedy deal is within one small unit of the aim already."""

_MOVE_EFFORT = 20_000_000
"""Bounds the moves that are tried for many units: about a tenth of a second."""


def deal(
    amounts: np.ndarray,
    shares: np.ndarray,
    rng: np.random.Generator,
    *,
    needed: np.ndarray | None = None,
    restarts: int = 8,
) -> np.ndarray:
    """Deal units to bins so that each bin gets, of every quantity, as nearly as possible its share.

    Greedy from several random orders, each improved by moves and exchanges until none helps; kept is the best of those in
    which the fewest bins lack a quantity altogether.

    Args:
        amounts: how much of each quantity (seconds, seconds or counts of a song type) a unit holds, ``[units, quantities]``.
        shares: what each bin is to get, ``[bins]``, summing to 1.
        rng: source of all chance.
        needed: bins that get at least one unit if there are enough, ``[bins]``; default: all that have a share.
        restarts: random orders to try (one only for many units).

    Returns:
        The bin of every unit, int64 ``[units]``.
    """
    n_units = len(amounts)
    if n_units == 0:
        return np.zeros(0, dtype=np.int64)
    parts, wanted = in_parts(amounts), np.rint(shares * WHOLE).astype(np.int64)
    needed = (shares > 0) if needed is None else needed & (shares > 0)
    many = n_units > _SEARCH_LIMIT
    best, best_cost = np.zeros(n_units, dtype=np.int64), None
    for _ in range(1 if many else restarts):
        bins = _greedy(parts, wanted, needed, rng)
        _Search(bins, parts, wanted, needed).improve(exchange=not many)
        cost = int((_sums(parts, bins, len(wanted))[needed] == 0).sum()), deal_cost(parts, bins, wanted)
        if best_cost is None or cost < best_cost:
            best, best_cost = bins, cost
    return best


def in_parts(amounts: np.ndarray, totals: np.ndarray | None = None) -> np.ndarray:
    """Return amounts ``[..., quantities]`` as whole-numbered parts of all there is of each quantity, int64.

    Quantities of which there is nothing are left out; if there is nothing at all, every unit counts the same.

    Args:
        amounts: how much of each quantity there is, ``[..., quantities]``.
        totals: all there is of each, ``[quantities]``; by default the sum of ``amounts`` ``[units, quantities]``.
    """
    totals = amounts.sum(axis=0) if totals is None else totals
    present = totals > 0
    if not present.any():
        return np.full((*amounts.shape[:-1], 1), WHOLE // max(1, len(amounts)), dtype=np.int64)
    shares: np.ndarray = np.rint(amounts[..., present] / totals[present] * WHOLE).astype(np.int64)
    return shares


def deal_cost(parts: np.ndarray, bins: np.ndarray, wanted: np.ndarray) -> int:
    """Return the summed squared deviation of every bin's part of every quantity from what it wants."""
    return int((_off(parts, bins, wanted) ** 2).sum())


def _off(parts: np.ndarray, bins: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return by how much every bin has more than it wants, ``[bins, quantities]``."""
    off: np.ndarray = _sums(parts, bins, len(wanted)) - wanted[:, None]
    return off


def _sums(parts: np.ndarray, bins: np.ndarray, n_bins: int) -> np.ndarray:
    """Return what every bin has, ``[bins, quantities]``."""
    sums = np.zeros((n_bins, parts.shape[1]), dtype=np.int64)
    np.add.at(sums, bins, parts)
    return sums


def _greedy(parts: np.ndarray, wanted: np.ndarray, needed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each unit, in random order, to the bin that lacks most of what it holds; then fill bins left empty."""
    n_units, n_bins = len(parts), len(wanted)
    order = rng.permutation(n_units)
    if n_units <= _SEARCH_LIMIT:  # large units first, or they have nowhere to go in the end
        size = parts.max(axis=1)
        order = order[np.argsort(-(size[order] * 4 // max(1, size.max())), kind="stable")]
    open_bins = np.flatnonzero(wanted > 0)
    lacking = np.repeat(wanted[open_bins, None], parts.shape[1], axis=1)
    bins = np.zeros(n_units, dtype=np.int64)
    for unit in order:
        chosen = int(np.argmax(lacking @ parts[unit]))
        bins[unit] = open_bins[chosen]
        lacking[chosen] -= parts[unit]
    for empty in np.flatnonzero(needed & (np.bincount(bins, minlength=n_bins) == 0)):
        counts = np.bincount(bins, minlength=n_bins)
        givers = np.flatnonzero((counts[bins] > 1) | ~needed[bins])
        if len(givers):
            misfit = ((parts[givers] - wanted[empty]) ** 2).sum(axis=1)
            bins[givers[np.argmin(misfit)]] = empty
    return bins


class _Search:
    """Moves and exchanges of units, in place, as long as they lower the cost."""

    _NEVER = np.iinfo(np.int64).max

    def __init__(self, bins: np.ndarray, parts: np.ndarray, wanted: np.ndarray, needed: np.ndarray) -> None:
        self.bins, self.parts = bins, parts
        self.shut, self.needed = wanted <= 0, needed
        self.own = (parts**2).sum(axis=1)
        self.off = _off(parts, bins, wanted)
        self.pull = parts @ self.off.T  # what each unit meets in each bin
        self.units = np.arange(len(bins))

    def improve(self, *, exchange: bool) -> None:
        """Take the best move, or else the best exchange, until nothing helps or enough was tried."""
        n_units = len(self.bins)
        distance = self._distances() if exchange else None
        for _ in range(min(4 * n_units, max(1, _MOVE_EFFORT // self.parts.size))):
            if not self._move() and (distance is None or not self._exchange(distance)):
                return

    def _move(self) -> bool:
        """Move the unit that lowers the cost most: from a to b it changes by 2 |u|^2 + 2 u (off_b - off_a)."""
        counts = np.bincount(self.bins, minlength=len(self.off))
        change = self.own[:, None] + self.pull - self.pull[self.units, self.bins][:, None]
        change[self.units, self.bins] = self._NEVER
        change[(counts[self.bins] <= 1) & self.needed[self.bins]] = self._NEVER
        change[:, self.shut] = self._NEVER
        unit, target = np.unravel_index(np.argmin(change), change.shape)
        if change[unit, target] >= 0:
            return False
        self._shift(int(self.bins[unit]), int(target), self.parts[unit])
        self.bins[unit] = target
        return True

    def _exchange(self, distance: np.ndarray) -> bool:
        """Exchange the two units that lower the cost most; False if none do."""
        mine = self.pull[self.units, self.bins]
        across = self.pull[:, self.bins]  # [unit, other]: what the unit meets in the other's bin
        change = distance + across - mine[:, None] + across.T - mine[None, :]
        change[self.bins[:, None] == self.bins[None, :]] = self._NEVER
        one, other = np.unravel_index(np.argmin(change), change.shape)
        if change[one, other] >= 0:
            return False
        self._shift(int(self.bins[one]), int(self.bins[other]), self.parts[one] - self.parts[other])
        self.bins[one], self.bins[other] = self.bins[other], self.bins[one]
        return True

    def _distances(self) -> np.ndarray:
        distances: np.ndarray = self.own[:, None] + self.own[None, :] - 2 * (self.parts @ self.parts.T)
        return distances

    def _shift(self, source: int, target: int, amount: np.ndarray) -> None:
        self.off[source] -= amount
        self.off[target] += amount
        change = self.parts @ amount
        self.pull[:, source] -= change
        self.pull[:, target] += change
