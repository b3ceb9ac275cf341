"""Where a network errs most: the worst stretches of a test, found and shown with what was annotated and predicted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, VBox

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError
from dss_widgets.panels.annotation.here import CorrectHere, ToCorrect
from dss_widgets.panels.background import Latest
from dss_widgets.panels.datasets.facts import source_words, sources
from dss_widgets.panels.results.corrections import mistakes, recordings_of, to_correct
from dss_widgets.panels.results.outcome import Outcome, OutcomeLabels, tested_split
from dss_widgets.panels.sound.sound import Curves, Sound, read_rows
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape
from dss_widgets.results.results_file import Results
from dss_widgets.results.worst import WorstStretch, labels_of, worst_stretches

if TYPE_CHECKING:
    from dss_widgets.panels.sound.view import SoundView

SPANS = {"20 ms": 0.02, "50 ms": 0.05, "0.2 s": 0.2, "0.5 s": 0.5, "1 s": 1.0, "2 s": 2.0, "5 s": 5.0}
"""How long the stretches are, in seconds by words."""

WRONG = "Wrong"
"""The name of the track that shows where labels differ."""


def wrong_stretches(annotated: np.ndarray, predicted: np.ndarray, start: int, samplerate_hz: float) -> Annotations:
    """Return where labels differ as annotations named :data:`WRONG`, in seconds.

    Args:
        annotated, predicted: classes, ``[samples]``.
        start: the first one's place, in samples.
        samplerate_hz: of the samples.
    """
    edges = np.flatnonzero(np.diff((annotated != predicted).astype(np.int8), prepend=np.int8(0), append=np.int8(0)))
    times = ((edges + start) / samplerate_hz).reshape(-1, 2).tolist()
    return Annotations.of([(WRONG, onset, offset) for onset, offset in times])


ALL = "all song types"


@dataclass(frozen=True, eq=False)
class StretchLook:
    """A stretch as it is shown, with what lies around it.

    Attributes:
        sound: audio and the network's probabilities, in the recording's time where it is all from one; without a channel
            where the audio is not at hand.
        start_seconds, stop_seconds: the stretch, in that time.
        tracks: what was annotated, what was found, and where they differ.
        mistakes: what was labelled as what, in words.
        source: which recording it is from, as HTML; where the audio is not at hand, why.
    """

    sound: Sound
    start_seconds: float
    stop_seconds: float
    tracks: tuple[Track, ...]
    mistakes: str
    source: str


class WorstStretches(VBox):
    """Pages through the stretches that the network labels worst.

    Attributes:
        outcome: the test; None, or one without predictions, shows nothing.
        stretches: what there is to excerpt at, worst first.
        place: which of them is shown, from 0.
    """

    outcome = t.Instance(Outcome, allow_none=True)
    stretches = t.Tuple()
    place = t.Int(0)

    def __init__(self) -> None:
        self._seeking, self._reading = Latest(), Latest()
        self.song = Dropdown(description="Errors of", layout=plain_layout())
        self.span = Dropdown(description="Span", options=SPANS, value=1.0, layout=plain_layout())
        self.back: Button = _button("←", "Previous", "dss-worst-back")
        self.on: Button = _button("→", "Next", "dss-worst-on")
        self._place: HTML = text("", "dss-worst-place")
        self._told: HTML = text("", "dss-worst-told")
        self._view_box = classed(VBox(layout=plain_layout()), "dss-worst-plots")
        self.view: SoundView | None = None
        self.correct = CorrectHere("Correct these", self._to_correct, self._may_correct)
        row = Box([self.song, self.span, self.back, self.on, self._place], layout=plain_layout())
        controls = classed(row, "dss-row", "dss-zoom-controls", "dss-worst-controls")
        parts = [text(heading("Largest errors")), controls, self._told, self._view_box, self.correct.button, self.correct]
        super().__init__(parts, layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-worst")
        self.observe(self._new_outcome, "outcome")
        self.observe(self._refresh, ["stretches", "place"])
        for control in (self.song, self.span):
            control.observe(self._seek, "value")
        self.back.on_click(lambda _: self.go_to(self.place - 1))
        self.on.on_click(lambda _: self.go_to(self.place + 1))
        self._new_outcome()

    @property
    def _labels(self) -> OutcomeLabels | None:
        return self.outcome.labels if self.outcome is not None else None

    def _new_outcome(self, _change: Any = None) -> None:
        labels = self._labels
        show(self, labels is not None)
        if labels is not None:
            offer(self.song, [(ALL, 0), *((name, i) for i, name in enumerate(labels.class_names) if i)])
        self._seek()

    def _seek(self, _change: Any = None) -> None:
        """Look for the worst stretches of the length and song type that are chosen."""
        labels, song, seconds = self._labels, self.song.value or None, self.span.value
        self._reading.drop()
        if labels is None:
            self._seeking.drop()
            self.stretches = ()
            return
        put(self._told, '<p class="dss-muted">Looking for errors…</p>')
        length = max(1, round(seconds * labels.samplerate_hz))
        self._seeking.run(lambda: worst_stretches(labels.results, length, song), self._sought, self._failed)

    def _sought(self, found: list[WorstStretch]) -> None:
        with self.hold_trait_notifications():
            self.place = 0
            self.stretches = tuple(found)
        self._refresh()
        self.correct.draw()

    def go_to(self, place: int) -> None:
        """Show another stretch, as far as there are any."""
        self.place = min(max(0, place), max(0, len(self.stretches) - 1))

    def _may_correct(self) -> bool:
        labels = self._labels
        return labels is not None and bool(recordings_of(labels, self.stretches))

    def _to_correct(self) -> ToCorrect | None:
        """Return the stretches whose recordings still lie where they were, the shown one first; None: there are none."""
        labels = self._labels
        found = to_correct(labels, self.stretches) if labels is not None else {}
        if not found:
            return None
        first = min(found, key=lambda place: (place < self.place, place))
        stretches = tuple(found.values())
        return ToCorrect(str(Path(found[first].recording).parent), "", stretches, list(found).index(first))

    def _refresh(self, _change: Any = None) -> None:
        n, labels = len(self.stretches), self._labels
        for part in (self._place, self._view_box):
            show(part, bool(n))
        self.back.disabled, self.on.disabled = self.place <= 0, self.place >= n - 1
        if labels is None:
            return
        if not n:
            put(self._told, empty("No errors", "Every sample is labelled as it was annotated."))
            return
        put(self._place, f'<span class="dss-muted">{self.place + 1} of {n}, worst first</span>')
        stretch = self.stretches[min(self.place, n - 1)]
        self._reading.run(lambda: read_stretch(labels, stretch), self._draw, self._failed)

    def _failed(self, error: Exception) -> None:
        put(self._told, f'<p class="dss-error"><b>Error:</b> {escape(error)}</p>')

    def _draw(self, found: StretchLook) -> None:
        put(self._told, f'<p class="dss-worst-words"><b>{escape(found.mistakes)}</b></p>{found.source}')
        if self.view is None:
            from dss_widgets.panels.sound.view import SoundView  # not before there is sound to be seen

            self.view = SoundView("Stretch with errors")
            self._view_box.children = [self.view]
        self.view.show(found.sound, found.tracks, found.start_seconds, found.stop_seconds - found.start_seconds)


def read_stretch(labels: OutcomeLabels, stretch: WorstStretch) -> StretchLook:
    """Return what is shown of a stretch, and as much before and after it, as far as that is of the same recording.

    Raises:
        DataError: the results file cannot be read.
    """
    results, rate, names = labels.results, labels.samplerate_hz, labels.class_names
    shift, first, last = 0.0, stretch.start, stretch.stop
    curves = Curves("Probabilities from the network", tuple(names), partial(_probabilities, results))
    sound = Sound(rate, results.n_samples, 0, _no_audio, axis="time in the test split (s)", curves=curves)
    try:
        dataset, split = tested_split(results)
        whence = sources(dataset, "test", first / rate, last / rate)
        source = source_words(whence)
        sound = replace(sound, n_channels=split.x.shape[1], read=partial(read_rows, split.x, str(split.folder)))
        if len(whence) == 1:
            shift = whence[0].start_seconds - whence[0].position_seconds
            sound = replace(sound, start_seconds=shift, axis="time in the recording (s)")
            first, last = _around(dataset, stretch, rate)
    except DataError as error:
        source = f'<p class="dss-note dss-warning"><b>Note:</b> The audio cannot be shown. {escape(error)}</p>'
    annotated, found = labels.within(first, last)
    wrong = wrong_stretches(*labels_of(results, first, last), first, rate)
    colours = {**song_colours(names), WRONG: "--dss-error"}
    tracks = tuple(
        Track(words, _later(these, shift), colours, "in all, sample by sample" if these is wrong else None)
        for words, these in (("Annotated", annotated), ("Predicted", found), (WRONG, wrong))
    )
    told = mistakes(*labels_of(results, stretch.start, stretch.stop), names, rate)
    return StretchLook(
        sound.part(first, last), stretch.start / rate + shift, stretch.stop / rate + shift, tracks, told, source
    )  # fmt: skip


def _around(dataset: Dataset, stretch: WorstStretch, rate: float) -> tuple[int, int]:
    """Return the samples of a stretch and as many before and after it, as far as they are of the same recording."""
    length = stretch.stop - stretch.start
    near = sources(dataset, "test", (stretch.start - length) / rate, (stretch.stop + length) / rate)
    middle = (stretch.start + stretch.stop) / 2 / rate
    own = next(s for s in near if 0 <= middle - s.position_seconds < s.stop_seconds - s.start_seconds)
    first = round(own.position_seconds * rate)
    last = first + round((own.stop_seconds - own.start_seconds) * rate)
    return min(first, stretch.start), max(last, stretch.stop)


def _probabilities(results: Results, start: int, stop: int) -> np.ndarray:
    return results.read("y_pred", start, stop).astype(np.float32)


def _no_audio(start: int, stop: int) -> np.ndarray:
    return np.zeros((stop - start, 0), dtype=np.float32)


def _later(these: Annotations, seconds: float) -> Annotations:
    return replace(these, start_seconds=these.start_seconds + seconds, stop_seconds=these.stop_seconds + seconds)


def _button(words: str, tooltip: str, name: str) -> Button:
    return classed(Button(description=words, tooltip=tooltip, layout=plain_layout()), name)
