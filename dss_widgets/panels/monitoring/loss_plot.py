"""The plot of loss curves: curves made fit to be drawn, marks, scales and ticks, always with something in them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import VBox

from dss_widgets.panels.run_history import RunHistory
from dss_widgets.panels.style.palette import SPLIT_COLOURS, run_style
from dss_widgets.panels.style.plots import axis_figure, nice_step, round_numbers

if TYPE_CHECKING:
    import bqplot as bq


MOST_POINTS = 600
"""Points of a curve on the screen; longer ones keep their minima and maxima."""


def thinned(x: Sequence[float], y: Sequence[float], most: int = MOST_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Return a curve of at most ``most`` points that keeps every minimum and maximum; NaN values are left out."""
    places, values = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    there = np.isfinite(values)
    places, values = places[there], values[there]
    if len(values) <= most:
        return places, values
    edges = np.linspace(0, len(values), most // 2 + 1).astype(int)
    low = [a + int(np.argmin(values[a:b])) for a, b in pairwise(edges)]
    high = [a + int(np.argmax(values[a:b])) for a, b in pairwise(edges)]
    kept = np.unique([*low, *high, len(values) - 1])
    return places[kept], values[kept]


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential running mean of values, corrected for its beginning (as TensorBoard's and Adam's).

    Args:
        values: NaN where there is none; they stay NaN and do not count.
        weight: of what was before, 0 (none: the values themselves) to below 1.
    """
    if not weight:
        return list(values)
    found: list[float] = []
    mean, seen = 0.0, 1.0
    for value in values:
        if not math.isnan(value):
            mean = weight * mean + (1 - weight) * value
            seen *= weight
            found.append(mean / (1 - seen))
        else:
            found.append(value)
    return found


def rate_steps(epochs: Sequence[int], rates: Sequence[float]) -> list[tuple[int, float, float]]:
    """Return (epoch, rate before, rate from then on) wherever the learning rate stepped; none where it glides all the time."""
    steps = [
        (epoch, before, after)
        for (_, before), (epoch, after) in pairwise(zip(epochs, rates, strict=True))
        if abs(after - before) > 1e-6 * before
    ]
    return steps if len(steps) <= max(1, len(epochs) // 3) else []


FEW = 40
"""Up to so many epochs each is marked by a dot; of more, the dots still tell their values, but are not seen."""

_NOTHING = np.zeros(0), np.zeros(0)

HEIGHT = 280
"""Of the plot, and of what stands in its place before there is one, in pixels."""


class LossPlot:
    """Training and validation loss over epochs. Make it when there is something to draw: bqplot cannot measure emptiness.

    Attributes:
        widget: the figure.
    """

    def __init__(self, scale: str, smoothing: float = 0.0) -> None:
        import bqplot as bq  # not before there is a plot: see axis_figure

        self._bq = bq
        self.scale, self.smoothing = scale, smoothing
        self._x = bq.LinearScale(min=0, max=1)
        self._y = {"log": bq.LogScale(min=0.1, max=1), "linear": bq.LinearScale(min=0, max=1)}
        self._whole = bq.LinearScale(min=0, max=1)
        train, val = SPLIT_COLOURS["train"], SPLIT_COLOURS["val"]
        tip = bq.Tooltip(fields=["x", "y"], labels=["epoch", "loss"], formats=["d", ".4g"])
        self._rates = bq.Lines(
            x=[[0.0, 0.0]], y=[[0.0, 1.0]], scales={"x": self._x, "y": self._whole}, visible=False, colors=["#8a8a8a"],
            stroke_width=1, line_style="dotted",
        )  # fmt: skip
        self._steps = self._lines(train, 1, opacities=[0.45])
        self._raw_train, self._raw_val = (self._lines(colour, 1, opacities=[0.4]) for colour in (train, val))
        self._train, self._val = self._lines(train, 2.2), self._lines(val, 2.2)
        self._dots, self._val_dots = (self._scatter(colour, 26, tooltip=tip) for colour in (train, val))
        self._best = self._scatter(val, 130, fill=False, stroke=val, stroke_width=2.5, tooltip=tip)
        lines = [self._steps, self._raw_train, self._raw_val, self._train, self._val]
        self._marks = [*lines, self._dots, self._val_dots, self._best]
        self._others: list[bq.Lines] = []
        self._longest = 0
        marks = [*self._marks, self._rates]
        self.widget: VBox = axis_figure("", marks, "epoch", "loss (cross-entropy)", height=HEIGHT)
        self.widget.children[-1].padding_x = 0.02  # the ring around the best epoch stays whole when that is the last one
        self._epochs_axis, self._loss_axis = self.widget.children[-1].axes
        self._epochs_axis.tick_format = "d"
        self._epochs_axis.num_ticks = self._loss_axis.num_ticks = None

    def _start(self) -> dict[str, Any]:
        return {"x": [0.0], "y": [1.0], "scales": {"x": self._x, "y": self._y[self.scale]}, "visible": False}

    def _lines(self, colour: str, width: float, **more: Any) -> bq.Lines:
        return self._bq.Lines(**self._start(), colors=[colour], stroke_width=width, **more)

    def _scatter(self, colour: str, size: int, **more: Any) -> bq.Scatter:
        return self._bq.Scatter(**self._start(), colors=[colour], default_size=size, **more)

    def set_scale(self, scale: str) -> None:
        """Change to the ``log`` or the ``linear`` axis."""
        self.scale = scale
        for mark in [*self._marks, *self._others]:
            mark.scales = {"x": self._x, "y": self._y[scale]}
        self._loss_axis.scale = self._y[scale]
        self._range()

    def draw(self, history: RunHistory) -> None:
        """Draw what is known; nothing is sent for what is drawn already."""
        epochs, few = history.epochs, len(history.epochs) <= FEW
        last = epochs[-1] if epochs else 1
        _assign(self._x, max=float(max(2, _room(history, last), self._longest)))
        train, val = thinned(epochs, history.loss), thinned(epochs, history.val_loss)
        n_past = bisect_right(history.steps, last if epochs else 0)  # of finished epochs, their means say more
        going = history.status.is_running or not history.epochs  # of a run that has ended, epochs tell more
        _put(self._steps, *(thinned(history.steps[n_past:], history.step_loss[n_past:]) if going else _NOTHING))
        for mark, raw, points, values in (
            (self._train, self._raw_train, train, history.loss), (self._val, self._raw_val, val, history.val_loss),
        ):  # fmt: skip
            _put(raw, *(points if self.smoothing else _NOTHING))
            _put(mark, *(thinned(epochs, smoothed(values, self.smoothing)) if self.smoothing else points))
        for dots, points in ((self._dots, train), (self._val_dots, val)):
            _put(dots, *points)
            opacity = 1.0 if few else 0.0  # too many to be seen one by one, they still tell their values
            if list(dots.opacities) != [opacity]:
                dots.opacities = [opacity]
        _put(self._best, *_best_point(history))
        self._draw_rates(history)
        self._range()

    def _draw_rates(self, history: RunHistory) -> None:
        """Draw a line wherever the learning rate stepped."""
        at = np.array([epoch - 0.5 for epoch, *_ in rate_steps(history.epochs, history.learning_rates)])
        _put(self._rates, np.stack([at, at], axis=1), np.tile([0.0, 1.0], (len(at), 1)))

    def draw_others(self, histories: Sequence[RunHistory]) -> None:
        """Draw the validation loss of other runs, each in a colour and stroke of its own; call it before :meth:`draw`."""
        while len(self._others) < len(histories):
            colour, stroke, _ = run_style(len(self._others))
            tip = self._bq.Tooltip(fields=["name"], labels=["run"])
            self._others.append(self._lines(colour, 1.8, line_style=stroke, tooltip=tip))
            self.widget.children[-1].marks = [*self._others, *self._marks, self._rates]
        for i, line in enumerate(self._others):
            other = histories[i] if i < len(histories) else None
            if other is not None and line.labels != [other.run.name]:
                line.labels = [other.run.name]
            _put(line, *(thinned(other.epochs, smoothed(other.val_loss, self.smoothing)) if other is not None else _NOTHING))
        self._longest = max([history.epochs[-1] for history in histories if history.epochs], default=0)

    def _range(self) -> None:
        """Fit the loss axis to what is shown, with ticks at whole epochs and round losses."""
        drawn = (self._train, self._val, self._raw_train, self._raw_val, *self._others)
        curves = [mark for mark in drawn if mark.visible] or [self._steps]
        shown = [np.asarray(mark.y, dtype=float) for mark in curves]  # a single batch may be far off: it sets no range
        values = np.concatenate([np.zeros(0), *shown])
        values = values[values > 0]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.1, 1.0)
        _assign(self._y["log"], min=low * 0.85, max=high * 1.15)
        _assign(self._y["linear"], min=0.0, max=high * 1.05)
        ticks = round_numbers(low * 0.85, high * 1.15) if self.scale == "log" else np.arange(0, high * 1.05, nice_step(high, 5))
        _tick(self._loss_axis, ticks)
        _tick(self._epochs_axis, np.arange(0, self._x.max + 1e-9, max(1.0, nice_step(self._x.max, 10))))


def _room(history: RunHistory, last: int) -> int:
    """Return how many epochs the axis holds: while a run goes on some more than there are, so that it seldom changes."""
    if not history.status.is_running:
        return last
    fitting = next(n for n in (factor * 10**power for power in range(1, 12) for factor in (1, 2, 5)) if n > last)
    return max(last, min(fitting, history.status.epochs or fitting))


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
    if len(x) and not (_same(mark.x, x) and _same(mark.y, y)):
        with mark.hold_sync():
            mark.x, mark.y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if mark.visible != bool(len(x)):
        mark.visible = bool(len(x))


def _same(held: np.ndarray, points: np.ndarray) -> bool:
    return np.array_equal(np.squeeze(held), np.squeeze(points))  # a mark holds a single line without its first axis


def _assign(scale: bq.Scale, **values: float) -> None:
    with scale.hold_sync():
        for name, value in values.items():
            setattr(scale, name, value)


def _tick(axis: bq.Axis, values: np.ndarray) -> None:
    if axis.tick_values is None or not np.array_equal(axis.tick_values, values):
        axis.tick_values = values
