"""Buttons that act: whether they may is found out on the server at every press, whatever the page shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Button

from dss_widgets.panels.style.theme import classed, plain_layout, show


class Action(Button):
    """A button that does nothing where it may not act.

    A page that greys a button out, or hides it, holds nobody back: whoever has the page's connection can press any button,
    and can change all that the page is told of it (``disabled``, style classes, ``description``). So the server is asked.

    Args:
        words: the button's.
        classes: its style classes.
        may: tells whether it may act now. It must look at what the page cannot set: files, the panel's own attributes, and
            traits that are not ``sync=True``.
        hides: whether it is hidden where it may not act, else it is greyed out.
        tooltip: what is said of it.

    Example:
        >>> resume = Action("Resume", "dss-resume", may=lambda: run.status().state == "stopped", hides=True)
        >>> resume.on_click(lambda _: resume_job(run))
        >>> resume.draw()  # whenever what it depends on may have changed
    """

    def __init__(
        self, words: str = "", *classes: str, may: Callable[[], object], hides: bool = False, tooltip: str = "", **traits: Any
    ) -> None:
        self._may, self._hides = may, hides
        super().__init__(description=words, tooltip=tooltip or None, layout=plain_layout(), **traits)
        classed(self, *classes)

    @property
    def allowed(self) -> bool:
        """Whether it may act now."""
        return bool(self._may())

    def click(self) -> None:
        """Act, if it may; else show that it may not."""
        if self.allowed:
            super().click()
        else:
            self.draw()

    def draw(self) -> None:
        """Bring the page in step with whether it may act."""
        allowed = self.allowed
        if self._hides:
            show(self, allowed)
        else:
            self.set_trait("disabled", not allowed)
