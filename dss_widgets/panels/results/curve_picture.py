"""The picture of a learning curve: what every training came to, the curve through them, and where it goes on to."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from dss_widgets.panels.style.plots import nice_step
from dss_widgets.panels.style.words import escape
from dss_widgets.results.learning_curve import LearningCurve

_WIDTH, _HEIGHT = 640, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 12, 40

Place = Callable[[float], float]

_BEYOND = 4.0
"""Times today's data up to which the curve is drawn."""


def curve_picture(curve: LearningCurve, target: float | None = None) -> str:
    """Return a learning curve as an SVG picture for a page, in the theme's colours.

    Args:
        curve: what is drawn: a dot for every training, a line, and the band in which it lies in 9 of 10 cases.
        target: a score to reach, drawn as a line across.
    """
    least = min(point.seconds for point in curve.points)
    times = np.geomspace(least, _BEYOND * curve.seconds, 40)
    likely, low, high = np.array([curve.score(seconds) for seconds in times]).T
    scores = [point.macro_f1 for point in curve.points]
    bottom = min(*scores, float(low.min()))
    bottom = max(0.0, bottom - 0.1 * (1 - bottom) - 0.01)

    def x(seconds: float) -> float:
        share = math.log(seconds / least) / math.log(_BEYOND * curve.seconds / least)
        return _LEFT + (0.02 + 0.96 * share) * (_WIDTH - _LEFT - _RIGHT)

    def y(score: float) -> float:
        return _TOP + (1 - (score - bottom) / (1 - bottom)) * (_HEIGHT - _TOP - _BOTTOM)

    def path(values: np.ndarray) -> str:
        return " ".join(f"{x(seconds):.1f},{y(float(value)):.1f}" for seconds, value in zip(times, values, strict=True))

    back = " ".join(reversed(path(low).split(" ")))
    parts = [
        *_axes(curve, x, y, bottom),
        f'<polygon class="dss-curve-band" points="{path(high)} {back}"/>',
        f'<polyline class="dss-curve-line" points="{path(likely)}"/>',
        *(
            f'<circle class="dss-curve-dot" cx="{x(p.seconds):.1f}" cy="{y(p.macro_f1):.1f}" r="4.5">'
            f"<title>{p.seconds:.3g} s: {p.macro_f1:.3f}</title></circle>"
            for p in curve.points
        ),
    ]
    if target is not None and target > bottom:
        parts.append(_across("dss-curve-target", y(target)))
    words = f"Macro F1 with more and more training data: {curve.words(target)[0]}"
    return (
        f'<svg class="dss-curve-picture" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(words)}">'
        f"{''.join(parts)}</svg>"
    )


def _axes(curve: LearningCurve, x: Place, y: Place, bottom: float) -> list[str]:
    """Return grid lines and words; the amounts are those of the trainings, and twice and four times today's."""
    parts = [f'<text x="{_LEFT + 6}" y="{_TOP + 14}">macro F1</text>']
    step = nice_step(1 - bottom, 4)
    for score in np.arange(math.ceil(bottom / step) * step, 1 + 1e-9, step):
        at = y(float(score))
        parts.append(_across("dss-curve-grid", at))
        parts.append(f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{score:.3g}</text>')
    amounts = sorted({point.seconds for point in curve.points})
    for seconds in [*amounts, 2 * curve.seconds, _BEYOND * curve.seconds]:
        at = x(seconds)
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{seconds:.3g}</text>')
    today = x(curve.seconds)
    parts.append(f'<line class="dss-curve-today" x1="{today:.1f}" x2="{today:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
    parts.append(f'<text x="{today - 6:.1f}" y="{_HEIGHT - _BOTTOM - 8}" text-anchor="end">today</text>')
    middle = (_LEFT + _WIDTH) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">seconds of audio to learn from</text>')
    return parts


def _across(name: str, at: float) -> str:
    return f'<line class="{name}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
