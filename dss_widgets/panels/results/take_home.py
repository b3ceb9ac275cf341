"""What a run came to, to take home: scores as a table, the confusion matrix and the loss as pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dss_widgets.panels.results.outcome import Outcome
from dss_widgets.panels.run_history import RunHistory
from dss_widgets.panels.style.palette import SPLIT_COLOURS
from dss_widgets.panels.style.plots import nice_step
from dss_widgets.panels.style.words import escape

_SAMPLES = ("precision", "recall", "f1")
_MATCHES = ("n_annotated", "n_predicted", "precision", "recall", "f1", "median_error_seconds", "median_offset_error_seconds")
_ENDS = ("onset_median_seconds", "onset_p90_seconds", "offset_median_seconds", "offset_p90_seconds")
_WIDTH, _HEIGHT, _MARGIN = 640, 360, 60


def scores_csv(outcome: Outcome) -> bytes:
    """Return the scores of every class as the content of a CSV file: by samples, and as events or segments where there are."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["class", "kind", "samples", *(f"sample_{name}" for name in _SAMPLES), *_MATCHES, *_ENDS])
    matched = {
        name: (kind.removesuffix("s"), found)
        for kind in ("events", "segments")
        for name, found in (outcome.matches.get(kind) or {}).items()
    }
    per_class: Mapping[str, Mapping[str, Any]] = outcome.scores["per_class"]
    for name, of_class in per_class.items():
        kind, found = matched.get(name, ("", {}))
        samples = [of_class["support"], *(of_class[score] for score in _SAMPLES)]
        ends = (outcome.matches.get("boundaries") or {}).get(name, {})
        told = [*(found.get(key) for key in _MATCHES), *(ends.get(key) for key in _ENDS)]
        rows.writerow([name, kind, *samples, *("" if value is None else value for value in told)])
    return text.getvalue().encode()


def confusion_svg(outcome: Outcome) -> bytes:
    """Return the confusion matrix as an SVG picture: rows annotated, columns predicted, in shares of the rows."""
    names = [str(name) for name in outcome.scores["class_names"]]
    counts = np.asarray(outcome.scores["confusion_matrix"], dtype=float)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    cell, left = 48, 12 + 8 * max(map(len, names))
    parts = []
    for i, row in enumerate(shares):
        y = left + cell * i
        parts.append(_text(left - 6, y + cell / 2 + 4, names[i], "end"))
        parts.append(_text(left + cell * i + cell / 2, left - 8, names[i], "middle"))
        for j, share in enumerate(row):
            x, ink = left + cell * j, "#ffffff" if share > 0.5 else "#1d242b"
            box = f'<rect x="{x}" y="{y}" width="{cell - 2}" height="{cell - 2}" fill="#0b62b8" fill-opacity="{share:.3f}"/>'
            parts.append(box + _text(x + cell / 2 - 1, y + cell / 2 + 3, f"{share:.0%}", "middle", ink))
    size = left + cell * len(names) + 12
    return _svg(size, size + 24, [*parts, _text(left, size + 12, "rows: annotated, columns: predicted", "start")])


def loss_svg(history: RunHistory) -> bytes:
    """Return training and validation loss over the epochs as an SVG picture, with a ring around the epoch that is kept."""
    epochs, curves = history.epochs, {"train": history.loss, "val": history.val_loss}
    values = np.concatenate([np.zeros(0), *(np.asarray(curve, dtype=float) for curve in curves.values())])
    values = values[np.isfinite(values) & (values > 0)]
    if not epochs or not len(values):
        return _svg(_WIDTH, _HEIGHT, [_text(_MARGIN, _MARGIN, "no loss was recorded", "start")])
    low, high = np.log10(values.min() * 0.9), np.log10(values.max() * 1.1)

    def place(epoch: float, loss: float) -> tuple[float, float]:
        across = (epoch - epochs[0]) / max(1, epochs[-1] - epochs[0])
        up = (np.log10(loss) - low) / (high - low)
        return _MARGIN + across * (_WIDTH - 2 * _MARGIN), _HEIGHT - _MARGIN - up * (_HEIGHT - 2 * _MARGIN)

    parts = [_curve(place, epochs, curve, SPLIT_COLOURS[name]) for name, curve in curves.items()]
    best = history.status.best_epoch
    if best in epochs and np.isfinite(loss := history.val_loss[epochs.index(best)]):
        x, y = place(best, loss)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="{SPLIT_COLOURS["val"]}" stroke-width="2"/>')
    step = max(1.0, nice_step(epochs[-1], 10))
    for epoch in np.arange(step, epochs[-1] + 1e-9, step):
        parts.append(_text(place(epoch, 10**low)[0], _HEIGHT - _MARGIN + 18, f"{epoch:g}", "middle"))
    for loss in (10**low, 10 ** ((low + high) / 2), 10**high):
        parts.append(_text(_MARGIN - 6, place(epochs[0], loss)[1] + 4, f"{loss:.2g}", "end"))
    words = (("training loss", "train", 0), ("validation loss", "val", 150))
    parts += [_text(_MARGIN + x, 28, told, "start", SPLIT_COLOURS[name]) for told, name, x in words]
    return _svg(_WIDTH, _HEIGHT, [*parts, _text(_WIDTH / 2, _HEIGHT - 12, "epoch", "middle")])


def _curve(place: Any, epochs: Sequence[int], losses: Sequence[float], colour: str) -> str:
    points = [place(epoch, loss) for epoch, loss in zip(epochs, losses, strict=True) if np.isfinite(loss) and loss > 0]
    if len(points) == 1:
        return f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3" fill="{colour}"/>'
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#1d242b") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _svg(width: float, height: float, parts: Sequence[str]) -> bytes:
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="13"'
    drawn = "".join(['<rect width="100%" height="100%" fill="#ffffff"/>', *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{drawn}</svg>'.encode()
