"""A list of folders to go into, by mouse or with the keys that lists have everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from dss_widgets.panels.forms.folder_listing import Holding
from dss_widgets.panels.forms.page_module import page_module
from dss_widgets.panels.style.theme import classed, plain_layout


def _nothing() -> None:
    return None


class FolderList(anywidget.AnyWidget):
    """Folders with what they hold, one of them current: arrow keys move, letters find, Enter opens, Backspace goes up.

    The page moves by itself; what it asks for tells the turn of the list that was seen.

    Args:
        enter: called with the folder that is to be opened.
        up: called when the folder above is to be opened.
        leave: called when the list is to be left.

    Attributes:
        folders: what is listed.
    """

    _esm = page_module("folder_list")
    _listed = t.Dict({"name": "", "turn": 0, "at": 0, "entries": []}).tag(sync=True)

    def __init__(
        self, enter: Callable[[Path], object], up: Callable[[], object] = _nothing, leave: Callable[[], object] = _nothing
    ) -> None:
        self._enter, self._go_up, self._leave = enter, up, leave
        self._turn = 0
        self.folders: tuple[tuple[Path, Holding], ...] = ()
        super().__init__(layout=plain_layout())
        classed(self, "dss-entries")
        self.on_msg(self._hear)

    def offer(self, name: str, folders: Sequence[tuple[Path, Holding]], current: Path | None = None) -> None:
        """Show folders.

        Args:
            name: of the folder that holds them.
            folders: what to show.
            current: where the keyboard goes on; left out, at the first.
        """
        self._turn += 1
        self.folders = tuple(folders)
        paths = [path for path, _ in folders]
        at = paths.index(current) if current in paths else 0
        entries = [[path.name, str(holding)] for path, holding in folders]
        self._listed = {"name": name, "turn": self._turn, "at": at, "entries": entries}

    def _hear(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Do what the page asks for, unless it had an older list before it; what is no message of ours is passed over."""
        if not isinstance(message, dict) or message.get("turn") != self._turn:
            return
        number = message.get("open")
        if message.get("close"):
            self._leave()
        elif message.get("up"):
            self._go_up()
        elif type(number) is int and 0 <= number < len(self.folders):
            self._enter(self.folders[number][0])
