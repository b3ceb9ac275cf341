"""Which label of one set is which of the other: those that are called alike first, then those that are called otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.results.boundaries import nearest_pairs, overlapping_pairs
from dss_widgets.results.matching import event_pairs

NOTHING = ""
"""What a set calls a label that it lacks."""

Places = tuple[np.ndarray, np.ndarray]
"""Pairs of labels, as their places in the first and in the second set."""

Pairing = Callable[[Annotations, Annotations], Places]


@dataclass(frozen=True, eq=False)
class Counterparts:
    """The labels of one recording that both sets have, however far off their ends are.

    Attributes:
        alike: by song type, the pairs that are called alike: segments that overlap each other more than any other of their
            type, events that are each other's nearest; then such among those that are left.
        confused: the pairs among all others that are called otherwise: segments likewise, events within the tolerance.
    """

    alike: Mapping[str, Places]
    confused: Places

    @classmethod
    def of(
        cls, annotated: Annotations, other: Annotations, categories: Mapping[str, Category],
        farthest_seconds: Mapping[str, float], tolerance_seconds: float,
    ) -> Counterparts:  # fmt: skip
        """Find the pairs.

        Args:
            annotated, other: the two sets, in the order of time.
            categories: the song types.
            farthest_seconds: of the types of events: how far apart two may be that are called alike.
            tolerance_seconds: the same of events that are called otherwise.
        """
        alike = {}
        free = [np.ones(len(found), bool) for found in (annotated, other)]
        for name, category in categories.items():
            own = [np.flatnonzero(found.names == name) for found in (annotated, other)]
            one, two = (found.select(at) for found, at in zip((annotated, other), own, strict=True))
            farthest = farthest_seconds.get(name, tolerance_seconds)
            pairs = _round_by_round(one, two, _nearest(farthest) if category == "event" else overlapping_pairs)
            alike[name] = own[0][pairs[0]], own[1][pairs[1]]
            for which, taken in zip(free, alike[name], strict=True):
                which[taken] = False
        return cls(alike, _otherwise(annotated, other, categories, free, tolerance_seconds))

    def counted(self, annotated: Annotations, other: Annotations) -> Counter[tuple[str, str]]:
        """Return how often what the first set calls so is called so by the second; :data:`NOTHING` where it has none."""
        counts = Counter({(name, name): len(pairs[0]) for name, pairs in self.alike.items() if len(pairs[0])})
        counts.update(zip(annotated.names[self.confused[0]].tolist(), other.names[self.confused[1]].tolist(), strict=True))
        for which, found in enumerate((annotated, other)):
            names = found.names[self.alone(which, len(found))].tolist()
            counts.update((name, NOTHING) if which == 0 else (NOTHING, name) for name in names)
        return counts

    def alone(self, which: int, n_labels: int) -> np.ndarray:
        """Return the places of the labels that one set alone has: the first (0) or the second (1), with so many labels."""
        is_alone = np.ones(n_labels, bool)
        for pairs in (*self.alike.values(), self.confused):
            is_alone[pairs[which]] = False
        return np.flatnonzero(is_alone)


def _nearest(farthest_seconds: float) -> Pairing:
    return lambda one, two: nearest_pairs(one.start_seconds, two.start_seconds, farthest_seconds)


def _round_by_round(one: Annotations, two: Annotations, pairing: Pairing) -> Places:
    """Return pairs, then those among the labels that are left, and so on: of labels that are there twice, too."""
    free = [np.arange(len(one)), np.arange(len(two))]
    found = [(free[0][:0], free[1][:0])]
    while len(free[0]) and len(free[1]):
        left, right = pairing(one.select(free[0]), two.select(free[1]))
        if not len(left):
            break
        found.append((free[0][left], free[1][right]))
        free = [np.delete(free[0], left), np.delete(free[1], right)]
    return np.concatenate([pairs[0] for pairs in found]), np.concatenate([pairs[1] for pairs in found])


def _otherwise(
    annotated: Annotations, other: Annotations, categories: Mapping[str, Category], free: list[np.ndarray], tolerance: float
) -> Places:
    parts = []
    for category in ("event", "segment"):
        at = [
            np.flatnonzero(left & np.array([categories[name] == category for name in found.names.tolist()], bool))
            for found, left in zip((annotated, other), free, strict=True)
        ]
        one, two = (found.select(where) for found, where in zip((annotated, other), at, strict=True))
        if category == "event":
            left, right = np.reshape(event_pairs(one.start_seconds, two.start_seconds, tolerance), (-1, 2)).astype(np.int64).T
        else:
            left, right = _round_by_round(one, two, overlapping_pairs)
        parts.append((at[0][left], at[1][right]))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
