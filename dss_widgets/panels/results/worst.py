"""Where a network errs most: the worst stretches of a test, found and shown with what was annotated and predicted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, VBox

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.errors import DataError
from dss_widgets.panels.background import Latest
from dss_widgets.panels.datasets.facts import source_words, sources
from dss_widgets.panels.results.outcome import Outcome, OutcomeLabels, tested_split
from dss_widgets.panels.sound.stretch_plots import SPANS, Excerpt, StretchPlots, label_tracks
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import duration, escape, listing, swatch
from dss_widgets.results.results_file import Results

MOST_STRETCHES = 50
WRONG = "Wrong"
"""The name of the track that shows where labels differ."""

_HOPS = 4
"""Stretches begin at multiples of a quarter of their length."""
_BLOCK = 2**20


@dataclass(frozen=True)
class Stretch:
    """A stretch of a test, in samples, and how many of them are labelled otherwise than annotated."""

    start: int
    stop: int
    n_wrong: int


def worst_stretches(results: Results, n_samples: int, class_number: int | None = None) -> list[Stretch]:
    """Return the stretches of a test with the most wrongly labelled samples, which do not overlap, worst first.

    Args:
        results: the test.
        n_samples: length of a stretch.
        class_number: count only errors that this class takes part in; None: all.

    Raises:
        DataError: the results file cannot be read.
    """
    hop = max(1, n_samples // _HOPS)
    counts = np.concatenate([np.zeros(0, int), *_wrong_by_hop(results, hop, class_number)])
    if not len(counts):
        return []
    sums = np.cumsum(np.concatenate([[0], counts]))
    starts = np.arange(max(1, len(counts) - _HOPS + 1))
    of_window = sums[np.minimum(starts + _HOPS, len(counts))] - sums[starts]
    taken = np.zeros(len(counts) + _HOPS, dtype=bool)
    found: list[Stretch] = []
    for start in np.argsort(-of_window, kind="stable").tolist():
        if len(found) == MOST_STRETCHES or not of_window[start]:
            break
        if not taken[start : start + _HOPS].any():
            taken[start : start + _HOPS] = True
            stop = min(results.n_samples, (start + _HOPS) * hop)
            found.append(Stretch(start * hop, stop, int(of_window[start])))
    return found


def _wrong_by_hop(results: Results, hop: int, class_number: int | None) -> Iterator[np.ndarray]:
    """Yield how many samples are wrong in every hop, block by block: nothing needs the whole test in memory."""
    block = max(1, _BLOCK // hop) * hop
    for start in range(0, results.n_samples, block):
        wrong = _wrong(*labels_of(results, start, start + block), class_number)
        wrong = np.pad(wrong, (0, -len(wrong) % hop))
        yield wrong.reshape(-1, hop).sum(axis=1)


def labels_of(results: Results, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the annotated and the predicted class of every sample of a stretch."""
    return results.read("labels_test", start, stop), results.read("labels_pred", start, stop)


def _wrong(annotated: np.ndarray, predicted: np.ndarray, class_number: int | None) -> np.ndarray:
    wrong = annotated != predicted
    if class_number is not None:
        wrong &= (annotated == class_number) | (predicted == class_number)
    return wrong


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


def mistakes(annotated: np.ndarray, predicted: np.ndarray, names: Sequence[str], samplerate_hz: float) -> str:
    """Return the three longest confusions in words, longest first: ``12 ms of ‘a’ labelled as ‘b’``.

    Args:
        annotated, predicted: classes, ``[samples]``.
        names: of the classes, noise first.
        samplerate_hz: of the samples.
    """
    pairs, counts = np.unique(np.stack([annotated, predicted]), axis=1, return_counts=True)
    told = []
    for i in np.argsort(-counts, kind="stable").tolist():
        was, taken = int(pairs[0, i]), int(pairs[1, i])
        if was == taken:
            continue
        lasting = duration(counts[i] / samplerate_hz)
        if taken == 0:
            told.append(f"{lasting} of ‘{names[was]}’ missed")
        elif was == 0:
            told.append(f"{lasting} of ‘{names[taken]}’ predicted where nothing is annotated")
        else:
            told.append(f"{lasting} of ‘{names[was]}’ labelled as ‘{names[taken]}’")
    return listing(told[:3])


ALL = "all song types"


@dataclass(frozen=True, eq=False)
class StretchView:
    """A stretch as it is shown.

    Attributes:
        excerpt: audio and the network's probabilities, in the recording's time where it is all from one.
        tracks: what was annotated, what was found, and where they differ, by the words before them.
        mistakes: what was labelled as what, in words.
        source: which recording it is from, as HTML; where the audio is not at hand, why.
        has_audio: whether it is.
    """

    excerpt: Excerpt
    tracks: dict[str, Annotations]
    mistakes: str
    source: str
    has_audio: bool


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
        self._plots_box = classed(VBox(layout=plain_layout()), "dss-worst-plots")
        self.tracks: HTML = text("", "dss-label-tracks")
        self._legend: HTML = text()
        self.plots: StretchPlots | None = None
        row = Box([self.song, self.span, self.back, self.on, self._place], layout=plain_layout())
        controls = classed(row, "dss-row", "dss-zoom-controls", "dss-worst-controls")
        parts = [text(heading("Largest errors")), controls, self._told, self._plots_box, self.tracks, self._legend]
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

    def _sought(self, found: list[Stretch]) -> None:
        with self.hold_trait_notifications():
            self.place = 0
            self.stretches = tuple(found)
        self._refresh()

    def go_to(self, place: int) -> None:
        """Show another stretch, as far as there are any."""
        self.place = min(max(0, place), max(0, len(self.stretches) - 1))

    def _refresh(self, _change: Any = None) -> None:
        n, labels = len(self.stretches), self._labels
        for part in (self._place, self._plots_box, self.tracks, self._legend):
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

    def _draw(self, found: StretchView) -> None:
        excerpt = found.excerpt
        put(self._told, f'<p class="dss-worst-words"><b>{escape(found.mistakes)}</b></p>{found.source}')
        show(self._plots_box, found.has_audio)
        if found.has_audio:
            if self.plots is None:
                self.plots = StretchPlots("Probabilities from the network")
                self._plots_box.children = [self.plots]
            self.plots.draw(excerpt)
        colours = {**song_colours(excerpt.class_names), WRONG: "var(--dss-error)"}
        put(
            self.tracks,
            label_tracks(
                found.tracks, excerpt.start_seconds, excerpt.stop_seconds, colours, {WRONG: "in all, sample by sample"}
            ),
        )
        seen = {str(name) for track in found.tracks.values() for name in track.names}
        here = [name for name in excerpt.class_names[1:] if name in seen]
        legend = "".join(f"<span>{swatch(colours[name], name)}</span>" for name in here)
        put(self._legend, "" if found.has_audio or not here else f'<div class="dss-legend">{legend}</div>')


def read_stretch(labels: OutcomeLabels, stretch: Stretch) -> StretchView:
    """Read what is shown of a stretch.

    Raises:
        DataError: the results file cannot be read.
    """
    results, rate, names = labels.results, labels.samplerate_hz, labels.class_names
    start, stop = stretch.start / rate, stretch.stop / rate
    shift, axis = 0.0, "time in the test split (s)"
    probabilities = results.read("y_pred", stretch.start, stretch.stop).astype(np.float32)
    audio = np.zeros(len(probabilities), dtype=np.float32)
    try:
        dataset, split = tested_split(results)
        audio = np.asarray(split.x[stretch.start : stretch.stop, 0], dtype=np.float32)
        whence = sources(dataset, "test", start, stop)
        source, has_audio = source_words(whence), True
        if len(whence) == 1:
            shift, axis = whence[0].start_seconds - whence[0].position_seconds, "time in the recording (s)"
    except DataError as error:
        source, has_audio = (
            f'<p class="dss-note dss-warning"><b>Note:</b> The audio cannot be shown. {escape(error)}</p>',
            False,
        )
    annotated, found = labels.within(stretch.start, stretch.stop)
    labelled = labels_of(results, stretch.start, stretch.stop)
    wrong = wrong_stretches(*labelled, stretch.start, rate)
    excerpt = Excerpt(start + shift, stop + shift, rate, audio, probabilities, names, axis)
    tracks = {words: _later(these, shift) for words, these in (("Annotated", annotated), ("Predicted", found), (WRONG, wrong))}
    return StretchView(excerpt, tracks, mistakes(*labelled, names, rate), source, has_audio)


def _later(these: Annotations, seconds: float) -> Annotations:
    return replace(these, start_seconds=these.start_seconds + seconds, stop_seconds=these.stop_seconds + seconds)


def _button(words: str, tooltip: str, name: str) -> Button:
    return classed(Button(description=words, tooltip=tooltip, layout=plain_layout()), name)
