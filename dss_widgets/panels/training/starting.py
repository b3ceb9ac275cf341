"""Taking over the architecture of the network to start from, with one press."""

from __future__ import annotations

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.errors import DataError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.look.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.look.words import escape, problem_list
from dss_widgets.results.starting_point import StartingPoint, read_starting_point
from dss_widgets.roots import why_refused


class TakeArchitecture(Box):
    """A button that shows itself while the network to start from is of another architecture.

    Args:
        options: what is filled in.

    Attributes:
        taken: counts up when an architecture was taken over.
    """

    taken = t.Int(0)

    def __init__(self, options: TrainingOptions) -> None:
        self.options = options
        self.button: Button = classed(
            Button(description="Take over its architecture", layout=plain_layout()), "dss-take-architecture"
        )
        self._said: HTML = text("", "dss-note")
        super().__init__([self._said, self.button], layout=plain_layout())
        classed(self, "dss-row", "dss-off")
        self.button.on_click(lambda _: self.press())

    def look(self) -> None:
        """Show the button if there is something to take over."""
        start = self._start()
        differs = start is not None and bool(start.differences(self.options))
        show(self, differs)
        if differs and start is not None:
            put(self._said, f"The network to start from, {escape(start.stem.name)}, is made differently.")

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
