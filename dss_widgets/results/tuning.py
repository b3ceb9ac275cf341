"""What makes the best annotations of probabilities, found on data with known annotations: durations and thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.results.labels import Labeller
from dss_widgets.results.matching import TOLERANCE_SECONDS, match_events, match_segments

DURATIONS = (0.0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Durations in seconds that are tried, for either."""

THRESHOLDS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
"""Thresholds that are tried; of equally good ones the first is taken."""

WIDE_SHARE = 0.5
"""Share of a typical segment that onsets and offsets may be off for it to be found at all."""

MOST_SEGMENTS = 20_000
"""Annotated segments above which the first ones have to do, so that it does not take long."""


@dataclass(frozen=True)
class Tuned:
    """What was found.

    Attributes:
        fill_gap_seconds, minimum_duration_seconds: the best durations.
        f1_before, f1: segment F1 without any, and with these.
        score: by which they were chosen: the mean of ``f1`` and of the F1 of segments that are found at all.
    """

    fill_gap_seconds: float
    minimum_duration_seconds: float
    f1_before: float
    f1: float
    score: float


def tune_durations(
    labeller: Labeller, annotated: Annotations, speck_seconds: float = 0.0, tolerance: float = TOLERANCE_SECONDS
) -> Tuned | None:
    """Find the durations with the best segment F1 (onset, offset and name right).

    Half of what counts is the F1 within ``tolerance``, half that within half a typical segment: of song whose onsets nobody can
    tell so exactly, only the second says whether it is found in one piece. First the gap and the shortest segment are tried
    in all combinations of a coarse grid, then of all durations near the best one. Of equally good ones the shortest are
    taken, which change least; but specks that this stream happens not to have are left out where that costs nothing: other
    recordings may have them, as where chunks meet (mouse calls, 10 s of them, seed 1: segments 0.619 with them, 0.839 without;
    tests/benchmarks/defaults.py, mouse10s).

    Args:
        labeller: has taken the whole stream of probabilities.
        annotated: what there really is in that stream.
        speck_seconds: a duration below which nothing is song.
        tolerance: of onsets and offsets, in seconds.

    Returns:
        None if no segments are annotated.
    """
    segment_names = [labeller.class_names[column] for column in labeller.segment_columns]
    annotated = annotated.select(np.isin(annotated.names, segment_names))
    if not len(annotated):
        return None
    if len(annotated) > MOST_SEGMENTS:
        order = np.argsort(annotated.start_seconds, kind="stable")[:MOST_SEGMENTS]
        annotated = annotated.select(order)
    latest = float(annotated.stop_seconds.max()) + tolerance
    wide = max(tolerance, WIDE_SHARE * float(np.median(annotated.stop_seconds - annotated.start_seconds)))
    scores: dict[tuple[int, int], tuple[float, float]] = {}

    def f1s(gap: int, shortest: int) -> tuple[float, float]:
        if (gap, shortest) not in scores:
            rules = replace(labeller.rules, fill_gap_seconds=DURATIONS[gap], minimum_duration_seconds=DURATIONS[shortest])
            found = labeller.finish(rules)
            found = found.select(np.isin(found.names, segment_names) & (found.start_seconds <= latest))
            scores[gap, shortest] = (
                match_segments(annotated, found, tolerance).f1,
                match_segments(annotated, found, wide).f1,
            )
        return scores[gap, shortest]

    best = max(_coarse(), key=lambda pair: (sum(f1s(*pair)), -sum(pair)))
    best = max(_near(*best), key=lambda pair: (sum(f1s(*pair)), -sum(pair)))
    speck = max(i for i, duration in enumerate(DURATIONS) if duration <= speck_seconds)
    if speck > best[1] and sum(f1s(best[0], speck)) >= sum(f1s(*best)):
        best = best[0], speck
    return Tuned(DURATIONS[best[0]], DURATIONS[best[1]], f1s(0, 0)[0], f1s(*best)[0], sum(f1s(*best)) / 2)


def tune_segment_threshold(
    labellers: Mapping[float, Labeller],
    annotated: Annotations,
    speck_seconds: float = 0.0,
    tolerance: float = TOLERANCE_SECONDS,
) -> tuple[float, Tuned] | None:
    """Find the threshold whose best durations give the best segments.

    Args:
        labellers: by threshold; each has taken the whole stream of probabilities.
        annotated: what there really is in that stream.
        speck_seconds: a duration below which nothing is song.
        tolerance: of onsets and offsets, in seconds.

    Returns:
        The threshold and its durations; None if no segments are annotated.
    """
    best: tuple[float, Tuned] | None = None
    for threshold, labeller in labellers.items():
        found = tune_durations(labeller, annotated, speck_seconds, tolerance)
        if found is not None and (best is None or found.score > best[1].score):
            best = threshold, found
    return best


def spares_events(
    labeller: Labeller, annotated: Annotations, farthest_seconds: float, tolerance: float = TOLERANCE_SECONDS
) -> bool | None:
    """Return whether events are found as well, or better, without those whose nearest neighbour is too far away.

    Args:
        labeller: has taken the whole stream of probabilities.
        annotated: what there really is in that stream.
        farthest_seconds: how far away that may be.
        tolerance: of times, in seconds.

    Returns:
        None if no events are annotated.
    """
    with_lone, without = (_events_f1(labeller, annotated, seconds, tolerance) for seconds in (np.inf, farthest_seconds))
    return None if with_lone is None or without is None else without >= with_lone


def tune_event_threshold(
    labellers: Mapping[float, Labeller],
    annotated: Annotations,
    farthest_seconds: float = np.inf,
    tolerance: float = TOLERANCE_SECONDS,
) -> tuple[float, float] | None:
    """Find the threshold with the best mean F1 of the event types.

    Args:
        labellers: by threshold; each has taken the whole stream of probabilities.
        annotated: what there really is in that stream.
        farthest_seconds: how far the nearest neighbour of an event may be.
        tolerance: of times, in seconds.

    Returns:
        The threshold and its F1; None if no events are annotated.
    """
    best: tuple[float, float] | None = None
    for threshold, labeller in labellers.items():
        score = _events_f1(labeller, annotated, farthest_seconds, tolerance)
        if score is not None and (best is None or score > best[1]):
            best = threshold, score
    return best


def _events_f1(labeller: Labeller, annotated: Annotations, farthest_seconds: float, tolerance: float) -> float | None:
    """Return the mean F1 of the event types that are annotated; None if there are none."""
    found = labeller.finish(replace(labeller.rules, farthest_seconds=farthest_seconds))
    scores = [
        match_events(annotated.start_seconds[annotated.names == name], found.start_seconds[found.names == name], tolerance).f1
        for name in labeller.event_names
        if (annotated.names == name).any()
    ]
    return float(np.mean(scores)) if scores else None


def _coarse() -> Iterator[tuple[int, int]]:
    steps = range(0, len(DURATIONS), 2)
    yield from ((gap, shortest) for gap in steps for shortest in steps)


def _near(gap: int, shortest: int) -> Iterator[tuple[int, int]]:
    last = len(DURATIONS) - 1
    for one in range(max(0, gap - 1), min(last, gap + 1) + 1):
        for other in range(max(0, shortest - 1), min(last, shortest + 1) + 1):
            yield one, other
