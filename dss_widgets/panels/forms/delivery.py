"""Delivering a file made on the server to the browser, through the page itself.

It goes as binary messages of a widget, a piece each time the page asks for one, so it needs no address on the server: it
works in Voila, in JupyterLab and behind any prefix, and nothing is left to be found by others. The kernel holds a piece of
it at a time: what is offered lies in a temporary file.
"""

from __future__ import annotations

from typing import IO, Any

import anywidget
import traitlets as t

from dss_widgets.panels.forms.page_module import page_module
from dss_widgets.panels.style.theme import classed, plain_layout
from dss_widgets.panels.style.words import size

PIECE_BYTES = 512 * 1024


class Delivery(anywidget.AnyWidget):
    """A button that saves a file; nothing before :meth:`offer`.

    Attributes:
        name: what the file is called; '' while nothing is offered.
    """

    _esm = page_module("delivery")
    _offered: t.Dict[str, Any] = t.Dict({"number": 0}).tag(sync=True)

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._number = 0
        self.name, self.n_bytes = "", 0
        super().__init__(layout=plain_layout())
        classed(self, "dss-delivery")
        self.on_msg(self._asked)

    @property
    def content(self) -> bytes:
        """What is offered; empty: nothing."""
        if self._file is None:
            return b""
        self._file.seek(0)
        return self._file.read()

    def offer(self, file: IO[bytes], name: str) -> None:
        """Let a button save a file under a name.

        Args:
            file: open for reading, anywhere; closed when it is no longer offered.
            name: a plain name.
        """
        self.clear()
        self._number += 1
        self._file, self.name = file, name
        self.n_bytes = file.seek(0, 2)
        self._offered = {"number": self._number, "name": name, "size": self.n_bytes, "words": size(self.n_bytes)}

    def clear(self) -> None:
        """Take the offer back, and let its room go."""
        if self._file is not None:
            self._file.close()
            self._file, self.name, self.n_bytes = None, "", 0
            self._offered = {"number": 0}

    def close(self) -> None:
        """Take the offer back and close the widget."""
        self.clear()
        super().close()

    def _asked(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Send a piece that the page asks for; what is no message of ours is passed over."""
        number, at = (message.get(name) if isinstance(message, dict) else None for name in ("number", "at"))
        if type(number) is not int or type(at) is not int or at < 0:
            return
        if number != self._number or self._file is None:
            self.send({"number": number, "at": at, "fault": "This file is not offered any more. Make it again."})
            return
        try:
            self._file.seek(at)
            piece = self._file.read(PIECE_BYTES)
        except OSError as error:
            self.send({"number": number, "at": at, "fault": f"It cannot be read on the server ({error.strerror})."})
            return
        self.send({"number": number, "at": at}, [piece])
