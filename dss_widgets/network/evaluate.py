"""The test: a trained network against the annotations of the test split, block by block."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.stores.store import Dataset, Split, open_dataset
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.network.probabilities import OnProgress, probability_blocks
from dss_widgets.network.rows import Rows
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.network.tune import split_annotations
from dss_widgets.network.verify import keep_replay
from dss_widgets.options import PredictionOptions
from dss_widgets.results.calibration import EvenSamples, reliability_of, temperature_of
from dss_widgets.results.intervals import TestUnits
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.results.matching import annotation_scores
from dss_widgets.results.params_file import trained_fingerprint, write_params
from dss_widgets.results.results_file import ResultsWriter, read_results
from dss_widgets.results.scores import Scores, confusion_matrix
from dss_widgets.results.stems import results_file
from dss_widgets.results.sweep import ThresholdSweep
from dss_widgets.roots import confined


def evaluate(
    stem: str | os.PathLike[str],
    dataset: Dataset | None = None,
    on_progress: OnProgress | None = None,
    *,
    trained: TrainedNetwork | None = None,
    history: Mapping[str, Sequence[float | None]] | None = None,
) -> Scores | None:
    """Test a trained network and (re)write its results file; a little of it is kept as a replay, if there is none yet.

    The run's own results, and the scores in its params, are those of the dataset that it was trained on, known by its
    fingerprint. A test on any other dataset leaves them as they are: it writes ``<stem>_results_<dataset's name>.h5`` beside
    them, which says in its params under ``tested_on`` which dataset that was.

    Args:
        stem: path of the network's files, without their endings.
        dataset: what to test on; None: the dataset that it was trained on, where the params say that it lies.
        on_progress: called with samples done and in total; what it raises ends the test, and the last results stay.
        trained: the network, if it is loaded already.
        history: of the training; None: what the last results file says.

    Returns:
        Scores per sample; None if the test split is empty: no results are written then, but for the history of a training.

    Raises:
        DataError: the network or the dataset cannot be used, they do not fit each other, or ``dataset`` is None and the
            dataset has been reassembled since the training.
    """
    trained = trained or load_trained(stem)
    dataset = dataset or own_dataset(trained)
    song_type = str(trained.params.get("y_suffix") or "")
    _check_fit(trained, dataset, song_type)
    split, is_own = dataset.split("test"), _is_own(trained, dataset)
    path, params = results_file(trained.stem), dict(trained.params)
    if split.n_samples == 0 and not (is_own and (history is not None or not path.is_file())):
        return None  # what was found while there was test data is not thrown away
    history = _history(path) if history is None else history
    if not is_own:
        path = results_file(trained.stem, dataset.path)
        params["tested_on"] = {"store_path": str(dataset.path.resolve()), "fingerprint": dataset.fingerprint}
    with ResultsWriter(path, trained.class_names, params=params, history=history) as results:
        if split.n_samples == 0:
            scores = None
            results.finish(None)
        else:
            stretches = [told for told in dataset.stretches if told["split"] == "test"]
            scores, more = _test(trained, split, stretches, results, on_progress)
            results.finish(scores, more)
    if is_own and scores is not None:
        _add_scores_to_params(trained, scores)
    keep_replay(trained, dataset)
    return scores


def tested_on(stem: Path, dataset: Dataset | None) -> Path:
    """Return the results file of a network's last test, on its own dataset (None) or on another one that was named."""
    other = results_file(stem) if dataset is None else results_file(stem, dataset.path)
    return other if other.is_file() else results_file(stem)


def own_dataset(trained: TrainedNetwork, named: Dataset | None = None) -> Dataset:
    """Open the dataset that a network was trained on, or take the one that was named, if it is that; raise if it is no longer
    the same.
    """
    if named is not None and _is_own(trained, named):
        return named
    if not trained.params.get("data_dir"):
        raise DataError(f"{trained.stem}: its params do not say which dataset it was trained on. Name one to test on.")
    dataset = open_dataset(confined(str(trained.params["data_dir"])))
    if not _is_own(trained, dataset):
        raise DataError(
            f"{dataset.path}: has been reassembled since {trained.stem.name} was trained on it, so what is test data now may "
            f"have been trained on. Test on it by its name (--dataset {dataset.path}), knowing that the scores may include "
            "training data, or train again."
        )
    return dataset


def _is_own(trained: TrainedNetwork, dataset: Dataset) -> bool:
    """Return whether a network was trained on a dataset; without a fingerprint in the params, its place decides."""
    known = trained_fingerprint(trained.params)
    if known is not None:
        return known == dataset.fingerprint
    place = trained.params.get("data_dir")
    return bool(place) and Path(str(place)).expanduser().resolve() == dataset.path.resolve()


def _history(path: Path) -> Mapping[str, Sequence[float | None]]:
    """Return the training's history as the last results file tells it; empty if there is none that can be read."""
    try:
        return read_results(path).history
    except DataError:
        return {}


def _check_fit(trained: TrainedNetwork, dataset: Dataset, song_type: str) -> None:
    names, _ = dataset.classes(song_type)
    if list(names) != trained.class_names:
        raise DataError(
            f"{dataset.path}: has the classes {', '.join(names)}, but the network was trained for "
            f"{', '.join(trained.class_names)}. Test it on a dataset with the same song types."
        )
    if dataset.samplerate_hz != trained.samplerate_hz:
        raise DataError(
            f"{dataset.path}: has {dataset.samplerate_hz:g} Hz, but the network was trained with {trained.samplerate_hz:g} Hz. "
            "Reassemble it with that sample rate."
        )
    if dataset.n_channels != trained.settings.architecture.n_channels:
        raise DataError(
            f"{dataset.path}: has {dataset.n_channels} channels, but the network was trained with "
            f"{trained.settings.architecture.n_channels}."
        )


def _test(
    trained: TrainedNetwork,
    split: Split,
    stretches: Sequence[Mapping[str, Any]],
    results: ResultsWriter,
    on_progress: OnProgress | None,
) -> tuple[Scores, dict[str, Any]]:
    """Return scores per sample, those of the annotations that the probabilities make, the intervals of both, what other
    thresholds would make, and how reliable the probabilities are.
    """
    song_type = str(trained.params.get("y_suffix") or "")
    audio, targets = Rows(split.x), Rows(split.y(song_type))
    n_classes = len(trained.class_names)
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    rules = LabellingRules.of(PredictionOptions(), trained.params)
    found = Labeller(trained.class_names, trained.class_types, trained.samplerate_hz, rules)
    units = TestUnits(stretches, split.n_samples, trained.class_names, trained.class_types)
    sweep = ThresholdSweep(trained.class_names, trained.class_types, trained.samplerate_hz)
    samples = EvenSamples(split.n_samples, n_classes)
    for start, block in probability_blocks(trained, audio.read, split.n_samples, source=f"{split.folder} (audio)"):
        wanted = targets.read(start, start + len(block)).astype(np.float32)
        annotated_class, found_class = np.argmax(wanted, axis=1), np.argmax(block, axis=1)
        confusion += confusion_matrix(annotated_class, found_class, n_classes)
        units.add(start, annotated_class, found_class)
        results.add(wanted, block)
        found.add(block)
        sweep.add(block)
        samples.add(block, wanted)
        if on_progress:
            on_progress(start + len(block), split.n_samples)
    annotated, predicted = split_annotations(trained, split, song_type), found.finish()
    more = annotation_scores(annotated, predicted, trained.class_names, trained.class_types)
    more |= {
        "event_threshold": rules.event_threshold, "segment_threshold": rules.segment_threshold,
        "fill_gap_seconds": rules.fill_gap_seconds, "minimum_duration_seconds": rules.minimum_duration_seconds,
        "farthest_seconds": rules.farthest_seconds if math.isfinite(rules.farthest_seconds) else None,
    }  # fmt: skip
    intervals = units.intervals(annotated, predicted, trained.samplerate_hz)
    told = {"annotations": more, "intervals": intervals, "thresholds": sweep.curves(annotated, rules).as_dict()}
    temperature = temperature_of(trained.params)
    if temperature is not None:
        told["reliability"] = reliability_of(*samples.kept(), trained.class_names, temperature).as_dict()
    return Scores.of(trained.class_names, confusion), told


def _add_scores_to_params(trained: TrainedNetwork, scores: Scores) -> None:
    """Add the scores to the params file, under DAS's names."""
    report = {
        name: {"precision": row["precision"], "recall": row["recall"], "f1-score": row["f1"], "support": row["support"]}
        for name, row in scores.per_class().items()
    }
    params = {**trained.params, "conf_mat": scores.confusion_matrix.tolist()}
    params["report"] = {**report, "accuracy": scores.accuracy, "macro_f1": scores.macro_f1}
    write_params(Path(str(trained.stem) + PARAMS_SUFFIX), params)
