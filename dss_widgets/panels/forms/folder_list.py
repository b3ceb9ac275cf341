"""A list of folders to go into, by mouse or with the keys that lists have everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import traitlets as t
from ipywidgets import HTML, Box, Text

from dss_widgets.panels.forms.folder_listing import Holding
from dss_widgets.panels.forms.script import handler
from dss_widgets.panels.style.theme import classed, plain_layout, put, text
from dss_widgets.panels.style.words import escape


class FolderList(Box):
    """Folders with what they hold, one of them current: arrow keys move, Enter opens, Backspace goes up.

    The page moves by itself; what is opened comes through a hidden text field, with the turn of the list that was seen.

    Args:
        enter: called with the folder that is to be opened.
    """

    def __init__(self, enter: Callable[[Path], object]) -> None:
        self._enter = enter
        self._turn = 0
        self.folders: tuple[tuple[Path, Holding], ...] = ()
        self._page: HTML = text("", "dss-entries")
        self._pipe = classed(Text(layout=plain_layout()), "dss-picker-pipe", "dss-off")
        super().__init__([self._page, self._pipe], layout=plain_layout())
        self._pipe.observe(self._hear, "value")

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
        options = "".join(_option(words, number == at) for number, words in enumerate(_words(*folder) for folder in folders))
        does = f'onkeydown="{handler("folder_list")}" onclick="this.onkeydown(event)"'
        put(
            self._page,
            f'<div role="listbox" aria-label="{escape(f"Folders in {name}")}" data-turn="{self._turn}" '
            f'data-lm-suppress-shortcuts="true" {does}>{options or _NONE}</div>',
        )

    def _hear(self, change: t.Bunch) -> None:
        """Open what the page asks for, unless it had an older list before it."""
        if not change.new:
            return
        try:
            message = json.loads(change.new)
            turn, number = int(message["turn"]), int(message["number"])
        except (ValueError, KeyError, TypeError, RecursionError):  # not from our page
            return
        if turn == self._turn and 0 <= number < len(self.folders):
            self._enter(self.folders[number][0])


def _words(path: Path, holding: Holding) -> str:
    held = f' <span class="dss-muted dss-small">{escape(holding)}</span>' if str(holding) else ""
    return f"{escape(path.name)}{held}"


def _option(words: str, is_current: bool) -> str:
    tab, selected = (0, "true") if is_current else (-1, "false")
    return f'<div role="option" class="dss-entry" tabindex="{tab}" aria-selected="{selected}">{words}</div>'


_NONE = (
    '<div role="option" class="dss-no-entry" tabindex="0" aria-selected="false" aria-disabled="true">No folders in here.</div>'
)
