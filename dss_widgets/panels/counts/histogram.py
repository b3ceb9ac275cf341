"""A histogram of durations."""

from __future__ import annotations

from typing import Any

import numpy as np
from ipywidgets import VBox

from dss_widgets.panels.style.plots import axis_figure, nice_step

_MOST_BARS = 40


def histogram(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return a histogram whose bars have a round width; values far off the others are left out.

    Args:
        seconds: the values; those that are not finite do not count.

    Returns:
        Middles of the bars in milliseconds, counts, and the bars' width in milliseconds.
    """
    values = 1000 * seconds[np.isfinite(seconds)]
    if not len(values):
        return np.zeros(0), np.zeros(0), 1.0
    low, middle, high = np.percentile(values, [5, 50, 95])
    last = min(float(values.max()), float(high + 3 * max(high - middle, middle - low, 1e-3)))
    first = float(values.min())
    width = nice_step(max(last - first, 1e-2), _MOST_BARS)
    edges = np.arange(np.floor(first / width), np.ceil(last / width) + 1.5) * width
    counts, _ = np.histogram(values, edges)
    return (edges[:-1] + edges[1:]) / 2, counts, width


class Histogram:
    """A figure with a histogram; made when there is something to draw.

    Attributes:
        widget: the figure.
    """

    def __init__(self, title: str, what: str, colour: str) -> None:
        import bqplot as bq  # not before there is a plot: see axis_figure

        scales = {"x": bq.LinearScale(min=0, max=1), "y": bq.LinearScale(min=0, max=1)}
        self._x, self._y = scales["x"], scales["y"]
        self._bars = bq.Lines(  # bqplot's own bars keep room at the sides for bars as wide as those before
            x=[0.0, 1.0], y=[0.0, 0.0], scales=scales, colors=[colour], stroke_width=1, interpolation="step-after",
            fill="bottom", fill_colors=[colour], fill_opacities=[0.75],
        )  # fmt: skip
        self.widget: VBox = axis_figure(title, [self._bars], f"{what} (ms)", "labels", height=210)
        self._axes: Any = self.widget.children[-1].axes

    def draw(self, seconds: np.ndarray, colour: str) -> None:
        """Draw values in seconds; those that are not finite do not count."""
        at, counts, width = histogram(seconds)
        if not len(at):
            return
        edges = np.concatenate([[at[0] - width / 2], at - width / 2, [at[-1] + width / 2]])
        with self._bars.hold_sync():
            self._bars.x, self._bars.y = edges, np.concatenate([[0.0], counts, [0.0]])
            self._bars.colors = self._bars.fill_colors = [colour]
        first, last, most = float(at[0] - width), float(at[-1] + width), max(1.0, float(counts.max()))
        self._x.min, self._x.max, self._y.max = first, last, 1.05 * most
        step = nice_step(last - first, 6)
        self._axes[0].tick_values = np.round(np.arange(np.ceil(first / step), np.floor(last / step) + 1) * step, 9)
        self._axes[1].tick_values = np.arange(0, most + 1, max(1.0, nice_step(most, 4)))
