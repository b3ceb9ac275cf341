"""Saving a text: downloaded by the browser, or written into a folder of the server's that may be used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import traitlets as t
from ipywidgets import HTML, Box, Text, VBox

from dss_widgets.errors import DataError, DssWidgetsError
from dss_widgets.panels.action import Action
from dss_widgets.panels.forms.code_text import CodeText
from dss_widgets.panels.forms.saved_files import endings_like, why_not_into, why_not_named
from dss_widgets.panels.style.theme import classed, plain_layout, put, text
from dss_widgets.panels.style.words import error_list, escape
from dss_widgets.roots import confined


class SaveFile(VBox):
    """A text to copy or download, and a field and a button that write it on the server.

    Args:
        write: writes a text to a path.
        is_ours: whether a file that is there already may be replaced.

    Attributes:
        content: the text.
        name: the file's name for a download; its ending says what may be saved.
        path: where it is written on the server.
    """

    content = t.Unicode()
    name = t.Unicode("file.txt")
    path = t.Unicode()

    def __init__(self, write: Callable[[str, Path], object], is_ours: Callable[[Path], bool]) -> None:
        self._write, self._is_ours = write, is_ours
        self.code = CodeText()
        self.field = Text(description="File", placeholder="path on the server", layout=plain_layout())
        self.field.tooltip = "Path of a file on the server"
        self.save = Action("Save on the server", "dss-save-file", may=lambda: self.content)
        self._said: HTML = text("", "dss-saved")
        row = classed(Box([self.field, self.save], layout=plain_layout()), "dss-row", "dss-save-row")
        super().__init__([self.code, row, self._said], layout=plain_layout())
        classed(self, "dss-stack-tight")
        t.link((self, "path"), (self.field, "value"))
        self.observe(lambda _: self._draw(), ["content", "name"])
        self.observe(lambda _: put(self._said, ""), ["content", "path"])
        self.save.on_click(lambda _: self.write())

    def _draw(self) -> None:
        self.code.put(self.content, self.name)
        self.save.draw()

    def write(self) -> Path | None:
        """Write the text on the server; returns the file, or None if it was refused, which is told, or there is no text."""
        if not self.save.allowed:
            return None
        try:
            path = self._checked(self.path.strip())
            self._write(self.content, path)
        except DssWidgetsError as error:
            put(self._said, error_list(error))
            return None
        put(self._said, f'<p><span class="dss-good">✓ Saved</span> <code>{escape(path)}</code></p>')
        return path

    def _checked(self, typed: str) -> Path:
        if not typed:
            raise DataError("The path is empty. Type where the file is to be written.")
        path = confined(typed).resolve()  # a link is judged by what it leads to, and that is what is written
        if os.path.isdir(path):  # which names too long for the system are not
            raise DataError(f"{path}: is a folder. Add a file name.")
        unnamed = why_not_named(path.name, endings_like(self.name))
        if unnamed:
            raise DataError(f"{path}: {unnamed}")
        if not path.parent.is_dir():
            raise DataError(f"{path.parent}: is not a folder. Choose one that exists.")
        unplaced = why_not_into(path.parent)
        if unplaced:
            raise DataError(f"{path.parent}: {unplaced}")
        if path.exists() and not (path.is_file() and self._is_ours(path)):
            raise DataError(f"{path}: is there already and is something else. Choose another name.")
        return path
