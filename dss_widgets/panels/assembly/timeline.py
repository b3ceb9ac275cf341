"""The timeline of a plan: every recording as a row, its stretches coloured by split, its annotations by song type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.options.assembly import SPLIT_WORDS
from dss_widgets.panels.look.palette import ON_SPLIT_COLOURS, SPLIT_COLOURS, song_colours
from dss_widgets.panels.look.words import duration, escape

_UNITS = 1000
"""Units across a row's drawing; the browser stretches them over the place there is."""
_COLUMNS = 800
"""Marks narrower than one of so many columns are drawn that wide, so that no song goes unseen."""
MOST_ROWS = 60


def timeline(plan: SplitPlan) -> str:
    """Return the timeline as HTML with an SVG a recording; the longest recording spans the width."""
    entries = plan.survey.recordings[:MOST_ROWS]
    if not entries:
        return ""
    longest = max(entry.recording.duration_seconds for entry in entries)
    by_recording: dict[str, list[Stretch]] = {}
    for stretch in plan.stretches:
        by_recording.setdefault(stretch.recording, []).append(stretch)
    colours = song_colours([song_type.name for song_type in plan.survey.song_types])
    rows = "".join(_row(entry, by_recording.get(entry.name, []), plan.samplerate_hz, colours, longest) for entry in entries)
    left_out = len(plan.survey.recordings) - len(entries)
    more = f"The first {MOST_ROWS} recordings; {left_out} more are not drawn." if left_out else ""
    return (
        '<div class="dss-lanes dss-scroll" tabindex="0" role="group" aria-label="Timeline of the recordings">'
        f'{rows}{_axis(longest)}</div><p class="dss-quiet dss-small">{more}</p>'
    )


def _row(
    entry: SurveyedRecording, stretches: Sequence[Stretch], samplerate_hz: float, colours: Mapping[str, str], longest: float
) -> str:
    width = 100 * entry.recording.duration_seconds / longest
    bands = "".join(_stretch(stretch, samplerate_hz, longest) for stretch in stretches)
    song = "".join(_annotations(entry, colours, _UNITS / longest))
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
    return f'<div class="dss-lane-name"></div><div class="dss-ticks">{ticks}</div>'
