"""Paging through audio: how much is seen, from where, and a page back or on.

The place is a field to type in, not one of ipywidgets' sliders: their handles have no name for screen readers.
"""

from __future__ import annotations

import math
from typing import Any

import traitlets as t
from ipywidgets import HTML, BoundedFloatText, Box, Button, Dropdown

from dss_widgets.panels.sound.stretch_plots import SPANS
from dss_widgets.panels.style.theme import classed, plain_layout, put, text


class Pager(Box):
    """Controls for a place in audio.

    Attributes:
        total: seconds that there are.
        start: where the page begins, in seconds.
        seconds: how long the page is.
    """

    total = t.Float(0.0)
    start = t.Float(0.0)
    seconds = t.Float(0.5)

    def __init__(self, seconds: float = 0.5) -> None:
        self.span = Dropdown(description="Span", options=SPANS, value=seconds, layout=plain_layout())
        self.place = BoundedFloatText(description="From (s)", min=0, max=0, step=seconds, layout=plain_layout())
        self._bar: HTML = text("", "dss-page-bar")
        self.back: Button = _button("←", "Back by a page", "dss-page-back")
        self.on: Button = _button("→", "On by a page", "dss-page-on")
        super().__init__([self.span, self.back, self.place, self.on, self._bar], layout=plain_layout(), seconds=seconds)
        classed(self, "dss-row", "dss-zoom-controls", "dss-pager")
        t.link((self, "seconds"), (self.span, "value"))
        t.link((self, "start"), (self.place, "value"))
        self.back.on_click(lambda _: self.go_to(self.start - self.seconds))
        self.on.on_click(lambda _: self.go_to(self.start + self.seconds))
        self.observe(self._limit, ["total", "start", "seconds"])
        self._limit()

    def go_to(self, start: float) -> None:
        """Go to a place, as far as there is audio."""
        self.start = round(min(max(0.0, start), self.last), 4)

    @property
    def last(self) -> float:
        """Where the last page begins."""
        return max(0.0, math.floor(1e4 * (self.total - self.seconds)) / 1e4)

    def _limit(self, _change: Any = None) -> None:
        self.place.max, self.place.step = self.last, self.seconds
        self.start = min(self.start, self.last)
        self.back.disabled = self.start <= 0
        self.on.disabled = self.start >= self.last
        left, width = (100 * part / max(self.total, 1e-9) for part in (self.start, min(self.seconds, self.total)))
        place = f"left:{min(left, 99.5):.2f}%;width:{max(0.5, width):.2f}%"
        put(self._bar, f'<div class="dss-page-track" aria-hidden="true"><span style="{place}"></span></div>')


def _button(words: str, tooltip: str, name: str) -> Button:
    button = Button(description=words, tooltip=tooltip, layout=plain_layout())
    return classed(button, name)
