"""What is annotated in a folder of recordings: counts and plots, tables for a spreadsheet, files for other programs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Dropdown, VBox

from dss_widgets.dataset.annotations.written_formats import WRITTEN
from dss_widgets.dataset.counts import count_transitions, counts_csv, measure_song, transitions_csv
from dss_widgets.dataset.export import exported_texts
from dss_widgets.dataset.survey import Survey, survey
from dss_widgets.errors import DssWidgetsError, Problem, ProblemsError
from dss_widgets.panels.action import Action
from dss_widgets.panels.background import Latest
from dss_widgets.panels.counts.histogram import Histogram
from dss_widgets.panels.counts.other_set import OtherSet
from dss_widgets.panels.counts.tables import counts_table, transitions_table
from dss_widgets.panels.forms.delivery import Delivery
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape, problem_list
from dss_widgets.roots import why_refused

_ALL = "all recordings"
_EVERY = "all song types"
_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


class SongCounts(Folded):
    """A button that opens counts, plots and files of what is annotated; the folder is read when it is opened.

    Attributes:
        folder: the folder with the annotations, as text.
        recordings: the folder of their recordings, or one of these, as text; '': the same.
        other_set: compares the annotations with others of the same recordings.
        survey: what was found; None: nothing was read yet, or it cannot be.
    """

    folder = t.Unicode()
    recordings = t.Unicode()
    survey = t.Instance(Survey, allow_none=True)

    def __init__(self, words: str = "Counts, plots, export…") -> None:
        super().__init__(words, "dss-counts-open")
        self._latest = Latest()
        self._plots: tuple[Histogram, Histogram] | None = None
        self.recording = Dropdown(description="Recording", layout=plain_layout())
        self.song_type = Dropdown(description="Song type", layout=plain_layout())
        self.again = Action("Count again", "dss-count-again", may=lambda: self.is_open)
        self._said: HTML = text("", "dss-counts-said")
        self._counts: HTML = text("", "dss-counts-table")
        self._transitions: HTML = text("", "dss-counts-transitions")
        self._plot_box = classed(Box(layout=plain_layout()), "dss-counts-plots")
        self.format = Dropdown(
            description="For", options=[(written.name, name) for name, written in WRITTEN.items()], layout=plain_layout()
        )
        self.make = Action("Make file", "dss-export", may=lambda: self.survey is not None and self.survey.recordings)
        self.counts_file, self.transitions_file, self.exported = Delivery(), Delivery(), Delivery()
        self.other_set = OtherSet()
        for name in ("folder", "recordings"):
            t.dlink((self, name), (self.other_set, name))
        self.body.children = self._arranged()
        show(self._whole, False)
        self.observe(self._close_again, ["folder", "recordings"])
        for chooser in (self.recording, self.song_type):
            chooser.observe(lambda _: self._draw(), "value")
        self.format.observe(lambda _: self.exported.clear(), "value")
        self.again.on_click(lambda _: self.look())
        self.make.on_click(lambda _: self._export())

    def _arranged(self) -> list[Any]:
        row = Box([self.recording, self.song_type, self.again], layout=plain_layout())
        choices = classed(row, "dss-row", "dss-zoom-controls")
        numbers = classed(VBox([text(heading("Counts")), self._counts], layout=plain_layout()), "dss-stack-tight")
        follows = VBox([text(heading("What follows what")), self._transitions], layout=plain_layout())
        tables = classed(Box([numbers, classed(follows, "dss-stack-tight")], layout=plain_layout()), "dss-counts-tables")
        files = classed(
            Box([self.counts_file, self.transitions_file, self.format, self.make, self.exported], layout=plain_layout()),
            "dss-row", "dss-zoom-controls", "dss-counts-files",
        )  # fmt: skip
        self._whole = classed(
            VBox([choices, tables, self._plot_box, text(heading("Take along")), files, self.other_set], layout=plain_layout()),
            "dss-stack",
        )
        return [self._said, self._whole]

    def _close_again(self, _change: Any = None) -> None:
        """What was counted is of another folder: count anew if it is seen."""
        self._latest.drop()
        self.survey = None
        if self.is_open:
            self.look()

    def opened(self) -> None:
        """Count when it is opened."""
        if self.is_open:
            self.look()

    def look(self) -> None:
        """Read what is annotated by now, and count."""
        folder, recordings = self.folder, self.recordings or None
        refused = [why_refused(path) for path in (folder, recordings) if path]
        if not folder or any(refused):
            show(self._whole, False)
            put(self._said, empty("Nothing to count", "Choose a folder of annotated recordings."))
            return
        put(self._said, '<p class="dss-muted">Counting…</p>')
        place = recordings and Path(recordings).expanduser()
        sounds = place.parent if place and place.is_file() else place
        self._latest.run(lambda: survey(folder, recordings=sounds), self._found, self._failed)

    def _failed(self, error: Exception) -> None:
        problems = error.problems if isinstance(error, ProblemsError) else [Problem(str(error))]
        put(self._said, problem_list(problems))

    def _found(self, found: Survey) -> None:
        self.survey = found
        has_any = any(len(entry.annotations) for entry in found.recordings)
        show(self._whole, has_any)
        nothing = empty("Nothing is annotated yet", "What is annotated here is counted, by recording and song type.")
        put(self._said, problem_list(found.problems, limit=5) if has_any else nothing)
        if not has_any:
            return
        offer(self.recording, [(_ALL, ""), *((entry.name, entry.name) for entry in found.recordings)])
        offer(self.song_type, [(_EVERY, ""), *((song_type.name, song_type.name) for song_type in found.song_types)])
        self.counts_file.offer(io.BytesIO((_MARK + counts_csv(found)).encode()), "counts.csv")
        self.transitions_file.offer(io.BytesIO((_MARK + transitions_csv(found)).encode()), "transitions.csv")
        self.exported.clear()
        self.make.draw()
        self._draw()

    def _draw(self) -> None:
        """Show the recordings and song types that are chosen."""
        found = self.survey
        if found is None or not found.recordings:
            return
        recording, name = self.recording.value or "", self.song_type.value or ""
        colours = song_colours([song_type.name for song_type in found.song_types])
        colours.pop("noise")
        measured = measure_song(found, recording)
        rows = [row for row in count_transitions(found) if recording in ("", row["recording"])]
        put(self._counts, counts_table(measured, colours))
        put(self._transitions, transitions_table(rows, colours))
        own = measured.of(name) if name else measured
        self._draw_plots(own.durations[own.durations > 0], own.gaps, colours.get(name, "#52769e"))

    def _draw_plots(self, durations: np.ndarray, gaps: np.ndarray, colour: str) -> None:
        if self._plots is None:
            self._plots = (
                Histogram("Durations", "from onset to offset", colour), Histogram("Silence", "until the next onset", colour)
            )  # fmt: skip
            self._plot_box.children = [plot.widget for plot in self._plots]
        for plot, values in zip(self._plots, (durations, gaps), strict=True):
            show(plot.widget, bool(np.isfinite(values).any()))
            plot.draw(values, colour)

    def _export(self) -> None:
        """Make the file that holds all annotations in another tool's format."""
        if self.survey is None:
            return
        try:
            self.survey.check()
            texts = exported_texts(self.survey, self.format.value)
        except DssWidgetsError as error:
            self._failed(error)
            return
        if len(texts) == 1:
            [(name, content)] = texts.items()
            self.exported.offer(io.BytesIO(content.encode()), name)
            return
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in texts.items():
                archive.writestr(name, content)
        self.exported.offer(packed, f"annotations_{escape(self.format.value)}.zip")
