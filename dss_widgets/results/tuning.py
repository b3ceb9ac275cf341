"""The gap to fill and the shortest segment that make the best annotations, found on data with known annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.results.labels import Labeller
from dss_widgets.results.matching import TOLERANCE_SECONDS, match_segments

DURATIONS = (0.0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Durations in seconds that are tried, for either."""

MOST_SEGMENTS = 20_000
"""Annotated segments above which the first ones have to do, so that it does not take long."""


@dataclass(frozen=True)
class Tuned:
    """What was found.

    Attributes:
        fill_gap_seconds, minimum_duration_seconds: the best durations.
        f1_before, f1: segment F1 without any, and with these.
    """

    fill_gap_seconds: float
    minimum_duration_seconds: float
    f1_before: float
    f1: float


def tune_durations(labeller: Labeller, annotated: Annotations, tolerance: float = TOLERANCE_SECONDS) -> Tuned | None:
    """Find the durations with the best segment F1 (onset, offset and name right).

    First the gap and the shortest segment are tried in all combinations of a coarse grid, then of all durations near the
    best one. Of equally good ones the shortest are taken, which change least.

    Args:
        labeller: has taken the whole stream of probabilities.
        annotated: what there really is in that stream.
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
    scores: dict[tuple[int, int], float] = {}

    def score(gap: int, shortest: int) -> float:
        if (gap, shortest) not in scores:
            rules = replace(labeller.rules, fill_gap_seconds=DURATIONS[gap], minimum_duration_seconds=DURATIONS[shortest])
            found = labeller.finish(rules)
            found = found.select(np.isin(found.names, segment_names) & (found.start_seconds <= latest))
            scores[gap, shortest] = match_segments(annotated, found, tolerance).f1
        return scores[gap, shortest]

    best = max(_coarse(), key=lambda pair: (score(*pair), -sum(pair)))
    best = max(_near(*best), key=lambda pair: (score(*pair), -sum(pair)))
    return Tuned(DURATIONS[best[0]], DURATIONS[best[1]], score(0, 0), score(*best))


def _coarse() -> Iterator[tuple[int, int]]:
    steps = range(0, len(DURATIONS), 2)
    yield from ((gap, shortest) for gap in steps for shortest in steps)


def _near(gap: int, shortest: int) -> Iterator[tuple[int, int]]:
    last = len(DURATIONS) - 1
    for one in range(max(0, gap - 1), min(last, gap + 1) + 1):
        for other in range(max(0, shortest - 1), min(last, shortest + 1) + 1):
            yield one, other
