"""Every label on which two sets of annotations differ: what each calls it, and when it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.results.matching import ROUNDING_SECONDS
from dss_widgets.results.taken_for import NOTHING, Counterparts

COLUMNS = (
    "recording", "start_seconds", "stop_seconds", "annotated", "other", "onset_difference_ms", "offset_difference_ms",
)  # fmt: skip


@dataclass(frozen=True)
class DifferingLabel:
    """A label that one set lacks or calls otherwise, or with an end that is off by more than the tolerance.

    Attributes:
        recording: the recording's name.
        start_seconds, stop_seconds: from the earlier onset until the later offset.
        annotated, other: what the first and the second set call it; '' where it has none.
        onset_seconds, offset_seconds: how much later the second set's are; None where one set has none.
    """

    recording: str
    start_seconds: float
    stop_seconds: float
    annotated: str
    other: str
    onset_seconds: float | None = None
    offset_seconds: float | None = None

    def words(self, first: str, second: str) -> str:
        """Return how they differ, as a sentence without its full stop.

        Args:
            first, second: what the two sets are called.
        """
        if NOTHING in (self.annotated, self.other):
            has, lacks = (first, second) if self.annotated else (second, first)
            return f"{self.annotated or self.other!r} in the {has}, nothing in the {lacks}"
        if self.annotated != self.other:
            return f"{self.annotated!r} in the {first}, {self.other!r} in the {second}"
        onset, offset = (1000 * (seconds or 0.0) for seconds in (self.onset_seconds, self.offset_seconds))
        told = (
            f"onset {onset:+.1f} ms, offset {offset:+.1f} ms" if self.start_seconds < self.stop_seconds else f"{onset:+.1f} ms"
        )
        return f"{self.annotated!r}: {told} in the {second}"


def differing_labels(
    recording: str, labels: tuple[Annotations, Annotations], counterparts: Counterparts, tolerance_seconds: float
) -> list[DifferingLabel]:
    """Return the labels of a recording on which two sets differ, in the order of time.

    Args:
        recording: its name.
        labels: of the first and the second set.
        counterparts: which label of the one is which of the other.
        tolerance_seconds: by how much an end may be off.
    """
    found = [*_otherwise(recording, labels, counterparts), *_off(recording, labels, counterparts, tolerance_seconds)]
    for which, marked in enumerate(labels):
        for i in counterparts.alone(which, len(marked)).tolist():
            start, stop, name = marked.start_seconds[i], marked.stop_seconds[i], str(marked.names[i])
            names = (name, NOTHING) if which == 0 else (NOTHING, name)
            found.append(DifferingLabel(recording, float(start), float(stop), *names))
    return sorted(found, key=lambda each: (each.start_seconds, each.stop_seconds, each.annotated, each.other))


def _otherwise(recording: str, labels: tuple[Annotations, Annotations], counterparts: Counterparts) -> Iterator[DifferingLabel]:
    for i, j in zip(*(places.tolist() for places in counterparts.confused), strict=True):
        yield _differing(recording, labels, i, j)


def _off(
    recording: str, labels: tuple[Annotations, Annotations], counterparts: Counterparts, tolerance_seconds: float
) -> Iterator[DifferingLabel]:
    for left, right in counterparts.alike.values():
        onset = np.abs(labels[0].start_seconds[left] - labels[1].start_seconds[right])
        offset = np.abs(labels[0].stop_seconds[left] - labels[1].stop_seconds[right])
        for at in np.flatnonzero(np.maximum(onset, offset) > tolerance_seconds + ROUNDING_SECONDS).tolist():
            yield _differing(recording, labels, int(left[at]), int(right[at]))


def _differing(recording: str, labels: tuple[Annotations, Annotations], i: int, j: int) -> DifferingLabel:
    starts, stops = (
        [float(times[at]) for times, at in zip(both, (i, j), strict=True)]
        for both in ([found.start_seconds for found in labels], [found.stop_seconds for found in labels])
    )
    names = [str(found.names[at]) for found, at in zip(labels, (i, j), strict=True)]
    return DifferingLabel(
        recording, min(starts), max(stops), names[0], names[1], starts[1] - starts[0], stops[1] - stops[0]
    )  # fmt: skip


def differences_csv(found: list[DifferingLabel]) -> str:
    """Return labels that differ as the text of a table for a spreadsheet; cells that nothing can be told in are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in found:
        later = [None if s is None else round(1000 * s, 4) + 0.0 for s in (each.onset_seconds, each.offset_seconds)]
        times = (round(each.start_seconds, 6), round(each.stop_seconds, 6))
        writer.writerow([each.recording, *times, each.annotated, each.other, *later])
    return text.getvalue()
