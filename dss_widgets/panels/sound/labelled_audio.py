"""A recording to excerpt at with its labels: waveform, spectrogram, and what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, VBox

from dss_widgets.dataset.annotations.table import SUFFIX, Annotations, read_annotations
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.errors import DataError
from dss_widgets.panels.background import Latest
from dss_widgets.panels.sound.pager import Pager
from dss_widgets.panels.sound.stretch_plots import Excerpt, StretchPlots, label_tracks
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, escape, swatch


@dataclass(frozen=True, eq=False)
class Labelled:
    """A recording and its labels.

    Attributes:
        recording: the audio file.
        labels: the file with what was found.
    """

    recording: Path
    labels: Path


class LabelledAudio(VBox):
    """Pages through recordings with the labels that were found in them, and those that people made, if there are any.

    Attributes:
        files: the recordings.
        song_types: the song types in the order in which they have their colours elsewhere; others come after them.
    """

    files = t.Tuple()
    song_types = t.Tuple()

    def __init__(self) -> None:
        self._latest = Latest()
        self._tracks: dict[str, Annotations] = {}
        self.recording = Dropdown(description="Recording", layout=plain_layout())
        self.next: Button = classed(Button(description="Next song", layout=plain_layout()), "dss-next-song")
        self.pager = Pager(1.0)
        self.plots = StretchPlots(targets="")
        self.tracks: HTML = text("", "dss-label-tracks")
        self._about: HTML = text("", "dss-labelled-about")
        self._message: HTML = text()
        row = classed(Box([self.recording, self.next], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        super().__init__([row, self.pager, self._about, self._message, self.plots, self.tracks], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-labelled-audio")
        self.observe(self._offer, "files")
        self.recording.observe(self._choose, "value")
        self.pager.observe(self._refresh, ["start", "seconds"])
        self.next.on_click(lambda _: self.go_on())

    def _offer(self, _change: Any = None) -> None:
        before = self.recording.value
        offer(self.recording, [(file.recording.name, file) for file in self.files])
        if self.recording.value is before:
            self._choose()

    def _choose(self, _change: Any = None) -> None:
        """Read the labels of the recording that is chosen, and go to the first."""
        file = self.recording.value
        if file is None:
            return
        try:
            found, _ = read_annotations(file.labels)
            own = file.recording.with_name(f"{file.recording.stem}{SUFFIX}")
            is_annotated = own.is_file() and own.resolve() != file.labels.resolve()
            annotated = {"Annotated": read_annotations(own)[0]} if is_annotated else {}
            self._tracks = {**annotated, "Predicted": found}
            self.pager.total = open_recording(file.recording).duration_seconds
        except DataError as error:
            self._failed(error)
            return
        names = sorted({str(name).removesuffix("_proposals") for track in self._tracks.values() for name in track.names})
        self._colours = song_colours([*self.song_types, *(name for name in names if name not in self.song_types)])
        put(self._about, _about(found, self._colours))
        self.pager.start = 0.0
        self.go_on(from_here=True)
        self._refresh()

    def go_on(self, *, from_here: bool = False) -> None:
        """Go to the next label after those at the beginning of the page."""
        starts = np.sort(self._tracks["Predicted"].start_seconds) if self._tracks else np.zeros(0)
        after = starts[starts > self.pager.start + (0 if from_here else 0.2 * self.pager.seconds)]
        if len(after):
            self.pager.go_to(float(after[0]) - 0.1 * self.pager.seconds)

    def _refresh(self, _change: Any = None) -> None:
        file = self.recording.value
        if file is not None and self._tracks:
            start, seconds = self.pager.start, self.pager.seconds
            self._latest.run(lambda: read_excerpt(file.recording, start, seconds), self._draw, self._failed)

    def _failed(self, error: Exception) -> None:
        for part in (self.plots, self.tracks):
            show(part, False)  # empty axes would say nothing
        put(self._message, f'<p class="dss-error"><b>Error:</b> {escape(error)}</p>')

    def _draw(self, excerpt: Excerpt) -> None:
        put(self._message, "")
        for part in (self.plots, self.tracks):
            show(part, True)
        self.plots.draw(excerpt)
        put(self.tracks, label_tracks(self._tracks, excerpt.start_seconds, excerpt.stop_seconds, self._colours))


def read_excerpt(recording: Path, start_seconds: float, seconds: float) -> Excerpt:
    """Read a stretch of a recording's first channel.

    Raises:
        DataError: it cannot be read there.
    """
    audio = open_recording(recording)
    rate = audio.samplerate_hz
    start = int(np.clip(round(start_seconds * rate), 0, max(0, audio.n_samples - 1)))
    stop = min(audio.n_samples, start + max(1, round(seconds * rate)))
    return Excerpt(start / rate, stop / rate, rate, audio.read(start, stop)[:, 0], np.zeros((stop - start, 0)), ())


def _about(found: Annotations, colours: dict[str, str]) -> str:
    """Return how often each song type was found, as a line of HTML."""
    names: Sequence[str] = [str(name) for name in found.names]
    colour_of = {name: colours.get(name.removesuffix("_proposals"), "var(--dss-line)") for name in sorted(set(names))}
    parts = [f"<span>{swatch(colour, name)} <b>{names.count(name):,}</b></span>" for name, colour in colour_of.items()]
    return f'<div class="dss-legend"><span>{count(len(names), "label")}:</span>{"".join(parts)}</div>'
