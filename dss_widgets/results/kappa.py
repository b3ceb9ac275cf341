"""Cohen's kappa over time: how far two sets of annotations agree beyond what chance gives.

kappa = (p_o - p_e) / (1 - p_e), where p_o is the share of time in which both say the same, and p_e the share in which they
would by chance, if what one says had nothing to do with what the other says (Cohen 1960, A coefficient of agreement for nominal
scales, Educational and Psychological Measurement 20:37-46). 1 is full agreement, 0 what chance gives.

Time is cut wherever either set begins or ends something, not into frames of a fixed duration: the result is what ever shorter
frames, common to both sets, approach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.dataset.reviewed import Span

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class SharedTime:
    """In which states two sets are, and for how long, in some recordings.

    Attributes:
        same: seconds in which both are in the same state, ``[recordings]``.
        one, other: seconds in every state, ``[recordings, states]``, of each set.
    """

    same: np.ndarray
    one: np.ndarray
    other: np.ndarray

    def kappa(self, drawn: np.ndarray | None = None) -> np.ndarray:
        """Return kappa of all recordings together, ``[draws]``; NaN where there is no time.

        Where both sets are in one and the same state all the time, chance gives that too, and kappa is 1.

        Args:
            drawn: how often every recording counts in each draw, ``[draws, recordings]``; None: once each, in a single draw.
        """
        drawn = np.ones((1, len(self.same))) if drawn is None else drawn
        same, one, other = drawn @ self.same, drawn @ self.one, drawn @ self.other
        total = one.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            observed, expected = same / total, (one * other).sum(axis=1) / total**2
            above: np.ndarray = np.where(np.abs(observed - expected) <= _ROUNDING, 0.0, observed - expected)
            told: np.ndarray = np.where(1 - observed <= _ROUNDING, 1.0, above / (1 - expected))
        return np.where(total > 0, told, np.nan)

    def in_units(self, n_units: int) -> SharedTime:
        """Return as many units, each of one recording or several."""
        each = (self.same, self.one, self.other)
        return SharedTime(*(np.array([seconds[i::n_units].sum(axis=0) for i in range(n_units)]) for seconds in each))

    @classmethod
    def joined(cls, parts: Sequence[SharedTime]) -> SharedTime:
        """Return the recordings of several, whose states are the same, as one."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("same", "one", "other")))


@dataclass(frozen=True, eq=False)
class StatesOverTime:
    """What two sets mark at every moment of one recording, piece by piece.

    Attributes:
        seconds: duration of the pieces, ``[pieces]``; 0 of those that are not compared.
        one, other: whether a song type is marked, ``[types, pieces]``, by each set.
    """

    seconds: np.ndarray
    one: np.ndarray
    other: np.ndarray

    @classmethod
    def of(
        cls, annotated: Annotations, other: Annotations, spans: Sequence[Span], categories: Mapping[str, Category],
        event_reach_seconds: float,
    ) -> StatesOverTime:  # fmt: skip
        """Cut a recording where something begins or ends.

        Args:
            annotated, other: the two sets.
            spans: what is compared, in seconds.
            categories: the song types.
            event_reach_seconds: an event lasts from this much before it until this much after.
        """
        bounds = [_bounds(found, spans, categories, event_reach_seconds) for found in (annotated, other)]
        edges = np.unique(np.concatenate([np.ravel(spans), *(np.concatenate(ends) for ends in bounds)]))
        middles = (edges[:-1] + edges[1:]) / 2
        within = _covered(middles, *np.reshape(spans, (-1, 2)).T)
        on = [
            np.array([_covered(middles, start[found.names == name], stop[found.names == name]) for name in categories], bool)
            for found, (start, stop) in zip((annotated, other), bounds, strict=True)
        ]
        return cls(np.diff(edges) * within, *(states.reshape(len(categories), len(middles)) for states in on))

    def of_type(self, number: int) -> SharedTime:
        """Return how long a song type is marked by each, and how long it is not."""
        one, other = self.one[number], self.other[number]
        same = self.seconds[one == other].sum()
        told = [[[self.seconds[on].sum(), self.seconds[~on].sum()]] for on in (one, other)]
        return SharedTime(np.array([same]), np.array(told[0]), np.array(told[1]))

    def together(self) -> tuple[float, dict[bytes, float], dict[bytes, float]]:
        """Return for how long both mark the same song types, and how long each set marks which of them at once."""
        codes = [np.packbits(on, axis=0).T.copy() for on in (self.one, self.other)]
        same = float(self.seconds[(codes[0] == codes[1]).all(axis=1)].sum())
        return same, *(_seconds_by_code(found, self.seconds) for found in codes)  # type: ignore[return-value]


def shared_time(parts: Sequence[StatesOverTime]) -> SharedTime:
    """Return how long all song types together are marked alike; each combination that is marked at once is a state."""
    told = [part.together() for part in parts]
    states = {code: i for i, code in enumerate(sorted({code for _, one, other in told for code in (*one, *other)}))}
    seconds = np.zeros((2, len(told), len(states)))
    for row, (_, *sets) in enumerate(told):
        for which, by_code in enumerate(sets):
            for code, value in by_code.items():
                seconds[which, row, states[code]] = value
    return SharedTime(np.array([same for same, *_ in told]), seconds[0], seconds[1])


def _seconds_by_code(codes: np.ndarray, seconds: np.ndarray) -> dict[bytes, float]:
    if not codes.size:
        return {b"": float(seconds.sum())}
    there, which = np.unique(codes, axis=0, return_inverse=True)
    totals = np.bincount(which.ravel(), seconds, minlength=len(there))
    return {code.tobytes(): total for code, total in zip(there, totals.tolist(), strict=True)}


def _bounds(
    found: Annotations, spans: Sequence[Span], categories: Mapping[str, Category], reach_seconds: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return where everything starts and stops, within what is compared."""
    reach = np.array([reach_seconds if categories[name] == "event" else 0.0 for name in found.names.tolist()])
    first, last = (spans[0][0], spans[-1][1]) if spans else (0.0, 0.0)
    return np.clip(found.start_seconds - reach, first, last), np.clip(found.stop_seconds + reach, first, last)


def _covered(moments: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return which moments lie within any of some spans."""
    begun = np.searchsorted(np.sort(starts), moments, side="right")
    ended = np.searchsorted(np.sort(stops), moments, side="right")
    covered: np.ndarray = begun > ended
    return covered
