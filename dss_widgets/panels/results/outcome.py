"""How the test of a run came out, read from its files alone: no events are needed, so copied runs and DAS's are read too."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.dataset.stores.store import Dataset, Split, open_dataset
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs import Run
from dss_widgets.options import PredictionOptions
from dss_widgets.results.calibration import Reliability
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.results.matching import annotation_scores
from dss_widgets.results.params_file import read_params
from dss_widgets.results.results_file import Results, read_results
from dss_widgets.results.scores import Scores
from dss_widgets.results.stems import results_on_others
from dss_widgets.roots import why_refused


def tested_store(results: Results) -> str:
    """Return the folder of the dataset that a test was made on, '' if the results do not tell."""
    told = results.params.get("tested_on") or {}
    return str(told.get("store_path") or results.params.get("data_dir") or "")


def tested_split(results: Results) -> tuple[Dataset, Split]:
    """Return the dataset that a test was made on, and its test split.

    Raises:
        DataError: it may not be read, is gone, or was assembled again since: the message is meant for people.
    """
    store = tested_store(results)
    if not store:
        raise DataError("The results do not say which dataset they were made on. Test again so that they do.")
    if why_refused(store):
        raise DataError(f"{store} {why_refused(store)} Test again on a dataset inside of them.")
    if not Path(store).expanduser().is_dir():
        raise DataError(f"{store} is gone. Put the dataset back, or test on another one.")
    dataset = open_dataset(store)
    split = dataset.split("test")
    told = results.params.get("tested_on") or {}
    own = results.params.get("data_hash") if "dss_widgets" in results.params else None  # DAS's is of another kind
    fingerprint = told.get("fingerprint") or own
    if split.n_samples != results.n_samples or (fingerprint and str(fingerprint) != dataset.fingerprint):
        raise DataError(f"{Path(store).name} has been reassembled since this test. Test again to look at it as it is now.")
    return dataset, split


_BLOCK = 2**18

_AROUND_SECONDS = 1.0
"""What is labelled around a stretch, so that its ends come out as they do in the whole."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Scores of a test.

    Attributes:
        scores: per sample, as :meth:`~dss_widgets.results.scores.Scores.as_dict` gives them.
        matches: of events and segments, as :func:`~dss_widgets.results.matching.annotation_scores` gives them; {} without.
        results: the file with targets and predictions, or None where there is none of this program's.
    """

    scores: Mapping[str, Any]
    matches: Mapping[str, Any] = field(default_factory=dict)
    results: Results | None = None

    @property
    def intervals(self) -> Mapping[str, Any]:
        """How far the scores can be trusted, as :meth:`~dss_widgets.results.intervals.TestUnits.intervals` gives it; {}
        without.
        """
        return (self.results.more_scores.get("intervals") if self.results is not None else None) or {}

    @property
    def reliability(self) -> Reliability | None:
        """How far the network's probabilities can be taken at their word; None where that was not counted."""
        told: Reliability | None = self.results.more_scores.get("reliability") if self.results is not None else None
        return told

    @cached_property
    def labels(self) -> OutcomeLabels | None:
        """What was annotated and what was found; None without the file, or if it holds no samples."""
        return OutcomeLabels(self.results) if self.results is not None and self.results.n_samples else None


def outcome_of(run: Run, path: Path | None = None) -> Outcome | None:
    """Return how a test of a run came out; None if its files do not tell.

    The results file tells all; of a run of DAS, the confusion matrix stands in the params.

    Args:
        run: the run.
        path: the results file; left out, that of the dataset that it was trained on.
    """
    path = path or run.results_path
    if why_refused(path):
        return None
    try:
        results = read_results(path)
    except DataError:
        return _from_params(run.stem.with_name(run.name + PARAMS_SUFFIX)) if path == run.results_path else None
    if results.scores is None:
        return None
    return Outcome(results.scores.as_dict(), results.more_scores.get("annotations") or {}, results)


def tests_of(run: Run) -> list[tuple[str, Path]]:
    """Return (words, results file) of every test of a run: on its own dataset first, then on others, sorted by name."""
    try:
        named = [(name, path) for name, path in results_on_others(run.stem) if not why_refused(path)]
    except OSError:
        named = []
    return [("the test split it was trained with", run.results_path), *named]


def _from_params(path: Path) -> Outcome | None:
    try:
        params = read_params(path)
        return Outcome(Scores.of(params["class_names"], np.asarray(params["conf_mat"])).as_dict())
    except (DataError, KeyError, ValueError, TypeError):
        return None


class OutcomeLabels:
    """What was annotated and what the network found in a test, to be matched with any tolerance.

    Predictions are labelled once, when they are first asked for, with the same rules as in the test.

    Args:
        results: of this program, with the predictions of every sample.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        self.class_names = list(results.class_names)
        kinds = results.params.get("class_types") or ["segment"] * len(self.class_names)
        self.class_types = [str(kind) for kind in kinds]
        self.samplerate_hz = float(results.params["samplerate_x_Hz"])
        self._rules = LabellingRules.of(PredictionOptions(), results.params)
        self._both: tuple[Annotations, Annotations] | None = None
        self._turn = threading.Lock()

    def annotations(self) -> tuple[Annotations, Annotations]:
        """Return what is annotated and what was found, in the test split's own time.

        Raises:
            DataError: the results file cannot be read.
        """
        with self._turn:
            if self._both is None:
                self._both = self._annotations or self._labelled("y_test"), self._labelled("y_pred", self._rules)
            return self._both

    def within(self, start: int, stop: int) -> tuple[Annotations, Annotations]:
        """Return what is annotated and what was found in a stretch of the test, without labelling all of it.

        Args:
            start, stop: samples.

        Raises:
            DataError: the results file cannot be read.
        """
        farthest = self._rules.farthest_seconds
        around = round(max(_AROUND_SECONDS, farthest if math.isfinite(farthest) else 0) * self.samplerate_hz)
        first, last = max(0, start - around), min(self.results.n_samples, stop + around)
        annotated = self._annotations or self._labelled("y_test", None, first, last)
        found = self._labelled("y_pred", self._rules, first, last)
        seconds = start / self.samplerate_hz, stop / self.samplerate_hz
        return _overlapping(annotated, *seconds), _overlapping(found, *seconds)

    def match(self, tolerance: float) -> dict[str, Any]:
        """Return the scores of events and segments within a tolerance in seconds.

        Raises:
            DataError: the results file cannot be read.
        """
        matches = annotation_scores(*self.annotations(), self.class_names, self.class_types, tolerance)
        return {
            **matches,
            "fill_gap_seconds": self._rules.fill_gap_seconds,
            "minimum_duration_seconds": self._rules.minimum_duration_seconds,
            "farthest_seconds": self._rules.farthest_seconds if math.isfinite(self._rules.farthest_seconds) else None,
        }

    def _labelled(self, name: str, rules: LabellingRules | None = None, first: int = 0, last: int | None = None) -> Annotations:
        labeller = Labeller(self.class_names, self.class_types, self.samplerate_hz, rules)
        last = self.results.n_samples if last is None else last
        for start in range(first, last, _BLOCK):
            labeller.add(self.results.read(name, start, min(last, start + _BLOCK)).astype(np.float32))
        found, shift = labeller.finish(), first / self.samplerate_hz
        return replace(found, start_seconds=found.start_seconds + shift, stop_seconds=found.stop_seconds + shift)

    @cached_property
    def _annotations(self) -> Annotations | None:
        return self._annotated()

    def _annotated(self) -> Annotations | None:
        """Return the annotations of the dataset that was tested on, if it is still there and the same."""
        try:
            split = tested_split(self.results)[1]
            found, _ = read_annotations(split.folder / "x_annotations.csv")
        except DataError:
            return None
        return found.select(np.isin(found.names, self.class_names[1:]))


def _overlapping(found: Annotations, start: float, stop: float) -> Annotations:
    return found.select((found.stop_seconds >= start) & (found.start_seconds <= stop))
