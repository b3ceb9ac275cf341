"""Waveform, spectrogram, targets and labels of a stretch of audio over one axis of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ipywidgets import HTML, Dropdown, Image, VBox

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.panels.sound.signals import coloured, envelope, png, spectrogram
from dss_widgets.panels.style.palette import SPLIT_COLOURS, ink_on, song_colours
from dss_widgets.panels.style.plots import axis_figure, ticks_within
from dss_widgets.panels.style.theme import classed, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import duration, escape, swatch

SPANS = {"20 ms": 0.02, "50 ms": 0.05, "0.2 s": 0.2, "0.5 s": 0.5, "1 s": 1.0, "2 s": 2.0, "5 s": 5.0}
"""How much is looked at, in seconds by words."""

_FAST_HZ = 20_000
"""Above this rate the spectrogram's windows may be twice as long."""


@dataclass(frozen=True)
class Excerpt:
    """What a closer excerpt shows.

    Attributes:
        start_seconds, stop_seconds: the stretch.
        samplerate_hz: of audio and targets.
        audio: one channel, ``[samples]``.
        targets: ``[samples, classes]``; no columns: they are not drawn.
        class_names: the columns of the targets.
        axis: what the axis of time measures.
    """

    start_seconds: float
    stop_seconds: float
    samplerate_hz: float
    audio: np.ndarray
    targets: np.ndarray
    class_names: Sequence[str]
    axis: str = "time (s)"


class StretchPlots(VBox):
    """The plots; :meth:`draw` shows a excerpt. Make it when there is something to draw.

    Args:
        targets: title of the lowest plot; '' for none.

    Attributes:
        top: the highest frequency of the spectrogram in kHz, 0 for all. What is chosen stays while other stretches are
            drawn, as far as their sample rate has it.
    """

    def __init__(self, targets: str = "Targets") -> None:
        import bqplot as bq  # not before there is a plot: see axis_figure

        self._x = bq.LinearScale()
        self._wave = bq.Lines(scales={"x": self._x, "y": bq.LinearScale()}, colors=[SPLIT_COLOURS["train"]], stroke_width=1)
        self._khz = bq.LinearScale(min=0, max=1)
        self._picture = bq.Image(image=Image(), scales={"x": self._x, "y": self._khz}, x=[0, 1], y=[0, 1])
        self._targets = bq.Lines(scales={"x": self._x, "y": bq.LinearScale(min=-0.04, max=1.05)}, stroke_width=1.8)
        self._legend: HTML = text()
        self._excerpt: Excerpt | None = None
        self.top = Dropdown(
            description="Frequencies up to", tooltip="The highest frequency that is drawn", layout=plain_layout()
        )
        figures = [
            axis_figure("Waveform", self._wave, "", "", height=120, x_labels=False),
            axis_figure(
                "Spectrogram", self._picture, "", "kHz", height=200 if targets else 230,
                x_labels=not targets, control=self.top,
            ),
        ]  # fmt: skip
        if targets:
            figures.append(axis_figure(targets, self._targets, "", "probability", height=170))
            figures[2].children[-1].axes[1].tick_values = np.array([0.0, 0.5, 1.0])
        for figure in figures[:2]:
            figure.children[-1].padding_y = 0
        self._wave_axis, self._khz_axis = (figure.children[-1].axes[1] for figure in figures[:2])
        self._time_axes = [figure.children[-1].axes[0] for figure in figures]
        super().__init__([*figures, self._legend], layout=plain_layout())
        classed(self, "dss-stretch-plots")
        self.top.observe(lambda _: self._excerpt and self._draw_picture(self._excerpt), "value")

    def draw(self, excerpt: Excerpt) -> None:
        """Show a stretch: the waveform as its envelope, the spectrogram as a picture, the targets as lines."""
        places, values = envelope(excerpt.audio)
        with self._x.hold_sync():  # in between, it would have no extent or run backwards
            self._x.min, self._x.max = excerpt.start_seconds, excerpt.stop_seconds
        ticks = ticks_within(excerpt.start_seconds, excerpt.stop_seconds, 10)
        for axis in self._time_axes:
            axis.tick_values = ticks
        self._time_axes[-1].label = excerpt.axis
        peak = float(np.abs(values).max(initial=0.0)) or 1.0
        self._wave.scales["y"].min, self._wave.scales["y"].max = -1.05 * peak, 1.05 * peak
        self._wave_axis.tick_values = ticks_within(-peak, peak, 5)
        with self._wave.hold_sync():
            self._wave.x, self._wave.y = excerpt.start_seconds + places / excerpt.samplerate_hz, values
        self._excerpt = None  # what is offered now is drawn below
        offer(self.top, top_frequencies(excerpt.samplerate_hz / 2000))
        self._excerpt = excerpt
        self._draw_picture(excerpt)
        if excerpt.targets.shape[1]:
            self._draw_targets(excerpt)

    def _draw_picture(self, excerpt: Excerpt) -> None:
        window = _window(len(excerpt.audio), excerpt.samplerate_hz)
        highest = excerpt.samplerate_hz / 2000
        top = self.top.value or highest
        self._khz.max = top
        self._khz_axis.tick_values = ticks_within(0, top, 4)
        powers = spectrogram(excerpt.audio, window=window, share=top / highest)
        old = self._picture.image
        self._picture.x, self._picture.y = [excerpt.start_seconds, excerpt.stop_seconds], [0, top]
        self._picture.image = Image(value=png(coloured(powers[::-1])), format="png")
        old.close()

    def _draw_targets(self, excerpt: Excerpt) -> None:
        shown = [k for k in range(len(excerpt.class_names)) if k == 0 or excerpt.targets[:, k].any()]
        colours = song_colours(excerpt.class_names)
        lines = [envelope(excerpt.targets[:, k], 500) for k in shown]
        with self._targets.hold_sync():
            self._targets.x = np.stack([excerpt.start_seconds + places / excerpt.samplerate_hz for places, _ in lines])
            self._targets.y = np.stack([values for _, values in lines])
            self._targets.colors = [colours[excerpt.class_names[k]] for k in shown]
        names = "".join(f"<span>{swatch(colours[excerpt.class_names[k]], excerpt.class_names[k])}</span>" for k in shown)
        put(self._legend, f'<div class="dss-legend">{names}</div>')
        show(self._legend, True)


def _window(n_samples: int, samplerate_hz: float) -> int:
    """Return the spectrogram's window in samples: about a fortieth of the stretch, for what is looked at closely comes fast."""
    longest = 512 if samplerate_hz > _FAST_HZ else 256
    return min(longest, max(32, 2 ** round(np.log2(max(1, n_samples) / 40))))


def top_frequencies(highest_khz: float) -> list[tuple[str, float]]:
    """Return what may be the top of a spectrogram, as words and kHz: all that there is (0), or a round number below."""
    decade = 10.0 ** np.floor(np.log10(highest_khz))
    below = [step * decade * scale for scale in (1, 0.1, 0.01) for step in (5, 2, 1) if step * decade * scale < highest_khz]
    return [(f"{highest_khz:g} kHz (all)", 0.0), *((f"{top:g} kHz", float(top)) for top in below[:3])]


_MOST_MARKS = 400


def label_tracks(
    tracks: Mapping[str, Annotations],
    start_seconds: float,
    stop_seconds: float,
    colours: Mapping[str, str],
    nameless: Mapping[str, str] | None = None,
) -> str:
    """Return tracks as HTML, aligned with the plots' axis of time.

    Args:
        tracks: annotations by the words that stand before them.
        start_seconds, stop_seconds: what the plots show.
        colours: of the song types.
        nameless: tracks whose marks bear no name, with what is said of their total duration.
    """
    rows = "".join(
        _track(words, found, start_seconds, stop_seconds, colours, remark=(nameless or {}).get(words))
        for words, found in tracks.items()
    )
    return f'<div class="dss-tracks">{rows}</div>'


def _track(
    words: str, found: Annotations, start: float, stop: float, colours: Mapping[str, str], *, remark: str | None = None
) -> str:
    span = max(stop - start, 1e-9)
    seen = np.flatnonzero((found.stop_seconds >= start) & (found.start_seconds <= stop))
    marks = []
    for i in seen[:_MOST_MARKS]:
        name, onset, offset = str(found.names[i]), float(found.start_seconds[i]), float(found.stop_seconds[i])
        left, right = max(start, onset), min(stop, offset)
        lasting = f", {duration(offset - onset)}" if offset > onset else ""
        told = escape(f"{name}: {onset:.4f} s{lasting}")
        kind = "dss-mark" if offset > onset else "dss-mark dss-mark-event"
        place = f"left:{100 * (left - start) / span:.3f}%;width:{100 * (right - left) / span:.3f}%"
        colour = colours.get(name.removesuffix("_proposals"), "var(--dss-line-strong)")
        label = escape(name) if offset > onset and remark is None else ""
        css = f"{place};background:{colour};color:{ink_on(colour)}"
        marks.append(f'<div class="{kind}" style="{css}" title="{told}"><span>{label}</span></div>')
    told = f"{len(seen):,} here" if len(seen) else "none here"
    if remark is not None:
        together = np.minimum(found.stop_seconds[seen], stop) - np.maximum(found.start_seconds[seen], start)
        told = f"{duration(float(together.sum()))} {escape(remark)}"
    more = f", the first {_MOST_MARKS} drawn" if len(seen) > _MOST_MARKS else ""
    return (
        f'<div class="dss-plot-title">{escape(words)} <span class="dss-muted">{told}{more}</span></div>'
        f'<div class="dss-track">{"".join(marks)}</div>'
    )
