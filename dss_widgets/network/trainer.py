"""The loop over epochs: learn, validate, keep the best, tell how it goes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.errors import RunError
from dss_widgets.events import EpochDone, OnEvent, StepDone
from dss_widgets.network.augment import vary
from dss_widgets.network.batches import TrainingBatches, ValidationBatches
from dss_widgets.network.checkpoint import Arrays, TrainingState, load_checkpoint, save_checkpoint
from dss_widgets.network.messages import Throttle, collapse_warnings, slow_data_warning, warn
from dss_widgets.network.model import Network
from dss_widgets.network.schedule import LearningRate
from dss_widgets.network.steps import new_optimizer, training_step, validation_step
from dss_widgets.results.scores import Scores


@dataclass(frozen=True)
class Validation:
    """What validation said.

    Attributes:
        loss: mean cross-entropy.
        scores: per frame.
    """

    loss: float
    scores: Scores


class Trainer:
    """Trains a network.

    Args:
        network: with its first weights.
        train, val: the data; ``val`` None if there is none.
        rate: the learning rate.
        class_names: noise first.
        n_epochs: at most.
        class_weights: ``[classes]``, or None for equal ones.
        seed: of the run.
        augmentations: names of variations of the training audio.
        half_precision: whether steps of learning compute convolutions with half the digits.
        run_folder: where the checkpoint is kept.
        dataset: its path, for messages.
        fingerprint: of the dataset; a checkpoint of another one is not gone on with.
        on_event: takes events.
        should_stop: is asked after every step.
        on_best: called when an epoch was the best so far; the network then has its weights.

    Attributes:
        state: where training stands.
        stopped: whether it ended because someone wanted so.
    """

    def __init__(
        self,
        network: Network,
        *,
        train: TrainingBatches,
        val: ValidationBatches | None,
        rate: LearningRate,
        class_names: list[str],
        n_epochs: int,
        class_weights: np.ndarray | None,
        seed: int,
        augmentations: Sequence[str] = (),
        half_precision: bool = False,
        run_folder: Path,
        dataset: Path,
        fingerprint: str,
        on_event: OnEvent,
        should_stop: Callable[[], bool],
        on_best: Callable[[], None],
        on_epoch: Callable[[EpochDone], None] = lambda _done: None,
    ) -> None:
        self.network, self.train, self.val, self.rate = network, train, val, rate
        self.class_names, self.n_epochs, self.run_folder = class_names, n_epochs, run_folder
        self.on_event, self.should_stop, self.on_best, self.on_epoch = on_event, should_stop, on_best, on_epoch
        self.dataset = dataset
        self.state = TrainingState(seed=seed, fingerprint=fingerprint)
        self.stopped = False
        self._tell_step = Throttle(on_event)
        self._best_weights: Arrays = []
        self._waited = 0.0
        self._told_slow = False
        self._optimizer = new_optimizer(network, decays=rate.decays)
        frames = train.reader.n_frames - 2 * train.boundary / train.reader.hop
        self._learn = training_step(
            network, self._optimizer, frames_per_batch=max(1.0, frames) * train.batch_size, class_weights=class_weights,
            variation=vary(augmentations, seed) if augmentations else None, half_precision=half_precision,
        )  # fmt: skip
        self._judge = validation_step(network)

    def resume(self) -> bool:
        """Take on the state of the checkpoint, if there is one; return whether there was.

        Raises:
            RunError: it cannot be read, or belongs to another network or dataset.
        """
        loaded = load_checkpoint(self.run_folder, self.rate)
        if loaded is None:
            return False
        state, weights, optimizer, best = loaded
        if state.fingerprint and state.fingerprint != self.state.fingerprint:
            raise RunError(
                f"{self.dataset}: was assembled anew since this run began, so what is validation and test data now may have "
                "been trained on. Assemble it as it was (same recordings, annotations, options and seed), or start a new run."
            )
        state = replace(state, fingerprint=self.state.fingerprint)
        try:
            self.network.model.set_weights(weights)
            for variable, value in zip(self._optimizer.variables, optimizer, strict=True):
                variable.assign(value)
        except ValueError as error:
            raise RunError(f"{self.run_folder}: the checkpoint is of another network ({error}). Start anew.") from error
        self.state, self._best_weights = state, best
        return True

    def run(self) -> None:
        """Train until all epochs are done, nothing improves any more, or someone wants it to stop.

        Afterwards the network has the best weights.

        Raises:
            RunError: the loss is no number and there is no earlier network to keep.
        """
        if self.state.epoch < self.n_epochs and self.state.best.epochs_to_early_stop > 0:
            batches = iter(self.train.dataset(self.state.epoch + 1))
            while self.state.epoch < self.n_epochs and self.state.best.epochs_to_early_stop > 0:
                if not self._epoch(batches):
                    break
        if self._best_weights:
            self.network.model.set_weights(self._best_weights)
        else:
            self.on_best()

    def _epoch(self, batches: Iterator[Any]) -> bool:
        """Train for one epoch; return whether to go on."""
        started = time.monotonic()
        epoch = self.state.epoch + 1
        self._waited = 0.0
        loss = self._learn_epoch(epoch, batches, started)
        if loss is None:
            return False
        waiting = self._waited / max(time.monotonic() - started, 1e-9)
        validation = self._validate() if self.val is not None else None
        if self.val is not None and validation is None:
            return False
        val_loss = validation.loss if validation else None
        is_best = self.state.best.end_epoch(epoch, val_loss)
        if is_best:
            self._best_weights = [np.array(array) for array in self.network.model.get_weights()]
            self.on_best()
        last_rate = self.rate.at(self.state.step - 1)
        self.rate.end_epoch(val_loss)
        self.state.epoch = epoch
        self.state.seconds += time.monotonic() - started
        self._tell_epoch(loss, validation, last_rate, is_best, waiting)
        self._save()
        return not self.stopped

    def _learn_epoch(self, epoch: int, batches: Iterator[Any], started: float) -> float | None:
        """Go once through the train data; return the mean loss, or None if it ended early."""
        loss_sum = weight_sum = 0.0
        n_steps = len(self.train)
        for step in range(1, n_steps + 1):
            asked = time.monotonic()
            audio, targets, weights = next(batches)
            self._waited += time.monotonic() - asked
            self._optimizer.learning_rate.assign(self.rate.at(self.state.step))
            loss, weight = (float(value) for value in self._learn(audio, targets, weights))
            self.state.step += 1
            if not self._is_number(loss, "training", audio):
                return None
            loss_sum, weight_sum = loss_sum + loss, weight_sum + weight
            self._tell_step(
                StepDone(
                    epoch=epoch, step=step, steps=n_steps, loss=loss_sum / max(weight_sum, 1e-9),
                    seconds=time.monotonic() - started,
                )
            )  # fmt: skip
            if self.should_stop():
                self.stopped = True
                if step < n_steps:
                    return None
        return loss_sum / max(weight_sum, 1e-9)

    def _validate(self) -> Validation | None:
        """Go once through the validation data.

        None if the loss is no number, or if someone wants to stop meanwhile and there is a network to keep.
        """
        assert self.val is not None
        loss_sum = weight_sum = 0.0
        confusion = np.zeros((len(self.class_names),) * 2)
        for audio, targets, weights in self.val.dataset():
            loss, weight, matrix = self._judge(audio, targets, weights)
            if not self._is_number(float(loss), "validation", audio):
                return None
            loss_sum, weight_sum = loss_sum + float(loss), weight_sum + float(weight)
            confusion += matrix.numpy()
            if self._best_weights and not self.stopped and self.should_stop():
                self.stopped = True
                return None
        return Validation(loss_sum / max(weight_sum, 1e-9), Scores.of(self.class_names, confusion))

    def _is_number(self, loss: float, of: str, audio: Any) -> bool:
        """Return whether the loss of a batch is finite; if not, tell why not, and raise if there is no network to keep."""
        if math.isfinite(loss):
            return True
        if not np.isfinite(audio.numpy()).all():
            cause = f"The {of} audio holds NaN or infinite values: assemble the dataset anew, without the recording with them."
        else:
            cause = f"The learning rate of {self.rate.highest:g} is likely too high: try {self.rate.highest / 10:g}."
        message = f"The loss is not a finite number in epoch {self.state.epoch + 1}. {cause}"
        if not self._best_weights:
            raise RunError(message)
        warn(self.on_event, f"{message} Training ends here; the network of epoch {self.state.best.epoch} is kept.")
        return False

    def _tell_epoch(self, loss: float, validation: Validation | None, rate: float, is_best: bool, waiting: float) -> None:
        """Tell how an epoch went; ``waiting`` is the share of its learning that waited for data."""
        state, best = self.state, self.state.best
        done = EpochDone(
            epoch=state.epoch,
            loss=loss,
            val_loss=validation.loss if validation else None,
            learning_rate=rate,
            seconds=state.seconds,
            waiting=waiting,
            best=is_best,
            best_epoch=best.epoch,
            best_val_loss=best.val_loss,
            epochs_to_early_stop=best.epochs_to_early_stop,
            seconds_left=state.seconds / state.epoch * (self.n_epochs - state.epoch),
        )
        if validation:
            scores = validation.scores
            done = replace(
                done,
                recall=dict(zip(self.class_names, scores.recall.tolist(), strict=True)),
                f1=dict(zip(self.class_names, scores.f1.tolist(), strict=True)),
                macro_f1=scores.macro_f1,
            )
        for name in ("loss", "val_loss", "learning_rate", "seconds", "macro_f1"):
            state.history.setdefault(name, []).append(getattr(done, name))
        self.on_event(done)
        self.on_epoch(done)
        for message in collapse_warnings(state, validation.scores) if validation else []:
            warn(self.on_event, message)
        slow = None if self._told_slow else slow_data_warning(self._waited, waiting, self.dataset)
        if slow:
            self._told_slow = True
            warn(self.on_event, slow)

    def _save(self) -> None:
        save_checkpoint(
            self.run_folder, self.state, self.rate, weights=self.network.model.get_weights(),
            optimizer=[np.asarray(variable) for variable in self._optimizer.variables], best_weights=self._best_weights,
        )  # fmt: skip
