"""A recording to look at and listen to, with what was found in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, VBox

from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations
from dss_widgets.dataset.annotations.table import SUFFIX, read_annotations
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.errors import DataError
from dss_widgets.panels.sound.sound import Sound
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.sound.view import SoundView
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, offer, plain_layout, put, text
from dss_widgets.panels.style.words import count, swatch


class LabelledAudio(VBox):
    """Shows recordings with the labels that were found in them, and those that people made, if there are any.

    Attributes:
        files: the recordings.
        song_types: the song types in the order in which they have their colours elsewhere; others come after them.
    """

    files = t.Tuple()
    song_types = t.Tuple()

    def __init__(self) -> None:
        self._starts = np.zeros(0)
        self.recording = Dropdown(description="Recording", layout=plain_layout())
        self.next: Button = classed(Button(description="Next song", layout=plain_layout()), "dss-next-song")
        self.view = SoundView("Recording and labels", 1.0)
        self._about: HTML = text("", "dss-labelled-about")
        row = classed(Box([self.recording, self.next], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        super().__init__([row, self._about, self.view], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-labelled-audio")
        self.observe(self._offer, "files")
        self.recording.observe(self._choose, "value")
        self.next.on_click(lambda _: self.go_on())

    def _offer(self, _change: Any = None) -> None:
        before = self.recording.value
        offer(self.recording, list(zip(_told_apart([file.recording for file in self.files]), self.files, strict=True)))
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
            sound = Sound.of(open_recording(file.recording))
        except DataError as error:
            self.view.say(error)
            return
        both = {**annotated, "Predicted": found}
        names = sorted({str(name).removesuffix(PROPOSALS) for labels in both.values() for name in labels.names})
        self._colours = song_colours([*self.song_types, *(name for name in names if name not in self.song_types)])
        put(self._about, _about(found, self._colours))
        self._starts = np.sort(found.start_seconds)
        first = float(self._starts[0]) if len(self._starts) else 0.0
        tracks = [Track(words, labels, self._colours) for words, labels in both.items()]
        self.view.show(sound, tracks, first - 0.1 * self.view.seconds)

    def go_on(self) -> None:
        """Go to the next label after those at the beginning of what is in view."""
        after = self._starts[self._starts > self.view.place[0] + 0.2 * self.view.seconds]
        if len(after):
            self.view.go_to(float(after[0]) - 0.1 * self.view.seconds)


def _about(found: Annotations, colours: dict[str, str]) -> str:
    """Return how often each song type was found, as a line of HTML."""
    names: Sequence[str] = [str(name) for name in found.names]
    colour_of = {name: colours.get(name.removesuffix(PROPOSALS), "var(--dss-line)") for name in sorted(set(names))}
    parts = [f"<span>{swatch(colour, name)} <b>{names.count(name):,}</b></span>" for name, colour in colour_of.items()]
    return f'<div class="dss-legend"><span>{count(len(names), "label")}:</span>{"".join(parts)}</div>'


def _told_apart(recordings: Sequence[Path]) -> list[str]:
    """Return what recordings are called: their names, with the folders where they lie in several."""
    folders = {recording.parent for recording in recordings}
    if len(folders) < 2:
        return [recording.name for recording in recordings]
    try:
        common = os.path.commonpath(folders)
    except ValueError:  # on several drives, or some of them relative
        return [str(recording) for recording in recordings]
    return [recording.relative_to(common).as_posix() for recording in recordings]
