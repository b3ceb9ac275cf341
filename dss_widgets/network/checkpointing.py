"""A training's network, optimizer and average, kept in the run's checkpoint and taken back from it."""

from __future__ import annotations

import time
import zlib
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np

from dss_widgets.errors import RunError
from dss_widgets.network.adam import Adam
from dss_widgets.network.averaging import WeightAverage
from dss_widgets.network.checkpoint import Arrays, CheckpointSchedule, TrainingState, load_checkpoint, save_checkpoint
from dss_widgets.network.model import Network
from dss_widgets.network.schedule import LearningRate


class Checkpointing:
    """What a checkpoint holds of a training besides its state.

    Args:
        folder: the run's, where the checkpoint lies.
        network: what learns.
        optimizer: moves its weights.
        average: of the weights; None where they are not averaged.
        rate: the learning rate.
    """

    def __init__(
        self, folder: Path, network: Network, optimizer: Adam, average: WeightAverage | None, rate: LearningRate
    ) -> None:
        self.folder, self._network, self._optimizer, self._average, self._rate = folder, network, optimizer, average, rate
        self._schedule = CheckpointSchedule()

    def begin(self) -> None:
        """Take it that training begins: the next checkpoint is due some time from here."""
        self._schedule = CheckpointSchedule()

    def is_due(self, *, epoch_ended: bool) -> bool:
        """Return whether it is time to write one."""
        return self._schedule.is_due(epoch_ended=epoch_ended)

    def write(self, state: TrainingState, best_weights: Arrays) -> None:
        """Write a checkpoint, in place of the last one.

        Raises:
            RunError: it cannot be written.
        """
        began = time.monotonic()
        average, own = self._average, self._average.own if self._average else None
        save_checkpoint(
            self.folder, state, self._rate, weights=own or self._network.model.get_weights(),
            optimizer=self._of_optimizer(), best_weights=best_weights, average=average.values if average else [],
        )  # fmt: skip
        self._schedule.written(began)

    def read(self, dataset: Path, fingerprint: str, n_classes: int) -> tuple[TrainingState, Arrays] | None:
        """Take over what the checkpoint holds; returns the state and the best weights, None where there is no checkpoint.

        Args:
            dataset: its path, for messages.
            fingerprint: of the dataset; the checkpoint must be of the same one.
            n_classes: of the network.

        Raises:
            RunError: it cannot be read, or belongs to another network or dataset; nothing was taken over.
        """
        loaded = load_checkpoint(self.folder, self._rate)
        if loaded is None:
            return None
        state, weights, optimizer, best, average = loaded
        if state.fingerprint and state.fingerprint != fingerprint:
            raise RunError(
                f"{dataset}: has been reassembled since this run began, so what is validation and test data now may have "
                "been trained on. Assemble it as it was (same recordings, annotations, options and seed), or start a new run."
            )
        own = self._network.model.get_weights()
        if not (
            _same_shapes(weights, own)
            and _same_shapes(optimizer, self._of_optimizer())
            and _same_shapes(best, own if best else [])
            and _same_shapes(average, own if self._average else [])
            and np.shape(state.so_far.confusion) in ((0,), (n_classes, n_classes))
        ):
            raise RunError(f"{self.folder}: the checkpoint is of another network. Start a new run.")
        self._network.model.set_weights(weights)
        for variable, value in zip(self._optimizer.variables, optimizer, strict=True):
            variable.assign(value)
        if self._average:
            self._average.restore(average)
        return replace(state, fingerprint=fingerprint), best

    def digest(self, step: int) -> int:
        """Return a number that tells apart where processes stand, and what their networks know."""
        arrays = [*self._network.model.get_weights(), *self._of_optimizer()]
        return reduce(lambda digest, array: zlib.crc32(array.tobytes(), digest), arrays, step)

    def _of_optimizer(self) -> Arrays:
        return [np.asarray(variable) for variable in self._optimizer.variables]


def _same_shapes(found: Arrays, wanted: Arrays) -> bool:
    """Return whether arrays have the shapes and types of others."""
    return [(array.shape, array.dtype) for array in found] == [(array.shape, array.dtype) for array in wanted]
