"""Where a network errs most: the worst stretches of a test, found and shown with what was annotated and predicted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, VBox

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError
from dss_widgets.panels.background import Latest
from dss_widgets.panels.datasets.facts import source_words, sources
from dss_widgets.panels.results.outcome import Outcome, OutcomeLabels, tested_split
from dss_widgets.panels.sound.sound import Curves, Sound, read_rows
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import duration, escape, listing
from dss_widgets.results.results_file import Results

if TYPE_CHECKING:
    from dss_widgets.panels.sound.view import SoundView

SPANS = {"20 ms": 0.02, "50 ms": 0.05, "0.2 s": 0.2, "0.5 s": 0.5, "1 s": 1.0, "2 s": 2.0, "5 s": 5.0}
"""How long the stretches are, in seconds by words."""

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
        row = Box([self.song, self.span, self.back, self.on, self._place], layout=plain_layout())
        controls = classed(row, "dss-row", "dss-zoom-controls", "dss-worst-controls")
        parts = [text(heading("Largest errors")), controls, self._told, self._view_box]
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


def read_stretch(labels: OutcomeLabels, stretch: Stretch) -> StretchLook:
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


def _around(dataset: Dataset, stretch: Stretch, rate: float) -> tuple[int, int]:
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
