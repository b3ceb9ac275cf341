"""The plot of loss curves: marks, scales and ticks, always with something in them."""

from __future__ import annotations

from collections.abc import Sequence

import bqplot as bq
import numpy as np
from ipywidgets import VBox

from dss_widgets.panels.assembly.timeline import nice_step
from dss_widgets.panels.look.palette import SPLIT_COLOURS, song_colour
from dss_widgets.panels.look.plots import axis_figure
from dss_widgets.panels.monitoring.run_history import RunHistory, thinned

FEW = 120
"""Up to so many epochs each is marked by a dot that tells its values."""

HEIGHT = 280
"""Of the plot, and of what stands in its place before there is one, in pixels."""


class LossPlot:
    """Training and validation loss over epochs. Make it when there is something to draw: bqplot cannot measure emptiness.

    Attributes:
        widget: the figure.
    """

    def __init__(self, scale: str) -> None:
        self.scale = scale
        self._x = bq.LinearScale(min=0, max=1)
        self._y = {"log": bq.LogScale(min=0.1, max=1), "linear": bq.LinearScale(min=0, max=1)}
        scales = {"x": self._x, "y": self._y[scale]}
        train, val = SPLIT_COLOURS["train"], SPLIT_COLOURS["val"]
        tip = bq.Tooltip(fields=["x", "y"], labels=["epoch", "loss"], formats=["d", ".4g"])
        start = {"x": [0.0], "y": [1.0], "scales": scales, "visible": False}
        self._steps = bq.Lines(**start, colors=[train], stroke_width=1, opacities=[0.45])
        self._train = bq.Lines(**start, colors=[train], stroke_width=2.2)
        self._val = bq.Lines(**start, colors=[val], stroke_width=2.2)
        self._dots = bq.Scatter(**start, colors=[train], default_size=26, tooltip=tip)
        self._val_dots = bq.Scatter(**start, colors=[val], default_size=26, tooltip=tip)
        self._best = bq.Scatter(**start, colors=[val], default_size=130, fill=False, stroke=val, stroke_width=2.5, tooltip=tip)
        self._marks = [self._steps, self._train, self._val, self._dots, self._val_dots, self._best]
        self._others: list[bq.Lines] = []
        self._longest = 0
        self.widget: VBox = axis_figure("", self._marks, "epoch", "loss (cross-entropy)", height=HEIGHT)
        self._epochs_axis, self._loss_axis = self.widget.children[-1].axes
        self._epochs_axis.tick_format, self._loss_axis.tick_format = "d", "~g"
        self._epochs_axis.num_ticks = self._loss_axis.num_ticks = None

    def set_scale(self, scale: str) -> None:
        """Change to the ``log`` or the ``linear`` axis."""
        self.scale = scale
        for mark in [*self._marks, *self._others]:
            mark.scales = {"x": self._x, "y": self._y[scale]}
        self._loss_axis.scale = self._y[scale]
        self._range()

    def draw(self, history: RunHistory) -> None:
        """Draw what is known; nothing is sent for what is drawn already."""
        few = len(history.epochs) <= FEW
        last = history.epochs[-1] if history.epochs else 1
        _assign(self._x, max=float(max(2, history.status.epochs if few else 0, last, self._longest)))
        train, val = thinned(history.epochs, history.loss), thinned(history.epochs, history.val_loss)
        nothing = (np.zeros(0), np.zeros(0))
        _put(self._steps, *(thinned(history.steps, history.step_loss) if few else nothing))
        _put(self._train, *train)
        _put(self._val, *val)
        _put(self._dots, *(train if few else nothing))
        _put(self._val_dots, *(val if few else nothing))
        _put(self._best, *_best_point(history))
        self._range()

    def draw_others(self, histories: Sequence[RunHistory]) -> None:
        """Draw the validation loss of other runs, each in a colour of its own; call it before :meth:`draw`."""
        while len(self._others) < len(histories):
            colour = song_colour(len(self._others))
            line = bq.Lines(
                x=[0.0], y=[1.0], scales={"x": self._x, "y": self._y[self.scale]}, visible=False,
                colors=[colour], stroke_width=1.8, line_style="dashed",
            )  # fmt: skip
            self._others.append(line)
            self.widget.children[-1].marks = [*self._others, *self._marks]
        nothing = (np.zeros(0), np.zeros(0))
        for i, line in enumerate(self._others):
            _put(line, *(thinned(histories[i].epochs, histories[i].val_loss) if i < len(histories) else nothing))
        self._longest = max([history.epochs[-1] for history in histories if history.epochs], default=0)

    def _range(self) -> None:
        """Fit the loss axis to what is shown, with ticks at whole epochs and round losses."""
        curves = [mark for mark in (self._train, self._val, *self._others) if mark.visible] or [self._steps]
        shown = [np.asarray(mark.y, dtype=float) for mark in curves]  # a single batch may be far off: it sets no range
        values = np.concatenate([np.zeros(0), *shown])
        values = values[values > 0]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.1, 1.0)
        _assign(self._y["log"], min=low * 0.85, max=high * 1.15)
        _assign(self._y["linear"], min=0.0, max=high * 1.05)
        ticks = round_numbers(low * 0.85, high * 1.15) if self.scale == "log" else np.arange(0, high * 1.05, nice_step(high, 5))
        _tick(self._loss_axis, ticks)
        _tick(self._epochs_axis, np.arange(0, self._x.max + 1e-9, max(1.0, nice_step(self._x.max, 10))))


def has_points(history: RunHistory) -> bool:
    """Return whether there is anything to draw."""
    return bool(history.epochs) or bool(history.steps)


def _best_point(history: RunHistory) -> tuple[np.ndarray, np.ndarray]:
    best = history.status.best_epoch
    if best not in history.epochs:
        return np.zeros(0), np.zeros(0)
    loss = history.val_loss[history.epochs.index(best)]
    return (np.array([float(best)]), np.array([loss])) if np.isfinite(loss) else (np.zeros(0), np.zeros(0))


def _put(mark: bq.Mark, x: np.ndarray, y: np.ndarray) -> None:
    """Give a mark its points; one without points is hidden and keeps what it has."""
    if len(x) and not (np.array_equal(mark.x, x) and np.array_equal(mark.y, y)):
        with mark.hold_sync():
            mark.x, mark.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if mark.visible != bool(len(x)):
        mark.visible = bool(len(x))


def _assign(scale: bq.Scale, **values: float) -> None:
    with scale.hold_sync():
        for name, value in values.items():
            setattr(scale, name, value)


def _tick(axis: bq.Axis, values: np.ndarray) -> None:
    if axis.tick_values is None or not np.array_equal(axis.tick_values, values):
        axis.tick_values = values


def round_numbers(low: float, high: float) -> np.ndarray:
    """Return 1, 2 and 5 times the powers of ten between two numbers; only the powers where that are many."""
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    within = np.zeros(0)
    for factors in ((1, 2, 5), (1,)):
        values = np.sort(np.outer(powers, factors).ravel())
        within = values[(values >= low * 0.999) & (values <= high * 1.001)]
        if len(within) <= 9:
            break
    return within if len(within) > 1 else np.array([low, high])
