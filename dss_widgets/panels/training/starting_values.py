"""Filling in the architecture of the network to start from, with one press."""

from __future__ import annotations

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.errors import DataError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape, problem_list
from dss_widgets.results.starting_point import StartingPoint, read_starting_point
from dss_widgets.roots import why_refused


class TakeArchitecture(Box):
    """A button that shows itself while the network to start from is of another architecture.

    Args:
        options: what is filled in.

    Attributes:
        differs: whether that network is made otherwise than the options say.
        taken: counts up when its architecture was filled in.
    """

    differs = t.Bool(False)
    taken = t.Int(0)

    def __init__(self, options: TrainingOptions) -> None:
        self.options = options
        self.button: Button = classed(
            Button(description="Use its architecture", layout=plain_layout()), "dss-take-architecture"
        )
        self._said: HTML = text("", "dss-note")
        super().__init__([self._said, self.button], layout=plain_layout())
        classed(self, "dss-row", "dss-off")
        self.button.on_click(lambda _: self.press())

    def refresh(self) -> None:
        """Show the button if there is something to fill in."""
        start = self._start()
        self.differs = start is not None and bool(start.differences(self.options))
        show(self, self.differs)
        if self.differs and start is not None:
            put(self._said, f"The network to start from, {escape(start.stem.name)}, has a different architecture.")

    def press(self) -> None:
        """Fill in the architecture of the network to start from."""
        start = self._start()
        if start is None:
            put(self._said, problem_list([Problem("The network to start from cannot be read.", "Choose another one.")]))
            return
        self.options.update(start.architecture())
        self.taken += 1

    def _start(self) -> StartingPoint | None:
        named = self.options.initial_weights
        if not named or why_refused(named):
            return None
        try:
            return read_starting_point(named)
        except DataError:
            return None
