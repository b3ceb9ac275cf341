"""How well networks did on what they never heard: animal by animal, or recording by recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dss_widgets.results.results_file import Results

FEW = 4
"""With fewer folds, the spread tells little about others."""


@dataclass(frozen=True)
class Fold:
    """What came of one network.

    Attributes:
        held_out: the individuals, or the recordings, that it was tested on.
        recordings: how many recordings that are.
        seconds: how much audio.
        scores: ``macro_f1``; where there are segments ``segment_f1`` and ``syllable_error_rate``; of every event type
            ``<name>_f1``.
    """

    held_out: tuple[str, ...]
    recordings: int
    seconds: float
    scores: Mapping[str, float]


def scores_of(results: Results) -> dict[str, float]:
    """Return the scores of a network's test, as :class:`Fold` has them; none where there was no test."""
    if results.scores is None:
        return {}
    found = {"macro_f1": results.scores.macro_f1}
    told = results.more_scores.get("annotations") or {}
    segments = told.get("all_segments") or {}
    if segments.get("n_annotated"):
        found["segment_f1"] = float(segments["f1"])
        if told.get("syllable_error_rate") is not None:
            found["syllable_error_rate"] = float(told["syllable_error_rate"])
    for name, values in (told.get("events") or {}).items():
        found[f"{name}_f1"] = float(values["f1"])
    return found


@dataclass(frozen=True)
class CrossValidation:
    """The scores of all folds.

    Attributes:
        by: ``individuals`` or ``recordings``: what was held out.
        folds: what came of each network.
    """

    by: str
    folds: tuple[Fold, ...]

    @classmethod
    def of(cls, by: str, folds: Sequence[Any]) -> CrossValidation:
        """Make them of folds as plain values.

        Raises:
            TypeError, ValueError: they are something else.
        """
        made = [Fold(**{**dict(told), "held_out": tuple(dict(told).get("held_out") or ())}) for told in folds]
        return cls(by, tuple(made))

    @property
    def score_names(self) -> list[str]:
        """What was scored, macro F1 first."""
        return list(dict.fromkeys(name for fold in self.folds for name in fold.scores))

    def spread(self, score: str) -> tuple[float, float, float]:
        """Return mean, lowest and highest of a score over the folds that have it.

        Raises:
            KeyError: none has it.
        """
        values = [fold.scores[score] for fold in self.folds if score in fold.scores]
        if not values:
            raise KeyError(score)
        return float(np.mean(values)), min(values), max(values)

    def words(self) -> list[str]:
        """Return what they say, as sentences."""
        mean, low, high = self.spread("macro_f1")
        worst = min(self.folds, key=lambda fold: fold.scores["macro_f1"])
        n, one = len(self.folds), "an animal" if self.by == "individuals" else "a recording"
        told = [
            f"On {one} that it never heard, macro F1 is {mean:.3f} at the mean of {n} networks, from {low:.3f} "
            f"({', '.join(worst.held_out[:3])}{' ...' if len(worst.held_out) > 3 else ''}) to {high:.3f}."
        ]
        if n < FEW:
            others = "animals" if self.by == "individuals" else "recordings"
            told.append(f"{n} networks tell little about other {others}: annotate some of more of them.")
        elif mean - low > 2 * (high - mean) and mean - low > 0.05:
            told.append("One is far below the others: does it sing differently, or was it recorded or annotated otherwise?")
        return told

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        spreads = {name: dict(zip(("mean", "lowest", "highest"), self.spread(name), strict=True)) for name in self.score_names}
        return {"by": self.by, "folds": [asdict(fold) for fold in self.folds], "scores": spreads}
