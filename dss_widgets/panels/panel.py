"""What all panels share: the style sheet, a class to find them by, and quiet ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ipywidgets import VBox, Widget

from dss_widgets.errors import Problem
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.style.theme import classed, plain_layout, style, text
from dss_widgets.panels.style.words import problem_list


class Panel(VBox):
    """A panel: a column of widgets in the common style, which stands alone in a notebook cell or in another panel.

    Args:
        widgets: what it shows, from top to bottom.
        name: its style class, such as ``dss-assembly-panel``.
    """

    def __init__(self, widgets: list[Widget], name: str, **traits: Any) -> None:
        self._tickers: list[Ticker] = []
        super().__init__([style(), *widgets], layout=plain_layout(), **traits)
        classed(self, "dss", "dss-panel", name)

    def tell(self, problems: Iterable[Problem]) -> None:
        """Say on top what is wrong with what the panel was opened with; without a problem, nothing."""
        told = problem_list(problems)
        if told:
            self.set_trait("children", (self.children[0], text(told, "dss-opening-problems"), *self.children[1:]))

    def _every(self, ticker: Ticker) -> Ticker:
        """Keep a ticker, to stop it when the panel is closed."""
        self._tickers.append(ticker)
        return ticker

    def close(self) -> None:
        """Stop looking at files and close the widgets."""
        for ticker in getattr(self, "_tickers", ()):
            ticker.stop()
        super().close()
