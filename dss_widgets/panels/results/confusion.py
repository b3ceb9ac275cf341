"""Scores as tables: the confusion matrix, and precision, recall and F1 of every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dss_widgets.panels.look.palette import song_colours
from dss_widgets.panels.look.words import escape, swatch

_SCORES = ("precision", "recall", "f1")


def confusion_table(matrix: Sequence[Sequence[int]], names: Sequence[str], *, as_counts: bool = False) -> str:
    """Return a confusion matrix as an HTML table: rows annotated, columns predicted, darker for more of its row.

    Args:
        matrix: samples, ``[annotated, predicted]``.
        names: the classes.
        as_counts: whether cells hold samples, not the share of their row.
    """
    counts = np.asarray(matrix, dtype=float)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    colours = song_colours(names)
    heads = "".join(f'<th scope="col" title="{escape(name)}">{swatch(colours[name], name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row" title="{escape(name)}">{swatch(colours[name], name)}</th>'
        + "".join(_cell(shares[i, j], counts[i, j], f"{name} predicted as {other}", as_counts) for j, other in enumerate(names))
        + "</tr>"
        for i, name in enumerate(names)
    )
    return (
        '<div class="dss-matrix-frame"><table class="dss-matrix"><thead><tr>'
        '<th class="dss-axis" scope="col">annotated ↓ &nbsp; predicted →</th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(share: float, count: float, words: str, as_counts: bool) -> str:
    told = f"{count:,.0f}" if as_counts else (f"{share:.0%}" if share >= 0.005 else ("<1%" if count else "0"))
    most = share > 0.5  # between the two ranges of strength, neither light nor dark words could be read
    strength = round(88 + 24 * (share - 0.5)) if most else round(50 * (2 * share) ** 0.7)
    colour = "var(--dss-accent-text)" if most else ("var(--dss-text)" if count else "var(--dss-quiet)")
    return (
        f'<td style="background:color-mix(in srgb, var(--dss-accent) {strength}%, var(--dss-sunken));color:{colour}" '
        f'title="{escape(words)}: {count:,.0f} samples, {share:.2%}">{escape(told)}</td>'
    )


def score_table(per_class: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> str:
    """Return precision, recall and F1 of every class as an HTML table."""
    colours = song_colours(names)
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[name], name)}</td>'
        f"{''.join(_score(per_class[name], key) for key in _SCORES)}"
        f'<td class="dss-number">{per_class[name]["support"]:,}</td></tr>'
        for name in names
        if name in per_class
    )
    return (
        '<table class="dss-table dss-scores"><thead><tr><th>Class</th><th class="dss-number">Precision</th>'
        '<th class="dss-number">Recall</th><th class="dss-number">F1</th><th class="dss-number">Samples</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _score(scores: Mapping[str, Any], key: str) -> str:
    value = scores.get(key)
    if value is None or not scores["support"]:
        return '<td class="dss-number dss-quiet">–</td>'
    bar = f'<div class="dss-bar"><span style="width:{100 * value:.1f}%;background:var(--dss-accent)"></span></div>'
    return f'<td class="dss-number">{value:.3f}{bar}</td>'


def never_found(scores: Mapping[str, Any]) -> list[str]:
    """Return the annotated classes that the network never finds."""
    return [
        name
        for name, of_class in scores["per_class"].items()
        if of_class["support"] and not of_class["recall"] and name != "noise"
    ]
