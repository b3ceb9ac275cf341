"""Checking one recording's annotations against the recording: which rows can be used, which cannot, which are odd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, set_aside_unusable
from dss_widgets.dataset.annotations.sources import OVERHANG_SECONDS
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.errors import Problem, Severity

_SHORTEST_MILLISECONDS, _LEAST_SPREAD = 2.0, 0.05
"""Segments are mostly longer than that, and song is spread over that much of a recording at least."""

_MOST_TOLD = 3
"""Warnings of one kind and file told row by row; the others are summed up."""


@dataclass(frozen=True)
class CheckedAnnotations:
    """What checking finds.

    Attributes:
        usable: the annotations that can be used, clipped to the recording.
        bad_rows: a problem for every row that cannot be used; such rows may be left out on purpose.
        problems: everything else; errors among them cannot be left out.
    """

    usable: Annotations
    bad_rows: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def check_annotations(recording: Recording, annotations: Annotations) -> CheckedAnnotations:
    """Set aside rows that cannot be, whatever read them, and clip those that end a little late."""
    annotations, unusable = set_aside_unusable(annotations)
    annotations = _from_zero(annotations, 0.5 / recording.samplerate_hz)
    start, stop, duration = annotations.start_seconds, annotations.stop_seconds, recording.duration_seconds
    if not unusable and _are_one_after_another(start, stop, duration):
        return CheckedAnnotations(annotations, (), ())
    backwards = stop < start
    before = (start < 0) & ~backwards
    late = (stop > duration) & ~backwards & ~before
    beyond = late & (stop > duration + OVERHANG_SECONDS)
    clipped = late & ~beyond
    bad = [
        *unusable,
        *_told(annotations, backwards, lambda i: f"ends ({_time(stop[i])}) before it starts ({_time(start[i])}).",
               "Swap the times or delete the row."),
        *_told(annotations, before, lambda i: f"starts before the recording ({_time(start[i])}).",
               "Correct the time or delete the row."),
    ]  # fmt: skip
    problems: list[Problem] = []
    if beyond.sum() > 3 and beyond.mean() > 0.5:
        problems.append(_wrong_unit(annotations, recording, beyond))
    else:
        bad += _told(
            annotations, beyond,
            lambda i: f"({_time(start[i])} to {_time(stop[i])}) lies beyond the end of the recording ({_time(duration)}).",
            "Correct the times, or see whether the row is about another recording.",
        )  # fmt: skip
    problems += _told(
        annotations, clipped,
        lambda i: f"ends at {_time(stop[i])}, just after the recording ({_time(duration)}), and is clipped.",
        "Nothing needs to be done.", "warning",
    )  # fmt: skip
    usable = _clip(annotations.select(~(backwards | before | beyond)), recording)
    problems += _summed_up(list(_doubles(usable)), "more rows are there twice.")
    problems += _summed_up(list(_overlaps(usable)), "more rows overlap others of the same type.")
    return CheckedAnnotations(usable, tuple(bad), tuple(problems))


def _are_one_after_another(start: np.ndarray, stop: np.ndarray, duration: float) -> bool:
    """Return whether annotations lie within the recording, one after another: then there is nothing more to look for."""
    if not len(start):
        return True
    order = np.argsort(start, kind="stable")
    start, stop = start[order], stop[order]
    within = start[0] >= 0 and stop[-1] <= duration and bool((start <= stop).all())
    return bool(within and (start[1:] > start[:-1]).all() and (start[1:] >= stop[:-1]).all())


def _from_zero(annotations: Annotations, tolerance_seconds: float) -> Annotations:
    """Let what starts before the recording by less than half a sample, by rounding, start at 0."""
    if not len(annotations) or annotations.start_seconds.min() >= 0:
        return annotations
    early = (annotations.start_seconds < 0) & (annotations.start_seconds > -tolerance_seconds)
    if not early.any():
        return annotations
    start = np.where(early, 0.0, annotations.start_seconds)
    return replace(annotations, start_seconds=start, stop_seconds=np.where(early, np.maximum(annotations.stop_seconds, 0.0),
                                                                           annotations.stop_seconds))  # fmt: skip


def _row(annotations: Annotations, i: int) -> int | None:
    return int(annotations.rows[i]) or None


def _place(annotations: Annotations, i: int, beside: int) -> str:
    """Return where an annotation stands, as told of another one."""
    row = _row(annotations, i)
    file = annotations.file_of(i)
    told = "" if file == annotations.file_of(beside) else f" of {file}"
    return f"row {row}{told}" if row else f"another place{told}"


def _time(seconds: Any) -> str:
    return f"{seconds:.4g} s" if abs(seconds) >= 1e7 else f"{seconds:.3f} s"


def _told(
    annotations: Annotations, rows: np.ndarray, what: Callable[[int], str], mend: str, severity: Severity = "error"
) -> Iterator[Problem]:
    for i in np.flatnonzero(rows).tolist():
        message = f"{annotations.names[i]!r} {what(i)}"
        yield Problem(message, mend, severity=severity, file=annotations.file_of(i), row=_row(annotations, i))


def _summed_up(problems: list[Problem], words: str) -> list[Problem]:
    if len(problems) <= _MOST_TOLD + 1:
        return problems
    first = problems[0]
    more = Problem(f"{len(problems) - _MOST_TOLD} {words}", first.mend, severity=first.severity, file=first.file)
    return [*problems[:_MOST_TOLD], more]


def _clip(annotations: Annotations, recording: Recording) -> Annotations:
    """Clip to the recording; what lasts keeps at least one sample, so that it does not turn into an event."""
    start, stop, duration = annotations.start_seconds, annotations.stop_seconds, recording.duration_seconds
    lasts = stop > start
    np.minimum(stop, duration, out=stop)
    np.minimum(start, np.where(lasts, max(0.0, duration - 1 / recording.samplerate_hz), duration), out=start)
    return annotations


def _wrong_unit(annotations: Annotations, recording: Recording, beyond: np.ndarray) -> Problem:
    """Say what is known of times that mostly lie beyond the recording, and name the unit or origin with which they fit."""
    earliest, latest = float(annotations.start_seconds.min()), float(annotations.stop_seconds.max())
    seconds = recording.duration_seconds
    mend = "Convert them to seconds."
    if _look_like_milliseconds(annotations, seconds):
        told = "the times look like milliseconds"
    elif latest <= recording.n_samples * 1.01 and not np.any(annotations.start_seconds % 1 + annotations.stop_seconds % 1):
        told = "the times look like samples"
    elif latest - earliest <= seconds:
        told = f"they span {_time(latest - earliest)}, and may be a clock's, or count from another moment than its beginning"
        mend = "Let them count from the beginning of this recording, or see which recording they belong to."
    else:
        told = f"they span {_time(latest - earliest)}, and may be another recording's, or in another unit than seconds"
        mend = "See which recording the file belongs to, and in which unit its times are."
    first = int(np.argmax(beyond))
    return Problem(
        f"{int(beyond.sum())} of {len(annotations)} rows lie beyond the end of the recording ({_time(seconds)}), up to "
        f"{_time(latest)}: {told}.",
        mend, file=annotations.file_of(first),
    )  # fmt: skip


def _look_like_milliseconds(annotations: Annotations, seconds: float) -> bool:
    """Return whether times fit in milliseconds, last as song can, and are spread over the recording as song is."""
    start, stop = annotations.start_seconds, annotations.stop_seconds
    lasting = (stop - start)[stop > start]
    lasts_long_enough = not len(lasting) or float(np.median(lasting)) >= _SHORTEST_MILLISECONDS
    span = float(stop.max() - start.min())
    return lasts_long_enough and stop.max() <= 1000 * (seconds + OVERHANG_SECONDS) and span >= 1000 * seconds * _LEAST_SPREAD


def _doubles(annotations: Annotations) -> Iterator[Problem]:
    seen: dict[tuple[str, float, float], int] = {}
    columns = (annotations.names, annotations.start_seconds, annotations.stop_seconds)
    for i, (name, start, stop) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        first = seen.setdefault((name, start, stop), i)
        if first != i:
            yield Problem(
                f"{name!r} at {_time(start)} stands in {_place(annotations, first, i)} already.",
                "Delete one of the two rows; for the targets it makes no difference.",
                severity="warning", file=annotations.file_of(i), row=_row(annotations, i),
            )  # fmt: skip


def _overlaps(annotations: Annotations) -> Iterator[Problem]:
    """Yield segments that begin before an earlier one of the same type has ended."""
    until: dict[str, tuple[float, float, int]] = {}
    order = np.lexsort((annotations.stop_seconds, annotations.start_seconds))
    columns = (annotations.names, annotations.start_seconds, annotations.stop_seconds)
    for i, name, start, stop in zip(order.tolist(), *(column[order].tolist() for column in columns), strict=True):
        if stop <= start:
            continue
        began, ended, other = until.get(name, (0.0, 0.0, 0))
        if start < ended and (start, stop) != (began, ended):
            yield Problem(
                f"{name!r} begins at {_time(start)}, before that of {_place(annotations, other, i)} has ended "
                f"({_time(ended)}): they become one.",
                "Correct the times if that is not meant.",
                severity="warning", file=annotations.file_of(i), row=_row(annotations, i),
            )  # fmt: skip
        if stop > ended:
            until[name] = (start, stop, i)
