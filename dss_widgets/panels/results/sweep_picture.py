"""The picture of a sweep: an axis for each option that differs and for the scores, a line for each combination of values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dss_widgets.options import TrainingOptions
from dss_widgets.panels.style.words import escape
from dss_widgets.results.training_sweep import VALIDATION, Row, SweepResult

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 70, 40, 20

_MOST_AXES, _MOST_CHARACTERS = 5, 18

_SCORES = {VALIDATION: "Validation F1", "macro_f1": "Test F1"}


def sweep_picture(result: SweepResult) -> str:
    """Return a sweep as an SVG picture in parallel coordinates, in the theme's colours; '' where nothing is to be compared."""
    rows = [row for row in result.rows if row.n_done]
    names = result.varied[:_MOST_AXES]
    scores = [score for score in _SCORES if any(row.spread(score) for row in rows)]
    if len(rows) < 2 or not names:
        return ""
    axes = [*(_values_axis(rows, name) for name in names), *(_score_axis(rows, score) for score in scores)]
    step = (_WIDTH - _LEFT - _RIGHT) / (len(axes) - 1)
    places = [_LEFT + i * step for i in range(len(axes))]
    declared = TrainingOptions.declared()
    titles = [*(declared[name].label if name in declared else name for name in names), *(_SCORES[score] for score in scores)]
    parts = [_upright(x) for x in places]
    parts += [_line(row, names, scores, axes, places, is_best=row is rows[0]) for row in reversed(rows)]
    parts += [
        part for x, title, marks in zip(places, titles, axes, strict=True) for part in _words_at(x, title, marks, places[-1])
    ]
    label = f"Every combination of values and its scores. {result.words()[0]}"
    return (
        f'<svg class="dss-curve-picture dss-sweep-picture" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


Marks = Mapping[str, float]
"""Words beside an axis, and how high they stand: 0 to 1."""


def _values_axis(rows: Sequence[Row], name: str) -> Marks:
    values = sorted({row.values.get(name, "") for row in rows}, key=_order)
    return {value: 0.5 if len(values) == 1 else i / (len(values) - 1) for i, value in enumerate(values)}


def _order(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return math.inf, value


def _score_axis(rows: Sequence[Row], score: str) -> Marks:
    """Return the lowest and the highest mean; the span between is at least a hundredth."""
    means = [spread.mean for row in rows if (spread := row.spread(score))]
    low = min(means)
    return {f"{low:.3f}": 0.0, f"{max(*means, low + 0.01):.3f}": 1.0}


def _y(height: float) -> float:
    return _TOP + (1 - height) * (_HEIGHT - _TOP - _BOTTOM)


def _upright(x: float) -> str:
    return f'<line class="dss-sweep-axis" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(1):.1f}" y2="{_y(0):.1f}"/>'


def _words_at(x: float, title: str, marks: Marks, last: float) -> list[str]:
    """Return an axis's title and marks, before the lines: to its left, those of the last axis to its right."""
    beside, anchor = (x + 7, "start") if x == last else (x - 7, "end")
    above = f'<text class="dss-sweep-name" x="{x:.1f}" y="{_TOP - 20}" text-anchor="middle">{escape(_short(title))}</text>'
    at = f'<text class="dss-sweep-mark" x="{beside:.1f}" text-anchor="{anchor}"'
    return [above, *(f'{at} y="{_y(height) + 4:.1f}">{escape(_short(mark))}</text>' for mark, height in marks.items())]


def _line(
    row: Row, names: Sequence[str], scores: Sequence[str], axes: Sequence[Marks], places: Sequence[float], *, is_best: bool
) -> str:
    heights: list[float | None] = [axis[row.values[name]] for name, axis in zip(names, axes, strict=False)]
    for score, axis in zip(scores, axes[len(names) :], strict=True):
        low, high = map(float, axis)
        spread = row.spread(score)
        heights.append(None if spread is None else min(1.0, max(0.0, (spread.mean - low) / (high - low))))
    points = " ".join(f"{x:.1f},{_y(h):.1f}" for x, h in zip(places, heights, strict=True) if h is not None)
    told = ", ".join(f"{_SCORES[score]} {spread.mean:.3f}" for score in scores if (spread := row.spread(score)))
    name = "dss-sweep-best" if is_best else "dss-sweep-line"
    return f'<polyline class="{name}" points="{points}"><title>{escape(row.words())}: {told}</title></polyline>'


def _short(words: str) -> str:
    return words if len(words) <= _MOST_CHARACTERS else words[: _MOST_CHARACTERS - 1] + "…"
