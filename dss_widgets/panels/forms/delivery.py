"""Delivering a file made on the server to the browser, through the page itself.

It goes as a binary message of a widget, so it needs no address on the server: it works in Voila, in JupyterLab and behind
any prefix, and nothing is left to be found by others. The browser keeps what an image widget is given under an address of
its own (``blob:``), whatever it is; a link beside it takes that address when it is clicked.
"""

from __future__ import annotations

from ipywidgets import HTML, Box, Image

from dss_widgets.panels.style.theme import classed, plain_layout, put, text
from dss_widgets.panels.style.words import escape, size

_TAKE = "this.href=this.closest('.dss-delivery').querySelector('img').src"


class Delivery(Box):
    """A link that saves a file; nothing before :meth:`offer`."""

    def __init__(self) -> None:
        self._carrier: Image = classed(Image(value=b"", format="zip", layout=plain_layout()), "dss-off")
        self.link: HTML = text("", "dss-delivery-link")
        super().__init__([self._carrier, self.link], layout=plain_layout())
        classed(self, "dss-delivery")

    @property
    def content(self) -> bytes:
        """What is offered; empty: nothing."""
        return bytes(self._carrier.value)

    def offer(self, content: bytes, name: str) -> None:
        """Send a file to the page, and let a link save it under a name."""
        self._carrier.value = content
        words = f"Save {escape(name)} ({size(len(content))})"
        put(self.link, f'<a class="dss-copy dss-download" href="#" download="{escape(name)}" onclick="{_TAKE}">{words}</a>')

    def clear(self) -> None:
        """Take the offer back, and let its memory go."""
        if self._carrier.value:
            self._carrier.value = b""
        put(self.link, "")
