"""Validation recall of every song type over the epochs, as small plots side by side: what the network has learned so far."""

from __future__ import annotations

import numpy as np

from dss_widgets.panels.look.palette import NOISE, song_colours
from dss_widgets.panels.look.words import escape, swatch
from dss_widgets.panels.monitoring.curves import thinned
from dss_widgets.panels.monitoring.run_history import RunHistory

_WIDTH, _HEIGHT = 120, 40
_POINTS = 150
_PATIENCE = 3
"""Epochs in a row after which a song type that is not found is told."""


def recall_plots(history: RunHistory) -> str:
    """Return one small plot a song type as HTML; '' before the first epoch."""
    names = [str(name) for name in history.begin.get("classes") or ["noise", *history.recalls]]
    told = [name for name in names if name != NOISE and history.recalls.get(name)]
    if not told or not history.epochs:
        return ""
    colours = song_colours(names)
    cells = "".join(_plot(name, history.epochs, history.recalls[name], colours[name]) for name in told)
    return (
        f'<div class="dss-plot-title">Validation recall <span class="dss-quiet">share of each song type that is found, '
        f'epoch 1 to {history.epochs[-1]}</span></div><div class="dss-recalls">{cells}</div>'
    )


def _plot(name: str, epochs: list[int], recalls: list[float], colour: str) -> str:
    x, y = thinned(epochs[-len(recalls) :], recalls, _POINTS)
    last = float(y[-1]) if len(y) else float("nan")
    missing = len(recalls) >= _PATIENCE and not np.nan_to_num(np.asarray(recalls[-_PATIENCE:], dtype=float)).any()
    words = "not found" if missing else ("–" if np.isnan(last) else f"{last:.0%}")
    span = max(1.0, float(epochs[-1] - epochs[0]))
    points = " ".join(
        f"{(a - epochs[0]) / span * _WIDTH:.1f},{(1 - b) * _HEIGHT:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    if len(x) == 1:
        points = f"0,{(1 - last) * _HEIGHT:.1f} {points or ''} {_WIDTH},{(1 - last) * _HEIGHT:.1f}"
    kind = "dss-recall dss-missing" if missing else "dss-recall"
    return (
        f'<figure class="{kind}" title="{escape(name)}">'
        f"<figcaption><span>{swatch(colour, name)}</span> <b>{words}</b></figcaption>"
        f'<svg viewBox="0 -1 {_WIDTH} {_HEIGHT + 2}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(name)}: recall {words} after {len(recalls)} epochs">'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        "</svg></figure>"
    )
