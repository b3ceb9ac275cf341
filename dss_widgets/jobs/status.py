"""What a job is doing or how it ended, as its events tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from dss_widgets.events import (
    EpochDone,
    Event,
    NetworkTested,
    OutcomeTold,
    Progressed,
    RecordingDone,
    StateChanged,
    StepDone,
    TrainingBegan,
    Warned,
)
from dss_widgets.jobs.slurm.words import InSlurm

RUNNING = ("queued", "starting", "preparing", "working", "training", "testing")
"""States of a job that goes on: its worker is alive, or Slurm is to start it."""

BEGINNINGS = ("queued", "starting")
"""States with which another attempt at a job begins."""

ENDED_WELL = ("finished", "stopped")
"""States of a job that ended as it should, or as somebody wished."""


@dataclass(frozen=True)
class JobStatus:
    """What a job of any kind is doing, or how it ended.

    Attributes:
        state: queued (in Slurm), starting, preparing, working (of trainings: training, testing); or finished, stopped (by the
            user), failed (with a message), died (its worker is gone without a word).
        share: how much is done, 0 to 1; None before there is anything to tell. Work in several parts begins again at 0.
        doing: which part of the work is going on, such as ``learning anew``; '' where the kind of work says it all.
        started, updated: unix seconds of the first and the last event.
        seconds: how long it worked so far, breaks between a stop and going on left out.
        seconds_left: estimated time left; None before there is anything to tell.
        message: for people: why it failed, how it died, or what it waits for.
        warnings: what the worker remarked, each once.
        outcome: what it came to, as plain values; which ones, its kind says.
        slurm: what Slurm says of it; None for one that runs without Slurm.
    """

    state: str = "starting"
    share: float | None = None
    doing: str = ""
    started: float | None = None
    updated: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    message: str = ""
    warnings: tuple[str, ...] = ()
    outcome: dict[str, Any] = field(default_factory=dict)
    slurm: InSlurm | None = None
    _first: tuple[float, float] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it goes on: its worker is alive, or Slurm is to start it."""
        return self.state in RUNNING

    @property
    def place_words(self) -> str:
        """Where in Slurm it is and what it waits for, for people; '' for one that runs without Slurm."""
        if self.slurm is None:
            return ""
        return ". ".join(filter(None, [self.slurm.words(), self.message if self.state == "queued" else ""]))

    @property
    def ended_well(self) -> bool:
        """Whether it has ended, and neither failed nor died."""
        return self.state in ENDED_WELL

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        values = {name: value for name, value in asdict(self).items() if not name.startswith("_")}
        return {**values, "warnings": list(self.warnings), "is_running": self.is_running}

    def after_all(self, events: Iterable[Event]) -> Self:
        """Return the status once some events have happened."""
        status = self
        for event in events:
            status = status.after(event)
        return status

    def after(self, event: Event) -> Self:
        """Return the status once an event has happened."""
        when, begins = event.time, isinstance(event, StateChanged) and event.state in BEGINNINGS
        passed = 0.0 if begins or when is None or self.updated is None else max(0.0, when - self.updated)
        status = replace(
            self,
            started=when if self.started is None else self.started,
            updated=self.updated if when is None else when,
            seconds=self.seconds + passed,
        )
        return status._changed_by(event)

    def _changed_by(self, event: Event) -> Self:
        match event:
            case StateChanged(state="starting" | "queued"):  # what was told before may hold no longer
                return replace(
                    self, state=event.state, message=event.message, warnings=(), outcome={}, share=None, doing="",
                    seconds_left=None, _first=None,
                )  # fmt: skip
            case StateChanged():
                left = self.seconds_left if event.state in RUNNING else None
                return replace(self, state=event.state, message=event.message, seconds_left=left)
            case Progressed():
                return self._progressed(event)
            case Warned():
                return replace(self, warnings=tuple(dict.fromkeys((*self.warnings, event.message))))
            case OutcomeTold():
                return replace(self, outcome={**self.outcome, **event.values})
        return self

    def _progressed(self, event: Progressed) -> Self:
        share = min(1.0, max(0.0, event.done / event.total)) if event.total else 1.0
        now = self.seconds
        first = self._first if self._first is not None and self._first[1] <= share else (now, share)
        left = (now - first[0]) * (1 - share) / (share - first[1]) if share > first[1] else None
        return replace(self, share=share, doing=event.doing, seconds_left=left, _first=first)


@dataclass(frozen=True)
class RunStatus(JobStatus):
    """What a training is doing, or how it ended.

    Attributes:
        epoch, epochs: the last finished epoch, and how many there are to be.
        step, steps: where in the current epoch it is.
        loss, val_loss: of the last finished epoch.
        best_epoch, best_val_loss: the network that is kept.
        epochs_to_early_stop: epochs left without improvement before training stops by itself.
        macro_f1: on the test split, once it is tested.
    """

    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    val_loss: float | None = None
    best_epoch: int = 0
    best_val_loss: float | None = None
    epochs_to_early_stop: int | None = None
    macro_f1: float | None = None

    def _changed_by(self, event: Event) -> Self:  # noqa: PLR0911 - one an event
        match event:
            case StateChanged(state="starting" | "queued"):
                return replace(super()._changed_by(event), macro_f1=None)
            case TrainingBegan():
                return replace(self, epochs=event.epochs, steps=event.steps_per_epoch)
            case StepDone():
                return replace(self, step=event.step, steps=event.steps, epoch=max(self.epoch, event.epoch - 1))._with_share()
            case EpochDone():
                return replace(
                    self, step=0, epoch=event.epoch, loss=event.loss, val_loss=event.val_loss, best_epoch=event.best_epoch,
                    best_val_loss=event.best_val_loss, epochs_to_early_stop=event.epochs_to_early_stop,
                    seconds_left=event.seconds_left,
                )._with_share()  # fmt: skip
            case NetworkTested():
                return replace(self, macro_f1=event.macro_f1)
            case Progressed():  # of the test at the end, which the epochs' share does not count
                return self
        return super()._changed_by(event)

    def _with_share(self) -> Self:
        within = self.step / self.steps if self.steps else 0.0
        return replace(self, share=min(1.0, (self.epoch + within) / self.epochs) if self.epochs else None)


@dataclass(frozen=True)
class BatchStatus(JobStatus):
    """What a job that goes through recordings is doing, or how it ended.

    Attributes:
        recordings: what became of each that is dealt with, by path.
    """

    recordings: dict[str, RecordingDone] = field(default_factory=dict)

    def after_all(self, events: Iterable[Event]) -> Self:
        """Return the status once some events have happened."""
        events = list(events)
        dealt_with = {event.recording: event for event in events if isinstance(event, RecordingDone)}
        status = super().after_all(events)
        return replace(status, recordings={**status.recordings, **dealt_with}) if dealt_with else status

    def files(self) -> list[str]:
        """Return the annotation files that were written, or were there when it went on."""
        return [told.file for told in self.recordings.values() if told.outcome != "failed" and told.file]
