"""How often a network finds song where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.network.ahead import Ahead
from dss_widgets.network.annotate import open_fitting
from dss_widgets.network.ensemble import TrainedEnsemble
from dss_widgets.network.probabilities import OnNotice, OnProgress, fitting, probability_blocks
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import PredictionOptions
from dss_widgets.results.labels import LabellingRules
from dss_widgets.results.no_song import NoSong, summed_curves, write_no_song
from dss_widgets.results.sweep import ThresholdSweep
from dss_widgets.results.threshold_curves import ThresholdCurves

_MOST_TOLD = 20
"""Failures that an error's message tells of."""


def false_alarms(
    stem: str | os.PathLike[str],
    recordings: Iterable[str | os.PathLike[str]],
    *,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> NoSong:
    """Count what a network finds in recordings in which nothing sings, and keep that beside its files.

    What is counted is what annotating writes, with the durations and thresholds that the network has; and what it would write
    with any other threshold. One recording that cannot be read holds up none of the others.

    Args:
        stem: path of the network's files, without their endings.
        recordings: audio files, at any rate.
        on_progress: called with samples done and in total, of all recordings together.
        on_notice: takes notices, such as that a recording cannot be read; by default they are logged.
        should_stop: is asked after every block.

    Raises:
        DataError: the network cannot be used, or no recording can be read.
        Cancelled: ``should_stop`` said so; what was kept before stays.
    """
    trained, paths = load_trained(stem), [Path(path) for path in recordings]
    rules, ahead = LabellingRules.of(PredictionOptions(), trained.params), Ahead(paths)
    found: dict[str, ThresholdCurves] = {}
    failures: list[str] = []

    def progressed(n_samples: int) -> None:
        ahead.done += n_samples
        if on_progress:
            on_progress(ahead.done, ahead.total)
        if should_stop is not None and should_stop():
            raise Cancelled("Looking for false alarms was stopped.")

    for path in paths:
        try:
            found[str(path)] = _found_in(trained, path, ahead, progressed, on_notice)
        except (DataError, MemoryError) as error:
            failures.append(str(error) or f"{path}: there is not enough memory for it.")
            if on_notice:
                on_notice(failures[-1])
    if not found:
        raise DataError("\n".join(failures[:_MOST_TOLD]) or "There are no recordings to look through.")
    thresholds = {"events": rules.event_threshold, "segments": rules.segment_threshold}
    by_recording = {path: {"seconds": c.seconds, "found": _counts(c, thresholds)} for path, c in found.items()}
    told = NoSong(summed_curves(list(found.values())), thresholds, by_recording)
    write_no_song(trained.stem, told)
    return told


def _found_in(
    trained: TrainedNetwork, path: Path, ahead: Ahead, progressed: Callable[[int], None], on_notice: OnNotice | None
) -> ThresholdCurves:
    sweep = ThresholdSweep(trained.class_names, trained.class_types, trained.samplerate_hz)
    try:
        recording = open_fitting(TrainedEnsemble.alone(trained), path)
    except (DataError, MemoryError):
        ahead.left_out(path)
        raise
    ahead.opened(path, resampled_length(recording.n_samples, recording.samplerate_hz, trained.samplerate_hz))
    fitted = fitting(trained, recording, on_notice)
    for _, block in probability_blocks(trained, fitted.read, fitted.n_samples, source=str(path)):
        sweep.add(block)
        progressed(len(block))
    return sweep.curves(Annotations.of([]), LabellingRules.of(PredictionOptions(), trained.params))


def _counts(curves: ThresholdCurves, thresholds: dict[str, float]) -> dict[str, int]:
    return {
        name: curve.at(threshold).n_predicted
        for kind, threshold in thresholds.items()
        for name, curve in curves.of(kind).items()
    }
