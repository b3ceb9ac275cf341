"""How scores grow with the data that is learned from, and how much more must be annotated to reach one.

Errors fall as a power of the amount, towards what cannot be learned: ``a * seconds ** -b + c`` (Cortes et al. 1993, Learning
curves: asymptotic values and rate of convergence). How certain that is, is told by the bootstrap over what the points are off
the curve.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

FARTHEST = 10.0
"""Times today's data up to which a curve is believed."""

_DRAWS, _MIDDLE = 200, (5, 50, 95)
_LEAST_ERROR = 1e-4

_FEW = 6
"""With fewer trainings, a curve of three numbers goes through them whatever it is worth."""

_PART_OF_PLATEAU = 0.95
"""Of the score that the curve levels off at, that is asked for where nobody named a score to reach."""


@dataclass(frozen=True)
class Point:
    """What came of one training.

    Attributes:
        fraction: share of the training data that was learned from.
        seconds: of audio, that this is.
        repeat: which training with that amount.
        macro_f1: of the test, per sample.
    """

    fraction: float
    seconds: float
    repeat: int
    macro_f1: float


Spread = tuple[float, float, float]
"""A value that is likely, and between which bounds it lies in 9 of 10 cases: (likely, low, high)."""


@dataclass(frozen=True)
class LearningCurve:
    """Scores with several amounts of data.

    Attributes:
        network: stem of the network that the trainings are like.
        points: what came of them.
    """

    network: str
    points: tuple[Point, ...]

    @classmethod
    def of(cls, network: str, points: Sequence[Any]) -> LearningCurve:
        """Make a curve of points as plain values.

        Raises:
            TypeError, ValueError: they are something else.
        """
        return cls(network, tuple(Point(**dict(told)) for told in points))

    @property
    def seconds(self) -> float:
        """All the audio that there is to learn from today."""
        return max(point.seconds for point in self.points)

    def score(self, seconds: float) -> Spread:
        """Return the macro F1 that is likely with so much audio to learn from."""
        a, b, c = self._drawn.T
        scores = 1 - np.clip(a * (seconds / self.seconds) ** -b + c, 0, 1)
        low, likely, high = np.percentile(scores, _MIDDLE)
        return float(likely), float(low), float(high)

    def seconds_for(self, target: float) -> Spread | None:
        """Return how many seconds of audio likely reach a macro F1, infinity where more than ten times today's do not.

        None where that is likely to take more than ten times today's data.
        """
        a, b, c = self._drawn.T
        missing = (1 - target) - c
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(missing > 0, (a / missing) ** (1 / b), np.inf)
        times[times > FARTHEST] = np.inf
        low, likely, high = np.percentile(times, _MIDDLE, method="nearest")
        return (
            None if np.isinf(likely) else (float(likely * self.seconds), float(low * self.seconds), float(high * self.seconds))
        )

    @property
    def plateau(self) -> Spread:
        """The macro F1 that the curve levels off at, however much data there is."""
        low, likely, high = np.percentile(1 - np.clip(self._drawn[:, 2], 0, 1), _MIDDLE)
        return float(likely), float(low), float(high)

    @property
    def spread(self) -> float:
        """The most by which trainings with the same amount differ in macro F1; 0 with one repeat."""
        by_amount = [[p.macro_f1 for p in self.points if p.fraction == amount] for amount in {p.fraction for p in self.points}]
        return max(max(scores) - min(scores) for scores in by_amount)

    @cached_property
    def _drawn(self) -> np.ndarray:
        """Curves that could have been, ``[draws, 3]``: a, b and c, for amounts as parts of today's."""
        from scipy.optimize import OptimizeWarning, curve_fit  # imported late: it is not needed before there is a curve

        amounts = np.array([point.seconds for point in self.points]) / self.seconds
        errors = np.maximum(_LEAST_ERROR, 1 - np.array([point.macro_f1 for point in self.points]))

        def falling(x: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
            curve: np.ndarray = a * x**-b + c
            return curve

        def slopes(x: np.ndarray, a: float, b: float, _c: float) -> np.ndarray:
            power = x**-b
            return np.stack([power, -a * np.log(x) * power, np.ones_like(x)], axis=1)

        def fit(values: np.ndarray, near: np.ndarray | None = None) -> np.ndarray:
            lowest = float(values.min())
            start = (0.8 * lowest + _LEAST_ERROR, 0.5, 0.1 * lowest) if near is None else (*near[:2], min(near[2], lowest))
            bounds = ([0, 1e-3, 0], [1, 3, lowest])
            found, _ = curve_fit(falling, amounts, values, start, bounds=bounds, jac=slopes, max_nfev=2000)
            return np.asarray(found)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)
            best = fit(errors)
            expected, rng = falling(amounts, *best), np.random.default_rng(0)
            off = (errors - expected) * np.sqrt(len(errors) / max(1, len(errors) - 3))
            draws = [fit(np.maximum(_LEAST_ERROR, expected + rng.choice(off, len(off))), best) for _ in range(_DRAWS)]
        return np.array(draws)

    def words(self, target: float | None = None) -> list[str]:
        """Return what the curve says, as sentences."""
        today, doubled = self.score(self.seconds), self.score(2 * self.seconds)
        gain = doubled[0] - today[0]
        told = [
            f"With all of the training data ({_time(self.seconds)} of audio) macro F1 is about {today[0]:.3f}; with twice as "
            f"much it is likely {doubled[0]:.3f} ({doubled[1]:.3f} to {doubled[2]:.3f})."
        ]
        if gain < 0.005:
            told.append("More annotations of the same kind would hardly help.")
        elif self.spread > gain:
            told.append(
                f"Trainings with the same amount differ by up to {self.spread:.3f}, which is more than that: take it with care."
            )
        if len(self.points) < _FEW:
            told.append(f"{len(self.points)} trainings do not tell how certain that is: ask for more repeats.")
        told.append(self._told_target(target))
        told.append("Every amount was drawn from all recordings: as many minutes of a single recording teach less.")
        return told

    def _told_target(self, target: float | None) -> str:
        """Return what it takes to reach a score, or most of what can be reached."""
        plateau = self.plateau
        levels_off = f"levels off near {plateau[0]:.3f} ({plateau[1]:.3f} to {plateau[2]:.3f})"
        begins = ""
        if target is None:
            target = round(_PART_OF_PLATEAU * plateau[0], 3)
            begins = f"The curve {levels_off}. "
        needed = self.seconds_for(target)
        if needed is None:
            return f"To reach {target:g}, ten times as much would not be enough, or nothing would: the curve {levels_off}."
        if needed[0] <= self.seconds:
            return f"{begins}{target:g} is likely reached already."
        most = "more than ten times as much" if np.isinf(needed[2]) else _time(needed[2])
        return f"{begins}To reach {target:g} it likely takes {_time(needed[0])} of audio ({_time(needed[1])} to {most})."

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        likely, low, high = self.score(2 * self.seconds)
        plateau = dict(zip(("likely", "low", "high"), self.plateau, strict=True))
        return {
            "network": self.network,
            "points": [asdict(point) for point in self.points],
            "seconds": self.seconds,
            "macro_f1_with_twice_as_much": {"likely": likely, "low": low, "high": high},
            "plateau": plateau,
        }


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"
