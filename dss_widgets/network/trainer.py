"""The loop over epochs: learn, validate, keep the best, tell how it goes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dss_widgets.errors import RunError
from dss_widgets.events import EpochDone, OnEvent, StepDone
from dss_widgets.network.augment import Variation
from dss_widgets.network.averaging import WeightAverage
from dss_widgets.network.batches import Batches, TrainingBatches, ValidationBatches
from dss_widgets.network.checkpoint import Arrays, EpochProgress, TrainingState
from dss_widgets.network.checkpointing import Checkpointing
from dss_widgets.network.early_trouble import LEAST_STEPS, MUCH_SLOWER, has_song, trouble
from dss_widgets.network.messages import Throttle, collapse_warnings, epoch_done, not_finite_cause, slow_data_warning, warn
from dss_widgets.network.model import Network
from dss_widgets.network.replicas import Replica
from dss_widgets.network.schedule import LearningRate
from dss_widgets.network.steps import new_optimizer, training_step, validation_step
from dss_widgets.results.scores import Scores


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
        variation: varies the training audio, from :func:`~dss_widgets.network.augment.vary`.
        half_precision: whether convolutions are computed in half precision while learning.
        averages: whether the average of the last steps' weights is what is validated and kept.
        renew: puts other first weights into the network, for a second attempt; None: there is none.
        run_folder: where the checkpoint is kept.
        dataset: its path, for messages.
        fingerprint: of the dataset; a checkpoint of another one is not resumed.
        on_event: takes events.
        should_stop: is asked after every step; once true, training ends here, and the best network is kept.
        should_save: is asked after every step, too; once true, a checkpoint is written at once and training is left as it is.
        on_best: called when an epoch was the best so far; the network then has its weights.
        replica: this process among those that train the network together, of which the chief writes checkpoints; left out,
            it is alone.

    Attributes:
        state: where training stands.
        stopped: whether it ended because ``should_stop`` said so.
        saved: whether it was left because ``should_save`` said so.
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
        variation: Variation | None = None,
        half_precision: bool = False,
        averages: bool = False,
        renew: Callable[[], None] | None = None,
        run_folder: Path,
        dataset: Path,
        fingerprint: str,
        on_event: OnEvent,
        should_stop: Callable[[], bool],
        should_save: Callable[[], bool] = lambda: False,
        on_best: Callable[[], None],
        on_epoch: Callable[[EpochDone], None] = lambda _done: None,
        on_begin_again: Callable[[], None] = lambda: None,
        replica: Replica | None = None,
    ) -> None:
        self.network, self.train, self.val, self.rate = network, train, val, rate
        self.class_names, self.n_epochs, self.run_folder = class_names, n_epochs, run_folder
        self.replica = replica or Replica()
        self.replica.listen(should_save, should_stop)
        self.on_event, self.on_best, self.on_epoch, self.on_begin_again = on_event, on_best, on_epoch, on_begin_again
        self.dataset = dataset
        self.state = TrainingState(seed=seed, fingerprint=fingerprint)
        self.stopped = self.saved = False
        self._renew, self._is_renewed = renew, False
        self._average = WeightAverage(network.model) if averages else None
        self._tell_step = Throttle(on_event)
        self._best_weights: Arrays = []
        self._told_slow = False
        self._optimizer = new_optimizer(network, decays=rate.decays)
        self._checkpoint = Checkpointing(run_folder, network, self._optimizer, self._average, rate)
        frames = train.reader.n_frames - 2 * train.boundary / train.reader.hop
        self._train_batch = training_step(
            network, self._optimizer, frames_per_batch=max(1.0, frames) * train.batch_size, class_weights=class_weights,
            variation=variation, half_precision=half_precision, replica=self.replica,
        )  # fmt: skip
        self._validate_batch = validation_step(network, self.replica)

    def resume(self) -> bool:
        """Take on the state of the checkpoint, if there is one; return whether there was.

        Raises:
            RunError: it cannot be read, or belongs to another network or dataset.
        """
        found = self._checkpoint.read(self.dataset, self.state.fingerprint, len(self.class_names))
        if found is None:
            return False
        state, best = found
        if state.so_far.steps != len(self.train):  # other data or batches: the epoch starts over
            state.so_far = EpochProgress()
        self.state, self._best_weights = state, best
        return True

    def run(self) -> None:
        """Train until all epochs are done, the validation loss stops improving, or training is asked to end.

        Afterwards the network has the best weights, unless training was left as it is.

        Raises:
            RunError: the loss is not a number and there is no earlier network to keep, or a checkpoint cannot be written.
            DataError: the data cannot be read.
        """
        if not self.replica.agree(self._checkpoint.digest(self.state.step)):
            raise RunError(
                f"{self.run_folder}: the processes that learn together find different checkpoints in it. Wait until all "
                "of them see the same files, then resume."
            )
        self._checkpoint.begin()
        self._is_renewed = True
        while self._is_renewed and self._continues():
            self._is_renewed = False
            with closing(self.train.stream(self.state.epoch + 1, self.state.so_far.step)) as batches:
                while self._continues() and self._epoch(batches):
                    pass
        if self.saved:
            return
        if self._best_weights:
            self.network.model.set_weights(self._best_weights)
        else:
            self.on_best()

    def _continues(self) -> bool:
        ended = self.stopped or self.saved
        return not ended and self.state.epoch < self.last_epoch and self.state.best.epochs_to_early_stop > 0

    @property
    def last_epoch(self) -> int:
        """Epochs there will be at most, those of a first attempt included."""
        return self.state.first_epoch + self.n_epochs

    def _epoch(self, batches: Batches) -> bool:
        """Train for one epoch, or the rest of one; return whether the end was reached."""
        if not self._learn_epoch(batches):
            return False
        with self._average.in_place() if self._average else nullcontext():
            scores = self._validate(self.val) if self.val is not None else None
            if self.val is not None and scores is None:
                return False
            state, so_far = self.state, self.state.so_far
            val_loss = so_far.val_loss if scores else None
            tells = scores is not None and has_song(scores.confusion_matrix)
            is_best = state.best.end_epoch(state.epoch + 1, val_loss if tells else None)
            if is_best:
                self._best_weights = [np.array(array) for array in self.network.model.get_weights()]
                self.on_best()
        last_rate = self.rate.at(state.step - 1 - state.first_step)
        self.rate.end_epoch(val_loss)
        state.epoch += 1
        state.seconds += so_far.seconds + so_far.val_seconds
        state.so_far = EpochProgress()
        self._tell_epoch(so_far, scores, last_rate, is_best)
        self._mind(scores)
        if self._checkpoint.is_due(epoch_ended=True) or not self._continues():
            self._save()
        return True

    def _mind(self, scores: Scores | None) -> None:
        """Begin again if learning went wrong from the start."""
        state, n_steps = self.state, len(self.train) * self.n_epochs
        confusion = scores.confusion_matrix if scores is not None and has_song(scores.confusion_matrix) else None
        wrong = None
        if not state.is_second_attempt and self._continues():
            wrong = trouble(state.losses, state.step, n_steps, confusion)
        if wrong is not None:
            self._begin_again(*wrong)

    def _begin_again(self, why: str, share: float) -> bool:
        """Learn anew from other first weights, at a lower rate, for as many epochs; return whether that can be."""
        if self._renew is None or self.state.is_second_attempt:
            return False
        state = self.state
        state.first_epoch, state.first_step, state.so_far = state.epoch, state.step, EpochProgress()
        state.best.waited = 0
        state.zero_recall.clear()
        self.rate.factor *= share
        self._renew()
        for variable in self._optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        if self._average:
            self._average.begin()
        warn(
            self.on_event,
            f"Learning went wrong ({why}), so it begins again after epoch {state.epoch}: with other first weights, and a "
            f"learning rate of {self.rate.highest * self.rate.factor:.3g}.",
        )
        self.on_begin_again()
        self._save()
        return True

    def _learn_epoch(self, batches: Batches) -> bool:
        """Learn from the train data, or what is left of it in this epoch; return whether the end was reached."""
        state, so_far = self.state, self.state.so_far
        so_far.steps = len(self.train)
        began = time.monotonic() - so_far.seconds
        while so_far.step < so_far.steps:
            asked = time.monotonic()
            audio, targets, weights = next(batches)
            so_far.waited += time.monotonic() - asked
            self._optimizer.learning_rate.assign(self.rate.at(state.step - state.first_step))
            loss, weight = (float(value) for value in self._train_batch(audio, targets, weights))
            if not self._is_number(loss, "training", audio):
                return False
            if self._average:
                self._average.update(state.step - state.first_step)
            state.step, so_far.step = state.step + 1, so_far.step + 1
            so_far.loss_sum, so_far.weight_sum = so_far.loss_sum + loss, so_far.weight_sum + weight
            so_far.seconds = time.monotonic() - began
            self._tell_step(
                StepDone(
                    epoch=state.epoch + 1, step=so_far.step, steps=so_far.steps, loss=so_far.loss, seconds=so_far.seconds
                )
            )  # fmt: skip
            if not self._continue_after_batch(may_stop=so_far.step < so_far.steps):
                return False
        return True

    def _validate(self, val: ValidationBatches) -> Scores | None:
        """Go through the validation data, or what is left of it.

        None if the loss is not a number, or if training is asked to end and there is a network to keep.
        """
        so_far = self.state.so_far
        confusion = np.array(so_far.confusion or np.zeros((len(self.class_names),) * 2))
        may_stop = bool(self._best_weights) and not self.stopped
        began = time.monotonic() - so_far.val_seconds
        with closing(val.stream(so_far.val_step)) as batches:
            for audio, targets, weights in batches:
                loss, weight, matrix = self._validate_batch(audio, targets, weights)
                if not self._is_number(float(loss), "validation", audio):
                    return None
                so_far.val_loss_sum += float(loss)
                so_far.val_weight_sum += float(weight)
                confusion += matrix.numpy()
                so_far.confusion = confusion.tolist()
                so_far.val_step += 1
                so_far.val_seconds = time.monotonic() - began
                if not self._continue_after_batch(may_stop=may_stop):
                    return None
        return Scores.of(self.class_names, confusion)

    def _continue_after_batch(self, *, may_stop: bool) -> bool:
        """Write a checkpoint if one is due, or if training ends here; return whether training continues.

        Args:
            may_stop: whether a stop takes effect here, rather than at the end of the epoch.
        """
        self.saved, is_to_stop = self.replica.wished()
        self.stopped = self.stopped or is_to_stop
        ends = self.saved or (self.stopped and may_stop)
        if ends or self._checkpoint.is_due(epoch_ended=False):
            self._save()
        return not ends

    def _is_number(self, loss: float, of: str, audio: Any) -> bool:
        """Return whether the loss of a batch is finite; if not, tell why not, and raise if there is no network to keep."""
        if math.isfinite(loss):
            return True
        is_audio_finite = not self.replica.is_anywhere(not np.isfinite(audio.numpy()).all())
        cause = not_finite_cause(of, self.rate, is_audio_finite=is_audio_finite)
        message = f"The loss is not a finite number in epoch {self.state.epoch + 1}. {cause}"
        is_early = not self._best_weights or self.state.step < LEAST_STEPS
        if is_audio_finite and is_early and self._begin_again("the loss is not a number", MUCH_SLOWER):
            self._is_renewed = True
            return False
        if not self._best_weights:
            raise RunError(message)
        warn(self.on_event, f"{message} Training ends here; the network of epoch {self.state.best.epoch} is kept.")
        return False

    def _tell_epoch(self, ended: EpochProgress, scores: Scores | None, rate: float, is_best: bool) -> None:
        """Report an epoch: its sums, its scores and the learning rate of its last step."""
        state = self.state
        done = epoch_done(state, ended, scores, last_epoch=self.last_epoch, rate=rate, is_best=is_best)
        for name in ("loss", "val_loss", "learning_rate", "seconds", "macro_f1"):
            state.history.setdefault(name, []).append(getattr(done, name))
        self.on_event(done)
        self.on_epoch(done)
        for message in collapse_warnings(state, scores) if scores else []:
            warn(self.on_event, message)
        slow = None if self._told_slow else slow_data_warning(ended.waited, done.waiting, self.dataset)
        if slow:
            self._told_slow = True
            warn(self.on_event, slow)

    def _save(self) -> None:
        if self.replica.is_chief:
            self._checkpoint.write(self.state, self._best_weights)
