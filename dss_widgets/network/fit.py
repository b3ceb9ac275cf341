"""Training from start to end: data, network, loop, files, test."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tensorflow as tf

from dss_widgets.dataset.splits.validation_cut import validation_cut
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import DataError, OptionsError, RunError
from dss_widgets.events import OnEvent, Progressed, StateChanged, TrainingBegan
from dss_widgets.file_endings import KERAS_SUFFIX, PARAMS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.network.beginning import SEED, begin_network, chosen_seed
from dss_widgets.network.checkpoint import remove_leftovers
from dss_widgets.network.das_weights import save_das_weights
from dss_widgets.network.evaluate import evaluate
from dss_widgets.network.keras_file import save_whole_network
from dss_widgets.network.messages import Throttle, tested, warn
from dss_widgets.network.model import Network
from dss_widgets.network.params import network_params, training_params
from dss_widgets.network.replicas import Replica
from dss_widgets.network.tensorboard import tensorboard_logger
from dss_widgets.network.trained import TrainedNetwork
from dss_widgets.network.trainer_setup import new_trainer
from dss_widgets.network.tune import tune
from dss_widgets.options import TrainingOptions
from dss_widgets.results.no_song import no_song_path
from dss_widgets.results.params_file import write_params
from dss_widgets.results.scores import Scores
from dss_widgets.results.starting_point import all_problems
from dss_widgets.results.stems import CHECKPOINT
from dss_widgets.results.validation import validation_path

_MISHAPS = (DataError, RunError, OSError, MemoryError, tf.errors.OpError)
"""What may go wrong after training without losing the network."""


History = dict[str, list[float | None]]
Outcome = Literal["finished", "stopped", "saved"]


class _TimeIsUp(Exception):  # noqa: N818 - no error
    """What comes after training is left for when the run is resumed."""


@dataclass(frozen=True)
class FitResult:
    """What training came to.

    Attributes:
        stem: path of the files, without their endings.
        best_epoch: the epoch whose network was kept (0: stopped before the first was complete).
        best_val_loss: its validation loss, or None without validation.
        history: values by name, one an epoch.
        outcome: ``finished``; ``stopped``: ended early, the best network so far is kept and tested; ``saved``: left as it is,
            with a checkpoint to resume from.
        scores: of the test; None if there is no test data, or the test failed or was not reached.
    """

    stem: Path
    best_epoch: int
    best_val_loss: float | None
    history: History
    outcome: Outcome
    scores: Scores | None


def fit(
    options: TrainingOptions,
    stem: Path,
    *,
    run_folder: Path,
    on_event: OnEvent,
    should_stop: Callable[[], bool],
    should_save: Callable[[], bool] = lambda: False,
    resume: bool = False,
    replica: Replica | None = None,
) -> FitResult:
    """Train a network, write its files, and test it.

    Args:
        options: which data, which network, how it learns.
        stem: path of the files to write, without their endings; its folder is made.
        run_folder: where the checkpoint is kept.
        on_event: takes what happens, as it happens.
        should_stop: is asked after every step; once true, training ends, and the best network so far is kept and tested.
        should_save: is asked after every step, and while the network is tested; once true, a checkpoint is written at once and
            nothing more is done: for a process whose time is up.
        resume: continue from the checkpoint in the run's folder, where there is one. What was stopped or saved continues at
            the step where it was left.
        replica: this process, the chief among those that train the network together; the others call :func:`train_replica`,
            and ``resume`` is set. Left out, it is alone.

    Raises:
        OptionsError: options or dataset cannot be trained with; each problem names its field.
        DataError, RunError: a file cannot be read or written, the loss is not a number from the start, or the dataset was
            reassembled since the run that is resumed began.
    """
    on_event(StateChanged(state="preparing"))
    resumes = resume and (run_folder / CHECKPOINT).is_file()
    dataset = _check(options, on_event, resuming=resumes)
    _make_folders(stem, run_folder)
    replica = replica or Replica()
    seed = replica.of_chief(chosen_seed(options, run_folder))
    beginning = begin_network(options, dataset, seed, run_folder if resume else None)
    network = beginning.network

    def tell_beginning() -> None:
        on_event(
            TrainingBegan(
                epochs=trainer.last_epoch, steps_per_epoch=len(trainer.train), n_weights=network.n_weights,
                classes=tuple(beginning.class_names), start=beginning.start,
            )
        )  # fmt: skip

    log_epoch = tensorboard_logger(stem) if options.tensorboard else None
    trainer = new_trainer(
        options, dataset, network, seed, run_folder=run_folder, on_event=on_event, should_stop=should_stop,
        should_save=should_save, on_best=lambda: _save_weights(stem, network), on_epoch=log_epoch or (lambda _done: None),
        renew=beginning.renew, on_begin_again=tell_beginning, replica=replica,
    )  # fmt: skip
    if resume:
        trainer.resume()
    params = training_params(options, dataset, stem, seed=seed)
    write_params(Path(str(stem) + PARAMS_SUFFIX), params)  # not before it is sure that the run can be resumed
    on_event(StateChanged(state="training"))
    tell_beginning()
    trainer.run()
    scores, is_cut_short = None, trainer.saved
    if not trainer.saved:
        trained = TrainedNetwork(stem, network.weights, params, network_params(params, stem))
        _save_weights(stem, network)
        _save_whole(stem, network)
        scores, is_cut_short = _tune_and_test(
            trained, dataset, options, history=trainer.state.history, on_event=on_event, should_save=should_save
        )
    outcome: Outcome = "stopped" if trainer.stopped else "saved" if is_cut_short else "finished"
    state = trainer.state
    return FitResult(stem, state.best.epoch, state.best.val_loss, state.history, outcome, scores)


def train_replica(options: TrainingOptions, *, run_folder: Path, replica: Replica) -> None:
    """Train along, in a process that is not the chief, for as long as the chief's :func:`fit` does; nothing is written or told.

    Args:
        options: of the training.
        run_folder: where the chief keeps the checkpoint.
        replica: this process among those that train the network together.

    Raises:
        RunError: another process has ended, or reads another checkpoint.
        DataError: dataset or network to start from cannot be read.
    """
    dataset = open_dataset(options.store_path)
    beginning = begin_network(options, dataset, replica.of_chief(0), run_folder)
    trainer = new_trainer(
        options, dataset, beginning.network, beginning.seed, run_folder=run_folder, on_event=lambda _event: None,
        should_stop=lambda: False, on_best=lambda: None, renew=beginning.renew, replica=replica,
    )  # fmt: skip
    trainer.resume()
    trainer.run()


def _check(options: TrainingOptions, on_event: OnEvent, *, resuming: bool) -> Dataset:
    """Open the dataset; tell warnings, raise on errors."""
    problems = all_problems(options, resuming=resuming)
    errors = [problem for problem in problems if problem.is_error]
    if errors:
        raise OptionsError(errors)
    declared = options.declared()
    for problem in problems:
        label = declared[problem.field].label if problem.field in declared else problem.field
        warn(on_event, str(replace(problem, field=label)))
    return open_dataset(options.store_path)


def _make_folders(stem: Path, run_folder: Path) -> None:
    """Make the folders that are written to, and clear them of what killed processes left half written."""
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        run_folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(run_folder, Path(CHECKPOINT).stem)
        remove_leftovers(run_folder, SEED)
        remove_leftovers(stem.parent, f"{stem.name}_")
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be made ({error.strerror}). Choose another save folder.") from error


def _save_weights(stem: Path, network: Network) -> None:
    try:
        save_das_weights(str(stem) + WEIGHTS_SUFFIX, network.architecture, network.weights)
    except OSError as error:
        raise DataError(f"{stem}{WEIGHTS_SUFFIX}: cannot be written ({error.strerror or error}). Free some space.") from error


def _save_whole(stem: Path, network: Network) -> None:
    try:
        save_whole_network(Path(str(stem) + KERAS_SUFFIX), network)
    except OSError as error:
        raise DataError(f"{stem}{KERAS_SUFFIX}: cannot be written ({error.strerror or error}). Free some space.") from error


def _tune_and_test(
    trained: TrainedNetwork,
    dataset: Dataset,
    options: TrainingOptions,
    *,
    history: History,
    on_event: OnEvent,
    should_save: Callable[[], bool],
) -> tuple[Scores | None, bool]:
    """Find thresholds and test; return the scores, and whether there was no time for all of that."""
    no_song_path(trained.stem).unlink(missing_ok=True)  # of an earlier network
    try:
        tuned = _tuned(trained, dataset, options, on_event, should_save)
        return _test(tuned, dataset, history, on_event, should_save), False
    except _TimeIsUp:
        return None, True


def _tuned(
    trained: TrainedNetwork, dataset: Dataset, options: TrainingOptions, on_event: OnEvent, should_save: Callable[[], bool]
) -> TrainedNetwork:
    """Keep how predictions become annotations, as found on the validation data; a failure loses nothing."""

    def on_progress(_done: int, _total: int) -> None:
        if should_save():
            raise _TimeIsUp

    try:
        cut = validation_cut(options, dataset)
        found = tune(trained, dataset, cut, thresholds=options.tune_thresholds, on_progress=on_progress)
        return found.kept_with(trained)
    except _MISHAPS as error:
        warn(on_event, f"The gap to fill and the shortest segment could not be found on the validation data ({_why(error)}).")
        validation_path(trained.stem).unlink(missing_ok=True)  # of an earlier network
        return trained


def _why(error: BaseException) -> str:
    """Return what went wrong; of files, which one, in words."""
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)


def _test(
    trained: TrainedNetwork, dataset: Dataset, history: History, on_event: OnEvent, should_save: Callable[[], bool]
) -> Scores | None:
    """Test the network; a failure becomes a warning, for the network is saved and can be tested again."""
    on_event(StateChanged(state="testing"))
    tell = Throttle(on_event)

    def on_progress(done: int, total: int) -> None:
        tell(Progressed(done=done, total=total, doing="testing"), now=done == total)
        if should_save():
            raise _TimeIsUp

    try:
        scores = evaluate(trained.stem, dataset, on_progress, trained=trained, history=history)
    except _MISHAPS as error:
        warn(
            on_event,
            f"The test failed ({_why(error)}). The network is saved: once that is mended, press 'Test again' among its "
            f"results, or run: dss-widgets evaluate {shlex.quote(str(trained.stem))}",
        )
        return None
    if scores is not None:
        on_event(tested(scores))
    return scores
