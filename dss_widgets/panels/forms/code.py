"""Show code: the Python, the command line and the config file that do what a form says, to copy or download."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import traitlets as t
from ipywidgets import HTML, Box, Button, ToggleButtons, VBox

from dss_widgets.options import Options
from dss_widgets.panels.forms.as_code import code_of
from dss_widgets.panels.look.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.look.words import escape

_COPY = (
    "const code=this.closest('.dss-code').querySelector('pre');const range=document.createRange();"
    "range.selectNodeContents(code);const all=getSelection();all.removeAllRanges();all.addRange(range);"
    "document.execCommand('copy');all.removeAllRanges();this.textContent='Copied'"
)
"""Copies without the clipboard API, which browsers give to encrypted pages alone."""


class ShowCode(VBox):
    """A button that opens the code of some options, kept in step with them while it is open.

    Args:
        options: what is watched.
        texts: gives the texts by their titles; left out, those of the options.
        words: of the button while the code is hidden.

    Attributes:
        options: the options; None where the code depends on other things: call :meth:`draw` when they change.

    Example:
        >>> ShowCode(TrainingOptions(store_folder="birds.npy"))
    """

    options = t.Instance(Options, allow_none=True)

    def __init__(
        self, options: Options | None, texts: Callable[[], dict[str, str]] | None = None, words: str = "Show code"
    ) -> None:
        self._texts, self._words = texts or (lambda: code_of(self.options)), words
        self._button: Button = classed(Button(description=words, layout=plain_layout()), "dss-show-code", "dss-plain")
        self._kinds = ToggleButtons(options=[], layout=plain_layout())
        self._kinds.style.button_width = "auto"
        self._code: HTML = text("", "dss-code")
        body = VBox([self._kinds, self._code], layout=plain_layout())
        self._body: Box = classed(body, "dss-stack-tight", "dss-tool-body", "dss-off")
        super().__init__([self._button, self._body], options=options, layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-tool")
        self._button.on_click(lambda _: self.toggle())
        self._kinds.observe(lambda _: self.draw(), "value")
        if options is not None:
            options.observe(lambda _: self.draw(), list(options.declared()))

    @property
    def is_open(self) -> bool:
        """Whether the code is shown."""
        return "dss-off" not in self._body._dom_classes

    def toggle(self) -> None:
        """Show or hide the code."""
        show(self._body, not self.is_open)
        self._button.description = "Hide code" if self.is_open else self._words
        self.draw()

    def draw(self) -> None:
        """Bring the code in step with what it depends on."""
        if not self.is_open:
            return
        texts = self._texts()
        if self._kinds.options != tuple(texts):
            self._kinds.options = tuple(texts)
            self._kinds.value = next(iter(texts))
        kind = self._kinds.value
        put(self._code, code_block(texts[kind], kind if kind.endswith(".yaml") else ""))


def download_link(content: str, file: str, words: str = "Download") -> str:
    """Return a link by which the browser saves a text as a file."""
    return (
        f'<a class="dss-copy dss-download" download="{escape(file)}" '
        f'href="data:text/plain;charset=utf-8,{quote(content)}">{escape(words)}</a>'
    )


def code_block(code: str, file: str = "") -> str:
    """Return code as HTML with a button that copies it and, with a file's name, a link that downloads it."""
    save = download_link(code, file) if file else ""
    copy = f'<button type="button" class="dss-copy" onclick="{_COPY}">Copy</button>'
    return f'<div class="dss-code-tools">{save}{copy}</div><pre tabindex="0">{escape(code)}</pre>'
