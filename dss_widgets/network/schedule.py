"""The learning rate over training, and when training stops by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dss_widgets.options.training import EARLY_STOPPING_PATIENCE, TrainingOptions

WARM_UP_SHARE = 0.05
"""Share of all steps over which the learning rate rises."""

MAX_WARM_UP_STEPS = 500

REDUCTION = 0.1
"""What the learning rate is multiplied with on a plateau, as in DAS (Keras's default)."""

MIN_IMPROVEMENT = 1e-4
"""By how much the validation loss must fall, not to be on a plateau (Keras's default)."""


def warmed_up_cosine(step: int, n_steps: int) -> float:
    """Return the share of the highest learning rate at a step (from 0): a linear rise, then half a cosine down to 0."""
    warm_up = max(1, min(MAX_WARM_UP_STEPS, round(WARM_UP_SHARE * n_steps)))
    if step < warm_up:
        return (step + 1) / warm_up
    left = (step - warm_up) / max(1, n_steps - warm_up)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, left)))


@dataclass
class LearningRate:
    """The learning rate by step, and what validation makes of it.

    Attributes:
        highest: the rate that the options set.
        n_steps: all steps of training, for the schedule with decay; None for a fixed rate.
        patience: epochs on a plateau after which a fixed rate is lowered; None: never.
        factor: what the rate has been lowered by so far.
        best: least validation loss that counted as an improvement.
        waited: epochs since then.
    """

    highest: float
    n_steps: int | None
    patience: int | None = None
    factor: float = 1.0
    best: float = math.inf
    waited: int = 0

    @classmethod
    def of(cls, options: TrainingOptions, n_steps: int) -> LearningRate:
        """Return the learning rate that options describe."""
        decays = options.learning_rate_schedule == "cosine"
        lowers = options.reduce_learning_rate and not decays
        return cls(
            options.learning_rate,
            n_steps=n_steps if decays else None,
            patience=options.reduce_learning_rate_patience if lowers else None,
        )

    @property
    def decays(self) -> bool:
        """Whether the rate follows the schedule with warm-up and decay."""
        return self.n_steps is not None

    def at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0 over all epochs."""
        share = 1.0 if self.n_steps is None else warmed_up_cosine(step, self.n_steps)
        return self.highest * self.factor * share

    def end_epoch(self, val_loss: float | None) -> None:
        """Take note of an epoch's validation loss; lower the rate on a plateau."""
        if self.patience is None or val_loss is None:
            return
        if val_loss < self.best - MIN_IMPROVEMENT:
            self.best, self.waited = val_loss, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            self.factor *= REDUCTION
            self.waited = 0


@dataclass
class BestSoFar:
    """The best epoch by validation loss; without validation, the last.

    Attributes:
        epoch: the best epoch, 0 before there is any.
        val_loss: its validation loss.
        waited: epochs since.
    """

    epoch: int = 0
    val_loss: float | None = None
    waited: int = 0

    def end_epoch(self, epoch: int, val_loss: float | None) -> bool:
        """Take note of an epoch's validation loss (None without validation); return whether it is the best so far."""
        if val_loss is None or self.val_loss is None or val_loss < self.val_loss:
            self.epoch, self.val_loss, self.waited = epoch, val_loss, 0
            return True
        self.waited += 1
        return False

    @property
    def epochs_to_early_stop(self) -> int:
        """Epochs without improvement that are left before training stops by itself."""
        return EARLY_STOPPING_PATIENCE - self.waited
