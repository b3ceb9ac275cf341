"""Labels that a network contradicts which did not learn from them; and song that it finds where there is no label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.review.stretches import Stretch

EVENT_REACH_SECONDS = 0.01
"""An event is found where the network has its peak within this."""

_SURE = 0.5
"""Mean probability of another class from which on the network contradicts a label."""

_EDGE_SECONDS, _EDGE_SHARE = 0.01, 0.2
"""An edge is off from so many seconds on, and from this share of the label's duration."""

_MISSING_WORTH = 0.7
"""What song without a label is worth, if it lasts as long as its type does."""

_EDGE_WORTH = 0.3
"""What an edge that is off is worth at most, beside a label that is wrong."""


class LabelSums:
    """The mean probability of every class within every label, of a stream of probabilities.

    Args:
        labels: human labels of a recording; of events, what lies within 10 ms counts.
        n_classes: classes, noise included.
        samplerate_hz: rows a second.
    """

    def __init__(self, labels: Annotations, n_classes: int, samplerate_hz: float) -> None:
        reach = np.where(labels.stop_seconds > labels.start_seconds, 0.0, EVENT_REACH_SECONDS)
        self._is_event = reach > 0
        self._first = np.maximum(0, np.rint((labels.start_seconds - reach) * samplerate_hz)).astype(np.int64)
        last = np.rint((labels.stop_seconds + reach) * samplerate_hz).astype(np.int64)
        self._last = np.maximum(last, self._first + 1)
        self._sums = np.zeros((len(labels), n_classes))
        self._peaks = np.zeros((len(labels), n_classes))
        self._rows = np.zeros(len(labels))
        self._n = 0

    def add(self, block: np.ndarray) -> None:
        """Take the next probabilities ``[rows, classes]``."""
        begin, end = self._n, self._n + len(block)
        self._n = end
        here = np.flatnonzero((self._first < end) & (self._last > begin))
        if not len(here):
            return
        sums = np.concatenate([np.zeros((1, block.shape[1])), np.cumsum(block, axis=0, dtype=np.float64)])
        first, last = np.maximum(self._first[here] - begin, 0), np.minimum(self._last[here] - begin, len(block))
        self._sums[here] += sums[last] - sums[first]
        self._rows[here] += last - first
        for i, a, b in zip(here.tolist(), first.tolist(), last.tolist(), strict=True):
            if self._is_event[i]:
                self._peaks[i] = np.maximum(self._peaks[i], block[a:b].max(axis=0))

    def finish(self) -> np.ndarray:
        """Return the mean of every class within each segment, and its peak near each event: ``[labels, classes]``.

        Of an event, noise is what its most probable peak leaves.
        """
        means = self._sums / np.maximum(self._rows, 1)[:, None]
        peaks = self._peaks.copy()
        peaks[:, 0] = 1 - peaks[:, 1:].max(axis=1, initial=0)
        told: np.ndarray = np.where(self._is_event[:, None], peaks, means)
        return told


def contradictions(
    recording: str, labels: Annotations, told: np.ndarray, found: Annotations, class_names: Sequence[str]
) -> list[Stretch]:
    """Return what a network contradicts in a recording; what is worth most is most surely wrong.

    Args:
        recording: its path.
        labels: of humans.
        told: what the network says of each, see :meth:`LabelSums.finish`.
        found: the network's own labels.
        class_names: of the network, noise first.
    """
    names = list(class_names)
    said = [*_wrong(recording, labels, told, names), *_unlabelled(recording, labels, found)]
    wrong = {(stretch.start_seconds, stretch.stop_seconds) for stretch in said}
    return [*said, *(edge for edge in _edges(recording, labels, found) if (edge.start_seconds, edge.stop_seconds) not in wrong)]


def _wrong(recording: str, labels: Annotations, told: np.ndarray, names: list[str]) -> Iterator[Stretch]:
    rows = zip(labels.names.tolist(), labels.start_seconds.tolist(), labels.stop_seconds.tolist(), told, strict=True)
    for name, start, stop, probabilities in rows:
        best = int(np.argmax(probabilities))
        own = float(probabilities[names.index(name)]) if name in names else 0.0
        if names[best] != name and probabilities[best] > _SURE:
            other = repr(names[best]) if best else "no song"
            reason = f"labelled {name!r}, but the networks say {other} ({probabilities[best]:.0%}; {name!r}: {own:.0%})"
            yield Stretch(recording, start, stop, reason, float(probabilities[best]) - own)


def _unlabelled(recording: str, labels: Annotations, found: Annotations) -> Iterator[Stretch]:
    lasting = labels.stop_seconds - labels.start_seconds
    usual = {name: float(np.median(lasting[labels.names == name])) for name in set(labels.names.tolist())}
    for name, start, stop in _rows(found):
        reach = EVENT_REACH_SECONDS if stop <= start else 0.0
        beside = (labels.start_seconds >= stop + reach) | (labels.stop_seconds <= start - reach)
        if beside.all():
            share = min(1.0, (stop - start) / usual[name]) if usual.get(name) else 1.0  # what is much shorter is a stray sample
            yield Stretch(recording, start, stop, f"not labelled, but the networks find {name!r}", _MISSING_WORTH * share)


def _edges(recording: str, labels: Annotations, found: Annotations) -> Iterator[Stretch]:
    for name, start, stop in _rows(labels):
        same = (found.names == name) & (found.start_seconds < stop) & (found.stop_seconds > start)
        if stop <= start or same.sum() != 1:
            continue
        (i,) = np.flatnonzero(same)
        off = max(abs(found.start_seconds[i] - start), abs(found.stop_seconds[i] - stop))
        if off > max(_EDGE_SECONDS, _EDGE_SHARE * (stop - start)):
            onset, offset = 1000 * (found.start_seconds[i] - start), 1000 * (found.stop_seconds[i] - stop)
            reason = f"{name!r} begins {onset:+.0f} ms and ends {offset:+.0f} ms from where the networks have it"
            yield Stretch(recording, start, stop, reason, float(_EDGE_WORTH * min(1.0, off / (stop - start))))


def _rows(found: Annotations) -> Iterable[tuple[str, float, float]]:
    return zip(found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), strict=True)


def worthiest(found: Iterable[Stretch], count: int) -> list[Stretch]:
    """Return the first so many, the worthiest first, the worth of the first being 1."""
    order = sorted(found, key=lambda s: (-s.worth, s.recording, s.start_seconds))[:count]
    largest = order[0].worth if order else 1.0
    return [Stretch(s.recording, s.start_seconds, s.stop_seconds, s.reason, round(s.worth / largest, 4)) for s in order]
