"""Curves made fit to be drawn: few points, smoothed if asked for, and the places where the learning rate stepped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

MOST_POINTS = 600
"""Points of a curve on the screen; longer ones keep their minima and maxima."""


def thinned(x: Sequence[float], y: Sequence[float], most: int = MOST_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Return a curve of at most ``most`` points that keeps every minimum and maximum; NaN values are left out."""
    places, values = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    there = np.isfinite(values)
    places, values = places[there], values[there]
    if len(values) <= most:
        return places, values
    edges = np.linspace(0, len(values), most // 2 + 1).astype(int)
    low = [a + int(np.argmin(values[a:b])) for a, b in pairwise(edges)]
    high = [a + int(np.argmax(values[a:b])) for a, b in pairwise(edges)]
    kept = np.unique([*low, *high, len(values) - 1])
    return places[kept], values[kept]


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential running mean of values, corrected for its beginning (as TensorBoard's and Adam's).

    Args:
        values: NaN where there is none; they stay NaN and do not count.
        weight: of what was before, 0 (none: the values themselves) to below 1.
    """
    if not weight:
        return list(values)
    found: list[float] = []
    mean, seen = 0.0, 1.0
    for value in values:
        if not math.isnan(value):
            mean = weight * mean + (1 - weight) * value
            seen *= weight
            found.append(mean / (1 - seen))
        else:
            found.append(value)
    return found


def rate_steps(epochs: Sequence[int], rates: Sequence[float]) -> list[tuple[int, float, float]]:
    """Return (epoch, rate before, rate from then on) wherever the learning rate stepped; none where it glides all the time."""
    steps = [
        (epoch, before, after)
        for (_, before), (epoch, after) in pairwise(zip(epochs, rates, strict=True))
        if abs(after - before) > 1e-6 * before
    ]
    return steps if len(steps) <= max(1, len(epochs) // 3) else []
