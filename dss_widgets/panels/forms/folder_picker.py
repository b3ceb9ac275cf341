"""Choosing a folder of the server's, inside of the allowed ones, by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import traitlets as t
from ipywidgets import HTML, Box, Button, Text, VBox

from dss_widgets.errors import DataError
from dss_widgets.options import Option
from dss_widgets.panels.forms.fields import TextField
from dss_widgets.panels.forms.folder_list import FolderList
from dss_widgets.panels.forms.folder_listing import Listing, list_folder
from dss_widgets.panels.forms.saved_files import why_not_into
from dss_widgets.panels.forms.upload import Upload
from dss_widgets.panels.memory import PLACES, last_folder, remember_place
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape
from dss_widgets.roots import INSTEAD, confined, start_folder, why_refused

_FOR_RECORDINGS = ("data_folder",)
"""Options whose folder recordings can be sent into."""


def _button(words: str, *classes: str, tooltip: str = "") -> Button:
    return classed(Button(description=words, tooltip=tooltip or None, layout=plain_layout()), *classes)


class FolderPicker(VBox):
    """A list of folders to go into, and a button that takes the one that is open.

    Args:
        start: where to begin: this path, or the nearest folder above it.
        uploads: whether files can be sent into the open folder.

    Attributes:
        folder: the folder that is open.
        chosen: the folder that was taken, as text; '' before.
        left: counts up when it is left without taking one.

    Example:
        >>> picker = FolderPicker()
        >>> picker.observe(lambda change: print(change.new), "chosen")
        >>> picker
    """

    chosen = t.Unicode()
    left = t.Int(0)

    def __init__(self, start: str = "", *, uploads: bool = False) -> None:
        self._here: HTML = text()
        self._up = _button("↑ Up", "dss-up", tooltip="Go to the folder that holds this one")
        self._use = _button("Use this folder", "dss-primary", "dss-use-folder")
        self._new_name = Text(description="New folder", placeholder="its name", layout=plain_layout())
        self._new = _button("Make", "dss-new-folder", tooltip="Make the new folder in the open one")
        self.list = FolderList(self.go_to, self.go_up, self._leave)
        self._message: HTML = text("", "dss-small")
        self.upload = Upload(lambda: self.folder) if uploads else None
        row = classed(Box([self._up, self._use, self._new_name, self._new], layout=plain_layout()), "dss-row", "dss-save-row")
        parts = [self._here, self.list, self._message, row, *([self.upload] if self.upload else [])]
        super().__init__(parts, layout=plain_layout())
        classed(self, "dss-picker")
        self.folder = start_folder()
        self._up.on_click(lambda _: self.go_up())
        self._use.on_click(lambda _: self._choose())
        self._new.on_click(lambda _: self._make())
        if self.upload is not None:
            self.upload.observe(lambda _: self.go_to(self.folder), "uploaded")
        self.go_to(nearest_folder(start))

    def go_to(self, folder: Path) -> None:
        """Show a folder's sub-folders; one that cannot be opened is told, and the list stays."""
        before = self.folder
        try:
            listing = list_folder(folder)
        except DataError as error:
            put(self._message, f'<span class="dss-error"><b>Error:</b> {escape(error)}</span>')
            self.list.offer(before.name, self.list.folders, folder)
            return
        self.folder = folder
        self._show(listing, before)

    def go_up(self) -> None:
        """Show the folder above; where there is none that may be opened, the list stays."""
        self.go_to(self.folder if self._is_top() else self.folder.parent)

    def _is_top(self) -> bool:
        above = self.folder.parent
        return above == self.folder or why_refused(above) is not None

    def _leave(self) -> None:
        self.left += 1

    def _show(self, listing: Listing, before: Path) -> None:
        held = str(listing.holding)
        put(self._here, f'<b>{escape(listing.folder)}</b><div class="dss-small dss-muted">{held or "no recordings here"}</div>')
        self.list.offer(listing.folder.name, listing.folders, before)
        more = f"{listing.n_left_out} more folders: type the path instead. " if listing.n_left_out else ""
        put(self._message, f'<span class="dss-muted">{more}{_KEYS}</span>')
        self._up.disabled = self._is_top()

    def _choose(self) -> None:
        remember_place(str(self.folder))
        self.chosen = ""
        self.chosen = str(self.folder)

    def _make(self) -> None:
        name = self._new_name.value.strip()
        try:
            self._made(name).mkdir(exist_ok=True)
        except DataError as error:
            put(self._message, f'<span class="dss-error"><b>Error:</b> {escape(error)}</span>')
            return
        except OSError as error:
            why = f"{name} cannot be made in {self.folder} ({error.strerror}). Choose another name, or another folder."
            put(self._message, f'<span class="dss-error"><b>Error:</b> {escape(why)}</span>')
            return
        self._new_name.value = ""
        self.go_to(self.folder / name)

    def _made(self, name: str) -> Path:
        """Return the path of a folder that may be made in the open one.

        Raises:
            DataError: it may not.
        """
        if not name or Path(name).name != name or name in (".", "..") or not name.isprintable():
            raise DataError("Type a name without slashes.")
        folder = confined(self.folder / name)
        why = why_not_into(self.folder) or why_not_into(folder)
        if why:
            raise DataError(f"{folder}: {why}")
        return folder


_KEYS = "Click a folder to open it, or move with ↑ and ↓ or by typing its name, open with Enter and go up with Backspace."


def nearest_folder(path: str) -> Path:
    """Return the folder of a path, or the nearest one above it that exists and may be opened; without a path, of the last one.

    If there is none either, it is where choosing starts.
    """
    path = path or last_folder(PLACES)
    if path:
        candidate = Path(path).expanduser().absolute()
        for folder in (candidate, *candidate.parents):
            if folder.is_dir() and not why_refused(folder):
                return folder
    return start_folder()


class FolderField(TextField):
    """A path that is typed, or picked with the browser that opens under it; only allowed paths count.

    Attributes:
        complete: returns the path that a picked folder stands for.
        is_open: whether the browser is shown.
    """

    is_open = t.Bool(False)

    def __init__(self, option: Option, value: str) -> None:
        self._browse = _button("Browse…", "dss-browse", tooltip=f"Browse for: {option.label}")
        self._picker_box: Box = classed(Box(layout=plain_layout()), "dss-picker-box", "dss-off")
        self._picker: FolderPicker | None = None
        self.complete: Callable[[Path], Path] = lambda folder: folder
        super().__init__(option, value, self._browse, self._picker_box, wide=True)
        classed(self, "dss-path")
        t.dlink((self.widget, "disabled"), (self._browse, "disabled"))
        self._browse.on_click(lambda _: self.toggle())

    def toggle(self) -> None:
        """Open or close the browser."""
        self.is_open = not self.is_open

    @t.observe("is_open")
    def _open_or_close(self, _change: t.Bunch) -> None:
        if self.is_open:
            if self._picker is None:
                self._picker = FolderPicker(self.value, uploads=self.option.name in _FOR_RECORDINGS)
                self._picker.observe(self._picked, "chosen")
                self._picker.observe(lambda _: self._put_away(), "left")
                self._picker_box.children = [self._picker]
            else:
                self._picker.go_to(nearest_folder(self.value))
        self._browse.description = "Close" if self.is_open else "Browse…"
        show(self._picker_box, self.is_open)

    def _picked(self, change: t.Bunch) -> None:
        if change.new:
            taken = str(self.complete(Path(change.new)))
            if self.widget.value == taken and self._picker is not None and self._picker.upload and self._picker.upload.uploaded:
                self.widget.value = ""  # there is more in it now: let it be read again
            self.widget.value = taken
            self._put_away()

    def _put_away(self) -> None:
        if self.is_open:
            self.toggle()
            self._browse.focus()  # what had the focus is hidden now

    def _value_of(self, held: str) -> str:
        path = str(super()._value_of(held))
        refused = why_refused(path)
        if refused:
            raise ValueError(f"{refused} {INSTEAD}")
        return path
