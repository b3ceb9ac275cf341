"""TextGrids of Praat, in the long text form: segments in tiers of intervals, events in tiers of points.

The intervals of a tier cannot overlap. Where segments do, every song type has a tier of its own, and of those that overlap
others of their own type each goes to the first tier that has room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dss_widgets.dataset.annotations.writers.written_format import Labelled, WrittenFormat, one_each, seconds_text, space_around

_Row = tuple[str, float, float]


def _text(labelled: Labelled) -> str:
    rows = labelled.rows()
    segments = [row for row in rows if labelled.categories.get(row[0]) != "event"]
    end = max([labelled.duration_seconds, *(stop for _, _, stop in rows)])
    tiers = [_interval_tier(name, entries, end) for name, entries in _without_overlaps(segments)]
    for name in sorted({row[0] for row in rows} - {row[0] for row in segments}):
        tiers.append(_point_tier(name, [row for row in rows if row[0] == name], end))
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", *_ends(end), "tiers? <exists>"]
    lines += [f"size = {len(tiers)}", "item []:"]
    for i, tier in enumerate(tiers, 1):
        lines += [f"    item [{i}]:", *(f"        {line}" for line in tier)]
    return "\n".join(lines) + "\n"


def _without_overlaps(segments: Sequence[_Row]) -> list[tuple[str, list[_Row]]]:
    """Return tiers, name and entries each, in which nothing overlaps: one if that is enough."""
    layers = _layers(segments)
    if len(layers) < 2:
        return [("song", layer) for layer in layers]
    tiers = []
    for name in sorted({row[0] for row in segments}):
        own = _layers([row for row in segments if row[0] == name])
        tiers += [(name if i == 1 else f"{name} {i}", layer) for i, layer in enumerate(own, 1)]
    return tiers


def _layers(segments: Iterable[_Row]) -> list[list[_Row]]:
    layers: list[list[_Row]] = []
    for row in sorted(segments, key=lambda row: row[1:]):
        free = next((layer for layer in layers if layer[-1][2] <= row[1]), None)
        if free is None:
            layers.append([row])
        else:
            free.append(row)
    return layers


def _interval_tier(name: str, entries: Sequence[_Row], end: float) -> list[str]:
    """Return the lines of a tier: intervals without a label fill it from 0 to the end."""
    intervals: list[_Row] = []
    until = 0.0
    for entry in entries:
        if entry[1] > until:
            intervals.append(("", until, entry[1]))
        intervals.append(entry)
        until = entry[2]
    if until < end:
        intervals.append(("", until, end))
    lines = _head("IntervalTier", name, end, f"intervals: size = {len(intervals)}")
    for i, (label, start, stop) in enumerate(intervals, 1):
        times = [f"    xmin = {seconds_text(start)}", f"    xmax = {seconds_text(stop)}"]
        lines += [f"intervals [{i}]:", *times, f"    text = {_quoted(label)}"]
    return lines


def _point_tier(name: str, entries: Sequence[_Row], end: float) -> list[str]:
    lines = _head("TextTier", name, end, f"points: size = {len(entries)}")
    for i, (label, start, _) in enumerate(entries, 1):
        lines += [f"points [{i}]:", f"    number = {seconds_text(start)}", f"    mark = {_quoted(label)}"]
    return lines


def _head(kind: str, name: str, end: float, size: str) -> list[str]:
    return [f'class = "{kind}"', f"name = {_quoted(name)}", *_ends(end), size]


def _ends(end: float) -> list[str]:
    return ["xmin = 0", f"xmax = {seconds_text(end)}"]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _why_not(name: str) -> str | None:
    return "holds the end of a line" if "\r" in name or "\n" in name else space_around(name)


TEXTGRID = WrittenFormat("TextGrid", one_each(".TextGrid", _text), _why_not)
