"""A run that is followed, and others beside it: the model of panels that show what runs tell."""

from __future__ import annotations

from typing import Any

import traitlets as t

from dss_widgets.panels.background import Ticker
from dss_widgets.panels.monitoring.run_history import RunHistory
from dss_widgets.runs import Run


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
        self.look_again()

    @property
    def histories(self) -> list[RunHistory]:
        """Return all that is known: of the run first, then of the others."""
        return [*([self.history] if self.history is not None else []), *self.other_histories]

    def look_again(self) -> None:
        """Follow the runs again, which may have been resumed after they had ended."""
        if self.tick():
            self.ticker.start()

    def tick(self) -> bool:
        """Read what is new; returns whether there may be more."""
        news = [history.update() for history in self.histories]
        if any(news):
            self.changed += 1
        return any(history.status.is_running for history in self.histories)
