"""Annotations of a stretch of audio as tracks under its plots: segments as bars with their names, events as lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.panels.look.palette import ink_on
from dss_widgets.panels.look.words import duration, escape

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
        nameless: tracks whose marks bear no name, with what is said of how long they last together.
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
        look = f"{place};background:{colour};color:{ink_on(colour)}"
        marks.append(f'<div class="{kind}" style="{look}" title="{told}"><span>{label}</span></div>')
    told = f"{len(seen):,} here" if len(seen) else "none here"
    if remark is not None:
        together = np.minimum(found.stop_seconds[seen], stop) - np.maximum(found.start_seconds[seen], start)
        told = f"{duration(float(together.sum()))} {escape(remark)}"
    more = f", the first {_MOST_MARKS} drawn" if len(seen) > _MOST_MARKS else ""
    return (
        f'<div class="dss-plot-title">{escape(words)} <span class="dss-quiet">{told}{more}</span></div>'
        f'<div class="dss-track">{"".join(marks)}</div>'
    )
