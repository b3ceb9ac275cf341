"""A text in the page that can be copied, and saved by the browser as a file."""

from __future__ import annotations

import anywidget
import traitlets as t

from dss_widgets.panels.forms.page_module import page_module
from dss_widgets.panels.style.theme import classed, plain_layout


class CodeText(anywidget.AnyWidget):
    """A text with a button that copies it and, with a file's name, one that saves it.

    Args:
        words: of the button that saves it.
        shown: whether the text itself is shown.

    Attributes:
        value: the text; '' for none: nothing is shown.
        file: the file's name; '' where it cannot be saved.
    """

    _esm = page_module("code_text")
    value = t.Unicode().tag(sync=True)
    file = t.Unicode().tag(sync=True)
    words = t.Unicode().tag(sync=True)
    shown = t.Bool(True).tag(sync=True)

    def __init__(self, words: str = "Download", *, shown: bool = True) -> None:
        super().__init__(words=words, shown=shown, layout=plain_layout())
        classed(self, "dss-code")

    def put(self, value: str, file: str = "") -> None:
        """Show another text."""
        with self.hold_sync():
            self.value, self.file = value, file
