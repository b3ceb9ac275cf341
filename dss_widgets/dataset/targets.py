"""Training targets: for every sample, the probability of noise and of each song type.

Segments are boxes, events Gaussians; the rules are those of DeepSS/DAS (Steinfath et al. 2021, eLife,
doi 10.7554/eLife.68837) with its known faults mended. Any block of a recording can be computed on its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.song_types import NOISE, SongType

ONSET, OFFSET = "syllable_onset", "syllable_offset"
"""Names of the optional event types at the ends of every segment."""

_REACH = 5.0
"""Standard deviations beyond which a Gaussian is 0 (it is below 4e-6 there)."""

_ONE_SAMPLE = 0.5
"""Samples of width below which an event is one sample: a Gaussian would fall between two."""


@dataclass(frozen=True)
class TargetRules:
    """How annotations become targets.

    Attributes:
        event_width_seconds: standard deviation of an event's Gaussian; 0: one sample.
        gap_seconds: least noise between neighbouring segments.
        onset_offset_targets: whether the ends of segments are two more event types.
    """

    event_width_seconds: float = 0.0016
    gap_seconds: float = 0.0
    onset_offset_targets: bool = False


def class_table(song_types: Sequence[SongType], rules: TargetRules) -> tuple[list[str], list[str]]:
    """Return names and categories of the targets' columns; the first is noise."""
    names = [NOISE] + [song_type.name for song_type in song_types]
    categories = ["segment"] + [song_type.category for song_type in song_types]
    if rules.onset_offset_targets:
        names += [ONSET, OFFSET]
        categories += ["event", "event"]
    return names, categories


class RecordingTargets:
    """The targets of one recording at one sample rate.

    Args:
        annotations: what occurs in it.
        song_types: the dataset's song types, in the order of the columns.
        samplerate_hz: rate of the targets.
        n_samples: samples of the recording at that rate.
        rules: event width, gap and extra types.
    """

    def __init__(
        self, annotations: Annotations, song_types: Sequence[SongType], samplerate_hz: float, n_samples: int, rules: TargetRules
    ) -> None:
        self.class_names, self.class_types = class_table(song_types, rules)
        self.n_samples = n_samples
        self._width = rules.event_width_seconds * samplerate_hz
        self._columns: list[_Events | _Segments] = []
        is_segment = np.isin(annotations.names, [s.name for s in song_types if s.category == "segment"])
        segments = annotations.select(is_segment)
        onsets, offsets = open_gaps(segments.start_seconds, segments.stop_seconds, rules.gap_seconds)
        for song_type in song_types:
            if song_type.category == "event":
                times = annotations.start_seconds[annotations.names == song_type.name]
                self._columns.append(_Events(times * samplerate_hz, n_samples, self._width))
            else:
                mine = segments.names == song_type.name
                self._columns.append(_Segments(onsets[mine] * samplerate_hz, offsets[mine] * samplerate_hz, n_samples))
        if rules.onset_offset_targets:
            self._columns.append(_Events(segments.start_seconds * samplerate_hz, n_samples, self._width))
            self._columns.append(_Events(segments.stop_seconds * samplerate_hz, n_samples, self._width))
        self._stretches = _Stretches(self._columns)

    def block(self, start: int, stop: int, dtype: DTypeLike = np.float32) -> np.ndarray:
        """Return the targets of samples [start, stop): ``[stop - start, classes]``, every row sums to 1.

        Where several types overlap, they share the probability. Most rows are noise or one segment alone; only the others
        are computed.
        """
        targets = np.zeros((stop - start, len(self.class_names)), dtype=dtype)
        targets[:, 0] = 1
        for first, last, column in self._stretches.within(start, stop):
            rows = targets[first - start : last - start]
            if column:
                rows[:, 0], rows[:, column] = 0, 1
            else:
                rows[:] = self._mixed(first, last)
        return targets

    def _mixed(self, start: int, stop: int) -> np.ndarray:
        """Return the targets of samples [start, stop) in which anything may be: float32 ``[stop - start, classes]``."""
        targets = np.zeros((stop - start, len(self.class_names)), dtype=np.float32)
        total = np.zeros(stop - start, dtype=np.float32)
        for column, source in enumerate(self._columns, start=1):
            source.add_to(targets[:, column], start)
            total += targets[:, column]
        crowded = total > 1
        targets[crowded] /= total[crowded, None]
        np.subtract(1, np.minimum(total, 1), out=targets[:, 0])
        return targets

    def individual_block(self, name: str, start: int, stop: int) -> np.ndarray:
        """Return the targets of one type alone for samples [start, stop): float32 ``[stop - start, 2]``, noise and the type."""
        targets = np.zeros((stop - start, 2), dtype=np.float32)
        self._columns[self.class_names.index(name) - 1].add_to(targets[:, 1], start)
        targets[:, 0] = 1 - targets[:, 1]
        return targets


class _Segments:
    """Boxes from round(onset) to round(offset), at least one sample long and within the recording.

    Attributes:
        first, last: first sample of each and the one after its last, int64 ``[segments]``, in the order of ``first``.
    """

    def __init__(self, onsets: np.ndarray, offsets: np.ndarray, n_samples: int) -> None:
        first = np.clip(np.rint(onsets).astype(np.int64), 0, max(0, n_samples - 1))
        last = np.clip(np.maximum(np.rint(offsets).astype(np.int64), first + 1), 0, n_samples)
        order = np.argsort(first, kind="stable")
        self.first, self.last = first[order], last[order]
        self._until = np.maximum.accumulate(self.last)

    def add_to(self, column: np.ndarray, start: int) -> None:
        begin, end = np.searchsorted(self._until, start, side="right"), np.searchsorted(self.first, start + len(column))
        for i in range(begin, end):
            column[max(0, self.first[i] - start) : max(0, self.last[i] - start)] = 1


class _Events:
    """Gaussians of peak 1; where two meet, the larger counts. Below half a sample's width: single samples.

    Attributes:
        first, last: first sample that each reaches and the one after its last, int64 ``[events]``, in order.
    """

    def __init__(self, centres: np.ndarray, n_samples: int, width: float) -> None:
        self._centres = np.sort(np.clip(centres, 0, max(0, n_samples - 1)))
        self._width = width
        reach = 0 if width < _ONE_SAMPLE else max(1, math.ceil(_REACH * width))
        nearest = np.rint(self._centres).astype(np.int64)
        self.first, self.last = np.maximum(0, nearest - reach), np.minimum(n_samples, nearest + reach + 1)

    def add_to(self, column: np.ndarray, start: int) -> None:
        stop = start + len(column)
        for i in range(np.searchsorted(self.last, start, side="right"), np.searchsorted(self.first, stop)):
            first, last = max(start, self.first[i]), min(stop, self.last[i])
            within = column[first - start : last - start]
            if self._width < _ONE_SAMPLE:
                within[:] = 1
            else:
                bell = np.exp(-0.5 * ((np.arange(first, last) - self._centres[i]) / self._width) ** 2)
                np.maximum(within, bell.astype(np.float32), out=within)


class _Stretches:
    """Where something is, as stretches that do not meet: one segment type alone, or anything else.

    Args:
        columns: what makes the targets' columns, in their order, after noise.
    """

    def __init__(self, columns: Sequence[_Events | _Segments]) -> None:
        first = np.concatenate([np.zeros(0, np.int64), *(column.first for column in columns)])
        last = np.concatenate([np.zeros(0, np.int64), *(column.last for column in columns)])
        # the column of what is all 1 within its bounds, 0 of what is not
        boxes = [i if isinstance(column, _Segments) else 0 for i, column in enumerate(columns, start=1)]
        kind = np.repeat(np.array(boxes, dtype=np.int64), [len(column.first) for column in columns])
        order = np.argsort(first, kind="stable")
        first, last, kind = first[order], last[order], kind[order]
        until = np.maximum.accumulate(last)
        begins = np.flatnonzero(np.append(True, first[1:] >= until[:-1])) if len(first) else np.zeros(0, np.int64)
        self._first = first[begins]
        self._last = until[np.append(begins[1:], len(first)) - 1] if len(first) else until
        alone = np.append(begins[1:], len(first)) - begins == 1
        self._column = np.where(alone, kind[begins], 0)

    def within(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield (first sample, sample after the last, column or 0) of what is in samples [start, stop), cut to them."""
        begin, end = np.searchsorted(self._last, start, side="right"), np.searchsorted(self._first, stop)
        for first, last, column in zip(
            self._first[begin:end].tolist(), self._last[begin:end].tolist(), self._column[begin:end].tolist(), strict=True
        ):
            yield max(start, first), min(stop, last), column


def open_gaps(onsets: np.ndarray, offsets: np.ndarray, gap: float) -> tuple[np.ndarray, np.ndarray]:
    """Trim neighbouring segments that are closer than ``gap``, symmetrically, so that the noise between them lasts ``gap``.

    All types together: wherever nothing sings for less than ``gap`` between one segment and the next, the quiet is widened
    about its middle. Overlapping segments have no quiet between them and stay. A segment never loses more than half of
    itself: if its two ends together would, both are trimmed less, in proportion.

    Args:
        onsets, offsets: seconds, ``[segments]``, in any order.
        gap: seconds.

    Returns:
        Trimmed onsets and offsets, in the same order.
    """
    if gap <= 0 or len(onsets) < 2:
        return onsets.copy(), offsets.copy()
    order = np.lexsort((offsets, onsets))
    begins, ends = onsets[order], offsets[order]
    song_until = np.maximum.accumulate(ends)
    quiet_start, quiet_stop = song_until[:-1], begins[1:]
    narrow = np.flatnonzero((quiet_stop >= quiet_start) & (quiet_stop - quiet_start < gap))
    middle = (quiet_start[narrow] + quiet_stop[narrow]) / 2
    by_end = np.argsort(ends, kind="stable")
    from_start, from_stop = np.zeros(len(onsets)), np.zeros(len(onsets))
    for low, high, before, after in zip(
        middle - gap / 2, middle + gap / 2, quiet_start[narrow], quiet_stop[narrow], strict=True
    ):
        first, last = np.searchsorted(ends, [low, before], side="right", sorter=by_end)
        near = by_end[first:last]  # what ends within the quiet that is to be
        from_stop[near] = np.maximum(from_stop[near], ends[near] - low)
        first, last = np.searchsorted(begins, [after, high], side="left")
        from_start[first:last] = np.maximum(from_start[first:last], high - begins[first:last])
    loss, half = from_start + from_stop, (ends - begins) / 2
    shrink = np.where(loss > half, np.divide(half, loss, out=np.ones_like(loss), where=loss > 0), 1.0)
    trimmed_onsets, trimmed_offsets = np.empty_like(begins), np.empty_like(ends)
    trimmed_onsets[order] = begins + from_start * shrink
    trimmed_offsets[order] = ends - from_stop * shrink
    return trimmed_onsets, trimmed_offsets
