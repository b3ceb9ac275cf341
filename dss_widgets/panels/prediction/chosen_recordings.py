"""The choice of recordings to annotate: a folder, and which of those in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, SelectMultiple

from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.prediction.files import name_within, recordings_of
from dss_widgets.panels.style.theme import classed, label, plain_layout, put, show, text
from dss_widgets.panels.style.words import count

_RECORDINGS = replace(
    AssemblyOptions.declared()["data_folder"],
    label="Recordings",
    help="Folder with the recordings to annotate, or one recording.",
)


class ChosenRecordings(t.HasTraits):
    """Offers the recordings of a folder, all of them chosen at first.

    Args:
        folder: folder of recordings, or one recording.

    Attributes:
        folder: the same, as text.
        chosen: the choice of recordings; its value is their paths.
        fields: what is shown.
    """

    folder = t.Unicode()

    def __init__(self, folder: str) -> None:
        super().__init__(folder=folder)
        self.folder_field = FolderField(_RECORDINGS, folder)
        self.chosen = SelectMultiple(
            description=label("Annotate these"), description_allow_html=True, rows=6, layout=plain_layout()
        )
        self._n_chosen: HTML = text("", "dss-note")
        fields = [self.chosen, self._n_chosen]
        self.fields = [
            self.folder_field,
            classed(Box(fields, layout=plain_layout()), "dss-field", "dss-wide", "dss-chosen"),
        ]
        t.link((self, "folder"), (self.folder_field, "value"))
        self.observe(self._offer, "folder")
        self.chosen.observe(self._tell, ["options", "value"])
        self._offer()

    @property
    def paths(self) -> tuple[str, ...]:
        """The chosen recordings."""
        return tuple(self.chosen.value)

    @property
    def names(self) -> dict[str, str]:
        """The chosen recordings' names within the folder, by path."""
        picked = set(self.paths)
        return {path: name for name, path in self.chosen.options if path in picked}

    def _offer(self, _change: Any = None) -> None:
        found = recordings_of(self.folder)
        self.chosen.options = [(name_within(path, self.folder), str(path)) for path in found]
        self.chosen.value = tuple(str(path) for path in found)

    def _tell(self, _change: Any = None) -> None:
        n_all = len(self.chosen.options)
        put(self._n_chosen, f"{len(self.paths)} of {count(n_all, 'recording')} chosen" if n_all else "")
        show(self.chosen, n_all > 1)
