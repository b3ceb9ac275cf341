"""Comparing two sets of annotations of the same recordings, recording by recording and song type by song type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.dataset.two_sets import Pair, TwoSets
from dss_widgets.results.agreement import Agreement, Difference, RecordingAgreement, TypeAgreement
from dss_widgets.results.differences import DifferingLabel, differing_labels
from dss_widgets.results.intervals import FEWEST_RECORDINGS, MOST_UNITS, draws, matched_f1, middle_of
from dss_widgets.results.kappa import SharedTime, StatesOverTime, shared_time
from dss_widgets.results.matching import (
    TOLERANCE_SECONDS,
    MatchScores,
    edit_distance,
    match_events,
    match_segments,
    pooled,
)
from dss_widgets.results.taken_for import Counterparts

_SHORTEST_EVENT_SECONDS = 0.001
"""An event lasts at least that much to either side where times are compared."""


@dataclass(frozen=True, eq=False)
class _Compared:
    """One recording: scores, differences of on- and offsets in seconds, and time, by song type."""

    pair: Pair
    scores: Mapping[str, MatchScores]
    onsets: Mapping[str, np.ndarray]
    offsets: Mapping[str, np.ndarray]
    states: StatesOverTime
    n_edits: int
    n_in_sequence: int
    taken_for: Counter[tuple[str, str]]
    differing: list[DifferingLabel]

    def agreement(self, categories: Mapping[str, Category]) -> RecordingAgreement:
        by_type = tuple(_of_type(name, kind, i, [self]) for i, (name, kind) in enumerate(categories.items()))
        together = _together([self], categories)
        return RecordingAgreement(self.pair.name, self.pair.seconds, by_type, together, tuple(self.differing))


def compare_sets(sets: TwoSets, tolerance_seconds: float = TOLERANCE_SECONDS) -> Agreement:
    """Compare two sets of annotations.

    Args:
        sets: from :func:`~dss_widgets.dataset.two_sets.pair_sets`.
        tolerance_seconds: largest difference of events, and of onsets and offsets of segments, that are the same.
    """
    within = [pair.labels_compared() for pair in sets.pairs]
    occurring = {name for both in within for found in both for name in found.names.tolist()}
    categories = {name: category for name, category in sets.categories.items() if name in occurring}
    farthest = {name: _half_usual(within, name, tolerance_seconds) for name, kind in categories.items() if kind == "event"}
    compared = [
        _compare(pair, both, categories, farthest, tolerance_seconds) for pair, both in zip(sets.pairs, within, strict=True)
    ]
    n_edits, n_in_sequence = (sum(getattr(each, which) for each in compared) for which in ("n_edits", "n_in_sequence"))
    rate = n_edits / n_in_sequence if n_in_sequence else float(n_edits > 0)
    recordings = [each.agreement(categories) for each in compared]
    return Agreement(
        sets, tolerance_seconds,
        tuple(_of_type(name, kind, i, compared) for i, (name, kind) in enumerate(categories.items())),
        _together(compared, categories),
        tuple(sorted(recordings, key=_least_first)),
        rate if "segment" in categories.values() else None,
        sum((each.taken_for for each in compared), Counter()),
    )  # fmt: skip


def event_reach(tolerance_seconds: float) -> float:
    """Return how long an event lasts to either side where time is compared, in seconds: as much as it may be off."""
    return max(tolerance_seconds, _SHORTEST_EVENT_SECONDS)


def _least_first(told: RecordingAgreement) -> tuple[float, int, str]:
    scores = told.together.scores
    return told.f1, 2 * scores.n_matched - scores.n_annotated - scores.n_predicted, told.name


def _half_usual(within: Sequence[Sequence[Annotations]], name: str, tolerance: float) -> float:
    """Return half the usual time between two events of a type, in seconds; the tolerance where there are no two."""
    between = [np.diff(found.start_seconds[found.names == name]) for both in within for found in both]
    every = np.concatenate(between)
    return max(tolerance, float(np.median(every)) / 2) if len(every) else tolerance


def _compare(
    pair: Pair, labels: tuple[Annotations, Annotations], categories: Mapping[str, Category],
    farthest: Mapping[str, float], tolerance: float,
) -> _Compared:  # fmt: skip
    annotated, other = labels
    scores, onsets, offsets = {}, {}, {}
    counterparts = Counterparts.of(annotated, other, categories, farthest, tolerance)
    for name, category in categories.items():
        one, two = (found.select(found.names == name) for found in (annotated, other))
        if category == "event":
            scores[name] = match_events(one.start_seconds, two.start_seconds, tolerance)
        else:
            scores[name] = match_segments(one, two, tolerance)
        left, right = counterparts.alike[name]
        onsets[name] = other.start_seconds[right] - annotated.start_seconds[left]
        offsets[name] = other.stop_seconds[right] - annotated.stop_seconds[left]
    sequences = [[name for name in found.names.tolist() if categories[name] == "segment"] for found in (annotated, other)]
    one, two = (found.select(np.isin(found.names, list(categories))) for found in (pair.annotated, pair.other))
    states = StatesOverTime.of(one, two, pair.spans, categories, event_reach(tolerance))
    return _Compared(
        pair, scores, onsets, offsets, states, edit_distance(*sequences), len(sequences[0]),
        counterparts.counted(annotated, other), differing_labels(pair.name, labels, counterparts, tolerance),
    )  # fmt: skip


def _of_type(name: str, category: Category, number: int, compared: Sequence[_Compared]) -> TypeAgreement:
    """Return how well sets agree on a song type, which is the one of this number, in some recordings."""
    onsets, offsets = (np.concatenate([of[name] for of in which])
                       for which in ([each.onsets for each in compared], [each.offsets for each in compared]))  # fmt: skip
    return _told(
        (name, category), [each.scores[name] for each in compared],
        SharedTime.joined([each.states.of_type(number) for each in compared]),
        Difference.of(onsets), None if category == "event" else Difference.of(offsets),
    )  # fmt: skip


def _together(compared: Sequence[_Compared], categories: Mapping[str, Category]) -> TypeAgreement:
    scores = [pooled(each.scores.values()) for each in compared]
    segments = [name for name, kind in categories.items() if kind == "segment"]
    onsets = [np.zeros(0), *(each.onsets[name] for each in compared for name in categories)]
    offsets = [np.zeros(0), *(each.offsets[name] for each in compared for name in segments)]
    return _told(
        ("", "segment" if segments else "event"), scores, shared_time([each.states for each in compared]),
        Difference.of(np.concatenate(onsets)), Difference.of(np.concatenate(offsets)) if segments else None,
    )  # fmt: skip


def _told(
    what: tuple[str, Category], scores: Sequence[MatchScores], shared: SharedTime, onset: Difference, offset: Difference | None
) -> TypeAgreement:  # fmt: skip
    kappa = float(shared.kappa()[0])
    f1_interval = kappa_interval = None
    if len(scores) >= FEWEST_RECORDINGS:
        n_units = min(len(scores), MOST_UNITS)
        drawn = draws(n_units)
        f1_interval = _bounds(matched_f1(drawn, [pooled(scores[i::n_units]).as_dict() for i in range(n_units)]))
        kappa_interval = _bounds(shared.in_units(n_units).kappa(drawn))
    return TypeAgreement(
        *what, pooled(scores), None if np.isnan(kappa) else kappa, onset, offset, f1_interval, kappa_interval
    )  # fmt: skip


def _bounds(values: np.ndarray) -> tuple[float, float] | None:
    middle = middle_of(values)
    return (middle[0], middle[1]) if middle else None
