"""Which song types the dataset gets, and under which names: a row to tick and to rename for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Checkbox, Text, VBox

from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, escape, listing, swatch

MOST_ROWS = 60
"""With more song types the text field below must do."""


class SongTypeMap(VBox):
    """Rows that fill in the options' ``song_type_names``: same new name, one type; not ticked, left out.

    Attributes:
        options: what is filled in.
        song_types: the song types of the data folder.
    """

    options = t.Instance(AssemblyOptions)
    song_types = t.Tuple()

    def __init__(self, options: AssemblyOptions) -> None:
        self.rows: dict[str, _Row] = {}
        self._showing = False
        self._list = classed(VBox(layout=plain_layout()), "dss-type-rows")
        self._told: HTML = text("", "dss-note")
        self._about = text(
            "Untick song types that should not be learned. Types given the same name are merged.", "dss-note", "dss-off"
        )
        super().__init__([self._about, self._list, self._told], options=options, layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-song-type-map")
        options.observe(self._show, ["song_type_names", "only_song_types"])
        self.observe(self._build, "song_types")

    def _build(self, _change: Any = None) -> None:
        """Make a row for every song type, unless the rows fit already."""
        names = [song_type.name for song_type in self.song_types]
        if list(self.rows) != names:
            old = self._list.children
            colours = song_colours(names)
            shown = self.song_types[:MOST_ROWS]
            self.rows = {s.name: _Row(s, colours[s.name], self._read) for s in shown}
            self._list.children = [row.box for row in self.rows.values()]
            for box in old:
                box.close()
        self._show()

    def _read(self, _change: Any = None) -> None:
        """Take over what stands in the rows; names of types that are not there stay as they are."""
        if self._showing:
            return
        names = {old: new for old, new in self.options.song_type_names.items() if old not in self.rows}
        for name, row in self.rows.items():
            new = row.new_name()
            if new != name:
                names[name] = new
        self.options.song_type_names = names

    def _show(self, _change: Any = None) -> None:
        """Bring the rows in step with the options."""
        names = self.options.song_type_names
        self._showing = True
        try:
            for name, row in self.rows.items():
                row.show(names.get(name, name))
        finally:
            self._showing = False
        show(self._about, bool(self.rows))
        put(self._told, becomes(self.song_types, names, self.options.only_song_types) if self.rows else _NONE)


_NONE = "Song types appear here once a folder with annotations has been read."


class _Row:
    """A song type: a tick, and the name it gets."""

    def __init__(self, song_type: SongType, colour: str, changed: Any) -> None:
        self.name = song_type.name
        self.use = Checkbox(
            value=True, description=song_type.name, indent=False,
            layout=plain_layout(),
        )  # fmt: skip
        mark = text(swatch(colour))
        self.use.tooltip = f"Use {song_type.name}"
        about = text(f'<span class="dss-muted dss-small">{song_type.category}, {song_type.count:,}</span>')
        self.rename = Text(description="as", placeholder=song_type.name, layout=plain_layout())
        self.rename.tooltip = f"New name of {song_type.name}"
        self.box = classed(Box([mark, self.use, about, self.rename], layout=plain_layout()), "dss-type-row")
        for widget in (self.use, self.rename):
            widget.observe(changed, "value")

    def new_name(self) -> str:
        """Return the name it gets; '' if it is left out."""
        return (self.rename.value.strip() or self.name) if self.use.value else ""

    def show(self, new: str) -> None:
        """Show the name it gets."""
        self.use.value = bool(new)
        self.rename.disabled = not new
        if new and self.new_name() != new:
            self.rename.value = "" if new == self.name else new


def becomes(song_types: Sequence[SongType], names: Mapping[str, str], only: Sequence[str]) -> str:
    """Return in words what becomes of the song types, as HTML."""
    made: dict[str, list[str]] = {}
    for song_type in song_types:
        new = names.get(song_type.name, song_type.name)
        made.setdefault(new if new and (not only or new in only) else "", []).append(song_type.name)
    left_out = made.pop("", [])
    parts = [f"{new} (from {listing(old)})" for new, old in made.items() if old != [new]]
    words = f"The dataset gets {count(len(made), 'song type')}"
    words += f", with {listing(parts)}." if parts else "."
    return escape(words + (f" Left out, as noise: {listing(left_out)}." if left_out else ""))
