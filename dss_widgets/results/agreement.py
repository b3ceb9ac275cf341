"""How well two sets of annotations of the same recordings agree; the first is the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Category
from dss_widgets.dataset.two_sets import TwoSets
from dss_widgets.results.differences import DifferingLabel
from dss_widgets.results.matching import MatchScores

_MIDDLE = (5, 50, 95)
"""Percentiles of differences that are told."""


@dataclass(frozen=True)
class Difference:
    """By how much the second set's on- or offsets are later than the first's.

    Attributes:
        n: pairs of labels.
        median_seconds, low_seconds, high_seconds: the median, and between what the middle 90 % lie; None without pairs.
    """

    n: int
    median_seconds: float | None = None
    low_seconds: float | None = None
    high_seconds: float | None = None

    @classmethod
    def of(cls, seconds: np.ndarray) -> Difference:
        """Return what is told of differences in seconds, ``[pairs]``."""
        if not len(seconds):
            return cls(0)
        low, median, high = np.percentile(seconds, _MIDDLE).tolist()
        return cls(len(seconds), median, low, high)


@dataclass(frozen=True)
class TypeAgreement:
    """How well two sets agree on a song type (or, with the name '', on all of them), in one recording or in all.

    Attributes:
        name, category: the song type.
        scores: how many there are in each, and of how many both ends are the same within the tolerance.
        kappa: Cohen's kappa over time; None where there is no time.
        onset, offset: differences of those that both have; of events, the offset's is None.
        f1_interval, kappa_interval: between what the scores lie if other recordings had been taken (95 %), or None.
    """

    name: str
    category: Category
    scores: MatchScores
    kappa: float | None
    onset: Difference
    offset: Difference | None
    f1_interval: tuple[float, float] | None = None
    kappa_interval: tuple[float, float] | None = None

    @property
    def precision(self) -> float | None:
        """Share of the second set's that the first has, too; None if there are none."""
        return self.scores.precision if self.scores.n_predicted else None

    @property
    def recall(self) -> float | None:
        """Share of the first set's that the second has, too; None if there are none."""
        return self.scores.recall if self.scores.n_annotated else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None if neither set has any."""
        return self.scores.f1 if self.scores.n_annotated + self.scores.n_predicted else None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "song_type": self.name, "category": self.category, "n_annotated": self.scores.n_annotated,
            "n_other": self.scores.n_predicted, "n_matched": self.scores.n_matched, "precision": self.precision,
            "recall": self.recall, "f1": self.f1, "f1_interval": self.f1_interval, "kappa": self.kappa,
            "kappa_interval": self.kappa_interval, "onset_difference": vars(self.onset),
            "offset_difference": self.offset and vars(self.offset),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class RecordingAgreement:
    """How well two sets agree in one recording.

    Attributes:
        name: the recording.
        seconds: duration of what is compared.
        by_type: of every song type, those that do not occur, too.
        together: of all song types.
        differing: the labels on which they differ, in the order of time.
    """

    name: str
    seconds: float
    by_type: tuple[TypeAgreement, ...]
    together: TypeAgreement
    differing: tuple[DifferingLabel, ...] = ()

    @property
    def f1(self) -> float:
        """F1 of all labels; 1 where neither set has any: that there is nothing is what both say."""
        return 1.0 if self.together.f1 is None else self.together.f1


@dataclass(frozen=True, eq=False)
class Agreement:
    """How well two sets of annotations agree.

    Attributes:
        sets: the two sets.
        tolerance_seconds: largest difference of a match.
        by_type: of every song type that occurs in what is compared, all recordings together.
        together: of all song types.
        recordings: each of them, those that agree least first.
        syllable_error_rate: labels to insert, remove or replace to make the second set's sequences of segments of the
            first's, over the length of these; None without segments.
        taken_for: how often what the first calls so is called so by the second; '' where it has none.
    """

    sets: TwoSets
    tolerance_seconds: float
    by_type: tuple[TypeAgreement, ...]
    together: TypeAgreement
    recordings: tuple[RecordingAgreement, ...]
    syllable_error_rate: float | None
    taken_for: Mapping[tuple[str, str], int]

    @property
    def seconds(self) -> float:
        """Duration of what is compared."""
        return sum(recording.seconds for recording in self.recordings)

    @property
    def differing(self) -> list[DifferingLabel]:
        """The labels on which they differ, those of the recording that agrees least first."""
        return [label for recording in self.recordings for label in recording.differing]

    @property
    def disagreements(self) -> list[tuple[str, str, int]]:
        """What the first and what the second calls it, and how often, where they differ; most often first."""
        told = [(one, other, count) for (one, other), count in self.taken_for.items() if one != other]
        return sorted(told, key=lambda each: (-each[2], each[:2]))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        sets = self.sets
        return {
            "annotated": str(sets.annotated_folder), "other": str(sets.other_folder), "seconds": self.seconds,
            "tolerance_seconds": self.tolerance_seconds, "song_types": [each.as_dict() for each in self.by_type],
            "together": self.together.as_dict(), "syllable_error_rate": self.syllable_error_rate,
            "taken_for": [{"annotated": a or None, "other": b or None, "count": n}
                          for (a, b), n in sorted(self.taken_for.items())],
            "recordings": [
                {"recording": each.name, "seconds": each.seconds, "f1": each.f1, "together": each.together.as_dict(),
                 "song_types": [of_type.as_dict() for of_type in each.by_type],
                 "differing": [vars(label) for label in each.differing]}
                for each in self.recordings
            ],
            "only_annotated": list(sets.only_annotated), "only_other": list(sets.only_other),
            "not_looked_through": list(sets.not_looked_through), "without_recording": list(sets.without_recording),
            "only_annotated_types": list(sets.only_annotated_types), "only_other_types": list(sets.only_other_types),
        }  # fmt: skip
