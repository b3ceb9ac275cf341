"""How far the on- and offsets that a network finds are from those that were annotated, however far that is.

Scores count a segment as found only if both its ends lie within a tolerance, so errors of those are never larger. Here a
segment counts as found if it overlaps the annotated one more than any other does, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations

ERRORS_MEAN = "median / 90th percentile, over segments that overlap an annotated one and events nearest to one"
"""What :func:`error_words` tells."""

_ERRORS = ("onset_median_seconds", "onset_p90_seconds", "offset_median_seconds", "offset_p90_seconds")


def boundary_errors(
    annotated: Annotations, predicted: Annotations, class_names: Sequence[str], class_types: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the errors of the ends of every song type.

    Args:
        annotated, predicted: annotations of the same audio.
        class_names, class_types: the network's classes, noise first.

    Returns:
        By song type: ``n`` pairs; ``onset_median_seconds``, ``onset_p90_seconds``: median and 90th percentile of the absolute
        errors; the same of offsets. None without pairs, and of the offsets of events.
    """
    told = {}
    for name, kind in list(zip(class_names, class_types, strict=True))[1:]:
        known, found = (these.select(these.names == name) for these in (annotated, predicted))
        known, found = (these.select(np.argsort(these.start_seconds, kind="stable")) for these in (known, found))
        left, right = _nearest(known, found) if kind == "event" else overlapping_pairs(known, found)
        onsets = np.abs(known.start_seconds[left] - found.start_seconds[right])
        offsets = np.abs(known.stop_seconds[left] - found.stop_seconds[right])
        values = [*_median_and_most(onsets), *(_median_and_most(offsets) if kind != "event" else (None, None))]
        told[name] = {"n": len(left), **dict(zip(_ERRORS, values, strict=True))}
    return told


def _median_and_most(errors: np.ndarray) -> tuple[float | None, float | None]:
    return (float(np.median(errors)), float(np.percentile(errors, 90))) if len(errors) else (None, None)


def _nearest(known: Annotations, found: Annotations) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of events that are each other's nearest, by less than half the usual time between two of them."""
    one, other = known.start_seconds, found.start_seconds
    return nearest_pairs(one, other, np.median(np.diff(one)) / 2 if len(one) > 1 else np.inf)


def nearest_pairs(one: np.ndarray, other: np.ndarray, farthest_seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of times that are each other's nearest, and no farther apart than that.

    Args:
        one, other: times in seconds, in order.
        farthest_seconds: largest difference of a pair.

    Returns:
        The places of the pairs in ``one`` and in ``other``.
    """
    if not len(one) or not len(other):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    to_other, to_one = _nearest_of(one, other), _nearest_of(other, one)
    left = np.flatnonzero(to_one[to_other] == np.arange(len(one)))
    right = to_other[left]
    close = np.abs(one[left] - other[right]) <= farthest_seconds
    return left[close], right[close]


def _nearest_of(times: np.ndarray, among: np.ndarray) -> np.ndarray:
    after = np.clip(np.searchsorted(among, times), 0, len(among) - 1)
    before = np.maximum(0, after - 1)
    nearest: np.ndarray = np.where(np.abs(among[before] - times) <= np.abs(among[after] - times), before, after)
    return nearest


def overlapping_pairs(known: Annotations, found: Annotations) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of segments that overlap each other more than any other, whatever they are called.

    Args:
        known, found: segments, in the order of their onsets.

    Returns:
        The places of the pairs in ``known`` and in ``found``.
    """
    ends = np.maximum.accumulate(found.stop_seconds) if len(found) else found.stop_seconds
    first = np.searchsorted(ends, known.start_seconds, side="right")
    last = np.searchsorted(found.start_seconds, known.stop_seconds, side="left")
    counts = np.maximum(0, last - first)
    left = np.repeat(np.arange(len(known)), counts)
    right = first[left] + np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    stops = np.minimum(known.stop_seconds[left], found.stop_seconds[right])
    shared = stops - np.maximum(known.start_seconds[left], found.start_seconds[right])
    best = [np.full(len(these), -1) for these in (known, found)]
    for i in np.argsort(shared, kind="stable").tolist():  # the largest comes last
        if shared[i] > 0:
            best[0][left[i]], best[1][right[i]] = right[i], left[i]
    kept = np.flatnonzero(best[0] >= 0)
    kept = kept[best[1][best[0][kept]] == kept]
    return kept, best[0][kept]


def errors_mean(told: Mapping[str, Any]) -> str:
    """Return what the errors in scores of annotations are, in words."""
    return ERRORS_MEAN if told.get("boundaries") is not None else "medians over the matches"


def error_words(row: Mapping[str, Any] | None, end: str) -> str:
    """Return median and 90th percentile of an end's errors in milliseconds, as ``1.2 / 4.5``; '–' where there are none.

    Args:
        row: of a song type, from :func:`boundary_errors`; None: nothing is known.
        end: ``onset`` or ``offset``.
    """
    told = [(row or {}).get(f"{end}_{name}_seconds") for name in ("median", "p90")]
    return " / ".join(_milliseconds(seconds) for seconds in told if seconds is not None) or "–"


def errors_in(told: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the errors of a song type in scores of annotations; of earlier versions, the medians over the matches.

    Args:
        told: from :func:`~dss_widgets.results.matching.annotation_scores`.
        name: the song type.
    """
    if told.get("boundaries") is not None:
        row: Mapping[str, Any] | None = told["boundaries"].get(name)
        return row
    found = {**(told.get("events") or {}), **(told.get("segments") or {})}.get(name, {})
    names = (("onset", "median_error_seconds"), ("offset", "median_offset_error_seconds"))
    return {f"{end}_median_seconds": found.get(key) for end, key in names}


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f}" if seconds < 0.00995 else f"{1000 * seconds:.1f}"


def fitting_boundaries(told: Any) -> bool:
    """Return whether something that was read from a file is such as :func:`boundary_errors` returns."""
    return isinstance(told, dict) and all(
        isinstance(row, dict) and isinstance(row.get("n"), int) and all(_is_error(row.get(name)) for name in _ERRORS)
        for row in told.values()
    )


def _is_error(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15)
