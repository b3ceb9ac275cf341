"""How a network's probabilities become annotations, found on the validation data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import SUFFIX, read_annotations
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.splits.validation_cut import ValidationCut
from dss_widgets.dataset.stores.store import Dataset, Split
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.network.probabilities import OnProgress, probability_blocks
from dss_widgets.network.rows import BLOCK_ROWS, ConcatenatedRows, Rows
from dss_widgets.network.trained import TrainedNetwork
from dss_widgets.options import PredictionOptions
from dss_widgets.options.song import SongFacts
from dss_widgets.results.calibration import TEMPERATURE, EvenSamples, Reliability, find_temperature, reliability_of
from dss_widgets.results.chosen_thresholds import ChosenThresholds, with_choice
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.results.own_params import with_own_value
from dss_widgets.results.params_file import write_params
from dss_widgets.results.sweep import ThresholdSweep
from dss_widgets.results.threshold_curves import PREFER_WORDS
from dss_widgets.results.tuning import THRESHOLDS, spares_events, tune_event_threshold, tune_segment_threshold
from dss_widgets.results.validation import Validation, validation_path, write_validation


@dataclass(frozen=True)
class FoundOnValidation:
    """What validation data say of a network.

    Attributes:
        post_opt: under DAS's names (``post_opt`` in the params): ``gap_dur`` and ``min_len``, the gap to fill and the shortest
            segment in seconds, ``score_val``, the segment F1 with them, and ``score_val_before``, without; with thresholds
            also ``segment_thres``, ``event_thres``, and ``event_score_val``, the mean F1 of the event types. Where events come
            in trains, ``event_dist_max``: how far in seconds the nearest neighbour of one may be. What there is none of in the
            validation data is left out; None if that leaves nothing.
        validation: what each threshold does, and how reliable probabilities are; None without validation data.
    """

    post_opt: Mapping[str, Any] | None = None
    validation: Validation | None = None

    def kept_with(self, trained: TrainedNetwork) -> TrainedNetwork:
        """Keep it in the files of a network; thresholds that somebody chose by preference are chosen again.

        Returns:
            The network with these params.

        Raises:
            DataError: a file cannot be written.
        """
        params = {**trained.params, **({"post_opt": dict(self.post_opt)} if self.post_opt is not None else {})}
        if self.validation is None:
            validation_path(trained.stem).unlink(missing_ok=True)
        else:
            reliability, choice = self.validation.reliability, ChosenThresholds.of(params)
            params = with_own_value(params, TEMPERATURE, reliability.temperature if reliability else None)
            if choice is not None and choice.prefer in PREFER_WORDS:
                params = with_choice(params, ChosenThresholds.best(self.validation.curves, choice.prefer))
            write_validation(trained.stem, self.validation)
        write_params(Path(str(trained.stem) + PARAMS_SUFFIX), params)
        return replace(trained, params=params)


def tune(
    trained: TrainedNetwork,
    dataset: Dataset,
    cut: ValidationCut | None = None,
    *,
    thresholds: bool = False,
    on_progress: OnProgress | None = None,
) -> FoundOnValidation:
    """Find what makes the best annotations of the validation data, and what each threshold does there.

    Args:
        trained: the network.
        dataset: what it was trained on.
        cut: which part of the train split validates, where the dataset has no validation data.
        thresholds: whether to find thresholds of probability too; else they stay at 0.5.
        on_progress: called with samples done and in total; what it raises ends the work.
    """
    song_type = str(trained.params.get("y_suffix") or "")
    split = dataset.split("train" if cut is not None else "val")
    audio, targets = _validating(split, song_type, cut)
    if not len(audio):
        return FoundOnValidation()
    labellers = {
        threshold: Labeller(
            trained.class_names, trained.class_types, trained.samplerate_hz,
            LabellingRules(event_threshold=threshold, segment_threshold=threshold),
        )
        for threshold in (THRESHOLDS if thresholds else THRESHOLDS[:1])
    }  # fmt: skip
    sweep = ThresholdSweep(trained.class_names, trained.class_types, trained.samplerate_hz)
    samples = EvenSamples(len(audio), len(trained.class_names))
    for start, block in probability_blocks(trained, audio.read, len(audio)):
        for labeller in labellers.values():
            labeller.add(block)
        sweep.add(block)
        samples.add(block, targets.read(start, start + len(block)))
        if on_progress:
            on_progress(start + len(block), len(audio))
    annotated = split_annotations(trained, split, song_type) if cut is None else _meant_by_targets(trained, targets)
    found = _post_opt(labellers, annotated, song_facts(dataset, song_type), thresholds=thresholds)
    rules = LabellingRules.of(PredictionOptions(), {"post_opt": found})
    return FoundOnValidation(found, Validation(sweep.curves(annotated, rules), _reliability(samples, trained.class_names)))


def _validating(
    split: Split, song_type: str, cut: ValidationCut | None
) -> tuple[Rows | ConcatenatedRows, Rows | ConcatenatedRows]:
    """Return audio and targets of what validates."""
    both = split.x, split.y(song_type)
    audio, targets = (Rows(array) if cut is None else ConcatenatedRows(array, cut.val) for array in both)
    return audio, targets


def _post_opt(
    labellers: Mapping[float, Labeller], annotated: Annotations, facts: SongFacts, *, thresholds: bool
) -> dict[str, Any] | None:
    """Return what is found, under DAS's names.

    Lone events are left out where those of the train data come in trains: noises that are like a pulse have no neighbours.
    Pulses of a fly that was not trained on, mean of two seeds: event F1 0.790 with lone ones, 0.850 without; the other way
    round 0.970 and 0.966 (tests/benchmarks/defaults.py, fly7to14 and fly14to7).
    """
    told: dict[str, Any] = {}
    segments = tune_segment_threshold(labellers, annotated, facts.speck_seconds)
    if segments is not None:
        threshold, found = segments
        told |= {
            "gap_dur": found.fill_gap_seconds, "min_len": found.minimum_duration_seconds,
            "score_val": found.f1, "score_val_before": found.f1_before,
        }  # fmt: skip
        told |= {"segment_thres": threshold} if thresholds else {}
    farthest, train_seconds = np.inf, facts.train_seconds
    if train_seconds is not None and spares_events(labellers[THRESHOLDS[0]], annotated, train_seconds):
        farthest = told["event_dist_max"] = round(train_seconds, 4)
    events = tune_event_threshold(labellers, annotated, farthest) if thresholds else None
    if events is not None:
        told |= {"event_thres": events[0], "event_score_val": events[1]}
    return {"gap_dur": 0.0, "min_len": 0.0, **told} if told else None  # DAS looks for these two


def _reliability(samples: EvenSamples, class_names: list[str]) -> Reliability | None:
    p, targets = samples.kept()
    temperature = find_temperature(p, targets)
    return None if temperature is None else reliability_of(p, targets, class_names, temperature)


def split_annotations(trained: TrainedNetwork, split: Split, song_type: str) -> Annotations:
    """Return what is annotated in a split, in its own time.

    It is taken from the split's annotations file; classes of which that says nothing, from the targets.
    """
    path, names = split.folder / f"x{SUFFIX}", trained.class_names[1:]
    told = read_annotations(path)[0] if path.is_file() else Annotations.of([])
    untold = sorted(set(names) - set(told.song_types()))
    told = told.select(np.isin(told.names, names))
    if not untold:
        return told
    meant = _meant_by_targets(trained, Rows(split.y(song_type)))
    meant = meant.select(np.isin(meant.names, untold))
    both = [
        (str(name), float(start), float(stop))
        for these in (told, meant)
        for name, start, stop in zip(these.names, these.start_seconds, these.stop_seconds, strict=True)
    ]
    return Annotations.of(both)


def _meant_by_targets(trained: TrainedNetwork, targets: Rows | ConcatenatedRows) -> Annotations:
    labeller = Labeller(trained.class_names, trained.class_types, trained.samplerate_hz)
    for start in range(0, len(targets), BLOCK_ROWS):
        labeller.add(targets.read(start, start + BLOCK_ROWS).astype(np.float32))
    return labeller.finish()
