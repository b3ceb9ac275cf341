"""From probabilities to annotations: events are peaks, segments are stretches of song labelled by majority.

Probabilities come in blocks of any length; the annotations do not depend on where one block ends and the next begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.errors import DataError, reason
from dss_widgets.options.prediction import PredictionOptions
from dss_widgets.results.chosen_thresholds import ChosenThresholds
from dss_widgets.results.stretches import StretchFinder, fill_gaps


def labels_from_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Return the most probable class of every sample, ``[samples]``, of probabilities ``[samples, classes]``."""
    labels: np.ndarray = np.argmax(probabilities, axis=-1)
    return labels


@dataclass(frozen=True)
class LabellingRules:
    """When probabilities are song.

    Attributes:
        event_threshold: least probability of an event's peak.
        event_interval_seconds: events of one type are not closer than this; of two that are, the more probable stays.
        nearest_seconds, farthest_seconds: an event stays only if its nearest neighbour of the same type is at least and
            at most this far (the *too close* and *too far* filters of pulse song); 0 and infinity leave all.
        segment_threshold: least probability of any segment type.
        fill_gap_seconds: gaps in song shorter than this are filled.
        minimum_duration_seconds: segments shorter than this are removed, after filling.
    """

    event_threshold: float = 0.5
    event_interval_seconds: float = 0.01
    nearest_seconds: float = 0.0
    farthest_seconds: float = np.inf
    segment_threshold: float = 0.5
    fill_gap_seconds: float = 0.0
    minimum_duration_seconds: float = 0.0

    @classmethod
    def of(cls, options: PredictionOptions, params: Mapping[str, Any] | None = None) -> LabellingRules:
        """Return the rules that options set.

        Args:
            options: a threshold that is None is the one that somebody chose for the network, else the one that was found for
                it, as a duration that is None; 0 switches its treatment off. What was found of the largest distance between
                events counts nothing where it is below the least.
            params: of the network; ``post_opt`` holds what was found on its validation data.
        """
        tuned = used_rules(params or {})

        def chosen(value: float | None, name: str) -> float:
            return float(tuned[name] if value is None else value)

        farthest = chosen(options.event_farthest_seconds, "event_dist_max")
        least = max(options.event_interval_seconds, options.event_nearest_seconds)
        is_found_too_small = options.event_farthest_seconds is None and farthest < least
        return cls(
            event_threshold=chosen(options.event_threshold, "event_thres"),
            event_interval_seconds=options.event_interval_seconds,
            nearest_seconds=options.event_nearest_seconds,
            farthest_seconds=np.inf if farthest == 0 or is_found_too_small else farthest,
            segment_threshold=chosen(options.segment_threshold, "segment_thres"),
            fill_gap_seconds=chosen(options.fill_gap_seconds, "gap_dur"),
            minimum_duration_seconds=chosen(options.minimum_duration_seconds, "min_len"),
        )


_UNTUNED = {"event_thres": 0.5, "segment_thres": 0.5, "gap_dur": 0.0, "min_len": 0.0, "event_dist_max": np.inf}


def tuned_rules(params: Mapping[str, Any]) -> dict[str, float]:
    """Return what params hold under ``post_opt``: thresholds, and in seconds the gap to fill, the shortest segment, and how far
    the nearest neighbour of an event may be.

    The names are DAS's: ``event_thres``, ``segment_thres`` (0.5 where they were not tuned), ``gap_dur``, ``min_len`` (0),
    ``event_dist_max`` (infinity).

    Raises:
        DataError: what they hold are no numbers.
    """
    found = params.get("post_opt")
    told = found if isinstance(found, Mapping) else {}
    try:
        return {name: float(default if told.get(name) is None else told[name]) for name, default in _UNTUNED.items()}
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"The params' post_opt holds no numbers ({reason(error)}). Find thresholds and durations again."
        ) from error


def used_rules(params: Mapping[str, Any]) -> dict[str, float]:
    """Return what annotating takes unless others are typed: as :func:`tuned_rules`, but thresholds that somebody chose."""
    tuned, choice = tuned_rules(params), ChosenThresholds.of(params) or ChosenThresholds()
    own = {"event_thres": choice.event, "segment_thres": choice.segment}
    return {**tuned, **{name: value for name, value in own.items() if value is not None}}


class Labeller:
    """Turns a stream of probabilities into annotations.

    Args:
        class_names: names of the columns, noise first.
        class_types: ``event`` or ``segment`` of the columns.
        samplerate_hz: rows a second.
        rules: thresholds and durations.

    Example:
        >>> labeller = Labeller(["noise", "sine"], ["segment", "segment"], 10_000)
        >>> for block in blocks:
        ...     labeller.add(block)
        >>> annotations = labeller.finish()
    """

    def __init__(
        self,
        class_names: Sequence[str],
        class_types: Sequence[str],
        samplerate_hz: float,
        rules: LabellingRules | None = None,
    ) -> None:
        self.class_names = list(class_names)
        self.samplerate_hz = samplerate_hz
        self.rules = rules or LabellingRules()
        self.segment_columns = [i for i, kind in enumerate(class_types) if i > 0 and kind != "event"]
        self._peaks = {i: PeakFinder(self.rules.event_threshold) for i, kind in enumerate(class_types) if kind == "event"}
        self._stretches = StretchFinder(len(self.segment_columns))

    def add(self, probabilities: np.ndarray) -> None:
        """Take the next block, ``[samples, classes]``."""
        for column, finder in self._peaks.items():
            finder.add(probabilities[:, column])
        if self.segment_columns:
            segments = probabilities[:, self.segment_columns]
            is_song = segments.sum(axis=1, dtype=np.float64) >= self.rules.segment_threshold - 1e-9
            types = np.zeros(len(segments), dtype=np.intp)
            types[is_song] = np.argmax(segments[is_song], axis=1)  # slow, and asked for nowhere else
            self._stretches.add(is_song, types)

    @property
    def event_names(self) -> list[str]:
        """Names of the event types."""
        return [self.class_names[column] for column in self._peaks]

    def finish(self, rules: LabellingRules | None = None) -> Annotations:
        """Return the annotations, in the order of time.

        Args:
            rules: other durations than those of the constructor; its thresholds stay. So one stream can be labelled in
                several ways.
        """
        rules = rules or self.rules
        entries = [*self._events(rules), *self._segments(rules)]
        return Annotations.of(sorted(entries, key=lambda entry: (entry[1], entry[2])))

    def _events(self, rules: LabellingRules) -> list[tuple[str, float, float]]:
        entries = []
        for column, finder in self._peaks.items():
            positions, heights = finder.finish()
            times = positions / self.samplerate_hz
            times = times[keep_highest(times, heights, rules.event_interval_seconds)]
            times = times[neighbours_within(times, rules.nearest_seconds, rules.farthest_seconds)]
            entries += [(self.class_names[column], float(time), float(time)) for time in times]
        return entries

    def _segments(self, rules: LabellingRules) -> list[tuple[str, float, float]]:
        if not self.segment_columns:
            return []
        starts, stops, winners = treated(*self._stretches.finish(), rules, self.samplerate_hz)
        return [
            (self.class_names[self.segment_columns[winner]], float(start), float(stop))
            for winner, start, stop in zip(winners, starts / self.samplerate_hz, stops / self.samplerate_hz, strict=True)
        ]


def treated(
    starts: np.ndarray, stops: np.ndarray, votes: np.ndarray, rules: LabellingRules, samplerate_hz: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the segments that stretches of song become: gaps filled, those that are too short removed, each of one type.

    Args:
        starts, stops, votes: from :meth:`~dss_widgets.results.stretches.StretchFinder.finish`.
        rules: of which the durations count.
        samplerate_hz: samples a second.

    Returns:
        Starts and stops in samples, and the types' numbers, ``[segments]`` each.
    """
    starts, stops, votes = fill_gaps(starts, stops, votes, rules.fill_gap_seconds * samplerate_hz)
    long = stops - starts >= rules.minimum_duration_seconds * samplerate_hz - 1e-6
    return starts[long], stops[long], np.argmax(votes, axis=1)[long]


class PeakFinder:
    """Finds local maxima of a stream of numbers; a plateau is one maximum, in its middle.

    Args:
        threshold: least height.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._n = 0
        self._positions: list[np.ndarray] = []
        self._heights: list[np.ndarray] = []
        # runs of equal values whose neighbours are not yet known: their starts and values
        self._starts = np.zeros(0, dtype=np.int64)
        self._values = np.zeros(0)
        self._before = -np.inf

    def add(self, heights: np.ndarray) -> None:
        """Take the next block ``[samples]``."""
        heights = np.asarray(heights, dtype=np.float64)
        if not len(heights):
            return
        changes = np.flatnonzero(np.diff(heights)) + 1
        starts = np.concatenate([[0], changes])
        values = heights[starts]
        starts = starts + self._n
        if len(self._values) and values[0] == self._values[-1]:
            starts, values = starts[1:], values[1:]
        self._n += len(heights)
        self._settle(np.concatenate([self._starts, starts]), np.concatenate([self._values, values]), last=False)

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Return positions in samples (halves for plateaus of even length) and heights of all maxima."""
        self._settle(self._starts, self._values, last=True)
        if not self._positions:
            return np.zeros(0), np.zeros(0)
        return np.concatenate(self._positions), np.concatenate(self._heights)

    def _settle(self, starts: np.ndarray, values: np.ndarray, *, last: bool) -> None:
        """Keep the maxima among the runs whose both neighbours are known; carry the last run on."""
        if not len(values):
            return
        before = np.concatenate([[self._before], values[:-1]])
        after = np.concatenate([values[1:], [-np.inf]])
        ends = np.concatenate([starts[1:], [self._n]])
        done = len(values) if last else max(0, len(values) - 1)
        is_peak = (values > before) & (values > after) & (values >= self.threshold)
        is_peak[done:] = False
        if is_peak.any():
            self._positions.append((starts[is_peak] + ends[is_peak] - 1) / 2)
            self._heights.append(values[is_peak])
        if done:
            self._before = values[done - 1]
        self._starts, self._values = starts[done:], values[done:]


def keep_highest(times: np.ndarray, heights: np.ndarray, interval: float) -> np.ndarray:
    """Return which events stay if of any two closer than ``interval`` the higher one stays, ``[events]`` of bool."""
    keep = np.ones(len(times), dtype=bool)
    for i in np.lexsort((times, -heights)):
        if keep[i]:
            close = slice(
                np.searchsorted(times, times[i] - interval + 1e-9, side="left"),
                np.searchsorted(times, times[i] + interval - 1e-9, side="right"),
            )
            others = keep[close]
            others[:] = False
            keep[i] = True
    return keep


def neighbours_within(times: np.ndarray, nearest: float, farthest: float) -> np.ndarray:
    """Return which events have their nearest neighbour at least ``nearest`` and at most ``farthest`` away."""
    gaps = np.diff(times)
    distance = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf)) if len(times) else np.zeros(0)
    too_far = (distance > farthest) & np.isfinite(farthest)
    kept: np.ndarray = (distance >= nearest) & ~too_far
    return kept
