"""What a run has told so far, gathered from its events, each read once."""

from __future__ import annotations

from typing import Any

from dss_widgets.panels.results.copied import status_of
from dss_widgets.runs import Run, RunStatus


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
        begin: the event that tells the number of weights, the classes and the number of epochs, or {}.
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
        self.scores: dict[str, Any] | None = None
        self.begin: dict[str, Any] = {}
        self.tested = 0.0
        self.status: RunStatus = status_of(run)
        self._position = 0

    def update(self) -> bool:
        """Read what is new; returns whether anything is."""
        before = self.status
        self.status = status_of(self.run)
        events, self._position = self.run.events(self._position)
        for event in events:
            self._take(event)
        return bool(events) or self.status != before

    def _take(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "begin":
            self.begin = event
        elif kind == "step":
            self.steps.append(event["epoch"] - 1 + event["step"] / max(1, event["steps"]))
            self.step_loss.append(_number(event.get("loss")))
        elif kind == "epoch":
            self._take_epoch(event)
        elif kind == "test":
            self.tested = event["done"] / max(1, event["total"])
        elif kind == "scores":
            self.scores = event

    def _take_epoch(self, event: dict[str, Any]) -> None:
        if self.epochs and event["epoch"] <= self.epochs[-1]:
            self._back_to(event["epoch"] - 1)
        self.epochs.append(event["epoch"])
        self.loss.append(_number(event.get("loss")))
        self.val_loss.append(_number(event.get("val_loss")))
        self.learning_rates.append(_number(event.get("learning_rate")))
        for name, recall in (event.get("recall") or {}).items():
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
