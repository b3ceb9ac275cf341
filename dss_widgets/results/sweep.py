"""Annotations with every threshold at once, made in one pass over the probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.results.labels import LabellingRules, PeakFinder, keep_highest, neighbours_within, treated
from dss_widgets.results.matching import ROUNDING_SECONDS, TOLERANCE_SECONDS, match_segments
from dss_widgets.results.stretches import stretches_of
from dss_widgets.results.threshold_curves import THRESHOLDS, Curve, ThresholdCurves

_LEVELS = np.array(THRESHOLDS) - 1e-9
"""As thresholds are compared with in labelling."""


class ThresholdSweep:
    """Takes a stream of probabilities, and tells what each threshold would make of it.

    Of segments only runs of samples between the same two thresholds and of the same type are kept, of events the peaks: the
    memory grows with the song, not with the audio.

    Args:
        class_names: names of the columns, noise first.
        class_types: ``event`` or ``segment`` of the columns.
        samplerate_hz: rows a second.
    """

    def __init__(self, class_names: Sequence[str], class_types: Sequence[str], samplerate_hz: float) -> None:
        self.class_names, self.samplerate_hz, self.n_samples = list(class_names), samplerate_hz, 0
        self._segments = [i for i, kind in enumerate(class_types) if i > 0 and kind != "event"]
        self._peaks = {i: PeakFinder(THRESHOLDS[0]) for i, kind in enumerate(class_types) if kind == "event"}
        self._runs: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, probabilities: np.ndarray) -> None:
        """Take the next block, ``[samples, classes]``."""
        if not len(probabilities):
            return
        self.n_samples += len(probabilities)
        for column, finder in self._peaks.items():
            finder.add(probabilities[:, column])
        if self._segments:
            segments = probabilities[:, self._segments]
            self._runs.append(_runs(np.searchsorted(_LEVELS, segments.sum(axis=1, dtype=np.float64), "right"), segments))

    def curves(
        self, annotated: Annotations, rules: LabellingRules | None = None, tolerance: float = TOLERANCE_SECONDS
    ) -> ThresholdCurves:
        """Return what each threshold does.

        Args:
            annotated: what there really is in the stream; other song types than the network's count nothing.
            rules: the durations by which segments are treated, and the distances of events; its thresholds do not count.
            tolerance: largest time error of a match, in seconds.
        """
        rules = rules or LabellingRules()
        return ThresholdCurves(
            self._event_curves(annotated, rules, tolerance),
            self._segment_curves(annotated, rules, tolerance),
            seconds=self.n_samples / self.samplerate_hz,
            tolerance_seconds=tolerance,
            fill_gap_seconds=rules.fill_gap_seconds,
            minimum_duration_seconds=rules.minimum_duration_seconds,
        )

    def _event_curves(self, annotated: Annotations, rules: LabellingRules, tolerance: float) -> dict[str, Curve]:
        curves = {}
        for column, finder in self._peaks.items():
            name = self.class_names[column]
            positions, heights = finder.finish()
            times = positions / self.samplerate_hz
            stays = keep_highest(times, heights, rules.event_interval_seconds)  # a threshold does not change which of two stays
            times, heights = times[stays], heights[stays]
            known = np.sort(annotated.start_seconds[annotated.names == name])
            found = [times[heights >= threshold] for threshold in THRESHOLDS]
            found = [these[neighbours_within(these, rules.nearest_seconds, rules.farthest_seconds)] for these in found]
            curves[name] = Curve(
                len(known), tuple(map(len, found)), tuple(count_matched_events(known, these, tolerance) for these in found)
            )
        return curves

    def _segment_curves(self, annotated: Annotations, rules: LabellingRules, tolerance: float) -> dict[str, Curve]:
        names = [self.class_names[column] for column in self._segments]
        if not names:
            return {}
        known = annotated.select(np.isin(annotated.names, names))
        lengths, levels, types = (np.concatenate([np.zeros(0, np.int64), *(run[i] for run in self._runs)]) for i in range(3))
        predicted, matched = [], []
        for level in range(1, len(THRESHOLDS) + 1):
            stretches = stretches_of(levels >= level, types, len(names), lengths)
            starts, stops, winners = treated(*stretches, rules, self.samplerate_hz)
            predicted.append(np.bincount(winners, minlength=len(names)))
            found = Annotations(
                np.array(names, dtype=object)[winners], starts / self.samplerate_hz, stops / self.samplerate_hz, winners
            )
            matched.append(count_matched_segments(known, found, names, tolerance))
        return {
            name: Curve(int((known.names == name).sum()), _column(predicted, i), _column(matched, i))
            for i, name in enumerate(names)
        }


def _runs(levels: np.ndarray, segments: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lengths in samples, levels and types of runs of samples that are alike, ``[runs]`` each."""
    types = np.argmax(segments, axis=1)
    types[levels == 0] = 0  # nothing is labelled there
    starts = np.concatenate([[0], np.flatnonzero(np.diff(levels) | np.diff(types)) + 1])
    lengths = np.diff(starts, append=len(levels))
    return lengths.astype(np.int32), levels[starts].astype(np.uint8), types[starts].astype(np.uint16)


def _column(rows: Sequence[np.ndarray], i: int) -> tuple[int, ...]:
    return tuple(int(row[i]) for row in rows)


def count_matched_events(annotated: np.ndarray, predicted: np.ndarray, tolerance: float) -> int:
    """Return how many pairs :func:`~dss_widgets.results.matching.match_events` finds.

    Every time reaches equally far, so to give each, in their order, the first that is free makes as many pairs as can be.

    Args:
        annotated, predicted: times in seconds, sorted.
        tolerance: largest difference of a pair, in seconds.
    """
    reach = tolerance + ROUNDING_SECONDS
    first = np.searchsorted(predicted, annotated - reach, side="left").tolist()
    last = np.searchsorted(predicted, annotated + reach, side="right").tolist()
    free = pairs = 0
    for begin, end in zip(first, last, strict=True):
        at = max(begin, free)
        if at < end:
            free, pairs = at + 1, pairs + 1
    return pairs


def count_matched_segments(
    annotated: Annotations, predicted: Annotations, names: Sequence[str], tolerance: float
) -> np.ndarray:
    """Return how many pairs :func:`~dss_widgets.results.matching.match_segments` finds, of every name ``[names]``."""
    counts = np.zeros(len(names), dtype=np.int64)
    reach = tolerance + ROUNDING_SECONDS
    for i, name in enumerate(names):
        known, found = annotated.select(annotated.names == name), predicted.select(predicted.names == name)
        order = np.argsort(found.start_seconds, kind="stable")
        onsets, offsets = found.start_seconds[order], found.stop_seconds[order]
        first = np.searchsorted(onsets, known.start_seconds - reach, side="left")
        last = np.searchsorted(onsets, known.start_seconds + reach, side="right")
        if (last - first).max(initial=0) > 1:  # several may be meant
            counts[i] = match_segments(known, found, tolerance).n_matched
            continue
        at = first[last > first]
        fits = np.abs(offsets[at] - known.stop_seconds[last > first]) <= reach
        counts[i] = len(np.unique(at[fits]))
    return counts
