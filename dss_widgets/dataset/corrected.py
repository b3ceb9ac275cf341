"""What humans corrected: recordings, their labels, and the spans of them that were looked through."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations
from dss_widgets.dataset.annotations.sources_below import named_below
from dss_widgets.dataset.recordings.gathering import folders_below
from dss_widgets.dataset.recordings.opening import Recording, is_recording, open_recording
from dss_widgets.dataset.reviewed import Span, joined, read_reviewed, reviewed_path
from dss_widgets.dataset.survey import Survey, SurveyedRecording, survey, survey_recordings
from dss_widgets.dataset.targets import OFFSET, ONSET
from dss_widgets.errors import DataError, DataProblemsError, Problem
from dss_widgets.options.paths import typed_path


@dataclass(frozen=True)
class Corrected:
    """Recordings of which spans were looked through.

    Attributes:
        survey: the recordings and their labels.
        spans: the spans of each, in seconds, by its name in the survey; what is not annotated within them is noise.
        without_song: names of the recordings that are said to hold no song.
    """

    survey: Survey
    spans: Mapping[str, tuple[Span, ...]]
    without_song: frozenset[str]

    @property
    def seconds(self) -> float:
        """Duration of all spans together."""
        return sum(stop - start for spans in self.spans.values() for start, stop in spans)


def find_corrected(
    folder: str | os.PathLike[str] | None,
    *,
    recordings: str | os.PathLike[str] | None = None,
    no_song: str | os.PathLike[str] | None = None,
    below: bool = False,
) -> Corrected:
    """Look through what was corrected.

    Args:
        folder: annotations in any format that can be read, and their recordings. Of a recording that has a
            ``<base>_reviewed.csv``, only the spans named there count; else it counts as a whole.
        recordings: where the recordings lie, if not beside their annotations.
        no_song: a folder of recordings in which nothing sings.
        below: whether the folders below count, too; recordings are named with them.

    Raises:
        DataError: labels have errors, or are proposals that nobody approved; or there is nothing at all.
    """
    entries: list[SurveyedRecording] = []
    spans: dict[str, tuple[Span, ...]] = {}
    if folder is not None:
        place, sound = typed_path(folder), typed_path(folder if recordings is None else recordings)
        entries += _labelled(survey(place, recordings=recordings, below=below))
        entries += looked_through_only(place, sound, {entry.name for entry in entries}, below=below)
        spans = {entry.name: spans_looked_through(entry.recording, place / entry.below) for entry in entries}
    quiet = [] if no_song is None else _without_labels(_recordings_in(typed_path(no_song), below=below))
    spans |= {entry.name: ((0.0, entry.recording.duration_seconds),) for entry in quiet}
    if not any(spans.values()):
        where = " and ".join(str(place) for place in (folder, no_song) if place is not None)
        raise DataError(f"{where}: holds nothing that was looked through. Annotate some, or name recordings without song.")
    entries += quiet
    found = survey_recordings(
        ((entry.recording, entry.annotations) for entry in entries), typed_path(folder or no_song or ""),
        {entry.recording.path: entry.below for entry in entries},
    )  # fmt: skip
    _check(found)
    return Corrected(found, spans, frozenset(entry.name for entry in quiet))


def labels_within(annotations: Annotations, spans: tuple[Span, ...]) -> Annotations:
    """Return those that begin within spans; targets of on- and offsets are no labels of their own."""
    keep = np.zeros(len(annotations), dtype=bool)
    for start, stop in spans:
        keep |= (annotations.start_seconds >= start) & (annotations.start_seconds < stop)
    return annotations.select(keep & ~np.isin(annotations.names, (ONSET, OFFSET)))


def _labelled(found: Survey) -> Sequence[SurveyedRecording]:
    """Return recordings with their labels; that none sings is no error here."""
    _check(found)
    return found.recordings


def _check(found: Survey) -> None:
    silent = not any(len(entry.annotations) for entry in found.recordings)
    errors = [problem for problem in found.errors if not (silent and problem.file is None)]
    proposed = [song_type.name for song_type in found.song_types if song_type.name.endswith(PROPOSALS) and song_type.count]
    if proposed:
        told = ", ".join(map(repr, proposed))
        mend = f"Look them through, and take the ending {PROPOSALS} off those that are right."
        errors.append(Problem(f"{told}: a network proposed these labels, and nobody has approved them.", mend))
    if errors:
        raise DataProblemsError(errors)


def looked_through_only(place: Path, sound: Path, named: Collection[str], *, below: bool) -> Iterator[SurveyedRecording]:
    """Yield recordings without annotations that were looked through all the same.

    Args:
        place: the folder of the annotations.
        sound: the folder of the recordings.
        named: the names of the recordings that are annotated.
        below: whether the folders below count, too.
    """
    found = (
        (path, inner)
        for path, inner in _recordings_in(sound, below=below)
        if named_below(inner, path.name) not in named
        and (reviewed_path(path, place / inner).is_file() or reviewed_path(path).is_file())
    )
    yield from _without_labels(found)


def _without_labels(places: Iterable[tuple[Path, str]]) -> list[SurveyedRecording]:
    return [SurveyedRecording(open_recording(path), Annotations.of([]), inner) for path, inner in places]


def _recordings_in(folder: Path, *, below: bool) -> Iterator[tuple[Path, str]]:
    """Yield the recordings in a folder, and below it where that is asked for, with the folders in which they lie below it."""
    for place in (folder, *(folders_below(folder) if below else ())):
        try:
            names = sorted(os.listdir(place))
        except OSError as error:
            raise DataError(f"{place}: cannot be listed ({error.strerror}). Choose a folder of recordings.") from error
        inner = "" if place == folder else place.relative_to(folder).as_posix()
        yield from ((place / name, inner) for name in names if not name.startswith(".") and is_recording(place / name))


def spans_looked_through(recording: Recording, place: Path) -> tuple[Span, ...]:
    """Return the spans of a recording that were looked through, in seconds; without a table of them, the whole of it.

    Args:
        recording: the recording.
        place: the folder of its annotations; the table may also lie beside the recording.

    Raises:
        DataError: the table cannot be read; the message names the row.
    """
    told = read_reviewed(reviewed_path(recording.path, place))
    told = read_reviewed(reviewed_path(recording.path)) if told is None else told
    end = recording.duration_seconds
    if told is None:
        return ((0.0, end),)
    return tuple(joined((start, min(stop, end)) for start, stop in told if start < end))
