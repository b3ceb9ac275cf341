"""What was found in recordings, as tables for a spreadsheet: counts, durations, gaps, and which song type follows which."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.survey import Survey, SurveyedRecording
from dss_widgets.errors import DataError
from dss_widgets.options.paths import typed_path
from dss_widgets.roots import confined
from dss_widgets.whole_files import appearing_whole

_TIMES = ("mean", "sd", "min", "max")
COUNTS_COLUMNS = (
    "recording", "recording_seconds", "song_type", "category", "count", "rate_per_minute", "total_ms",
    *(f"{what}_{which}_ms" for what in ("duration", "gap", "interval") for which in _TIMES),
)  # fmt: skip
TRANSITIONS_COLUMNS = ("recording", "from", "to", "count", "share")

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Measured:
    """The labels of one or several recordings, in the order of time in each.

    Attributes:
        names: their song types.
        durations: from onset to offset, in seconds.
        gaps: silence until the next onset, in seconds; NaN where none follows, or what follows overlaps.
        seconds: duration of the recordings.
    """

    names: np.ndarray
    durations: np.ndarray
    gaps: np.ndarray
    seconds: float

    def of(self, song_type: str) -> Measured:
        """Return those of one song type."""
        own = self.names == song_type
        return Measured(self.names[own], self.durations[own], self.gaps[own], self.seconds)


def measure_song(found: Survey, recording: str = "") -> Measured:
    """Measure every label.

    Args:
        found: from :func:`~dss_widgets.dataset.survey.survey`.
        recording: the file name of the one that is measured; '': all.
    """
    entries = [entry for entry in found.recordings if recording in ("", entry.name)]
    parts = [_in_order(entry) for entry in entries]
    gaps = [_gaps(starts, stops) for _, starts, stops in parts]
    return Measured(
        np.concatenate([np.zeros(0, dtype=object), *(names for names, *_ in parts)]),
        np.concatenate([np.zeros(0), *(stops - starts for _, starts, stops in parts)]),
        np.concatenate([np.zeros(0), *(np.where(gap >= 0, gap, np.nan) for gap in gaps)]),
        sum(entry.recording.duration_seconds for entry in entries),
    )


def _gaps(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    return np.append(starts[1:] - stops[:-1], np.nan) if len(starts) else starts


def count_song(found: Survey) -> list[Row]:
    """Count the song types of every recording.

    Args:
        found: from :func:`~dss_widgets.dataset.survey.survey`.

    Returns:
        A row for every recording and song type, those that do not occur too, by column:

        - ``count``, ``rate_per_minute``, ``total_ms`` (all durations together);
        - ``duration_*_ms``: from onset to offset;
        - ``gap_*_ms``: the silence from an offset to the next onset, of whatever song type; none after what overlaps the next;
        - ``interval_*_ms``: from an onset to the next onset of the same song type.

        Each has ``mean``, ``sd`` (of the sample), ``min`` and ``max``; None where there is nothing to compute it from.
    """
    return [row for entry in found.recordings for row in _counted(entry, found)]


def _counted(entry: SurveyedRecording, found: Survey) -> Iterator[Row]:
    names, starts, stops = _in_order(entry)
    gaps = _gaps(starts, stops)
    seconds = entry.recording.duration_seconds
    for song_type in found.song_types:
        own = names == song_type.name
        gap, lasting = gaps[own], (stops - starts)[own]
        yield {
            "recording": entry.name,
            "recording_seconds": round(seconds, 6),
            "song_type": song_type.name,
            "category": song_type.category,
            "count": int(own.sum()),
            "rate_per_minute": _rounded(own.sum() * 60 / seconds),
            "total_ms": _rounded(1000 * lasting.sum()),
            **_spread("duration", lasting),
            **_spread("gap", gap[gap >= 0]),
            **_spread("interval", np.diff(starts[own])),
        }


def _in_order(entry: SurveyedRecording) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    marked = entry.annotations
    order = np.lexsort((marked.stop_seconds, marked.start_seconds))
    return marked.names[order], marked.start_seconds[order], marked.stop_seconds[order]


def _spread(what: str, seconds: np.ndarray) -> dict[str, float | None]:
    told: list[float | None] = [None] * len(_TIMES)
    if len(seconds):
        sd = np.std(seconds, ddof=1) if len(seconds) > 1 else None
        told = [
            None if value is None else _rounded(1000 * value) for value in (seconds.mean(), sd, seconds.min(), seconds.max())
        ]
    return {f"{what}_{which}_ms": value for which, value in zip(_TIMES, told, strict=True)}


def _rounded(value: float) -> float:
    return round(float(value), 4)


def count_transitions(found: Survey, *, longest_gap_seconds: float = np.inf) -> list[Row]:
    """Count which song type follows which, in the order of onsets.

    Args:
        found: from :func:`~dss_widgets.dataset.survey.survey`.
        longest_gap_seconds: what follows after a longer silence begins another bout, and follows nothing.

    Returns:
        A row for every recording and pair that occurs: ``recording``, ``from``, ``to``, ``count``, and ``share``, the share of
        what follows ``from``.
    """
    rows: list[Row] = []
    for entry in found.recordings:
        names, starts, stops = _in_order(entry)
        following = starts[1:] - np.maximum.accumulate(stops)[:-1] <= longest_gap_seconds
        pairs = Counter((a, b) for a, b, near in zip(names[:-1], names[1:], following, strict=True) if near)
        after = Counter(a for a, b in pairs.elements())
        for (a, b), count in sorted(pairs.items()):
            rows.append({"recording": entry.name, "from": a, "to": b, "count": count, "share": _rounded(count / after[a])})
    return rows


def counts_csv(found: Survey) -> str:
    """Return the counts (see :func:`count_song`) as the text of a table for a spreadsheet."""
    return _text(COUNTS_COLUMNS, count_song(found))


def transitions_csv(found: Survey, *, longest_gap_seconds: float = np.inf) -> str:
    """Return the transitions (see :func:`count_transitions`) as the text of a table for a spreadsheet."""
    return _text(TRANSITIONS_COLUMNS, count_transitions(found, longest_gap_seconds=longest_gap_seconds))


def write_counts(
    found: Survey, table: str | os.PathLike[str], *, longest_gap_seconds: float = np.inf, overwrite: bool = False
) -> tuple[Path, Path]:
    """Write counts (see :func:`count_song`) and, beside them, ``TABLE_transitions.csv`` (:func:`count_transitions`).

    Args:
        found: from :func:`~dss_widgets.dataset.survey.survey`.
        table: a CSV file.
        longest_gap_seconds: silence that ends a bout.
        overwrite: whether the two files may be replaced.

    Returns:
        The two files.

    Raises:
        DataError: one is there already, or cannot be written.

    Example:
        >>> write_counts(survey("song"), "counts.csv")
        (PosixPath('counts.csv'), PosixPath('counts_transitions.csv'))
    """
    path = confined(typed_path(table))
    if path.suffix.lower() != ".csv":
        raise DataError(f"{path}: is a table to be, so its name must end in .csv.")
    beside = path.with_name(f"{path.stem}_transitions{path.suffix}")
    there = [file for file in (path, beside) if file.exists()]
    if there and not overwrite:
        raise DataError(f"{there[0]}: is there already. Choose another name, or allow it to be replaced (--overwrite).")
    _write(path, counts_csv(found))
    _write(beside, transitions_csv(found, longest_gap_seconds=longest_gap_seconds))
    return path, beside


def _text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with appearing_whole(path) as partial:
            partial.write_text(text, encoding="utf-8-sig", newline="")  # a mark by which spreadsheets know UTF-8
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another place for it.") from error
