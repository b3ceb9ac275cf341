"""Trainings with parts of the data, to see how scores grow with it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from dss_widgets.dataset import Dataset
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.events import OnEvent, StateChanged
from dss_widgets.network.evaluate import own_dataset
from dss_widgets.network.fit import fit
from dss_widgets.network.messages import OneOfSeveral
from dss_widgets.network.trained import load_trained
from dss_widgets.options import TrainingOptions
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.results.learning_curve import LearningCurve, Point
from dss_widgets.results.params_options import options_of_params
from dss_widgets.results.results_file import read_results
from dss_widgets.results.stems import results_file, stem_of


def learning_curve(
    options: LearningCurveOptions,
    work_folder: Path,
    *,
    known: Collection[Point] = (),
    on_point: Callable[[Point], None] = lambda _point: None,
    on_event: OnEvent = lambda _event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> LearningCurve:
    """Train networks as one was, with parts of its data, and test them on its test data.

    All take as many steps of learning. The parts of a repeat are drawn anew, and are chunks from all over the training data.

    Args:
        options: which network, how many amounts and repeats.
        work_folder: where the networks lie while they are needed; they are removed.
        known: points of an earlier call, which are not made again.
        on_point: takes every point that is made.
        on_event: takes what happens.
        should_stop: is asked now and then.

    Raises:
        DataError: the network or its dataset cannot be used, or there is no test data.
        Cancelled: ``should_stop`` said so; points that were told stay.
    """
    on_event(StateChanged(state="preparing"))
    stem = stem_of(options.network)
    trained = load_trained(stem)
    dataset = own_dataset(trained)
    if not dataset.split("test").n_samples:
        raise DataError(f"{dataset.path}: has no test data, so there are no scores. Assemble it with a test split.")
    told = trained.params.get("dss_widgets")
    seed = int(told.get("seed_used") or 0) if isinstance(told, dict) else 0
    base = TrainingOptions(**options_of_params(trained.params)).copy(store_folder=str(dataset.path), seed=seed)
    wanted = [(2.0**-k * base.data_fraction, repeat) for repeat in range(options.repeats) for k in range(options.amounts)]
    points = {(point.fraction, point.repeat): point for point in known}
    for i, (fraction, repeat) in enumerate(wanted):
        if (fraction, repeat) not in points:
            training = _part(base, fraction, seed + repeat)
            tell = OneOfSeveral(on_event, i, len(wanted), training.epochs)
            is_there = fraction == base.data_fraction and repeat == 0
            score = _score_of(stem) if is_there else None
            score = _trained_score(training, work_folder / "part", tell, should_stop) if score is None else score
            points[fraction, repeat] = Point(fraction, _seconds(dataset, fraction), repeat, score)
            on_point(points[fraction, repeat])
    return LearningCurve(str(stem), tuple(points[key] for key in wanted))


def _part(base: TrainingOptions, fraction: float, seed: int) -> TrainingOptions:
    """Return how a network is trained with part of the data: for as many steps."""
    epochs = min(100_000, math.ceil(base.epochs * base.data_fraction / fraction))
    return base.copy(data_fraction=fraction, seed=seed, epochs=epochs, save_folder="", tensorboard=False, whole_validation=True)


def _seconds(dataset: Dataset, fraction: float) -> float:
    return fraction * dataset.split("train").n_samples / dataset.samplerate_hz


def _score_of(stem: Path) -> float | None:
    """Return the macro F1 of the network itself, as its own test told it."""
    try:
        scores = read_results(results_file(stem)).scores
    except DataError:
        return None
    return scores.macro_f1 if scores is not None else None


def _trained_score(options: TrainingOptions, place: Path, on_event: OnEvent, should_stop: Callable[[], bool]) -> float:
    """Return the macro F1 of a network that is trained, tested, and removed."""
    shutil.rmtree(place, ignore_errors=True)  # what a killed attempt left
    place.mkdir(parents=True)
    try:
        run_folder = place / "net.run"
        result = fit(
            options, place / "net", run_folder=run_folder, on_event=on_event, should_stop=lambda: False, should_save=should_stop
        )
        if result.outcome == "saved":
            raise Cancelled("The learning curve was stopped; trainings that were done count when it goes on.")
        if result.scores is None:
            raise DataError("The test of a network failed, so there is no score for the learning curve. Start it again.")
        return result.scores.macro_f1
    finally:
        shutil.rmtree(place, ignore_errors=True)
