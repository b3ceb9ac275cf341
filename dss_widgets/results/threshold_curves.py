"""What every threshold does to the annotations: how many are found, missed and wrong, by song type; and which one suits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from dss_widgets.results.matching import TOLERANCE_SECONDS

THRESHOLDS: tuple[float, ...] = tuple(round(i / 100, 2) for i in range(1, 100))
"""The thresholds that are tried: 0.01 to 0.99."""

Prefer = Literal["recall", "f1", "precision"]

PREFER_WORDS: dict[Prefer, str] = {
    "recall": "Fewest misses",
    "f1": "Balanced",
    "precision": "Fewest false alarms",
}
"""What one may prefer, with words for people."""

PREFER_MEANS: dict[Prefer, str] = {
    "recall": "a miss counts as much as four false alarms (the highest F2)",
    "f1": "a miss counts as much as a false alarm (the highest F1)",
    "precision": "a false alarm counts as much as four misses (the highest F0.5)",
}

_BETA: dict[Prefer, float] = {"recall": 2.0, "f1": 1.0, "precision": 0.5}
"""How many times recall counts as much as precision (van Rijsbergen's F)."""

_PLACE: dict[Prefer, float] = {"recall": 0.25, "f1": 0.5, "precision": 0.75}
"""Where in a range of equally good thresholds."""

_DURATIONS = ("seconds", "tolerance_seconds", "fill_gap_seconds", "minimum_duration_seconds")

_MOST = 10**12


@dataclass(frozen=True)
class Effect:
    """What a threshold does.

    Attributes:
        n_annotated, n_predicted, n_matched: how many there are, and pairs, one to one within the tolerance.
    """

    n_annotated: int
    n_predicted: int
    n_matched: int

    @property
    def misses(self) -> int:
        """Annotated ones that are not found."""
        return self.n_annotated - self.n_matched

    @property
    def false_alarms(self) -> int:
        """Predicted ones that are not annotated."""
        return self.n_predicted - self.n_matched

    @property
    def recall(self) -> float:
        """Share of the annotated ones that is found; 0 without any."""
        return self.n_matched / self.n_annotated if self.n_annotated else 0.0

    @property
    def precision(self) -> float:
        """Share of the predicted ones that is right; 0 without any."""
        return self.n_matched / self.n_predicted if self.n_predicted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.n_annotated + self.n_predicted
        return 2 * self.n_matched / both if both else 0.0

    def __add__(self, other: Effect) -> Effect:
        return Effect(
            self.n_annotated + other.n_annotated, self.n_predicted + other.n_predicted, self.n_matched + other.n_matched
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        names = ("n_annotated", "n_predicted", "n_matched", "misses", "false_alarms", "precision", "recall", "f1")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Curve:
    """What each threshold does for one song type.

    Attributes:
        n_annotated: how many are annotated.
        n_predicted, n_matched: how many are predicted, and matched, with each of :data:`THRESHOLDS`.
    """

    n_annotated: int
    n_predicted: tuple[int, ...]
    n_matched: tuple[int, ...]

    def at(self, threshold: float) -> Effect:
        """Return what a threshold does, or the nearest that was tried."""
        i = nearest(threshold)
        return Effect(self.n_annotated, self.n_predicted[i], self.n_matched[i])

    def __add__(self, other: Curve) -> Curve:
        predicted, matched = (
            tuple(map(sum, zip(getattr(self, name), getattr(other, name), strict=True)))
            for name in ("n_predicted", "n_matched")
        )
        return Curve(self.n_annotated + other.n_annotated, predicted, matched)


@dataclass(frozen=True)
class ThresholdCurves:
    """What each threshold does in audio with known annotations.

    Attributes:
        events, segments: a curve for every song type.
        seconds: of audio.
        tolerance_seconds: largest time error of a match.
        fill_gap_seconds, minimum_duration_seconds: how segments were treated.
    """

    events: Mapping[str, Curve]
    segments: Mapping[str, Curve]
    seconds: float
    tolerance_seconds: float = TOLERANCE_SECONDS
    fill_gap_seconds: float = 0.0
    minimum_duration_seconds: float = 0.0

    def of(self, kind: str) -> Mapping[str, Curve]:
        """Return the curves of ``events`` or ``segments``."""
        return self.events if kind == "events" else self.segments

    def best(self, kind: str, prefer: Prefer) -> float | None:
        """Return the threshold that suits best.

        Of a range of equally good ones, the ends of which other data may not share, it is the middle one; a lower one where
        misses count more, a higher one where false alarms do.

        Of events the mean over the song types that are annotated counts, of segments all together: as in the search for
        thresholds that training does.

        Args:
            kind: ``events`` or ``segments``.
            prefer: what one wants.

        Returns:
            None if nothing of the kind is annotated.
        """
        curves = [curve for curve in self.of(kind).values() if curve.n_annotated]
        if not curves:
            return None
        if kind == "events":
            scores = np.mean([_f_scores([curve], prefer) for curve in curves], axis=0)
        else:
            scores = _f_scores(list(self.segments.values()), prefer)
        good = np.flatnonzero(scores >= scores.max() - 1e-12)
        longest = max(np.split(good, np.flatnonzero(np.diff(good) > 1) + 1), key=len)
        return THRESHOLDS[int(longest[round(_PLACE[prefer] * (len(longest) - 1))])]

    def plus(self, other: ThresholdCurves) -> ThresholdCurves:
        """Return the curves of this audio and of another, of the same network, as one."""
        events, segments = (
            {name: c + other.of(kind)[name] for name, c in self.of(kind).items()} for kind in ("events", "segments")
        )
        return replace(self, events=events, segments=segments, seconds=self.seconds + other.seconds)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        told: dict[str, Any] = {
            kind: {
                name: {"annotated": c.n_annotated, "predicted": list(c.n_predicted), "matched": list(c.n_matched)}
                for name, c in self.of(kind).items()
            }
            for kind in ("events", "segments")
        }
        for name in _DURATIONS:
            told[name] = getattr(self, name)
        return told

    @classmethod
    def from_dict(cls, told: Any) -> ThresholdCurves:
        """Make curves of what :meth:`as_dict` returned.

        Raises:
            ValueError: it is something else.
        """
        try:
            events, segments = ({str(name): _curve(of) for name, of in told[kind].items()} for kind in ("events", "segments"))
            rest = [told[name] / 1.0 for name in _DURATIONS]
        except (AttributeError, LookupError, TypeError, OverflowError) as error:
            raise ValueError(f"its counts at other thresholds do not fit ({type(error).__name__})") from error
        if not all(0 <= value < _MOST for value in rest):
            raise ValueError("its counts at other thresholds have durations that cannot be")
        return cls(events, segments, *rest)


def nearest(threshold: float) -> int:
    """Return the place among :data:`THRESHOLDS` of the one that is nearest; the first for what is no number."""
    within = min(max(threshold, THRESHOLDS[0]), THRESHOLDS[-1]) if threshold > 0 else THRESHOLDS[0]
    return round(100 * within) - 1


def summed(effects: Sequence[Effect]) -> Effect:
    """Return the effects on several song types as one."""
    total = Effect(0, 0, 0)
    for effect in effects:
        total += effect
    return total


def _f_scores(curves: Sequence[Curve], prefer: Prefer) -> np.ndarray:
    """Return F of several curves together, ``[thresholds]``."""
    annotated = sum(curve.n_annotated for curve in curves)
    predicted, matched = (np.sum([getattr(c, name) for c in curves], axis=0) for name in ("n_predicted", "n_matched"))
    weight = _BETA[prefer] ** 2
    scores: np.ndarray = (1 + weight) * matched / np.maximum(1e-300, weight * annotated + predicted)
    return scores


def _curve(told: Any) -> Curve:
    predicted, matched = (tuple(map(_count, told[name])) for name in ("predicted", "matched"))
    curve = Curve(_count(told["annotated"]), predicted, matched)
    if not len(predicted) == len(matched) == len(THRESHOLDS):
        raise ValueError(f"its counts are of {len(predicted)} thresholds, not of {len(THRESHOLDS)}")
    if any(m > min(p, curve.n_annotated) for p, m in zip(predicted, matched, strict=True)):
        raise ValueError("more annotations are matched than there are")
    return curve


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise ValueError(f"{value!r} is no count")
    return value
