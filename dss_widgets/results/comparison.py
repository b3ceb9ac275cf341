"""Trainings side by side: in what they differ, and what came of it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError, DssWidgetsError
from dss_widgets.options import TrainingOptions
from dss_widgets.results.params_file import read_params
from dss_widgets.results.params_options import options_of_params
from dss_widgets.results.results_file import read_results
from dss_widgets.results.scores import Scores
from dss_widgets.results.stems import results_file

_NO_DIFFERENCE = ("prefix", "note", "tensorboard")
"""Options that make no other network."""


@dataclass(frozen=True)
class ComparedRun:
    """A training as it is compared.

    Attributes:
        stem: path of its files, without their endings.
        note: what its user wrote about it.
        dataset: name of the dataset that it was trained and tested on.
        data: what tells that dataset from any other, where that is known.
        options: how it was trained, by option; empty where that is not known.
        best_epoch: the epoch whose network was kept, or None.
        scores: per sample; None if it was not tested.
        segments_f1: F1 of all segments, or None without.
        intervals: of the scores, or empty.
    """

    stem: Path
    note: str
    dataset: str
    data: str
    options: Mapping[str, Any]
    best_epoch: int | None
    scores: Scores | None
    segments_f1: float | None
    intervals: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The stem's name."""
        return self.stem.name

    @property
    def macro_f1(self) -> float | None:
        """Of its test; None without one."""
        return self.scores.macro_f1 if self.scores is not None else None

    @property
    def f1(self) -> dict[str, float]:
        """Per sample, of every class that occurs in its test."""
        rows = self.scores.per_class() if self.scores is not None else {}
        return {name: row["f1"] for name, row in rows.items() if row["support"]}


@dataclass(frozen=True)
class Comparison:
    """Trainings side by side.

    Attributes:
        runs: the one with the best macro F1 first, those without a test last.
        differing: options in which they differ, in the order of the form.
        song_types: classes of any of them, noise left out.
    """

    runs: tuple[ComparedRun, ...]
    differing: tuple[str, ...]
    song_types: tuple[str, ...]

    @property
    def is_of_one_dataset(self) -> bool:
        """Whether all were tested on the same data: other scores cannot be compared."""
        return len({run.data for run in self.runs if run.scores is not None}) <= 1

    def value(self, run: ComparedRun, option: str) -> str:
        """Return an option of a run as a form shows it; '–' where it is not known, 'none' where it is empty."""
        if option not in run.options:
            return "–"
        return TrainingOptions.declared()[option].format(run.options[option]) or "none"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "differing_options": list(self.differing),
            "same_test_data": self.is_of_one_dataset,
            "runs": [
                {
                    "stem": str(run.stem), "note": run.note, "dataset": run.dataset, "best_epoch": run.best_epoch,
                    "options": {name: run.options.get(name) for name in self.differing},
                    "macro_f1": run.macro_f1, "macro_f1_interval": run.intervals.get("macro_f1"),
                    "f1": run.f1,
                    "segments_f1": run.segments_f1,
                }
                for run in self.runs
            ],
        }  # fmt: skip


def compare(stems: Iterable[str | os.PathLike[str]]) -> Comparison:
    """Compare trained networks by what their files tell.

    Args:
        stems: paths of their files, without the endings.

    Raises:
        DataError: one of them has no params that can be read.
    """
    runs = [_compared(Path(stem)) for stem in stems]
    runs.sort(key=lambda run: (-1.0 if run.macro_f1 is None else run.macro_f1, run.name), reverse=True)
    names = [name for name in TrainingOptions.declared() if name not in _NO_DIFFERENCE]
    differing = [name for name in names if len({repr(run.options[name]) for run in runs if name in run.options}) > 1]
    song_types = dict.fromkeys(name for run in runs if run.scores is not None for name in run.scores.class_names[1:])
    return Comparison(tuple(runs), tuple(differing), tuple(song_types))


def _compared(stem: Path) -> ComparedRun:
    params = read_params(stem)
    try:
        options = options_of_params(params)
    except DssWidgetsError:
        options = {}
    own = params.get("dss_widgets")
    told = own.get("options") if isinstance(own, Mapping) else {}
    scores, more, history = _tested(stem, params)
    overall = (more.get("annotations") or {}).get("all_segments") or {}
    return ComparedRun(
        stem=stem,
        note=str(told.get("note") or "") if isinstance(told, Mapping) else "",
        dataset=Path(str(params.get("data_dir") or "")).name,
        data=str(params.get("data_hash") or params.get("data_dir") or ""),
        options=options,
        best_epoch=_best_epoch(history),
        scores=scores,
        segments_f1=overall.get("f1"),
        intervals=more.get("intervals") or {},
    )


def _tested(stem: Path, params: Mapping[str, Any]) -> tuple[Scores | None, Mapping[str, Any], Mapping[str, Sequence[float]]]:
    """Return scores, further scores and history from the results file, or the scores that DAS keeps in its params."""
    if results_file(stem).is_file():
        try:
            results = read_results(stem)
        except DataError:
            return None, {}, {}
        return results.scores, results.more_scores, results.history
    try:
        return Scores.of(params["class_names"], params["conf_mat"]), {}, {}
    except (KeyError, ValueError, TypeError):
        return None, {}, {}


def _best_epoch(history: Mapping[str, Sequence[float]]) -> int | None:
    losses = [(loss, epoch) for epoch, loss in enumerate(history.get("val_loss", ()), 1) if not math.isnan(loss)]
    return min(losses)[1] if losses else None
