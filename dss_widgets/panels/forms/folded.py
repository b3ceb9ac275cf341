"""What is shown when it is asked for: a quiet button, and what belongs to it."""

from __future__ import annotations

import traitlets as t
from ipywidgets import Button, VBox

from dss_widgets.panels.style.theme import classed, plain_layout, set_class, show


class Folded(VBox):
    """A quiet button that shows and hides what belongs to it; several of them make a row of tools.

    Args:
        words: the button's.
        name: its style class.

    Attributes:
        is_open: whether the body is shown.
    """

    is_open = t.Bool(False)

    def __init__(self, words: str, name: str) -> None:
        self.button: Button = classed(Button(description=words, layout=plain_layout()), name, "dss-plain")
        self.body = classed(VBox(layout=plain_layout()), "dss-stack-tight", "dss-tool-body", "dss-off")
        super().__init__([self.button, self.body], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-tool")
        self.button.on_click(lambda _: self.toggle())

    def toggle(self) -> None:
        """Show or hide the body."""
        self.is_open = not self.is_open

    @t.observe("is_open")
    def _open_or_close(self, _change: t.Bunch) -> None:
        show(self.body, self.is_open)
        set_class(self.button, "dss-here", self.is_open)
        self.opened()

    def opened(self) -> None:
        """Called when the body was shown or hidden."""
