"""The timeline of a plan: every recording as a row, its stretches coloured by split, its annotations by song type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS
from dss_widgets.panels.look.palette import ON_SPLIT_COLOURS, SPLIT_COLOURS, song_colours
from dss_widgets.panels.look.words import count, duration, escape

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
        '<div class="dss-lanes dss-scroll" tabindex="0" role="group" aria-label="Timeline of the recordings">'
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
        f'<div class="dss-lane-name" title="{escape(entry.name)}">{escape(shortened(entry.name))}</div>'
        f'<div class="dss-lane"><svg viewBox="0 0 {_UNITS} 10" preserveAspectRatio="none" aria-hidden="true">{song}</svg>'
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


def nice_step(span: float, most: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that divides a span into at most ``most`` parts."""
    raw = max(span, 1e-9) / most
    power = 10.0 ** np.floor(np.log10(raw))
    return float(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999))


def _axis(longest: float) -> str:
    step = nice_step(longest, 8)
    ticks = "".join(
        f'<span style="left:{100 * i * step / longest:.3f}%">{i * step:g} s</span>'
        for i in range(int(longest / step + 1e-9) + 1)
    )
    return f'<div class="dss-ticks-corner"></div><div class="dss-ticks">{ticks}</div>'
