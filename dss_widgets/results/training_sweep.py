"""What came of a sweep: networks trained with several values of options, ranked by their validation data alone.

Scores of the test take part in no choice: they tell what the chosen network is worth.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.options.sweep import values_words
from dss_widgets.results.json_files import read_json, write_json
from dss_widgets.whole_files import appearing_whole

VALIDATION = "validation_f1"
"""Name of the score by which networks are chosen: macro F1 of the validation data, in the epoch that was kept."""

JSON_NAME, CSV_NAME = "sweep.json", "sweep.csv"

_SURE = 0.975
"""Quantile of Student's t, in whose standard errors the mean difference of pairs has to lie above zero."""


@dataclass(frozen=True)
class Swept:
    """What came of one training.

    Attributes:
        stem: path of its network's files, without their endings.
        values: the options that are varied, with their values as a form shows them.
        seed: of the training.
        held_out: the animals, or the recordings, that it was tested on; none: the dataset's own test.
        state: how it ended, as of a job.
        message: why it failed.
        scores: ``validation_f1``; of the test ``macro_f1`` and others, see
            :func:`~dss_widgets.results.cross_validation.scores_of`.
        seconds: it took.
    """

    stem: str
    values: Mapping[str, str]
    seed: int
    held_out: tuple[str, ...] = ()
    state: str = "finished"
    message: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def from_dict(cls, told: Any) -> Swept:
        """Make one of plain values; raises TypeError, ValueError or AttributeError where they are something else."""
        values = dict(told)
        scores = {str(name): float(score) for name, score in dict(values.get("scores") or {}).items()}
        if not all(map(math.isfinite, scores.values())):
            raise ValueError("a score is not a finite number")
        shown = {str(name): str(value) for name, value in dict(values.get("values") or {}).items()}
        texts = {name: str(values.get(name) or "") for name in ("stem", "state", "message")}
        held_out = tuple(map(str, values.get("held_out") or ()))
        seed, seconds = int(values.get("seed") or 0), float(values.get("seconds") or 0.0)
        if not texts["stem"]:
            raise ValueError("a training has no network")
        return cls(values=shown, seed=seed, held_out=held_out, scores=scores, seconds=seconds, **texts)

    @property
    def name(self) -> str:
        """The stem's name."""
        return Path(self.stem).name

    @property
    def validation(self) -> float | None:
        """By what it is chosen; None where it failed."""
        return self.scores.get(VALIDATION)


@dataclass(frozen=True)
class Spread:
    """A score over trainings with the same values.

    Attributes:
        mean, lowest, highest: of the trainings.
        n: how many there are.
    """

    mean: float
    lowest: float
    highest: float
    n: int


@dataclass(frozen=True)
class Row:
    """The trainings with the same values."""

    values: Mapping[str, str]
    trainings: tuple[Swept, ...]

    def spread(self, score: str) -> Spread | None:
        """Return a score's mean and range; None where no training has it."""
        found = [training.scores[score] for training in self.trainings if score in training.scores]
        return Spread(float(np.mean(found)), min(found), max(found), len(found)) if found else None

    @property
    def n_done(self) -> int:
        """Trainings that came to a network."""
        return sum(training.validation is not None for training in self.trainings)

    @property
    def best(self) -> Swept | None:
        """The training that validates best."""
        return max((t for t in self.trainings if t.validation is not None), key=lambda t: t.validation or 0, default=None)

    def words(self) -> str:
        """Return the values in one line."""
        return values_words(self.values) or "these options"


@dataclass(frozen=True)
class SweepResult:
    """All that a sweep came to so far.

    Attributes:
        trainings: those that have ended.
        total: how many there are to be.
    """

    trainings: tuple[Swept, ...]
    total: int

    @property
    def varied(self) -> list[str]:
        """The options that differ."""
        return list(dict.fromkeys(name for training in self.trainings for name in training.values))

    @property
    def score_names(self) -> list[str]:
        """What was scored, validation first."""
        names = dict.fromkeys(name for training in self.trainings for name in training.scores)
        return sorted(names, key=lambda name: name != VALIDATION)

    @property
    def rows(self) -> list[Row]:
        """The trainings by their values, best validation first; those with fewer networks than others, which failed, last."""
        by_values: dict[tuple[tuple[str, str], ...], list[Swept]] = {}
        for training in self.trainings:
            by_values.setdefault(tuple(training.values.items()), []).append(training)
        rows = [Row(dict(values), tuple(trainings)) for values, trainings in by_values.items()]

        def rank(row: Row) -> tuple[int, float]:
            found = row.spread(VALIDATION)
            return row.n_done, found.mean if found else -1.0

        return sorted(rows, key=rank, reverse=True)

    @property
    def best(self) -> Swept | None:
        """The network that validates best among those with the best values; None where all failed."""
        return self.rows[0].best if self.rows else None

    def as_good(self) -> list[Row]:
        """Return the rows that cannot be told from the best by their validation: by chance, they may be better."""
        first, *others = self.rows or [Row({}, ())]
        return [row for row in others if row.n_done and not _is_better(first, row)]

    @property
    def failed(self) -> list[Swept]:
        """Trainings without a network."""
        return [training for training in self.trainings if training.validation is None]

    def words(self) -> list[str]:
        """Return what it says, as sentences."""
        best = self.best
        if best is None:
            return ["No network was trained to its end.", *self._told_failed()]
        row = self.rows[0]
        found, test = row.spread(VALIDATION), row.spread("macro_f1")
        assert found is not None
        told = [f"Best by validation: {row.words()}, with macro F1 {_spread(found)} of the validation data."]
        if test is not None:
            told.append(f"On test data, which took no part in the choice, it comes to {_spread(test)}.")
        if len(self.rows) > 1:
            told.append(self._told_as_good())
        if best.held_out:
            told.append("Each of these networks learned without some of the recordings: train one with these options on all.")
        return [*told, f"Its best network: {best.stem}", *self._told_failed()]

    def _told_as_good(self) -> str:
        rows, as_good = self.rows, self.as_good()
        if rows[0].n_done < 2:
            return "Each was trained once, so small differences may be chance: with three seeds or more you see how much is."
        if not as_good:
            return "That is likely more than chance: every other combination does worse, seed by seed or fold by fold."
        if len(as_good) == len(rows) - 1:
            return "It may be chance: no other combination is surely worse. Take the one that suits you, or ask for more seeds."
        return f"As good, as far as can be told: {'; '.join(row.words() for row in as_good)}. The others do worse."

    def _told_failed(self) -> list[str]:
        return [f"{len(self.failed)} of {self.total} failed: {self.failed[0].message}"] if self.failed else []

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        best = self.best
        rows = [
            {"values": row.values, "scores": {name: asdict(s) for name in self.score_names if (s := row.spread(name))}}
            for row in self.rows
        ]
        trainings = [asdict(training) for training in self.trainings]
        return {"total": self.total, "best": best.stem if best else None, "rows": rows, "trainings": trainings}

    @classmethod
    def from_dict(cls, told: Any) -> SweepResult:
        """Make one of what :meth:`as_dict` returned.

        Raises:
            TypeError, ValueError, AttributeError: it is something else.
        """
        found = tuple(Swept.from_dict(each) for each in dict(told).get("trainings") or ())
        return cls(found, int(told.get("total") or len(found)))

    def as_csv(self) -> str:
        """Return a line for every training: its values, its scores, its network."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = self.score_names
        writer.writerow([*self.varied, "seed", "held_out", *names, "state", "seconds", "network"])
        for one in self.trainings:
            scores = [_cell(one.scores.get(name)) for name in names]
            values = [one.values.get(name, "") for name in self.varied]
            writer.writerow([*values, one.seed, ", ".join(one.held_out), *scores, one.state, round(one.seconds, 1), one.stem])
        return text.getvalue()


def read_sweep(folder: Path) -> SweepResult | None:
    """Return what lies in a sweep's folder; None where there is nothing yet.

    Raises:
        DataError: the file cannot be read, or is something else.
    """
    mend = "Go on with the sweep: it writes the file anew."
    return read_json(folder / JSON_NAME, SweepResult.from_dict, "does not tell what came of a sweep", mend)


def write_sweep(folder: Path, result: SweepResult) -> None:
    """Write the outcome as JSON and as a table; each file appears whole or not at all.

    Raises:
        DataError, OSError: it cannot be written.
    """
    write_json(folder / JSON_NAME, result.as_dict(), indent=1)
    with appearing_whole(folder / CSV_NAME) as partial:
        partial.write_text(result.as_csv(), encoding="utf-8")


def _is_better(first: Row, other: Row) -> bool:
    """Return whether pairs of the same seed and fold differ by more than chance; a fold counts once, whatever the seeds."""
    from scipy.special import stdtrit  # imported late: it is not needed before there are pairs

    of_other = {(t.seed, t.held_out): t.validation for t in other.trainings}
    gains: dict[Any, list[float]] = {}
    for training in first.trainings:
        theirs = of_other.get((training.seed, training.held_out))
        if training.validation is not None and theirs is not None:
            gains.setdefault(training.held_out or training.seed, []).append(training.validation - theirs)
    means = np.array([np.mean(values) for values in gains.values()])
    if len(means) < 2:
        return False
    error = means.std(ddof=1) / math.sqrt(len(means))
    return bool(means.mean() > max(1e-12, stdtrit(len(means) - 1, _SURE) * error))


def _spread(found: Spread) -> str:
    """Return a score and its range in words."""
    alone = found.n == 1 or found.highest - found.lowest < 5e-4
    return f"{found.mean:.3f}" if alone else f"{found.mean:.3f} ({found.lowest:.3f} to {found.highest:.3f})"


def _cell(score: float | None) -> str:
    return "" if score is None else f"{score:.4f}"
