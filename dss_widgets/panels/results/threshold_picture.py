"""The picture of what every threshold does: how much is found, and how much of what is found is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dss_widgets.panels.style.words import escape
from dss_widgets.results.threshold_curves import THRESHOLDS, Curve, Effect, summed

_WIDTH, _HEIGHT = 520, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 12, 34

_LINES = {"recall": "recall: share of the annotated that is found", "precision": "precision: share of the found that is right"}


def threshold_picture(curves: Mapping[str, Curve], threshold: float, marks: Mapping[str, float], words: str) -> str:
    """Return recall, precision and F1 of all song types together over the threshold, as an SVG picture for a page.

    Args:
        curves: by song type.
        threshold: where the slider stands.
        marks: other thresholds to mark, by their words.
        words: what the picture is of.
    """
    at = [summed([curve.at(t) for curve in curves.values()]) for t in THRESHOLDS]
    now = summed([curve.at(threshold) for curve in curves.values()])
    parts = [*_grid(), *(_line(f"dss-threshold-{name}", at, name) for name in ("precision", "recall", "f1"))]
    for told, place in marks.items():
        x = _x(place)
        parts.append(f'<line class="dss-curve-today" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        parts.append(_text(x, _TOP + 9, told, "end" if place > 0.5 else "start", -5 if place > 0.5 else 5))
    x = _x(threshold)
    parts.append(f'<line class="dss-threshold-now" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
    for name in ("precision", "recall", "f1"):
        parts.append(f'<circle class="dss-threshold-{name}" cx="{x:.1f}" cy="{_y(getattr(now, name)):.1f}" r="4"/>')
    told = f"{words}: at {threshold:g}, recall {now.recall:.3f}, precision {now.precision:.3f}, F1 {now.f1:.3f}"
    return (
        f'<svg class="dss-curve-picture dss-threshold-picture" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(told)}">{"".join(parts)}</svg>'
    )


def legend() -> str:
    """Return which line is which, as HTML."""
    lines = {**_LINES, "f1": "F1: both together"}
    spans = "".join(
        f'<span><i class="dss-threshold-key dss-threshold-{name}"></i>{words}</span>' for name, words in lines.items()
    )
    return f'<div class="dss-legend dss-small">{spans}</div>'


def _grid() -> list[str]:
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        parts.append(f'<line class="dss-curve-grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT, y + 4, f"{share:g}", "end", -6))
    parts += [_text(_x(t), _HEIGHT - _BOTTOM + 14, f"{t:g}", "middle") for t in (0.1, 0.3, 0.5, 0.7, 0.9)]
    return [*parts, _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 5, "threshold", "middle")]


def _line(name: str, at: Sequence[Effect], score: str) -> str:
    told = [(t, effect) for t, effect in zip(THRESHOLDS, at, strict=True) if effect.n_predicted or score == "recall"]
    points = " ".join(f"{_x(t):.1f},{_y(getattr(effect, score)):.1f}" for t, effect in told)
    return f'<polyline class="{name}" points="{points}"/>'


def _x(threshold: float) -> float:
    return _LEFT + threshold * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _text(x: float, y: float, words: str, anchor: str, shift: float = 0) -> str:
    return f'<text x="{x + shift:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
