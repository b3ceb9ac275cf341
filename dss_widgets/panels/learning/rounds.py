"""The page of rounds: what each round of correcting brought, as a curve and a table, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, VBox

from dss_widgets.panels.learning.next_step import SCORE_WORDS, comparable, next_step
from dss_widgets.panels.style.palette import SONG_COLOURS
from dss_widgets.panels.style.plots import axis_figure, nice_step
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import count, escape, swatch
from dss_widgets.results.rounds import Round

if TYPE_CHECKING:
    import bqplot as bq

_COLOURS = dict(zip(SCORE_WORDS, SONG_COLOURS, strict=False))
_BETTER = {"syllable_error_rate": ' <span class="dss-muted">(less is better)</span>'}
_STARTS = {"weights": "from its weights", "anew": "anew", "": ""}


class RoundsPage(VBox):
    """Shows rounds of correcting.

    Attributes:
        rounds: up to the network that is looked at.
    """

    rounds = t.Tuple()

    def __init__(self) -> None:
        self._empty: HTML = text(_NOTHING)
        self._plot: _ScorePlot | None = None
        self._plot_box = classed(VBox(layout=plain_layout()), "dss-rounds-plot")
        self._legend: HTML = text()
        self._next: HTML = text("", "dss-rounds-next")
        self._table: HTML = text("", "dss-rounds-table")
        parts = [text(heading("Round by round")), self._empty, self._next, self._legend, self._plot_box, self._table]
        super().__init__(parts, layout=plain_layout())
        classed(self, "dss-card", "dss-stack-tight", "dss-rounds")
        self.observe(self._draw, "rounds")
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        rounds: Sequence[Round] = self.rounds
        show(self._empty, not rounds)
        put(self._next, f"<p>{escape(next_step(rounds))}</p>" if rounds else "")
        put(self._table, scrolling(rounds_table(rounds), "Rounds of correcting") if rounds else "")
        same = comparable(rounds)
        told = [name for name in SCORE_WORDS if sum(this.scores.get(name) is not None for this in same) > 1]
        show(self._plot_box, bool(told))
        put(self._legend, _legend(told, n_left_out=len(rounds) - len(same)) if told else "")
        if told and self._plot is None:
            self._plot = _ScorePlot()
            self._plot_box.children = [self._plot.widget]
        if self._plot is not None and told:
            self._plot.draw(same)


class _ScorePlot:
    """Scores over the minutes that were corrected."""

    def __init__(self) -> None:
        import bqplot as bq  # not before there is a plot: see axis_figure

        self._x, self._y = bq.LinearScale(min=0, max=1), bq.LinearScale(min=0, max=1)
        self._lines = {name: self._line(bq, colour) for name, colour in _COLOURS.items()}
        self.widget: VBox = axis_figure(
            "", list(self._lines.values()), "minutes looked through, all rounds together", "score on the test", height=240
        )
        self._axes: Any = self.widget.children[-1].axes

    def _line(self, bq: Any, colour: str) -> bq.Lines:
        scales = {"x": self._x, "y": self._y}
        return bq.Lines(
            x=[0.0], y=[0.0], scales=scales, colors=[colour], stroke_width=2.2, marker="circle", marker_size=44, visible=False
        )

    def draw(self, rounds: Sequence[Round]) -> None:
        """Draw the scores of rounds with the same test data."""
        minutes = np.array(list(accumulate((this.minutes for this in rounds[1:]), initial=0.0)))
        last = max(float(minutes[-1]), 1e-3)
        self._x.min, self._x.max = -0.03 * last, 1.03 * last
        step = nice_step(last, 6)
        self._axes[0].tick_values = np.round(np.arange(0, last + step / 2, step), 9)
        for name, line in self._lines.items():
            scores = [this.scores.get(name) for this in rounds]
            at = [i for i, score in enumerate(scores) if score is not None]
            line.visible = len(at) > 1
            if at:
                with line.hold_sync():
                    line.x, line.y = minutes[at], np.array([scores[i] for i in at], dtype=float)
        highest = max((score for this in rounds for score in this.scores.values() if score is not None), default=1.0)
        self._y.max = max(1.0, float(highest))
        self._axes[1].tick_values = np.linspace(0, 1, 6) if self._y.max == 1 else np.arange(0, self._y.max, 0.5)


def rounds_table(rounds: Sequence[Round]) -> str:
    """Return the rounds as an HTML table; where the test data changed, it says so."""
    told = [name for name in SCORE_WORDS if any(name in this.scores for this in rounds)]
    heads = ["Looked through", "Labels", "Changed", *(SCORE_WORDS[name] for name in told)]
    head = "<th>Round</th>" + "".join(f'<th class="dss-number">{escape(words)}</th>' for words in heads)
    rows = []
    for before, this in zip([None, *rounds[:-1]], rounds, strict=True):
        is_other = before is not None and before.test != this.test
        quiet = f"{this.minutes_without_song:.2f} without song" if this.minutes_without_song else ""
        amounts = [_minutes(this.minutes, quiet), f"{this.labels:,}", f"{this.changed:,}"] if this.start else ["–"] * 3
        cells = [*amounts, *(_score(this, None if is_other else before, name) for name in told)]
        remark = "; ".join(filter(None, [_STARTS.get(this.start, ""), "other test data than before" if is_other else ""]))
        quiet_words = escape(", ".join(filter(None, [this.network, remark or "before any correction"])))
        rows.append(
            f'<tr><td><b>{this.number}</b><br><span class="dss-muted dss-small">{quiet_words}</span></td>'
            + "".join(f'<td class="dss-number">{cell}</td>' for cell in cells)
            + "</tr>"
        )
    return f'<table class="dss-table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _minutes(minutes: float, quiet: str) -> str:
    more = f'<br><span class="dss-muted dss-small">{escape(quiet)}</span>' if quiet else ""
    return f"{minutes:.2f} min{more}"


def _score(this: Round, before: Round | None, name: str) -> str:
    value = this.scores.get(name)
    if value is None:
        return "–"
    earlier = before.scores.get(name) if before is not None else None
    change = "" if earlier is None else f'<br><span class="dss-muted dss-small">{value - earlier:+.3f}</span>'
    return f"{value:.3f}{change}"


def _legend(told: Sequence[str], *, n_left_out: int) -> str:
    names = "".join(f"<span>{swatch(_COLOURS[name], SCORE_WORDS[name])}{_BETTER.get(name, '')}</span>" for name in told)
    note = f'<span class="dss-muted">without {count(n_left_out, "round")} on other test data</span>' if n_left_out else ""
    return f'<div class="dss-legend">{names}{note}</div>'


_NOTHING = empty("No round yet", "Correct labels, then let the network learn on: what each round brings is shown here.")
