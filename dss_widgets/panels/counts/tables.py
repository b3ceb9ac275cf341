"""Counts and transitions of song types as HTML tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from dss_widgets.dataset.counts import Measured
from dss_widgets.panels.style.theme import scrolling
from dss_widgets.panels.style.words import duration, escape, swatch

MOST_IN_MATRIX = 24
"""Song types that a matrix of transitions shows; of more, those that occur most."""


def counts_table(measured: Measured, colours: Mapping[str, str]) -> str:
    """Return how often every song type occurs, how long it lasts and what silence follows it, as HTML.

    Args:
        measured: the labels.
        colours: of the song types, in their order.
    """
    most = max(Counter(measured.names.tolist()).values(), default=1)
    rows = []
    for name, colour in colours.items():
        own = measured.of(name)
        share = 100 * len(own.names) / most
        bar = f'<div class="dss-bar"><span style="width:{share:.1f}%;background:{colour}"></span></div>'
        cells = [
            f"{len(own.names):,}{bar}", _rate(len(own.names), measured.seconds), _spread(own.durations), _spread(own.gaps)
        ]  # fmt: skip
        told = "".join(f'<td class="dss-number">{cell}</td>' for cell in cells)
        rows.append(f'<tr><td class="dss-name">{swatch(colour, name)}</td>{told}</tr>')
    heads = "".join(
        f'<th class="dss-number">{head}</th>'
        for head in ("Count", "Per minute", "Duration, mean ± sd", "Silence after, mean ± sd")
    )
    table = f'<table class="dss-table"><thead><tr><th>Song type</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return scrolling(table, "Counts of song types")


def _rate(count: int, seconds: float) -> str:
    return f"{60 * count / seconds:.1f}" if seconds else "–"


def _spread(seconds: np.ndarray) -> str:
    known = seconds[np.isfinite(seconds)]
    if not len(known) or not known.any():
        return "–"
    sd = f" ± {duration(float(np.std(known, ddof=1)))}" if len(known) > 1 else ""
    return f"{duration(float(known.mean()))}{sd}"


def transitions_table(rows: Sequence[Mapping[str, object]], colours: Mapping[str, str]) -> str:
    """Return which song type follows which as an HTML matrix, darker for more of its row.

    Args:
        rows: of :func:`~dss_widgets.dataset.counts.count_transitions`, of one recording or several.
        colours: of the song types, in their order.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[str(row["from"]), str(row["to"])] += int(str(row["count"]))
    if not counts:
        return '<p class="dss-muted">No song type follows another.</p>'
    occurring: Counter[str] = Counter()
    for (one, other), n in counts.items():
        occurring[one] += n
        occurring[other] += n
    kept = {name for name, _ in occurring.most_common(MOST_IN_MATRIX)}
    names = [name for name in colours if name in kept]
    heads = "".join(f'<th scope="col" title="{escape(name)}">{swatch(colours[name], name)}</th>' for name in names)
    body = ""
    for one in names:
        total = max(1, sum(n for (before, _), n in counts.items() if before == one))
        cells = "".join(_cell(counts[one, other], total, f"{one} → {other}") for other in names)
        body += f'<tr><th scope="row" title="{escape(one)}">{swatch(colours[one], one)}</th>{cells}</tr>'
    note = (
        "" if len(kept) == len(occurring) else f'<p class="dss-muted dss-small">The {len(kept)} most frequent song types.</p>'
    )
    corner = '<th class="dss-axis" scope="col">then →<br>first ↓</th>'
    return (
        '<div class="dss-matrix-frame" tabindex="0" role="group" aria-label="Transitions">'
        f'<table class="dss-matrix"><thead><tr>{corner}{heads}</tr></thead><tbody>{body}</tbody></table></div>{note}'
    )


def _cell(count: int, total: int, words: str) -> str:
    share = count / total
    told = f"{share:.0%}" if share >= 0.005 else ("<1%" if count else "0")
    most = share > 0.5  # between the two ranges of strength, neither light nor dark words could be read
    strength = round(88 + 24 * (share - 0.5)) if most else round(50 * (2 * share) ** 0.7)
    colour = "var(--dss-accent-text)" if most else ("var(--dss-text)" if count else "var(--dss-muted)")
    return (
        f'<td style="background:color-mix(in srgb, var(--dss-accent) {strength}%, var(--dss-sunken));color:{colour}" '
        f'title="{escape(words)}: {count:,} times">{escape(told)}</td>'
    )
