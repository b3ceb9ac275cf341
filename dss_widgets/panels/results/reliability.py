"""Whether probabilities can be taken at their word: what the network says beside how often it is so, for every song type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import traitlets as t
from ipywidgets import HTML, VBox

from dss_widgets.panels.results.outcome import Outcome
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, heading, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import aside, escape, swatch
from dss_widgets.results.calibration import ALL, N_BINS, Bins, Reliability

_SIZE, _LEFT, _BOTTOM, _EDGE = 190, 34, 30, 10

_ALL_WORDS = "the likeliest class"
_ABOUT_AS_SAID = 0.02
"""Errors smaller than this are not worth words."""


class ReliabilityView(VBox):
    """A diagram for every song type: share that is annotated so over the probability, before and at the temperature.

    Attributes:
        outcome: the test; None, or one without such counts, shows nothing.
    """

    outcome = t.Instance(Outcome, allow_none=True)

    def __init__(self) -> None:
        self._words: HTML = text("", "dss-reliability-words")
        self._pictures: HTML = text("", "dss-reliability-pictures")
        self._bins: HTML = text("", "dss-reliability-bins")
        title = text(heading("Can its probabilities be trusted?", "on the test data"))
        super().__init__([title, self._words, self._pictures, self._bins], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-reliability")
        self.observe(lambda _: self._draw(), "outcome")
        self._draw()

    def _draw(self) -> None:
        told = self.outcome.reliability if self.outcome is not None else None
        show(self, told is not None)
        if told is None:
            return
        names = [name for name in told.before if name != ALL]
        colours = {**song_colours(names), ALL: "var(--dss-text)"}
        put(self._words, reliability_words(told))
        pictures = "".join(
            f"<figure><figcaption>{swatch(colours[name], _ALL_WORDS if name == ALL else name)}"
            f'<div class="dss-muted">{_errors(told.before[name], told.after[name])}</div></figcaption>'
            f"{reliability_picture(told.before[name], told.after[name], name)}</figure>"
            for name in [ALL, *names]
        )
        put(self._pictures, f'<div class="dss-reliability-grid">{pictures}</div>{_LEGEND}')
        put(self._bins, f"<details><summary>All numbers</summary>{scrolling(bin_table(told, names), 'All numbers')}</details>")


_LEGEND = (
    '<div class="dss-legend dss-small"><span><i class="dss-threshold-key dss-as-said"></i>as the network says</span>'
    '<span><i class="dss-threshold-key dss-mended"></i>at the temperature</span>'
    "<span>on the line: as often right as it says; below it: too sure; larger dots: more samples</span></div>"
)


def reliability_words(told: Reliability) -> str:
    """Return what the temperature says, as HTML."""
    before, after = told.before[ALL].error, told.after[ALL].error
    if before < _ABOUT_AS_SAID:
        first = "The network is about as often right as it says."
    else:
        first = f"The network is {'too sure of itself' if told.temperature > 1 else 'less sure than it could be'}."
    return (
        f"<p><b>{first}</b> What it says of the likeliest class is off by {100 * before:.1f} percentage points on average "
        f"(expected calibration error), and by {100 * after:.1f} at a temperature of {told.temperature:.2f}, found on the "
        "validation data.</p>"
        + aside(
            "The temperature is kept with the network and told in files of probabilities. Labels and thresholds do not use it: "
            "they are those that DAS makes of the same network."
        )
    )


def _errors(before: Bins, after: Bins) -> str:
    return f"off by {100 * before.error:.1f} → {100 * after.error:.1f}"


def reliability_picture(before: Bins, after: Bins, name: str) -> str:
    """Return the diagram of a class as an SVG picture for a page.

    Args:
        before, after: as the network says, and at the temperature.
        name: the class.
    """
    most = max(1, *before.counts, *after.counts)
    parts = [_line("dss-curve-grid", (0, share), (1, share)) for share in (0, 0.5, 1)]
    parts.append(_line("dss-curve-today", (0, 0), (1, 1)))
    for style, bins in (("dss-as-said", before), ("dss-mended", after)):
        points = bins.points()
        way = " ".join(f"{_x(said):.1f},{_y(true):.1f}" for said, true, _ in points)
        parts.append(f'<polyline class="{style}" points="{way}"/>')
        parts += [
            f'<circle class="{style}" cx="{_x(said):.1f}" cy="{_y(true):.1f}" r="{2 + 4 * (n / most) ** 0.25:.1f}">'
            f"<title>says {said:.2f}, is so in {true:.2f} of {n:,} samples</title></circle>"
            for said, true, n in points
        ]
    parts += [_text(_x(at), _SIZE - _BOTTOM + 14, f"{at:g}", "middle") for at in (0, 0.5, 1)]
    parts += [_text(_LEFT - 5, _y(at) + 4, f"{at:g}", "end") for at in (0, 0.5, 1)]
    parts.append(_text(_x(0.5), _SIZE - 4, "probability", "middle"))
    words = f"{name}: share that is annotated so over the probability, {_errors(before, after)} percentage points"
    return (
        f'<svg class="dss-curve-picture dss-reliability-picture" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )


def bin_table(told: Reliability, names: Sequence[str]) -> str:
    """Return samples, what is said and what is so in every part of 0 to 1, as an HTML table."""
    rows = []
    for name in [ALL, *names]:
        for i in range(N_BINS):
            cells = "".join(_bin_cells(of[name], i) for of in (told.before, told.after))
            if told.before[name].counts[i] or told.after[name].counts[i]:
                label = escape(_ALL_WORDS if name == ALL else name)
                rows.append(f"<tr><td>{label}</td><td>{i / N_BINS:g}–{(i + 1) / N_BINS:g}</td>{cells}</tr>")
    heads = "".join(f'<th class="dss-number">{words}</th>' for words in ("Samples", "Says", "Is so") * 2)
    return (
        '<table class="dss-table"><thead><tr><th colspan="2"></th><th colspan="3">As the network says</th>'
        f'<th colspan="3">At the temperature</th></tr><tr><th>Class</th><th>Probability</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _bin_cells(bins: Bins, i: int) -> str:
    n = bins.counts[i]
    values: Mapping[str, float] = {"says": bins.said[i], "is": bins.true[i]}
    shares = "".join(f'<td class="dss-number">{f"{value / n:.3f}" if n else "–"}</td>' for value in values.values())
    return f'<td class="dss-number">{n:,}</td>{shares}'


def _x(share: float) -> float:
    return _LEFT + share * (_SIZE - _LEFT - _EDGE)


def _y(share: float) -> float:
    return _EDGE + (1 - share) * (_SIZE - _EDGE - _BOTTOM)


def _line(style: str, begin: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = begin, end
    return f'<line class="{style}" x1="{_x(x1):.1f}" y1="{_y(y1):.1f}" x2="{_x(x2):.1f}" y2="{_y(y2):.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
