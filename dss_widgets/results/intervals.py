"""How far scores can be trusted: intervals from the bootstrap over the recordings of a test.

Neighbouring samples are alike, so the recordings are drawn, not the samples (Efron and Tibshirani 1993, An introduction to the
bootstrap, chapter 8): as many as there are, with replacement, a thousand times. An interval holds the middle 95 % of the scores
that come out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.results.matching import annotation_scores
from dss_widgets.results.scores import confusion_matrix

FEWEST_RECORDINGS = 5
"""With fewer recordings, equal parts of the test are drawn instead: they tell less about other recordings."""

_PARTS, MOST_UNITS = 20, 100
"""Such parts; and the most units that are drawn: of more recordings, several are one unit."""

_DRAWS, _MIDDLE = 1000, (2.5, 97.5)
_COUNTS_AT_ONCE = 10**6


class TestUnits:
    """What a test gave in each of the recordings that it is made of.

    Args:
        stretches: of the test split, as a dataset tells them (``file``, ``position``, ``first_sample``, ``last_sample``).
        n_samples: of the test split.
        class_names, class_types: of the network, noise first.

    Attributes:
        over: what is drawn, ``recordings`` or ``parts``.
        n: of how many.
    """

    __test__ = False  # no test of pytest's

    def __init__(
        self, stretches: Sequence[Mapping[str, Any]], n_samples: int, class_names: Sequence[str], class_types: Sequence[str]
    ) -> None:
        self._names, self._types = list(class_names), list(class_types)
        ordered = sorted(stretches, key=lambda told: int(told["position"]))
        files = list(dict.fromkeys(str(told["file"]) for told in ordered))
        is_whole = sum(told["last_sample"] - told["first_sample"] + 1 for told in ordered) == n_samples
        if is_whole and len(files) >= FEWEST_RECORDINGS:
            self.over, self.n = "recordings", len(files)
            self._edges = np.array([*(int(told["position"]) for told in ordered), n_samples])
            self._unit = np.array([files.index(str(told["file"])) for told in ordered]) % MOST_UNITS
        else:
            self.over, self.n = "parts", min(_PARTS, n_samples)
            self._edges = np.linspace(0, n_samples, self.n + 1).astype(np.int64)
            self._unit = np.arange(self.n)
        self._confusions = np.zeros((int(self._unit.max(initial=-1)) + 1, len(self._names), len(self._names)), np.int64)

    def add(self, start: int, annotated: np.ndarray, predicted: np.ndarray) -> None:
        """Take the classes of the next samples, from ``start`` on: annotated and predicted, ``[samples]`` each."""
        stop = start + len(annotated)
        first, last = np.searchsorted(self._edges, [start, stop - 1], side="right") - 1
        for i in range(int(first), int(last) + 1):
            part = slice(max(0, int(self._edges[i]) - start), min(stop, int(self._edges[i + 1])) - start)
            self._confusions[self._unit[i]] += confusion_matrix(annotated[part], predicted[part], len(self._names))

    def intervals(self, annotated: Annotations, predicted: Annotations, samplerate_hz: float) -> dict[str, Any]:
        """Return the intervals of the scores, each [low, high], or None where there is nothing to draw from.

        Args:
            annotated, predicted: annotations of the test split, in its own time.
            samplerate_hz: of the test split.

        Returns:
            ``over`` and ``n`` (what was drawn); ``macro_f1``; ``f1`` by class; ``annotations``: F1 of events and segments by
            song type, and ``all_segments``.
        """
        drawn = draws(len(self._confusions))
        f1, macro = _f1_of_draws(drawn, self._confusions)
        return {
            "over": self.over,
            "n": self.n,
            "macro_f1": middle_of(macro),
            "f1": {name: middle_of(f1[:, i]) for i, name in enumerate(self._names)},
            "annotations": self._of_annotations(drawn, annotated, predicted, samplerate_hz),
        }

    def _of_annotations(
        self, drawn: np.ndarray, annotated: Annotations, predicted: Annotations, samplerate_hz: float
    ) -> dict[str, Any]:
        pieces = [self._in_units(found, samplerate_hz) for found in (annotated, predicted)]
        told = [annotation_scores(one, other, self._names, self._types) for one, other in zip(*pieces, strict=True)]
        if not told:
            return {}
        rows: dict[str, list[Any]] = {
            name: [of_unit[kind][name] for of_unit in told] for kind in ("events", "segments") for name in told[0][kind]
        }
        if told[0]["all_segments"]:
            rows["all_segments"] = [of_unit["all_segments"] for of_unit in told]
        return {name: middle_of(matched_f1(drawn, of_units)) for name, of_units in rows.items()}

    def _in_units(self, found: Annotations, samplerate_hz: float) -> list[Annotations]:
        """Return the annotations of every unit, by where they begin."""
        at = np.searchsorted(self._edges / samplerate_hz, found.start_seconds, side="right") - 1
        unit = self._unit[np.clip(at, 0, len(self._unit) - 1)] if len(self._unit) else np.zeros(len(found), np.int64)
        return [found.select(unit == i) for i in range(len(self._confusions))]


def _f1_of_draws(drawn: np.ndarray, confusions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return F1 of every class ``[draws, classes]``, NaN for one that a draw lacks, and their mean over those that occur."""
    units, n_classes = len(confusions), confusions.shape[-1]
    flat, f1 = confusions.reshape(units, -1), np.full((len(drawn), n_classes), np.nan)
    at_once = max(1, _COUNTS_AT_ONCE // max(1, n_classes**2))
    for first in range(0, len(drawn), at_once):
        sums = (drawn[first : first + at_once] @ flat).reshape(-1, n_classes, n_classes)
        support, both = sums.sum(axis=2), sums.sum(axis=2) + sums.sum(axis=1)
        right = 2 * np.diagonal(sums, axis1=1, axis2=2)
        np.divide(right, both, out=f1[first : first + at_once], where=support > 0)
    occurring = np.isfinite(f1).sum(axis=1)
    return f1, np.divide(np.nansum(f1, axis=1), occurring, out=np.full(len(drawn), np.nan), where=occurring > 0)


def draws(n_units: int) -> np.ndarray:
    """Return how often each unit is drawn in each draw, ``[draws, units]``; the same each time."""
    return np.random.default_rng(0).multinomial(n_units, np.full(n_units, 1 / max(1, n_units)), size=_DRAWS)


def matched_f1(drawn: np.ndarray, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return F1 of every draw, ``[draws]``; NaN for one in which nothing is annotated.

    Args:
        drawn: of :func:`draws`.
        rows: of every unit: ``n_annotated``, ``n_predicted``, ``n_matched``.
    """
    counts = np.array([[row["n_annotated"], row["n_predicted"], row["n_matched"]] for row in rows])
    annotated, predicted, matched = (drawn @ counts).T
    f1: np.ndarray = np.divide(2 * matched, annotated + predicted, out=np.full(len(drawn), np.nan), where=annotated > 0)
    return f1


def middle_of(scores: np.ndarray) -> list[float] | None:
    """Return the middle 95 % of scores, those that are NaN left out; None where fewer than half are left."""
    known = scores[np.isfinite(scores)]
    return np.percentile(known, _MIDDLE).tolist() if 2 * len(known) > len(scores) else None


def interval_of(told: Mapping[str, Any], *names: str) -> str:
    """Return an interval as text, such as ``0.91 to 0.97``; '' where there is none.

    Args:
        told: from :meth:`TestUnits.intervals`, or empty.
        names: the way to it, such as ``f1``, ``pulse``.
    """
    value: Any = told
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return f"{value[0]:.2f} to {value[1]:.2f}" if value else ""


def drawn_words(told: Mapping[str, Any]) -> str:
    """Return what an interval is over, as ``over 12 recordings``; '' where there are none."""
    return f"over {told['n']} {told['over'] if told['over'] == 'recordings' else 'parts of the test'}" if told else ""


def fitting_intervals(told: Any) -> dict[str, Any]:
    """Return intervals that were read from a file, if they are such as :meth:`TestUnits.intervals` returns, or empty.

    Raises:
        ValueError: they are something else.
    """
    if not told:
        return {}
    groups = [told.get(name) for name in ("f1", "annotations")] if isinstance(told, dict) else [None]
    by_name = [group for group in groups if isinstance(group, dict)]
    if len(by_name) < 2 or told.get("over") not in ("recordings", "parts"):
        raise ValueError("its intervals do not fit")
    if not all(map(_is_interval, [told.get("macro_f1"), *(value for group in by_name for value in group.values())])):
        raise ValueError("its intervals are no pairs of numbers")
    return {**told, "n": int(told["n"])}


def _is_interval(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, int | float) and 0 <= v <= 1 for v in value)
