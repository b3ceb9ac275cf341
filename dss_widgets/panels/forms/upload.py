"""Uploading small recordings and their annotations from one's own machine, for Binder and remote servers.

ipywidgets' own upload sends all files in one message, and a server that gets one of more than 10 MB hangs up. So the page
(``upload.js``) cuts the files into pieces and sends each through a hidden text field when the one before has been answered:
that works wherever widgets work, tells how far it is, and asks before it sends anything.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Checkbox, Textarea, VBox

from dss_widgets.errors import DataError, Problem
from dss_widgets.panels.forms.receiving import MOST_BYTES, Receiving, upload_problems
from dss_widgets.panels.forms.script import handler
from dss_widgets.panels.style.theme import classed, meter, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, escape, problem_list, size

_PIECE = 393_216
"""Bytes of a piece: a message of half a megabyte."""


class Upload(VBox):
    """A button of the browser's own that chooses files, and sends them into a folder on the server.

    Args:
        folder: gives the folder that they go into.

    Attributes:
        uploaded: the files that arrived last, as a tuple of paths.
    """

    uploaded = t.Tuple()

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._receiving: Receiving | None = None
        self._turn = 0
        self._choose: HTML = text(_chooser(), "dss-upload-choose")
        self._pipe = classed(Textarea(layout=plain_layout()), "dss-upload-pipe", "dss-off")
        self._answer: HTML = classed(text(_told(0, "go")), "dss-off")
        self.replace = Checkbox(description="Replace files of the same name", indent=False, layout=plain_layout())
        classed(self.replace, "dss-off")
        self._said: HTML = text("", "dss-upload-said")
        super().__init__([self._choose, self.replace, self._said, self._pipe, self._answer], layout=plain_layout())
        classed(self, "dss-upload", "dss-stack-tight")
        self._pipe.observe(self._hear, "value")

    def _hear(self, change: t.Bunch) -> None:
        """Take a message of the page, and answer it."""
        if not change.new:
            return
        try:
            message = json.loads(change.new)
            turn = int(message["turn"])
            go = self._take(message)
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):  # not from our page
            self.stop([Problem("The files arrived damaged.", "Send them again.")])
            turn, go = self._turn + 1, False
        self._turn = turn
        put(self._answer, _told(turn, "go" if go else "stop"))
        if not go or "end" in message:
            self._pipe.value = ""  # a piece need not be kept in two places

    def _take(self, message: dict[str, Any]) -> bool:
        """Do what a message asks for; returns whether there may be more."""
        try:
            if "begin" in message:
                return self.begin([(str(name), int(n)) for name, n in message["begin"]])
            if self._receiving is None:
                return False
            if "end" in message:
                self._end(self._receiving.finish())
            elif "fail" in message:
                self.stop([Problem("A file could not be read on your side.", "Is it still there?")])
            else:
                piece = base64.b64decode(message["data"], validate=True)
                self._receiving.add(int(message["number"]), int(message["at"]), piece)
                self._tell()
        except DataError as error:
            self.stop([Problem(str(error))])
        return self._receiving is not None

    def begin(self, wanted: list[tuple[str, int]]) -> bool:
        """Make ready for files of these names and sizes; returns whether they may come, and tells why not."""
        self.stop([])
        folder = self._folder()
        problems = upload_problems(wanted, folder, replace=self.replace.value)
        show(self.replace, self.replace.value or any((folder / Path(name).name).is_file() for name, _ in wanted))
        if problems:
            self.stop(problems)
            return False
        self._receiving = Receiving(wanted, folder, replace=self.replace.value)
        self._tell()
        return True

    def _tell(self) -> None:
        done, total = self._receiving.received, self._receiving.total  # type: ignore[union-attr]
        put(self._said, meter(done / max(1, total), f"{size(done)} of {size(total)}"))

    def _end(self, files: list[Path]) -> None:
        self._receiving = None
        self.replace.value = False
        show(self.replace, False)
        into = escape(files[0].parent) if files else ""
        put(self._said, f'<p><span class="dss-good">✓ {count(len(files), "file")} uploaded</span> to <code>{into}</code></p>')
        self.uploaded = ()
        self.uploaded = tuple(files)

    def stop(self, problems: list[Problem]) -> None:
        """Forget what has arrived so far, and tell why."""
        if self._receiving is not None:
            self._receiving.abandon()
            self._receiving = None
        put(self._said, problem_list(problems))

    def close(self) -> None:
        """Remove what has arrived and close the widgets."""
        self.stop([])
        super().close()


def _told(turn: int, say: str) -> str:
    return f'<span data-turn="{turn}" data-say="{say}"></span>'


def _chooser() -> str:
    words = f"Recordings and their annotations, {size(MOST_BYTES)} at most"
    sending = f'data-piece-bytes="{_PIECE}" onchange="{handler("upload")}"'
    return (
        f'<label class="dss-upload-label"><span>Upload from your machine</span>'
        f'<input type="file" multiple {sending}><span class="dss-muted dss-small">{words}</span></label>'
    )
