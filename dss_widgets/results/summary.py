"""What annotating many recordings came to: a table for every recording and song type, and the sums."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.events import RecordingDone
from dss_widgets.roots import confined
from dss_widgets.whole_files import appearing_whole

SUMMARY = "summary.csv"
"""Name of the file in the job's folder."""

COLUMNS = ("recording", "outcome", "recording_seconds", "song_type", "count", "total_seconds", "problem", "annotations")


@dataclass(frozen=True)
class Summary:
    """The sums over recordings.

    Attributes:
        outcomes: how many were ``done``, ``failed`` and ``skipped``, those that occur.
        recordings: in how many each song type stands, by name.
        counts: how often, by name.
        seconds: how long in all, by name; 0 for events.
        problems: recording and problem of those that failed.
    """

    outcomes: Mapping[str, int]
    recordings: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    problems: Sequence[tuple[str, str]] = ()

    @property
    def song_types(self) -> list[str]:
        """The names that stand anywhere, sorted."""
        return sorted(self.counts)


def summed(told: Collection[RecordingDone]) -> Summary:
    """Return the sums over what was told of recordings."""
    counts: Counter[str] = Counter()
    recordings: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for each in told:
        counts.update(each.counts)
        recordings.update(each.counts.keys())
        for name, lasting in each.song_seconds.items():
            seconds[name] = seconds.get(name, 0.0) + lasting
    outcomes = Counter(each.outcome for each in told)
    problems = [(each.recording, each.message) for each in told if each.outcome == "failed"]
    order = [outcome for outcome in ("done", "skipped", "failed") if outcomes[outcome]]
    return Summary({outcome: outcomes[outcome] for outcome in order}, recordings, counts, seconds, problems)


def write_summary(path: Path, told: Collection[RecordingDone]) -> Path:
    """Write a row for every recording and song type, as CSV; one that has no annotations has one row without a song type.

    Raises:
        DataError: the file cannot be written.
    """
    names = summed(told).song_types
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row for each in told for row in _rows(each, names))
    try:
        with appearing_whole(confined(path)) as partial:
            partial.write_text(text.getvalue(), encoding="utf-8", newline="")
    except OSError as error:
        raise DataError(f"{path}: the summary cannot be written ({error.strerror or error}). Make room.") from error
    return path


def _rows(told: RecordingDone, names: Iterable[str]) -> Iterator[list[Any]]:
    first = [told.recording, told.outcome, "" if told.seconds is None else round(told.seconds, 6)]
    last = [told.message, told.file]
    names = list(names) if told.file else []
    for name in names:
        yield [*first, name, told.counts.get(name, 0), round(told.song_seconds.get(name, 0.0), 6), *last]
    if not names:
        yield [*first, "", "", "", *last]
