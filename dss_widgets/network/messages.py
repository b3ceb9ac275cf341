"""What a training reports as it runs: events, not too often, and warnings in plain words."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from dss_widgets.events import EpochDone, Event, NetworkTested, OnEvent, Progressed, StepDone, Warned
from dss_widgets.network.checkpoint import EpochProgress, TrainingState
from dss_widgets.network.schedule import LearningRate
from dss_widgets.results.scores import Scores

MIN_SECONDS = 0.5
"""Between two events of a kind that comes often."""

COLLAPSED_EPOCHS = 5
"""Epochs in a row without finding a type, after which a warning says so."""

SLOW_SHARE, SLOW_SECONDS = 0.3, 5.0
"""Share and seconds of an epoch's waiting from which on a warning says so."""


class Throttle:
    """Passes events on, at most one every ``MIN_SECONDS``; the first passes."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._last = -MIN_SECONDS

    def __call__(self, event: Event, *, now: bool = False) -> None:
        """Pass an event on if it is time, or in any case."""
        moment = time.monotonic()
        if now or moment - self._last >= MIN_SECONDS:
            self._last = moment
            self._on_event(event)


class OneOfSeveral:
    """Tells how far one of several trainings is, as a share of all of them.

    Args:
        on_event: takes the progress.
        number, n: which of how many, from 0 on.
        epochs: of this training.
    """

    def __init__(self, on_event: OnEvent, number: int, n: int, epochs: int = 1) -> None:
        self._on_event, self._number, self._n = on_event, number, n
        self.epochs = epochs

    def __call__(self, event: Event) -> None:
        """Take what the training tells."""
        if isinstance(event, StepDone | EpochDone):
            done = event.epoch if isinstance(event, EpochDone) else event.epoch - 1 + event.step / max(1, event.steps)
            share = self._number + done / self.epochs
            self._on_event(Progressed(done=share, total=self._n, doing=f"network {self._number + 1} of {self._n}"))


def warn(on_event: OnEvent, message: str) -> None:
    """Send a warning."""
    on_event(Warned(message=message))


def tested(scores: Scores) -> NetworkTested:
    """Return the event that tells the scores of a test."""
    return NetworkTested(
        class_names=tuple(scores.class_names), per_class=scores.per_class(),
        confusion_matrix=tuple(tuple(row) for row in scores.confusion_matrix.tolist()),
        macro_f1=scores.macro_f1, accuracy=scores.accuracy,
    )  # fmt: skip


def epoch_done(
    state: TrainingState, ended: EpochProgress, scores: Scores | None, *, last_epoch: int, rate: float, is_best: bool
) -> EpochDone:
    """Return the event that tells of an epoch.

    Args:
        state: where training stands after it.
        ended: its sums.
        scores: of its validation; None without.
        last_epoch: epochs there will be at most.
        rate: the learning rate of its last step.
        is_best: whether its network is the best so far.
    """
    best = state.best
    done = EpochDone(
        epoch=state.epoch,
        loss=ended.loss,
        val_loss=ended.val_loss if scores else None,
        learning_rate=rate,
        seconds=state.seconds,
        waiting=ended.waited / max(ended.seconds, 1e-9),
        best=is_best,
        best_epoch=best.epoch,
        best_val_loss=best.val_loss,
        epochs_to_early_stop=best.epochs_to_early_stop,
        seconds_left=state.seconds / state.epoch * (last_epoch - state.epoch),
    )
    if scores is None:
        return done
    return replace(
        done,
        recall=dict(zip(scores.class_names, scores.recall.tolist(), strict=True)),
        f1=dict(zip(scores.class_names, scores.f1.tolist(), strict=True)),
        macro_f1=scores.macro_f1,
    )


def not_finite_cause(of: str, rate: LearningRate, *, is_audio_finite: bool) -> str:
    """Return why a loss is likely not a finite number, and how to mend that.

    Args:
        of: which data it is of: ``training`` or ``validation``.
        rate: the learning rate.
        is_audio_finite: whether the audio of the batch is.
    """
    if not is_audio_finite:
        return f"The {of} audio holds NaN or infinite values: reassemble the dataset without the recording that holds them."
    return f"The learning rate of {rate.highest:g} is likely too high: try {rate.highest * rate.factor / 10:g}."


def collapse_warnings(state: TrainingState, scores: Scores) -> list[str]:
    """Return a warning for every song type that the network has given up; each is given once.

    Args:
        state: counts, by type, the epochs in a row in which it was never found.
        scores: of this epoch's validation.
    """
    messages = []
    for name, support, recall in zip(scores.class_names[1:], scores.support[1:], scores.recall[1:], strict=True):
        if support <= 0:
            continue
        waited = state.zero_recall.get(name, 0) + 1 if recall == 0 else 0
        state.zero_recall[name] = waited
        if waited == COLLAPSED_EPOCHS:
            messages.append(
                f"{name!r} has not been found once in the validation data for {waited} epochs: the network takes it for "
                "something else. If that lasts, try 'Balance classes', another learning rate, longer chunks, or more "
                "annotations of it."
            )
    return messages


def slow_data_warning(waited: float, share: float, dataset: Path) -> str | None:
    """Return a warning if an epoch of the training time went into waiting for data for long, in seconds and as a share."""
    if waited < SLOW_SECONDS or share < SLOW_SHARE:
        return None
    return (
        f"Learning waited for data {share:.0%} of the last epoch: {dataset} is read slowly. "
        "Copy the dataset to a disk of the machine that trains, or train when that one is less busy."
    )
