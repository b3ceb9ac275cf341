"""Loss curves: training and validation loss of a run while it trains, and after."""

from __future__ import annotations

import traitlets as t
from ipywidgets import HTML, Box, Dropdown, ToggleButtons, VBox

from dss_widgets.options import TrainingOptions
from dss_widgets.panels.forms.as_code import run_code
from dss_widgets.panels.forms.code import ShowCode
from dss_widgets.panels.look.theme import classed, empty, heading, plain_layout, put, show, text
from dss_widgets.panels.monitoring.loss_legend import legend, remarks
from dss_widgets.panels.monitoring.loss_plot import LossPlot, has_points
from dss_widgets.panels.monitoring.recalls import recall_plots
from dss_widgets.panels.monitoring.run_follower import RunFollower
from dss_widgets.panels.monitoring.run_history import RunHistory
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.results.trained_with import options_of
from dss_widgets.runs import Run

SMOOTHING = {"off": 0.0, "a little": 0.6, "a lot": 0.9}
"""Weights of the running mean by words."""


class LossCurves(Panel):
    """The loss of a run, followed live; the best epoch is marked.

    Args:
        run: the run.

    Attributes:
        run: the run that is followed; None shows what to do first.
        others: runs whose validation loss is drawn beside it.
        scale: ``log`` or ``linear``.
        smoothing: weight of the running mean that is drawn, one of :data:`SMOOTHING`; 0: the losses themselves.
        options: what the run is trained with; None where that is not known.
        history: what is known of the run, for other panels to look at.
        changed: counts up whenever the run has told something new.

    Example:
        >>> curves = LossCurves(run=find_run("song.res/20261123_141500"))
        >>> curves.others = tuple(list_runs("song.res")[1:3])
        >>> curves
    """

    run = t.Instance(Run, allow_none=True)
    others = t.Tuple()
    scale = t.Enum(["log", "linear"], "log")
    smoothing = t.Enum(list(SMOOTHING.values()), 0.0)
    history = t.Instance(RunHistory, allow_none=True)
    changed = t.Int(0)

    def __init__(self, run: Run | None = None) -> None:
        self.follower = RunFollower(0.3)
        self._switch = ToggleButtons(options=[("Log", "log"), ("Linear", "linear")], layout=plain_layout())
        self._switch.tooltips = ("Logarithmic axis", "Linear axis")
        self._smooth = Dropdown(description="Smoothing", options=SMOOTHING, value=0.0, layout=plain_layout())
        self._legend: HTML = text("", "dss-loss-legend")
        self._empty: HTML = text("", "dss-loss-empty")
        self._frame = classed(VBox(layout=plain_layout()), "dss-loss-plot", "dss-off")
        self._remarks: HTML = text("", "dss-loss-remarks")
        self._recalls: HTML = text("", "dss-recall-plots")
        self._plot: LossPlot | None = None
        self.show_code = ShowCode(None, self.code)
        self._controls = classed(Box([self._smooth, self._switch], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        head = classed(Box([text(heading("Loss")), self._controls], layout=plain_layout()), "dss-row", "dss-spread")
        parts = [head, self._legend, self._empty, self._frame, self._remarks, self._recalls, self.show_code]
        super().__init__([classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight")], "dss-loss-curves")
        self._connect()
        self.run = run
        self.draw()

    def _connect(self) -> None:
        t.link((self, "scale"), (self._switch, "value"))
        t.link((self, "smoothing"), (self._smooth, "value"))
        t.link((self, "run"), (self.follower, "run"))
        t.link((self, "others"), (self.follower, "others"))
        t.dlink((self.follower, "history"), (self, "history"))
        self._ticker = self._every(self.follower.ticker)
        self.follower.observe(lambda _: self.draw(), "changed")
        self.observe(self._scale_changed, "scale")
        self.observe(lambda _: self.draw(), "smoothing")

    def _scale_changed(self, _change: t.Bunch) -> None:
        if self._plot is not None:
            self._plot.set_scale(self.scale)

    @property
    def options(self) -> TrainingOptions | None:
        """What the run is trained with; None where that is not known."""
        return options_of(self.run) if self.run is not None else None

    def code(self) -> dict[str, str]:
        """Return what follows the run elsewhere, and the config file of such a run."""
        return run_code(str(self.run.folder) if self.run is not None else "RUN", self.options)

    def look_again(self) -> None:
        """Follow the run again, which may have been resumed after it had ended."""
        self.follower.look_again()

    def tick(self) -> bool:
        """Read what is new and draw it; returns whether there may be more."""
        return self.follower.tick()

    def draw(self) -> None:
        """Draw the curves as they are known."""
        history = self.follower.history
        drawable = history is not None and has_points(history)
        show(self._empty, not drawable)
        for part in (self._legend, self._frame, self._remarks, self._controls, self.show_code):
            show(part, drawable)
        if history is None:
            put(self._empty, empty("No training yet", "Start one: its loss is drawn here while it learns."))
        elif not drawable:
            put(self._empty, empty(*_waiting(history)))
        else:
            put(self._legend, legend(history, self.follower.other_histories))
            put(self._remarks, remarks(history))
            self._draw_plot(history)
        put(self._recalls, recall_plots(history) if history is not None else "")
        self.show_code.draw()
        self.changed += 1

    def _draw_plot(self, history: RunHistory) -> None:
        if self._plot is None:
            self._plot = LossPlot(self.scale)
        self._plot.smoothing = self.smoothing
        self._plot.draw_others(self.follower.other_histories)
        self._plot.draw(history)
        if not self._frame.children:
            self._frame.children = [self._plot.widget]


def _waiting(history: RunHistory) -> tuple[str, str]:
    if history.status.is_running:
        return "Getting ready", "The first numbers come when the network has seen the first batches."
    return "No loss", "This run ended before its first epoch."
