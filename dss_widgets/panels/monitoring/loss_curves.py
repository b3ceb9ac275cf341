"""Loss curves: training and validation loss of a run while it trains, and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, ToggleButtons, VBox

from dss_widgets.panels.background import Ticker
from dss_widgets.panels.look.palette import SPLIT_COLOURS, song_colour
from dss_widgets.panels.look.theme import classed, empty, heading, plain_layout, put, show, text
from dss_widgets.panels.look.words import escape, swatch
from dss_widgets.panels.monitoring.loss_plot import LossPlot, has_points
from dss_widgets.panels.monitoring.recalls import recall_plots
from dss_widgets.panels.monitoring.run_history import RunHistory
from dss_widgets.panels.panel import Panel
from dss_widgets.runs import Run


class LossCurves(Panel):
    """The loss of a run, followed live; the best epoch is marked.

    Attributes:
        run: the run that is followed; None shows what to do first.
        others: runs whose validation loss is drawn beside it.
        scale: ``log`` or ``linear``.
        history: what is known of the run, for other panels to look at.
        changed: counts up whenever the run has told something new.

    Example:
        >>> LossCurves(run=find_run("song.res/20261123_141500"))
    """

    run = t.Instance(Run, allow_none=True)
    others = t.Tuple()
    scale = t.Enum(["log", "linear"], "log")
    history = t.Instance(RunHistory, allow_none=True)
    changed = t.Int(0)

    def __init__(self, run: Run | None = None) -> None:
        self._switch = ToggleButtons(options=[("Log", "log"), ("Linear", "linear")], layout=plain_layout())
        self._switch.tooltips = ("Logarithmic axis", "Linear axis")
        self._legend: HTML = text("", "dss-loss-legend")
        self._empty: HTML = text("", "dss-loss-empty")
        self._frame = classed(VBox(layout=plain_layout()), "dss-loss-plot", "dss-off")
        self._recalls: HTML = text("", "dss-recall-plots")
        self._plot: LossPlot | None = None
        self._others: list[RunHistory] = []
        head = classed(Box([text(heading("Loss")), self._switch], layout=plain_layout()), "dss-row", "dss-spread")
        parts = [head, self._legend, self._empty, self._frame, self._recalls]
        super().__init__([classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight")], "dss-loss-curves")
        t.link((self, "scale"), (self._switch, "value"))
        self._ticker = self._every(Ticker(self.tick, 0.3))
        self.observe(self._follow, "run")
        self.observe(self._others_chosen, "others")
        self.observe(lambda _: self._plot and self._plot.set_scale(self.scale), "scale")
        self.run = run
        self._follow()

    def _follow(self, _change: Any = None) -> None:
        self.history = RunHistory(self.run) if self.run is not None else None
        if self.history is not None:
            self.history.update()
        self._others_chosen()

    def _others_chosen(self, _change: Any = None) -> None:
        known = {other.run: other for other in self._others}
        self._others = [known.get(run) or RunHistory(run) for run in self.others if run != self.run]
        for other in self._others:
            other.update()
        self.draw()
        self.look_again()

    def look_again(self) -> None:
        """Follow the run again, which may have been resumed after it had ended."""
        if self.tick():
            self._ticker.start()

    def tick(self) -> bool:
        """Read what is new and draw it; returns whether there may be more."""
        history = self.history
        if history is None:
            return False
        changed = [one.update() for one in (history, *self._others)]
        if any(changed):
            self.draw()
        return any(one.status.is_running for one in (history, *self._others))

    def draw(self) -> None:
        """Draw the curves as they are known."""
        history = self.history
        drawable = history is not None and has_points(history)
        show(self._empty, not drawable)
        show(self._legend, drawable)
        show(self._frame, drawable)
        if history is None:
            put(self._empty, empty("No training yet", "Start one: its loss is drawn here while it learns."))
        elif not drawable:
            put(self._empty, empty(*_waiting(history)))
        else:
            put(self._legend, legend(history, self._others))
            self._draw_plot(history)
        put(self._recalls, recall_plots(history) if history is not None else "")
        self.changed += 1

    def _draw_plot(self, history: RunHistory) -> None:
        if self._plot is None:
            self._plot = LossPlot(self.scale)
            self._plot.draw_others(self._others)
            self._plot.draw(history)
            self._frame.children = [self._plot.widget]
        else:
            self._plot.draw_others(self._others)
            self._plot.draw(history)


def _waiting(history: RunHistory) -> tuple[str, str]:
    if history.status.is_running:
        return "Getting ready", "The first numbers come when the network has seen the first batches."
    return "No loss", "This run ended before its first epoch."


def legend(history: RunHistory, others: Sequence[RunHistory] = ()) -> str:
    """Return colours, names and last values as a line over the plot, and one for the runs beside it."""
    train, val = SPLIT_COLOURS["train"], SPLIT_COLOURS["val"]
    last = f"<b>{history.loss[-1]:.4g}</b>" if history.loss else "–"
    last_val = f"<b>{history.val_loss[-1]:.4g}</b>" if history.val_loss and np.isfinite(history.val_loss[-1]) else "–"
    best, best_loss = history.status.best_epoch, history.status.best_val_loss
    ring = (
        '<svg width="14" height="14" aria-hidden="true" style="vertical-align:-2px"><circle cx="7" cy="7" r="5" fill="none" '
        f'stroke="{val}" stroke-width="2.5"/></svg>'
    )
    told = f"<span>{ring} best: epoch <b>{best}</b>, {best_loss:.4g}</span>" if best and best_loss is not None else ""
    return (
        f'<div class="dss-legend"><span>{swatch(train, "training")} {last}</span>'
        f"<span>{swatch(val, 'validation')} {last_val}</span>{told}"
        f'<span class="dss-quiet">{escape(history.run.name)}</span></div>{_other_legend(others)}'
    )


def _other_legend(others: Sequence[RunHistory]) -> str:
    """Return the colours and best validation losses of other runs."""
    if not others:
        return ""
    parts = [
        f"<span>{swatch(song_colour(i), other.run.name)} "
        f"<b>{'–' if other.status.best_val_loss is None else f'{other.status.best_val_loss:.4g}'}</b></span>"
        for i, other in enumerate(others)
    ]
    return f'<div class="dss-legend"><span class="dss-quiet">validation, dashed, best:</span>{"".join(parts)}</div>'
