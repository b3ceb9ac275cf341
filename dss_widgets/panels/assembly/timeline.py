"""The timeline of a plan: every recording as a row, its stretches coloured by split, its annotations by song type."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, Text, VBox

from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS
from dss_widgets.panels.sound.signals import png
from dss_widgets.panels.style.palette import ON_SPLIT_COLOURS, SPLIT_COLOURS, song_colours
from dss_widgets.panels.style.plots import nice_step
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, duration, escape

_UNITS = 1000
"""Units across a row's drawing; the browser stretches them over the place there is."""
_COLUMNS = 800
"""Marks narrower than one of so many columns are drawn that wide, so that no song goes unseen."""
_MOST_BANDS = 60
"""A recording in more stretches than this is coloured column by column: thousands of bands take the browser seconds."""


def timeline(plan: SplitPlan, entries: Sequence[SurveyedRecording] | None = None) -> str:
    """Return the timeline as HTML with an SVG a recording; the longest recording spans the width.

    Args:
        plan: what is drawn.
        entries: which of its recordings; left out, all of them.
    """
    entries = plan.survey.recordings if entries is None else entries
    if not entries:
        return ""
    longest = max(entry.recording.duration_seconds for entry in entries)
    by_recording = stretches_by_recording(plan)
    colours = song_colours([song_type.name for song_type in plan.survey.song_types])
    rows = "".join(_row(entry, by_recording.get(entry.name, []), plan.samplerate_hz, colours, longest) for entry in entries)
    return (
        '<div class="dss-timeline-rows dss-scroll" tabindex="0" role="group" aria-label="Timeline of the recordings">'
        f"{rows}{_axis(longest)}</div>"
    )


def stretches_by_recording(plan: SplitPlan) -> dict[str, list[Stretch]]:
    """Return the stretches of every recording in the order of time; recordings without any are left out."""
    by_recording: dict[str, list[Stretch]] = {}
    for stretch in plan.stretches:
        by_recording.setdefault(stretch.recording, []).append(stretch)
    return by_recording


def splits_of_cells(stretches: Sequence[Stretch], n_samples: float, n_cells: int) -> np.ndarray:
    """Return which split has the middle of each of so many equal parts of a recording, int64 ``[cells]``; -1: none has it.

    Args:
        stretches: of one recording, in the order of time.
        n_samples: the recording's length, at the dataset's rate.
        n_cells: parts.
    """
    if not stretches:
        return np.full(n_cells, -1)
    middles = (np.arange(n_cells) + 0.5) * n_samples / n_cells
    splits = np.array([SPLITS.index(stretch.split) for stretch in stretches])
    stops = np.array([stretch.stop for stretch in stretches])
    last = np.searchsorted([stretch.start for stretch in stretches], middles, side="right") - 1
    return np.where((last >= 0) & (middles < stops[last]), splits[last], -1)


def _row(
    entry: SurveyedRecording, stretches: Sequence[Stretch], samplerate_hz: float, colours: Mapping[str, str], longest: float
) -> str:
    width = 100 * entry.recording.duration_seconds / longest
    song = "".join(_annotations(entry, colours, _UNITS / longest))
    if len(stretches) > _MOST_BANDS:
        bands = _columns(stretches, entry.recording.duration_seconds * samplerate_hz, width)
    else:
        bands = "".join(_stretch(stretch, samplerate_hz, longest) for stretch in stretches)
    return (
        f'<div class="dss-timeline-name" title="{escape(entry.name)}">{escape(shortened(entry.name))}</div>'
        f'<div class="dss-timeline-row"><svg viewBox="0 0 {_UNITS} 10" preserveAspectRatio="none" '
        f'aria-hidden="true">{song}</svg>'
        f'<div class="dss-band dss-band-none" style="left:0;width:{width:.3f}%" title="left out"></div>{bands}</div>'
    )


def shortened(name: str, most: int = 24) -> str:
    """Return a long name without its middle: what tells recordings apart stands at either end."""
    return name if len(name) <= most else f"{name[: most // 3]}…{name[-(most - most // 3 - 1) :]}"


def _stretch(stretch: Stretch, samplerate_hz: float, longest: float) -> str:
    start, stop = stretch.start / samplerate_hz, stretch.stop / samplerate_hz
    words = SPLIT_WORDS[stretch.split]
    place = f"left:{100 * start / longest:.3f}%;width:{100 * (stop - start) / longest:.3f}%"
    colours = f"background:{SPLIT_COLOURS[stretch.split]};color:{ON_SPLIT_COLOURS[stretch.split]}"
    told = f"{words}: {start:.2f} to {stop:.2f} s ({duration(stop - start)})"
    return f'<div class="dss-band" style="{place};{colours}" title="{told}"><span>{words}</span></div>'


def _columns(stretches: Sequence[Stretch], n_samples: float, width: float) -> str:
    """Return very many stretches as one drawing, neighbouring columns of a split joined."""
    cells = splits_of_cells(stretches, n_samples, _COLUMNS)
    edges = np.flatnonzero(np.diff(cells, prepend=-2, append=-2))
    runs = list(zip(edges[:-1].tolist(), edges[1:].tolist(), cells[edges[:-1]].tolist(), strict=True))
    paths = []
    for s, split in enumerate(SPLITS):
        marks = "".join(f"M{start} 0h{stop - start}v1h{start - stop}z" for start, stop, of in runs if of == s)
        n = sum(stretch.split == split for stretch in stretches)
        told = f"{SPLIT_WORDS[split]}: {count(n, 'stretch', 'stretches')}"
        paths.append(f'<path d="{marks}" fill="{SPLIT_COLOURS[split]}"><title>{told}</title></path>' if marks else "")
    return (
        f'<div class="dss-band" style="left:0;width:{width:.3f}%"><svg viewBox="0 0 {_COLUMNS} 1" style="height:100%" '
        f'preserveAspectRatio="none" aria-hidden="true">{"".join(paths)}</svg></div>'
    )


def _annotations(entry: SurveyedRecording, colours: Mapping[str, str], scale: float) -> Iterator[str]:
    """Yield one path for every song type; marks that would touch on the screen are drawn as one."""
    found = entry.annotations
    for name, colour in colours.items():
        mine = found.names == name
        if not mine.any():
            continue
        starts = found.start_seconds[mine] * scale
        stops = np.maximum(found.stop_seconds[mine] * scale, starts + _UNITS / _COLUMNS)
        marks = "".join(f"M{a:.1f} 0h{b - a:.1f}v10h{a - b:.1f}z" for a, b in merged(starts, stops, 0.3))
        yield f'<path d="{marks}" fill="{colour}"><title>{escape(name)}: {int(mine.sum())}</title></path>'


def merged(starts: np.ndarray, stops: np.ndarray, gap: float) -> list[tuple[float, float]]:
    """Return stretches joined where they overlap or are closer than ``gap``, in order."""
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(stops[order])
    first = np.append(True, starts[1:] > ends[:-1] + gap)
    last = np.append(first[1:], True)
    return list(zip(starts[first].tolist(), ends[last].tolist(), strict=True))


def _axis(longest: float) -> str:
    step = nice_step(longest, 8)
    ticks = "".join(
        f'<span style="left:{100 * i * step / longest:.3f}%">{i * step:g} s</span>'
        for i in range(int(longest / step + 1e-9) + 1)
    )
    return f'<div class="dss-ticks-corner"></div><div class="dss-ticks">{ticks}</div>'


_ROWS, _MOST_COLUMNS = 48, 1200

_NONE, _LEFT_OUT = (0, 0, 0, 0), (128, 136, 144, 110)
"""What is drawn where a recording has ended already, and where no split has it: it shows on white and on black."""


def overview(
    plan: SplitPlan, entries: Sequence[SurveyedRecording], stretches: Mapping[str, Sequence[Stretch]], shown: range
) -> str:
    """Return the picture as HTML, with a frame around the recordings that are shown in full.

    Args:
        plan: what is drawn.
        entries: recordings of it, one at least.
        stretches: of every recording, in the order of time.
        shown: which of the entries the frame is around.
    """
    pixels = split_picture(plan, entries, stretches)
    picture = b64encode(png(pixels)).decode("ascii")
    left, width = 100 * shown.start / len(entries), 100 * len(shown) / len(entries)
    return (
        f'<div class="dss-overview"><img src="data:image/png;base64,{picture}" alt="Overview: {len(entries)} recordings side '
        f'by side, coloured by split"><span style="left:{left:.2f}%;width:{width:.2f}%"></span></div>'
    )


def split_picture(
    plan: SplitPlan, entries: Sequence[SurveyedRecording], stretches: Mapping[str, Sequence[Stretch]]
) -> np.ndarray:
    """Return pixels, uint8 ``[48, columns, 4]``: a column a recording, or every n-th where there are more than 1,200."""
    columns = np.unique(np.linspace(0, len(entries) - 1, min(len(entries), _MOST_COLUMNS)).round().astype(int))
    longest = max(plan.lengths[entry.name] for entry in entries)
    cells = np.full((_ROWS, len(columns)), len(SPLITS) + 1)
    for x, column in enumerate(columns):
        name = entries[column].name
        height = max(1, round(_ROWS * plan.lengths[name] / longest))
        found = splits_of_cells(stretches.get(name, ()), plan.lengths[name], height)
        cells[:height, x] = np.where(found < 0, len(SPLITS), found)
    splits = [(*bytes.fromhex(SPLIT_COLOURS[split][1:]), 255) for split in SPLITS]
    return np.array([*splits, _LEFT_OUT, _NONE], dtype=np.uint8)[cells]


PAGE = 50
"""Recordings on a page. A folder of no more than that has nothing to page through or to look for."""


class Timeline(VBox):
    """The timeline of a plan, page by page where there are many recordings.

    Attributes:
        plan: what is drawn.
        page: which page, from 0 on.
    """

    plan = t.Instance(SplitPlan, allow_none=True)
    page = t.Int(0, min=0)

    def __init__(self) -> None:
        self.find = Text(description="Find", placeholder="part of a name", continuous_update=False, layout=plain_layout())
        words = [("all recordings", ""), *((f"those with {SPLIT_WORDS[split]}", split) for split in SPLITS)]
        self.split = Dropdown(description="Show", options=words, layout=plain_layout())
        self.back: Button = _button("←", "Back by a page", "dss-timeline-rows-back")
        self.on: Button = _button("→", "On by a page", "dss-timeline-rows-on")
        self.pages = Dropdown(description="Page", layout=plain_layout())
        turning = classed(Box([self.back, self.pages, self.on], layout=plain_layout()), "dss-row", "dss-pages")
        self.controls = classed(Box([self.find, self.split, turning], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        self.overview: HTML = text("", "dss-timeline-overview")
        self.timeline: HTML = text("", "dss-timeline")
        super().__init__([self.overview, self.controls, self.timeline], layout=plain_layout())
        classed(self, "dss-stack-tight")
        for control in (self.find, self.split):
            control.observe(self._looked_for, "value")
        self.pages.observe(self._page_chosen, "value")
        self.back.on_click(lambda _: self.turn(-1))
        self.on.on_click(lambda _: self.turn(1))
        self.observe(self.draw, ["plan", "page"])

    def turn(self, by: int) -> None:
        """Go on by so many pages, as far as there are any."""
        self.page = min(max(0, self.page + by), max(0, len(self.pages.options) - 1))

    def _looked_for(self, _change: Any) -> None:
        if self.page:
            self.page = 0
        else:
            self.draw()

    def _page_chosen(self, change: t.Bunch) -> None:
        if change.new is not None:
            self.page = change.new

    def wanted(self) -> list[SurveyedRecording]:
        """Return the recordings that are looked for; all of them where there is nothing to look with."""
        if self.plan is None:
            return []
        entries = list(self.plan.survey.recordings)
        if len(entries) <= PAGE:
            return entries
        part = self.find.value.strip().casefold()
        within = set(self.plan.recordings_of(self.split.value)) if self.split.value else None
        return [e for e in entries if part in e.name.casefold() and (within is None or e.name in within)]

    def draw(self, _change: Any = None) -> None:
        """Draw the page."""
        plan, entries = self.plan, self.wanted()
        if plan is None:
            return
        many = len(plan.survey.recordings) > PAGE
        show(self.controls, many)
        show(self.overview, many and bool(entries))
        self._offer_pages(entries)
        first = min(self.page, max(0, len(self.pages.options) - 1)) * PAGE
        shown = range(first, min(first + PAGE, len(entries)))
        if many and entries:
            put(self.overview, overview(plan, entries, stretches_by_recording(plan), shown) + _overview_words(plan, entries))
        put(self.timeline, timeline(plan, entries[first : first + PAGE]) if entries else self._nothing())

    def _offer_pages(self, entries: Sequence[SurveyedRecording]) -> None:
        """Offer the pages that there are; the page that was chosen stays, as far as there still is one."""
        starts = range(0, len(entries), PAGE)
        options = [
            (f"{start + 1} – {min(start + PAGE, len(entries))}: {shortened(entries[start].name)} …", i)
            for i, start in enumerate(starts)
        ]
        page = min(self.page, max(0, len(options) - 1))
        if tuple(self.pages.options) != tuple(options):
            self.pages.unobserve(self._page_chosen, "value")
            self.pages.options = options
            self.pages.observe(self._page_chosen, "value")
        if options:
            self.pages.value = page
        self.back.disabled = page <= 0
        self.on.disabled = page >= len(options) - 1

    def _nothing(self) -> str:
        named = f" has “{escape(self.find.value)}” in its name" if self.find.value.strip() else ""
        split = f"{' and' if named else ''} is in {SPLIT_WORDS[self.split.value]}" if self.split.value else ""
        return f'<p class="dss-muted">No recording{named}{split}.</p>'


def _overview_words(plan: SplitPlan, entries: Sequence[SurveyedRecording]) -> str:
    n_all = len(plan.survey.recordings)
    which = f"All {n_all:,} recordings" if len(entries) == n_all else f"{len(entries):,} of {count(n_all, 'recording')}"
    return (
        f'<p class="dss-muted dss-small">{which} side by side, each from its beginning at the top to its end. '
        "The frame is the page below.</p>"
    )


def _button(words: str, tooltip: str, name: str) -> Button:
    return classed(Button(description=words, tooltip=tooltip, layout=plain_layout()), name)
