"""The list of recordings to annotate, kept in step with their labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets as t
from ipywidgets import Select

from dss_widgets.annotating import Session
from dss_widgets.dataset.annotations.annotations import Category
from dss_widgets.panels.annotation.recordings import Listed, Listing, list_recordings
from dss_widgets.panels.background import Latest
from dss_widgets.panels.style.theme import classed, plain_layout, show
from dss_widgets.roots import why_refused

_MOST_ROWS = 16


class RecordingList(Select):
    """Lists the recordings of a folder; the one that is chosen is told, unless the list has chosen it by itself.

    Args:
        chosen: called with the path of a recording that somebody has chosen.

    Attributes:
        listed: the recordings, by path.
    """

    def __init__(self, chosen: Callable[[str], object]) -> None:
        self.listed: dict[str, Listed] = {}
        self._song_types: dict[str, Category] = {}
        self._latest, self._is_offering, self._told = Latest(), False, chosen
        super().__init__(description="Recordings", rows=_MOST_ROWS, layout=plain_layout())
        classed(self, "dss-annotate-list")
        self.observe(self._take, "value")

    @property
    def song_types(self) -> dict[str, Category]:
        """The song types of all recordings of the folder, with their categories."""
        return dict(self._song_types)

    def look_through(self, place: str, done: Callable[[], object], failed: Callable[[Exception], object]) -> None:
        """List what is in a folder, or one recording; beside the loop where there is one."""
        if not place or why_refused(place):
            self._latest.drop()
            self._list(Listing(), done)
            return

        def cannot(error: Exception) -> None:
            self._list(Listing(), done)
            failed(error)

        self._latest.run(lambda: list_recordings(place), lambda listing: self._list(listing, done), cannot)

    def _list(self, listing: Listing, done: Callable[[], object]) -> None:
        self.listed = {str(listed.path): listed for listed in listing.recordings}
        self._song_types = dict(listing.song_types or {})
        done()

    def offer(self, recording: str) -> None:
        """Bring the list in step with what is in it, and choose the recording that is shown."""
        options = [(listed.words, path) for path, listed in self.listed.items()]
        chosen = recording if recording in self.listed else None
        own: Any = self
        if tuple(options) != tuple(own.options) or own.value != chosen:
            self._is_offering = True
            with self.hold_sync():  # holding notifications, a value is looked for among the options of before
                self.options = options
                self.rows = min(_MOST_ROWS, max(3, len(options)))
                self.value = chosen
            self._is_offering = False
        show(self, bool(options))

    def update(self, recording: str, session: Session) -> None:
        """Show how many labels a recording has by now."""
        if recording in self.listed:
            self.listed[recording] = self.listed[recording].as_in(session)
            self.offer(recording)

    def _take(self, change: t.Bunch) -> None:
        if change.new and not self._is_offering:
            self._told(change.new)
