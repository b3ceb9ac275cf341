"""Looking for wrong labels: networks judge the labels of recordings that they did not learn from. No label is changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.splits.held_out import folds
from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.events import OnEvent, StateChanged, Warned
from dss_widgets.network.fit import fit
from dss_widgets.network.like import training_like
from dss_widgets.network.messages import OneOfSeveral
from dss_widgets.network.probabilities import fitting, probability_blocks
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import AssemblyOptions, PredictionOptions
from dss_widgets.options.label_check import LabelCheckOptions
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.review.contradictions import LabelSums, contradictions, worthiest
from dss_widgets.review.stretches import Stretch as Doubtful

_DOUBTED = 0.3
"""Share of the labels above which it is rather the networks that are wrong."""

_VALIDATION = 0.15
"""Share of what a network learns from that tells when to stop."""


def check_labels(
    options: LabelCheckOptions,
    work_folder: Path,
    *,
    on_event: OnEvent = lambda _event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Doubtful]:
    """Return the labels of a folder that networks contradict which did not learn from them.

    The recordings are dealt into folds such that each has its share of every song type; a network learns from all folds but
    one, and judges the labels of that.

    Args:
        options: which folder, how many folds, and how the networks are made.
        work_folder: where datasets and networks lie while they are needed; they are removed.
        on_event: takes what happens.
        should_stop: is asked now and then.

    Returns:
        Labels that are likely wrong, song that is likely missing, and edges that are off, as stretches that say why; the most
        surely wrong first.

    Raises:
        DataError: the folder has errors or fewer than two annotated recordings, or a recording cannot be read.
        Cancelled: ``should_stop`` said so.
    """
    on_event(StateChanged(state="preparing"))
    found = survey(options.data_folder)
    found.check()
    if len(found.recordings) < 2:
        raise DataError(f"{found.folder}: has one annotated recording alone. It takes two, so that one can judge the other.")
    assembly = AssemblyOptions(data_folder=options.data_folder, store_folder=str(work_folder / "fold.npy"), seed=0)
    plan = plan_splits(found, assembly)
    parts = folds(plan, options.folds)
    doubtful: list[Doubtful] = []
    for k, judged in enumerate(parts):
        place = work_folder / f"fold{k}"
        try:
            place.mkdir(parents=True)
            store = place / "others.npy"
            _assembled(plan, judged, store, should_stop)
            trained = _trained(options, store, OneOfSeveral(on_event, k, len(parts)), should_stop)
            doubtful += [d for name in judged for d in _judged(trained, plan, name, should_stop)]
        finally:
            shutil.rmtree(place, ignore_errors=True)
    n_labels = sum(len(entry.annotations) for entry in found.recordings)
    if len(doubtful) > _DOUBTED * n_labels:
        told = f"There are {len(doubtful)} contradictions for {n_labels} labels: the networks have hardly learned."
        on_event(Warned(message=f"{told} Let them learn for longer (--epochs), or annotate more."))
    return worthiest(doubtful, options.count)


def _assembled(plan: SplitPlan, judged: list[str], store: Path, should_stop: Callable[[], bool]) -> None:
    """Write a dataset of all recordings but some; all of it is to learn from."""
    stretches, at = [], 0
    for entry in plan.survey.recordings:
        if entry.name not in judged:
            n = plan.lengths[entry.name]
            stretches.append(Stretch(entry.name, 0, n, "train", at))
            at += n
    others = replace(plan, stretches=tuple(stretches), options=plan.options.copy(store_folder=str(store)), problems=())
    assemble(others, cancelled=should_stop)


def _trained(options: LabelCheckOptions, store: Path, tell: OneOfSeveral, should_stop: Callable[[], bool]) -> TrainedNetwork:
    """Return a network that learned from a dataset."""
    training = training_like(options.like, store, epochs=options.epochs, validation_from_train=_VALIDATION, seed=0)
    tell.epochs = training.epochs
    stem = store.with_name("net")
    run_folder = store.with_name("net.run")
    result = fit(training, stem, run_folder=run_folder, on_event=tell, should_stop=lambda: False, should_save=should_stop)
    if result.outcome == "saved":
        raise Cancelled("Looking through the labels was stopped; nothing was changed.")
    return load_trained(stem)


def _judged(trained: TrainedNetwork, plan: SplitPlan, name: str, should_stop: Callable[[], bool]) -> list[Doubtful]:
    """Return what a network contradicts in a recording that it does not know."""
    (entry,) = (entry for entry in plan.survey.recordings if entry.name == name)
    fitted = fitting(trained, entry.recording)
    sums = LabelSums(entry.annotations, len(trained.class_names), trained.samplerate_hz)
    rules = LabellingRules.of(PredictionOptions(), trained.params)
    labeller = Labeller(trained.class_names, trained.class_types, trained.samplerate_hz, rules)
    for _, block in probability_blocks(trained, fitted.read, fitted.n_samples, source=str(entry.recording.path)):
        sums.add(block)
        labeller.add(block)
        if should_stop():
            raise Cancelled("Looking through the labels was stopped; nothing was changed.")
    return contradictions(
        str(entry.recording.path), entry.annotations, sums.finish(), labeller.finish(), trained.class_names
    )  # fmt: skip
