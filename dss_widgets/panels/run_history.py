"""What is known of a run: from its events, and where only its files are left (copied, or made by DAS) from these."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import traitlets as t

from dss_widgets.errors import DssWidgetsError
from dss_widgets.events import EpochDone, Event, NetworkTested, Progressed, StepDone, TrainingBegan
from dss_widgets.file_endings import PARAMS_SUFFIX, RUN_SUFFIX
from dss_widgets.jobs import Run, RunStatus, Watcher
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.background import Ticker
from dss_widgets.results.networks import Network, stems_in
from dss_widgets.results.params_file import read_params


def options_of(run: Run) -> TrainingOptions | None:
    """Return what a run was trained with, also where only its files are left; None where nothing tells."""
    with contextlib.suppress(DssWidgetsError):
        return run.options()
    with contextlib.suppress(DssWidgetsError, KeyError, TypeError):
        return TrainingOptions.from_dict(read_params(Path(f"{run.stem}{PARAMS_SUFFIX}"))["dss_widgets"]["options"])
    return None


COPIED = "copied"
"""Their state."""


def copied_runs(save_folder: str) -> list[Run]:
    """Return the runs of a folder of which there is no run folder, sorted by name, latest first."""
    runs = [Run(stem.with_name(stem.name + RUN_SUFFIX)) for stem in stems_in(save_folder)]
    return [run for run in runs if not run.folder.is_dir()]


def status_of(run: Run) -> RunStatus:
    """Return what a run is doing or how it ended; of one whose files alone are left, what these tell."""
    return _as_copied(run, run.status())


def _status(watcher: Watcher) -> RunStatus:
    return _as_copied(cast(Run, watcher.job), cast(RunStatus, watcher.status))


def _as_copied(run: Run, status: RunStatus) -> RunStatus:
    return status if run.folder.is_dir() else replace(status, state=COPIED, message="", macro_f1=Network(run.stem).macro_f1)


class RunHistory:
    """The curves and scores of a run; :meth:`update` reads what is new.

    Attributes:
        run: the run.
        epochs: epoch numbers, from 1.
        loss, val_loss: per epoch; NaN where there was none.
        steps, step_loss: places between the epochs (0.5: half of the first epoch) and the training loss there.
        learning_rates: per epoch; NaN where it was not told.
        recalls: validation recall of every song type, per epoch.
        scores: the scores on the test split, or None.
        began: the event that tells the number of weights, the classes and the number of epochs, or None.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.epochs: list[int] = []
        self.loss: list[float] = []
        self.val_loss: list[float] = []
        self.learning_rates: list[float] = []
        self.steps: list[float] = []
        self.step_loss: list[float] = []
        self.recalls: dict[str, list[float]] = {}
        self.scores: NetworkTested | None = None
        self.began: TrainingBegan | None = None
        self.tested = 0.0
        self._watcher = Watcher(run)
        self.status: RunStatus = RunStatus()
        self.update()

    def update(self) -> bool:
        """Read what is new; returns whether anything is."""
        before = self.status
        events = self._watcher.look()
        self.status = _status(self._watcher)
        for event in events:
            self._take(event)
        return bool(events) or self.status != before

    def _take(self, event: Event) -> None:
        match event:
            case TrainingBegan():
                self.began = event
            case StepDone():
                self._take_step(event)
            case EpochDone():
                self._take_epoch(event)
            case Progressed():
                self.tested = event.done / max(1, event.total)
            case NetworkTested():
                self.scores = event

    def _take_step(self, event: StepDone) -> None:
        place = event.epoch - 1 + event.step / max(1, event.steps)
        while self.steps and self.steps[-1] >= place:  # told before the run was resumed from an earlier step
            del self.steps[-1], self.step_loss[-1]
        self.steps.append(place)
        self.step_loss.append(_number(event.loss))

    def _take_epoch(self, event: EpochDone) -> None:
        if self.epochs and event.epoch <= self.epochs[-1]:
            self._back_to(event.epoch - 1)
        self.epochs.append(event.epoch)
        self.loss.append(_number(event.loss))
        self.val_loss.append(_number(event.val_loss))
        self.learning_rates.append(_number(event.learning_rate))
        for name, recall in event.recall.items():
            self.recalls.setdefault(name, []).append(_number(recall))

    def _back_to(self, epoch: int) -> None:
        """Forget the epochs after one from which the run was resumed."""
        keep = sum(1 for number in self.epochs if number <= epoch)
        del self.epochs[keep:], self.loss[keep:], self.val_loss[keep:], self.learning_rates[keep:]
        for recalls in self.recalls.values():
            del recalls[keep:]
        keep = sum(1 for place in self.steps if place <= epoch)
        del self.steps[keep:], self.step_loss[keep:]


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


class RunFollower(t.HasTraits):
    """Looks at the events of runs for as long as one of them is going.

    Args:
        seconds: how often it looks.

    Attributes:
        run: the run that is followed; None: nothing.
        others: runs beside it.
        history: what the run has told; None without one.
        other_histories: what the others have told.
        changed: counts up when another run is chosen, and whenever one has told something new.
    """

    run = t.Instance(Run, allow_none=True)
    others = t.Tuple()
    history = t.Instance(RunHistory, allow_none=True)
    changed = t.Int(0)

    def __init__(self, seconds: float = 0.3) -> None:
        super().__init__()
        self.other_histories: list[RunHistory] = []
        self.ticker = Ticker(self.tick, seconds)
        self.observe(self._run_chosen, "run")
        self.observe(self._others_chosen, "others")

    def _run_chosen(self, _change: Any = None) -> None:
        self.history = RunHistory(self.run) if self.run is not None else None
        if self.history is not None:
            self.history.update()
        self._others_chosen()

    def _others_chosen(self, _change: Any = None) -> None:
        known = {other.run: other for other in self.other_histories}
        self.other_histories = [known.get(run) or RunHistory(run) for run in self.others if run != self.run]
        for other in self.other_histories:
            other.update()
        self.changed += 1
        self.follow_again()

    @property
    def histories(self) -> list[RunHistory]:
        """Return all that is known: of the run first, then of the others."""
        return [*([self.history] if self.history is not None else []), *self.other_histories]

    def follow_again(self) -> None:
        """Follow the runs again, which may have been resumed after they had ended."""
        if self.tick():
            self.ticker.start()

    def tick(self) -> bool:
        """Read what is new; returns whether there may be more."""
        news = [history.update() for history in self.histories]
        if any(news):
            self.changed += 1
        return any(history.status.is_running for history in self.histories)
