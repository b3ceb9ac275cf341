"""Annotations of a network that are odd among all of theirs: much shorter or longer than their type, or in a rare order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations

_FEW = 5
"""Annotations of a type from which on it has a usual duration."""

_USUAL, _MOST = 2.5, 6.0
"""Deviations (of a duration's logarithm, in robust standard deviations) up to which one is usual, and at most counted."""

_RARE_SHARE = 0.05
"""Share of what follows a type below which a transition is rare, where the type is followed often enough to tell."""


@dataclass(frozen=True)
class Oddity:
    """An odd annotation.

    Attributes:
        time: its onset, in seconds.
        worth: how odd it is, above 0.
        reason: what is odd, for people.
    """

    time: float
    worth: float
    reason: str


def oddities(annotations: Mapping[str, Annotations]) -> dict[str, list[Oddity]]:
    """Return what is odd in each recording, by its path, measured by what is usual in all together."""
    durations = _usual_durations(list(annotations.values()))
    following = _following(list(annotations.values()))
    return {
        recording: [*_odd_durations(found, durations), *_odd_transitions(found, following)]
        for recording, found in annotations.items()
    }


def _usual_durations(all_found: Sequence[Annotations]) -> dict[str, tuple[float, float]]:
    """Return median and robust standard deviation of the logarithm of the durations of every segment type."""
    by_type: dict[str, list[float]] = {}
    for found in all_found:
        for name, lasted in zip(found.names.tolist(), (found.stop_seconds - found.start_seconds).tolist(), strict=True):
            if lasted > 0:
                by_type.setdefault(name, []).append(lasted)
    usual = {}
    for name, lasting in by_type.items():
        if len(lasting) >= _FEW:
            logs = np.log(lasting)
            median = float(np.median(logs))
            usual[name] = median, 1.4826 * float(np.median(np.abs(logs - median))) + 0.1
    return usual


def _odd_durations(found: Annotations, usual: Mapping[str, tuple[float, float]]) -> list[Oddity]:
    odd = []
    for name, start, stop in zip(found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), strict=True):
        if stop > start and name in usual:
            median, spread = usual[name]
            far = abs(np.log(stop - start) - median) / spread
            if far > _USUAL:
                reason = f"{name!r} of {1000 * (stop - start):.0f} ms, where {1000 * np.exp(median):.0f} ms are usual"
                odd.append(Oddity(start, float(min(far, _MOST) - _USUAL), reason))
    return odd


def _following(all_found: Sequence[Annotations]) -> Counter[tuple[str, str]]:
    pairs: Counter[tuple[str, str]] = Counter()
    for found in all_found:
        names = found.names[np.argsort(found.start_seconds, kind="stable")].tolist()
        pairs.update(pairwise(names))
    return pairs


def _odd_transitions(found: Annotations, following: Counter[tuple[str, str]]) -> list[Oddity]:
    after: Counter[str] = Counter()
    for (name, _), count in following.items():
        after[name] += count
    order = np.argsort(found.start_seconds, kind="stable")
    names, starts = found.names[order].tolist(), found.start_seconds[order].tolist()
    odd = []
    for before, name, start in zip(names[:-1], names[1:], starts[1:], strict=True):
        share = following[before, name] / after[before]
        if share < _RARE_SHARE and after[before] >= 1 / _RARE_SHARE:
            odd.append(Oddity(start, float(-np.log(share / _RARE_SHARE)), f"{name!r} after {before!r}, which is rare"))
    return odd
