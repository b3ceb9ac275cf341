"""Uploading small recordings and their annotations from one's own machine, for Binder and remote servers.

ipywidgets' own upload sends all files in one message, and a server that gets one of more than 10 MB hangs up. So the page
(``page/upload.js``) cuts the files into pieces and sends each as a binary message when the one before has been answered:
that works wherever widgets work, tells how far it is, and asks before it sends anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t
from ipywidgets import HTML, Checkbox, VBox

from dss_widgets.errors import DataError, Problem
from dss_widgets.panels.forms.page_module import page_module
from dss_widgets.panels.forms.receiving import MOST_BYTES, Receiving, Wanted, is_left_out, is_there, upload_problems
from dss_widgets.panels.style.theme import classed, meter, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, escape, problem_list, size

_PIECE = 393_216
"""Bytes of a piece."""


class Sender(anywidget.AnyWidget):
    """What files are chosen with, or dropped on.

    Attributes:
        limit: what may be sent, in words.
    """

    _esm = page_module("upload")
    limit = t.Unicode().tag(sync=True)


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
        self._n_left_out = 0
        words = f"Recordings and their annotations, {size(MOST_BYTES)} at most. Files and folders can be dropped here."
        self.sender: Sender = classed(Sender(limit=words, layout=plain_layout()), "dss-upload-choose")
        self.replace = Checkbox(description="Replace files of the same name", indent=False, layout=plain_layout())
        classed(self.replace, "dss-off")
        self._said: HTML = text("", "dss-upload-said")
        super().__init__([self.sender, self.replace, self._said], layout=plain_layout())
        classed(self, "dss-upload", "dss-stack-tight")
        self.sender.on_msg(self._hear)

    def _hear(self, _widget: Any, message: Any, buffers: Sequence[memoryview]) -> None:
        """Take a message of the page, and answer it: whether there may be more."""
        more: dict[str, Any] = {}
        turn = message.get("turn") if isinstance(message, dict) else None
        try:
            if type(turn) is not int:
                raise ValueError(message)
            go = self._take(message, [bytes(buffer) for buffer in buffers], more)
        except (ValueError, KeyError, TypeError, RecursionError):  # not from our page
            self.stop([Problem("The files arrived damaged.", "Send them again.")])
            go = False
        self.sender.send({"turn": turn, "go": go, **more})

    def _take(self, message: dict[str, Any], buffers: Sequence[bytes], more: dict[str, Any]) -> bool:
        """Do what a message asks for; returns whether there may be more, and adds to the answer."""
        try:
            if "begin" in message:
                wanted = [(str(name), _whole(n)) for name, n in message["begin"]]
                return self.begin(wanted, more)
            if "cancel" in message:
                self.cancel()
            elif self._receiving is None:
                return False
            elif "end" in message:
                self._end(self._receiving.finish())
            elif "fail" in message:
                self.stop([Problem("A file could not be read on your side.", "Is it still there?")])
            else:
                (piece,) = buffers
                self._receiving.add(_whole(message["number"]), _whole(message["at"]), piece)
                self._tell()
        except DataError as error:
            self.stop([Problem(str(error))])
        return self._receiving is not None

    def begin(self, offered: Sequence[Wanted], more: dict[str, Any] | None = None) -> bool:
        """Make ready for files of these names and sizes; returns whether they may come, and tells why not.

        Args:
            offered: names, or paths of files in folders, and sizes. Of folders, what is neither a recording nor annotations
                is left out.
            more: gets which of them are to be sent, and in pieces of how many bytes.
        """
        self.stop([])
        folder = self._folder()
        numbers = [number for number, (name, _) in enumerate(offered) if not is_left_out(name)]
        wanted = [offered[number] for number in numbers]
        problems = upload_problems(wanted, folder, replace=self.replace.value)
        if offered and not wanted:
            problems.append(Problem("There are no recordings or annotations in it.", "Choose another folder."))
        show(self.replace, self.replace.value or any(is_there(name, folder) for name, _ in wanted))
        if problems:
            self.stop(problems)
            return False
        self._receiving = Receiving(wanted, folder, replace=self.replace.value)
        self._n_left_out = len(offered) - len(wanted)
        if more is not None:
            more.update(wanted=numbers, piece=_PIECE)
        self._tell()
        return True

    def _tell(self) -> None:
        done, total = self._receiving.received, self._receiving.total  # type: ignore[union-attr]
        put(self._said, meter(done / max(1, total), f"{size(done)} of {size(total)}"))

    def _end(self, files: list[Path]) -> None:
        self._receiving = None
        self.replace.value = False
        show(self.replace, False)
        into = escape(self._folder()) if files else ""
        left = f" {count(self._n_left_out, 'other file')} left out: no recordings or annotations." if self._n_left_out else ""
        done = f'<span class="dss-good">✓ {count(len(files), "file")} uploaded</span> to <code>{into}</code>'
        put(self._said, f"<p>{done}{escape(f'.{left}') if left else ''}</p>")
        self.uploaded = ()
        self.uploaded = tuple(files)

    def cancel(self) -> None:
        """Forget what has arrived so far, as was asked for."""
        self.stop([])
        put(self._said, '<p class="dss-muted">Cancelled; nothing of it was kept.</p>')

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


def _whole(told: Any) -> int:
    """Return a whole number that the page told.

    Raises:
        ValueError: it is none.
    """
    if type(told) is not int:
        raise ValueError(told)
    return told
