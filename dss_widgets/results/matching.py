"""Scores of annotations against annotations: events and segments matched within a tolerance, and label sequences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.results.boundaries import boundary_errors, fitting_boundaries

TOLERANCE_SECONDS = 0.01
"""Largest time error of a match."""

ROUNDING_SECONDS = 1e-9
"""Added to a tolerance, so that the last bit of a time does not decide where an error is just as large."""

_LARGEST = 1e15
"""Above every count and time."""


@dataclass(frozen=True)
class MatchScores:
    """How well predicted annotations match annotated ones, one to one.

    Attributes:
        n_annotated, n_predicted, n_matched: how many there are, and pairs.
        precision, recall, f1: of the pairs; 0 where there is nothing to divide by.
        median_error_seconds: median absolute time error of the pairs (onsets, for segments), or None without pairs.
        median_offset_error_seconds: the same for offsets; None for events.
    """

    n_annotated: int
    n_predicted: int
    n_matched: int
    precision: float
    recall: float
    f1: float
    median_error_seconds: float | None = None
    median_offset_error_seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def _scores(n_annotated: int, n_predicted: int, n_matched: int, *errors: np.ndarray) -> MatchScores:
    precision = n_matched / n_predicted if n_predicted else 0.0
    recall = n_matched / n_annotated if n_annotated else 0.0
    f1 = 2 * n_matched / (n_annotated + n_predicted) if n_annotated + n_predicted else 0.0
    medians = [float(np.median(np.abs(error))) if len(error) else None for error in errors]
    return MatchScores(n_annotated, n_predicted, n_matched, precision, recall, f1, *medians)


def match_events(annotated: np.ndarray, predicted: np.ndarray, tolerance: float = TOLERANCE_SECONDS) -> MatchScores:
    """Match times one to one, as many pairs as possible (Hopcroft-Karp, by mir_eval).

    Args:
        annotated, predicted: times in seconds.
        tolerance: largest difference of a pair, in seconds.
    """
    annotated, predicted = np.sort(annotated), np.sort(predicted)
    pairs = event_pairs(annotated, predicted, tolerance)
    errors = np.array([annotated[i] - predicted[j] for i, j in pairs])
    return _scores(len(annotated), len(predicted), len(pairs), errors)


def event_pairs(annotated: np.ndarray, predicted: np.ndarray, tolerance: float) -> list[tuple[int, int]]:
    """Return as many pairs of times as possible that lie within a tolerance, one to one.

    Args:
        annotated, predicted: times in seconds, in order.
        tolerance: largest difference of a pair, in seconds.

    Returns:
        The pairs, as places in ``annotated`` and ``predicted``.
    """
    if not len(annotated) or not len(predicted):
        return []
    import mir_eval.util  # imported late: 0.6 s and 40 MB that are not spent before there are two to compare

    pairs: list[tuple[int, int]] = mir_eval.util.match_events(annotated, predicted, tolerance + ROUNDING_SECONDS)
    return pairs


def pooled(scores: Iterable[MatchScores]) -> MatchScores:
    """Return the scores of several recordings or song types together: their counts are added, errors are not told."""
    counts = [(each.n_annotated, each.n_predicted, each.n_matched) for each in scores]
    return _scores(*(sum(column) for column in zip(*counts, strict=True))) if counts else _scores(0, 0, 0)


def match_segments(annotated: Annotations, predicted: Annotations, tolerance: float = TOLERANCE_SECONDS) -> MatchScores:
    """Match segments of the same name whose onsets and offsets both lie within a tolerance, one to one.

    Args:
        annotated, predicted: segments.
        tolerance: largest difference of onsets and of offsets, in seconds.
    """
    order = np.argsort(predicted.start_seconds, kind="stable")
    onsets, offsets = predicted.start_seconds[order], predicted.stop_seconds[order]
    names = predicted.names[order]
    reach = tolerance + ROUNDING_SECONDS
    first = np.searchsorted(onsets, annotated.start_seconds - reach, side="left")
    last = np.searchsorted(onsets, annotated.start_seconds + reach, side="right")
    left, right = _candidates(first, last)
    fits = np.abs(offsets[right] - annotated.stop_seconds[left]) <= reach
    left, right = left[fits], right[fits]
    same = np.asarray(names[right] == annotated.names[left], dtype=bool)
    pairs = _most_pairs(left[same], right[same], len(annotated), len(predicted))
    return _scores(
        len(annotated), len(predicted), len(pairs),
        np.array([annotated.start_seconds[i] - onsets[j] for i, j in pairs]),
        np.array([annotated.stop_seconds[i] - offsets[j] for i, j in pairs]),
    )  # fmt: skip


def _candidates(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of each number with all from its first one to the one before its last: ``[pairs]`` each."""
    counts = np.maximum(0, last - first)
    left = np.repeat(np.arange(len(first)), counts)
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    return left, first[left] + within


def _most_pairs(left: np.ndarray, right: np.ndarray, n_left: int, n_right: int) -> list[tuple[int, int]]:
    """Return a largest set of edges, from ``left`` to ``right`` each, of which no two share an end."""
    if not len(left):
        return []
    from scipy.sparse import coo_array  # imported late, as mir_eval is
    from scipy.sparse.csgraph import maximum_bipartite_matching

    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n_left, n_right)).tocsr()
    partners = maximum_bipartite_matching(graph, perm_type="column")
    return [(i, int(j)) for i, j in enumerate(partners) if j >= 0]


def edit_distance(annotated: Sequence[str], predicted: Sequence[str]) -> int:
    """Return how many labels must be inserted, removed or replaced to make one sequence of the other (Levenshtein)."""
    codes = {name: code for code, name in enumerate(dict.fromkeys([*annotated, *predicted]))}
    target = np.array([codes[name] for name in predicted], dtype=np.int64)
    steps = np.arange(len(target) + 1)
    row = steps.copy()
    for i, name in enumerate(annotated, start=1):
        replaced = row[:-1] + (target != codes[name])
        best = np.concatenate([[i], np.minimum(row[1:] + 1, replaced)])
        row = np.minimum.accumulate(best - steps) + steps  # insertions, all at once
    return int(row[-1])


def syllable_error_rate(annotated: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the edit distance of two label sequences over the length of the annotated one (0 if both are empty)."""
    distance = edit_distance(annotated, predicted)
    return distance / len(annotated) if len(annotated) else float(distance > 0)


def n_changed(right: Annotations, before: Annotations, tolerance: float = TOLERANCE_SECONDS) -> int:
    """Return how many labels were added, removed, moved or renamed to make others of them; one moved or renamed counts once.

    Args:
        right, before: labels of the same audio; those that stop where they start are events.
        tolerance: time by which one has moved at least, in seconds.
    """
    is_event = [found.start_seconds == found.stop_seconds for found in (right, before)]
    matched = match_segments(right.select(~is_event[0]), before.select(~is_event[1]), tolerance).n_matched
    for name in set(right.names[is_event[0]].tolist()):
        times = [found.start_seconds[at & (found.names == name)] for found, at in zip((right, before), is_event, strict=True)]
        matched += match_events(times[0], times[1], tolerance).n_matched
    return max(len(right), len(before)) - matched


def annotation_scores(
    annotated: Annotations,
    predicted: Annotations,
    class_names: Sequence[str],
    class_types: Sequence[str],
    tolerance: float = TOLERANCE_SECONDS,
) -> dict[str, Any]:
    """Compare annotations type by type.

    Args:
        annotated, predicted: annotations of the same audio.
        class_names, class_types: the network's classes, noise first.
        tolerance: largest time error in seconds.

    Returns:
        ``tolerance_seconds``; ``events`` and ``segments``: scores by song type; ``all_segments``: scores of all segments
        together, and ``syllable_error_rate`` (both None without segment types); ``boundaries``: errors of on- and offsets, from
        :func:`~dss_widgets.results.boundaries.boundary_errors`.
    """
    kinds = dict(zip(class_names[1:], class_types[1:], strict=True))
    events = {
        name: match_events(
            annotated.start_seconds[annotated.names == name], predicted.start_seconds[predicted.names == name], tolerance
        ).as_dict()
        for name, kind in kinds.items()
        if kind == "event"
    }
    segment_names = [name for name, kind in kinds.items() if kind != "event"]
    segments = {
        name: match_segments(
            annotated.select(annotated.names == name), predicted.select(predicted.names == name), tolerance
        ).as_dict()
        for name in segment_names
    }
    true_song, found_song = (_in_order(these.select(np.isin(these.names, segment_names))) for these in (annotated, predicted))
    return {
        "tolerance_seconds": tolerance,
        "events": events,
        "segments": segments,
        "all_segments": match_segments(true_song, found_song, tolerance).as_dict() if segment_names else None,
        "syllable_error_rate": syllable_error_rate(true_song.names.tolist(), found_song.names.tolist())
        if segment_names
        else None,
        "boundaries": boundary_errors(annotated, predicted, class_names, class_types),
    }


def fitting_scores(told: Any) -> dict[str, Any]:
    """Return scores that were read from a file, if they are such as :func:`annotation_scores` returns, or empty.

    Raises:
        ValueError: they are something else.
    """
    if not told:
        return {}
    rows = [row for kind in ("events", "segments") for row in (told.get(kind) or {}).values()] if _is_named(told) else [None]
    rows += [told["all_segments"]] if rows != [None] and told.get("all_segments") else []
    if not all(map(_is_row, rows)) or not _is_number(told.get("tolerance_seconds")):
        raise ValueError("its scores of annotations do not fit")
    if told.get("boundaries") is not None and not fitting_boundaries(told["boundaries"]):
        raise ValueError("its errors of on- and offsets do not fit")
    if not all(value is None or isinstance(value, dict) or _is_number(value) for value in told.values()):
        raise ValueError("its scores of annotations are no numbers")
    return dict(told)


def _is_named(told: Any) -> bool:
    return isinstance(told, dict) and all(isinstance(told.get(kind) or {}, dict) for kind in ("events", "segments"))


def _is_row(row: Any) -> bool:
    """Return whether something is :class:`MatchScores` as plain values."""
    if not isinstance(row, dict):
        return False
    medians = [row.get(name) for name in ("median_error_seconds", "median_offset_error_seconds")]
    numbers = [row.get(name) for name in ("n_annotated", "n_predicted", "n_matched", "precision", "recall", "f1")]
    return all(map(_is_number, [*numbers, *(median for median in medians if median is not None)]))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _in_order(annotations: Annotations) -> Annotations:
    return annotations.select(np.argsort(annotations.start_seconds, kind="stable"))
