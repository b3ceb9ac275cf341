"""Networks that are tested on animals, or recordings, that they never heard."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from dss_widgets.dataset.fold_datasets import FoldPlan, plan_folds
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.events import OnEvent, StateChanged
from dss_widgets.network.fit import fit
from dss_widgets.network.like import training_like
from dss_widgets.network.messages import OneOfSeveral
from dss_widgets.options.cross_validation import CrossValidationOptions
from dss_widgets.results.cross_validation import CrossValidation, Fold, scores_of
from dss_widgets.results.results_file import read_results


def cross_validate(
    options: CrossValidationOptions,
    work_folder: Path,
    *,
    known: Collection[Fold] = (),
    on_fold: Callable[[Fold], None] = lambda _fold: None,
    on_event: OnEvent = lambda _event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> CrossValidation:
    """Train a network for each fold on all recordings but some, and test it on those.

    What a network is tested on takes no part in any choice: others tell when it stops, and find its thresholds.

    Args:
        options: which recordings, how they are dealt into folds, and how the networks are made.
        work_folder: where datasets and networks lie while they are needed; they are removed.
        known: folds of an earlier call with the same options, which are not made again.
        on_fold: takes each fold that is made.
        on_event: takes what happens.
        should_stop: is asked now and then.

    Raises:
        DataError: the folder has errors, too few recordings or animals, or a recording cannot be read.
        OptionsError: the recordings cannot be split, or a network cannot be trained with what is left.
        Cancelled: ``should_stop`` said so; folds that were told stay.
    """
    on_event(StateChanged(state="preparing"))
    dealt = plan_folds(
        options.assembly(str(work_folder / "fold.npy")), options.folds, by=options.by, val_fraction=options.val_fraction
    )
    made = {fold.held_out: fold for fold in known}
    for k, fold in enumerate(dealt):
        if fold.held_out not in made:
            tell = OneOfSeveral(on_event, k, len(dealt))
            made[fold.held_out] = _fold(fold, options, place=work_folder / f"fold{k}", on_event=tell, should_stop=should_stop)
            on_fold(made[fold.held_out])
    return CrossValidation(options.by, tuple(made[fold.held_out] for fold in dealt))


def _fold(
    fold: FoldPlan,
    options: CrossValidationOptions,
    *,
    place: Path,
    on_event: OneOfSeveral,
    should_stop: Callable[[], bool],
) -> Fold:
    """Return what comes of a network that never heard some recordings; it is removed."""
    shutil.rmtree(place, ignore_errors=True)  # what a killed attempt left
    place.mkdir(parents=True)
    try:
        store = fold.assemble(place / "fold.npy", cancelled=should_stop)
        training = training_like(options.like, store, epochs=options.epochs, seed=options.seed)
        on_event.epochs = training.epochs
        stem = place / "net"
        result = fit(
            training, stem, run_folder=place / "net.run", on_event=on_event, should_stop=lambda: False, should_save=should_stop
        )
        if result.outcome == "saved":
            raise Cancelled("The cross-validation was stopped; networks that were tested count when it goes on.")
        scores = scores_of(read_results(stem))
        if not scores:
            raise DataError("The test of a network failed, so there is no score for its fold. Start it again.")
        return Fold(fold.held_out, len(fold.names), fold.seconds, scores)
    finally:
        shutil.rmtree(place, ignore_errors=True)
