"""Where to look, stretch by stretch: which one is shown, why, and on to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.panels.style.theme import classed, heading, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape
from dss_widgets.review import Stretch


class Walk(VBox):
    """Steps through stretches that are worth a look; hidden where there are none.

    Attributes:
        stretches: where to look, in their order.
        place: which of them is shown, from 0; their number: all were looked through.
        shown: the one that is shown; None: there is none.
        passed: the one that was looked through last, since somebody went on from it.
    """

    stretches = t.Tuple()
    place = t.Int(0)
    shown = t.Instance(Stretch, allow_none=True)
    passed = t.Instance(Stretch, allow_none=True)

    def __init__(self) -> None:
        self.back: Button = _button("← Previous", "Previous stretch (Shift+J)", "dss-walk-back")
        self.on: Button = _button("Next →", "Next stretch (J)", "dss-walk-on")
        self._told: HTML = text("", "dss-walk-told")
        row = classed(Box([self.back, self.on], layout=plain_layout()), "dss-row")
        super().__init__([text(heading("Where to look")), self._told, row], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-walk", "dss-off")
        self.observe(self._begin, "stretches")
        self.observe(self._draw, "place")
        self.back.on_click(lambda _: self.go(-1))
        self.on.on_click(lambda _: self.go(1))

    def go(self, by: int) -> None:
        """Go on by so many stretches, as far as there are any; beyond the last, all were looked through."""
        if by > 0 and self.shown is not None:
            self.passed = self.shown
        self.place = min(max(0, self.place + by), len(self.stretches))

    def _begin(self, _change: Any = None) -> None:
        show(self, bool(self.stretches))
        self.place = 0
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        n = len(self.stretches)
        self.back.disabled, self.on.disabled = self.place <= 0, self.place >= n
        self.on.description = "Done ✓" if n and self.place == n - 1 else "Next →"
        if self.place >= n:
            put(self._told, f'<p role="status"><b>All {n:,}</b> were looked through.</p>' if n else "")
            self.shown = None
            return
        stretch: Stretch = self.stretches[self.place]
        where = f"{Path(stretch.recording).name}, {stretch.start_seconds:.2f} to {stretch.stop_seconds:.2f} s"
        put(
            self._told,
            f'<p role="status"><b>{self.place + 1} of {n}</b> <span class="dss-muted">{escape(where)}</span><br>'
            f"{escape(stretch.reason)}</p>",
        )
        self.shown = stretch


def _button(words: str, tooltip: str, name: str) -> Button:
    return classed(Button(description=words, tooltip=tooltip, layout=plain_layout()), name)
