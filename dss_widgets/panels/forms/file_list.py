"""A table of files on the server, each of which the browser can save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from dss_widgets.errors import DataError
from dss_widgets.panels.forms.page_module import page_module
from dss_widgets.panels.style.theme import classed, plain_layout
from dss_widgets.roots import open_confined

MOST_BYTES = 8 * 1024**2
"""Of a file that is sent in one piece; larger ones have no button."""


class FileList(anywidget.AnyWidget):
    """Files with what is known of each; a file is read when the page asks for it.

    Args:
        title: what the files are, as the table's heading.
        detail: what is known of each, as a heading.

    Attributes:
        files: what is listed.
    """

    _esm = page_module("file_list")
    _listed = t.Dict().tag(sync=True)

    def __init__(self, title: str, detail: str) -> None:
        self._headings = {"title": title, "detail": detail}
        self._turn = 0
        self.files: tuple[Path, ...] = ()
        super().__init__(layout=plain_layout(), _listed=self._state("", []))
        classed(self, "dss-file-list")
        self.on_msg(self._asked)

    def _state(self, folder: str, files: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self._headings, "turn": self._turn, "folder": folder, "files": files}

    def offer(self, folder: Path, files: Sequence[Path], name: Callable[[Path], str], detail: Callable[[Path], str]) -> None:
        """List files.

        Args:
            folder: in which they lie, for the reader.
            files: the files.
            name, detail: return what a file is called here, and what is known of it.
        """
        self._turn += 1
        self.files = tuple(files)
        rows = [
            {"name": name(file), "path": str(file), "detail": detail(file), "saved": 0 <= _size(file) <= MOST_BYTES}
            for file in files
        ]
        self._listed = self._state(str(folder) if files else "", rows)

    def _asked(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Send a file that the page asks for; what is no message of ours, or about an older list, is passed over."""
        number = message.get("file") if isinstance(message, dict) and message.get("turn") == self._turn else None
        if type(number) is not int or not 0 <= number < len(self.files):
            return
        file = self.files[number]
        try:
            with open_confined(file) as opened:
                content = opened.read(MOST_BYTES + 1)
        except (OSError, DataError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            self.send({"turn": self._turn, "file": number, "fault": f"{file.name} cannot be read ({why})."})
            return
        if len(content) > MOST_BYTES:
            self.send({"turn": self._turn, "file": number, "fault": f"{file.name} has grown too large to be saved from here."})
            return
        self.send({"turn": self._turn, "file": number, "name": file.name}, [content])


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1
