"""bqplot figures as all panels have them: a title, axes with units, quiet grids, no legend over the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ipywidgets import Box, Layout, VBox, Widget

from dss_widgets.panels.style.theme import classed, plain_layout, text
from dss_widgets.panels.style.words import escape

if TYPE_CHECKING:
    import bqplot as bq


def axis_figure(
    title: str,
    mark: bq.Mark | list[bq.Mark],
    x_label: str,
    y_label: str,
    *,
    height: int = 260,
    x_labels: bool = True,
    control: Widget | None = None,
) -> VBox:
    """Return a figure of marks over common scales, under its title.

    Its axes have a format from the start: one that bqplot guesses while their scales are still of no extent is none, and
    the next change of their ticks fails in the page.

    Args:
        title: what is shown.
        mark: one mark, or several that share the first one's scales.
        x_label, y_label: what the axes measure, with the unit.
        height: in pixels.
        x_labels: False in a stack of plots over one axis, for all but the lowest.
        control: what stands at the end of the title's line.
    """
    import bqplot as bq  # with pandas: 0.3 s and 35 MB that a page need not spend before there is a plot

    marks = mark if isinstance(mark, list) else [mark]
    scales = marks[0].scales
    x = bq.Axis(
        scale=scales["x"], label=x_label, grid_lines="none", num_ticks=8, label_offset="32px", visible=x_labels,
        tick_format="~g",
    )  # fmt: skip
    y = bq.Axis(
        scale=scales["y"], label=y_label, orientation="vertical", grid_lines="solid", num_ticks=4, label_offset="42px",
        tick_format="~g", grid_color="#8888882e",
    )  # fmt: skip
    figure = bq.Figure(
        marks=marks, axes=[x, y], layout=Layout(height=f"{height}px", width="100%", min_width="0"),
        fig_margin={"top": 10, "bottom": 42 if x_labels else 8, "left": 62, "right": 14}, animation_duration=0,
    )  # fmt: skip
    figure.add_class("dss-plot")
    head = text(f'<div class="dss-plot-title">{escape(title)}</div>')
    if control is not None:
        head = classed(Box([head, control], layout=plain_layout()), "dss-plot-head")
    return VBox([head, figure], layout=plain_layout())


def nice_step(span: float, most: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that divides a span into at most ``most`` parts."""
    raw = max(span, 1e-9) / most
    power = 10.0 ** np.floor(np.log10(raw))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999))


def ticks_within(low: float, high: float, most: int) -> np.ndarray:
    """Return round numbers from ``low`` to ``high``, both included where they are round."""
    step = nice_step(high - low, most)
    return np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step


def round_numbers(low: float, high: float) -> np.ndarray:
    """Return 1, 2 and 5 times the powers of ten between two numbers; only the powers where that are many.

    Where they lie too close for two of these, other round numbers.
    """
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    within = np.zeros(0)
    for factors in ((1, 2, 5), (1,)):
        values = np.sort(np.outer(powers, factors).ravel())
        within = values[(values >= low * 0.999) & (values <= high * 1.001)]
        if len(within) <= 9:
            break
    if len(within) > 1:
        return within
    step = nice_step(high - low, 5)
    within = np.round(np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step, 12)
    return within if len(within) > 1 else np.array([low, high])  # with hardly any span between them
