"""What is in a data folder, and what is wrong with it: reads headers and annotations, writes nothing."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotation_file import Choices
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.definitions import read_all_definitions
from dss_widgets.dataset.annotations.named_recordings import one_form
from dss_widgets.dataset.annotations.settled_names import in_one_form, without_stray_words
from dss_widgets.dataset.annotations.song_types import Definitions, SongType, decide_song_types
from dss_widgets.dataset.annotations.source_problems import problem_of, told_once
from dss_widgets.dataset.annotations.sources import Part, Sources, find_sources
from dss_widgets.dataset.annotations.sources_below import named_below, sources_below, with_folder
from dss_widgets.dataset.checks.folder import folder_problems
from dss_widgets.dataset.checks.inner_folders import inner_folder_problems
from dss_widgets.dataset.checks.praat_mp3 import praat_mp3_problems
from dss_widgets.dataset.checks.rows import check_annotations
from dss_widgets.dataset.recordings.array_files import recording_of
from dss_widgets.dataset.recordings.opening import Recording, is_recording, open_recording
from dss_widgets.dataset.splits.amounts import SongAmounts
from dss_widgets.errors import DataError, Problem, WithProblems
from dss_widgets.notebook_tables import counted, seconds_words, table_html
from dss_widgets.options.paths import typed_path

_LOT = 16
"""Recordings that one thread opens at most before it is given others: handing out single ones costs as much as opening them."""


@dataclass(frozen=True)
class SurveyedRecording:
    """A recording with its annotations, those that can be used.

    Attributes:
        recording: the recording.
        annotations: its annotations.
        below: the folders in which it lies below the one that is surveyed, such as ``bird1/day2``; '' for none.
    """

    recording: Recording
    annotations: Annotations
    below: str = ""

    @property
    def name(self) -> str:
        """The recording's file name, with its extension, and the folders in which it lies below the one that is surveyed."""
        return named_below(self.below, self.recording.path.name)


@dataclass(frozen=True, repr=False)
class Survey(WithProblems):
    """What a data folder holds.

    Attributes:
        folder: the folder.
        recordings: the annotated recordings, sorted by name.
        song_types: all song types, sorted by name.
        problems: everything that is wrong; errors stop assembling, warnings do not.
        bad_rows: those errors that are about single rows, which the user may choose to leave out.
    """

    folder: Path
    recordings: tuple[SurveyedRecording, ...]
    song_types: tuple[SongType, ...]
    problems: tuple[Problem, ...]
    bad_rows: tuple[Problem, ...] = ()

    @cached_property
    def samplerate_hz(self) -> float:
        """The rate that most of the data has (of equals, the highest), in Hz."""
        seconds: dict[float, float] = defaultdict(float)
        for entry in self.recordings:
            seconds[entry.recording.samplerate_hz] += entry.recording.duration_seconds
        return max(seconds, key=lambda rate: (seconds[rate], rate)) if seconds else 0.0

    @cached_property
    def song_amounts(self) -> dict[str, SongAmounts]:
        """How much of every song type is where, by the recording's file name."""
        return {entry.name: SongAmounts(entry.annotations, self.song_types) for entry in self.recordings}

    @property
    def duration_seconds(self) -> float:
        """Duration of all recordings together."""
        return sum(entry.recording.duration_seconds for entry in self.recordings)

    def __repr__(self) -> str:
        n_annotations = sum(len(entry.annotations) for entry in self.recordings)
        told = [
            counted(len(self.recordings), "recording"), seconds_words(self.duration_seconds),
            f"{counted(n_annotations, 'annotation')} of {counted(len(self.song_types), 'song type')}",
            *([counted(len(self.problems), "problem")] if self.problems else []),
        ]  # fmt: skip
        return f"<Survey of {self.folder}: {', '.join(told)}>"

    def _repr_html_(self) -> str:
        rows = [[s.name, s.category, s.count, seconds_words(s.seconds), f"{s.n_files} of {len(self.recordings)}"]
                for s in self.song_types]  # fmt: skip
        header = ["Song type", "Category", "Annotations", "Total duration", "Recordings"]
        return table_html(repr(self)[1:-1], header, rows, self.problems)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        return {
            "folder": str(self.folder),
            "samplerate_hz": self.samplerate_hz,
            "duration_seconds": self.duration_seconds,
            "recordings": [
                {
                    "file": entry.name,
                    "duration_seconds": entry.recording.duration_seconds,
                    "samplerate_hz": entry.recording.samplerate_hz,
                    "n_samples": entry.recording.n_samples,
                    "n_channels": entry.recording.n_channels,
                    "n_annotations": len(entry.annotations),
                }
                for entry in self.recordings
            ],
            "song_types": [vars(song_type) for song_type in self.song_types],
            "problems": [problem.as_dict() for problem in self.problems],
            "ok": not self.errors,
        }


def survey(
    folder: str | os.PathLike[str],
    *,
    names_from: Sequence[str] = (),
    recordings: str | os.PathLike[str] | None = None,
    below: bool = False,
) -> Survey:
    """Look through a data folder: its recordings, annotations and song types, with every problem as data.

    Reads headers and annotation files, not the audio (see :func:`~dss_widgets.dataset.checks.audio.check_audio`). The order
    in which the file system lists files does not matter.

    Args:
        folder: the folder.
        names_from: headings of the columns that hold the song types' names, the first that a table has counts (see
            :attr:`~dss_widgets.options.AssemblyOptions.names_from`); none: found by itself.
        recordings: the folder of the recordings, where ``folder`` holds their annotations alone; annotations that lie beside
            the recordings are then not read.
        below: whether folders below are looked through, too, each by itself; their recordings are named with their folders.
            Hidden ones are left out, links to folders are not followed.

    Raises:
        DataError: there is no such folder, or it cannot be listed.
    """
    folder = typed_path(folder)
    apart = None if recordings is None else typed_path(recordings)
    choices = Choices(tuple(names_from))
    sources, inner = _sources(folder, apart, choices)
    used = {source.audio for source in sources.found}
    if below:
        sources_below(folder, apart, lambda place, beside: _sources(place, beside, choices)[0], sources)
    problems = [*sources.problems, *(inner_folder_problems(inner, used) if apart is None and not below else ())]
    opened = _open_all([source.audio for source in sources.found])
    entries, heard = [], list[Problem]()
    for source, found in zip(sources.found, opened, strict=True):
        if isinstance(found, Problem):
            problems.append(replace(found, file=named_below(source.below, found.file or source.audio.name)))
        else:
            entries.append((found, Annotations.joined([in_seconds(part, found) for part in source.parts]), source.below))
            heard += with_folder([p for part in source.parts for p in praat_mp3_problems(part, found)], source.below)
    problems += told_once(heard)
    read = {entry[0].path for entry in entries}
    defining = [(s.definitions, s.below) for s in sources.found if s.definitions and s.audio in read]
    return _surveyed(folder, entries, read_all_definitions(defining, problems), sources.bad_rows, problems)


def _sources(folder: Path, recordings: Path | None, choices: Choices) -> tuple[Sources, list[Path]]:
    """Return what is found in a folder, with its recordings or with those of another one, and the folders in it."""
    files, inner = _listed(folder)
    if recordings is not None:
        apart = [path for path in _listed(recordings)[0] if is_recording(path)]
        files = [*apart, *(path for path in files if not is_recording(path))]
    return find_sources(folder, files, choices), inner


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return all that lies in a folder and is not hidden, by name; and those of it that are folders, links left out."""
    if not folder.is_dir():
        raise DataError(f"{folder}: is not a folder. Choose the folder that holds the recordings.")
    try:
        with os.scandir(folder) as found:
            entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed ({error.strerror}).") from error
    inner = [folder / entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [folder / entry.name for entry in entries], inner


def in_seconds(part: Part, recording: Recording) -> Annotations:
    """Return what a file says about a recording, with times in seconds."""
    if not part.in_samples:
        return part.annotations
    start, stop = part.annotations.start_seconds, part.annotations.stop_seconds
    rate = recording.samplerate_hz
    return replace(part.annotations, start_seconds=start / rate, stop_seconds=stop / rate)


def survey_recordings(
    entries: Iterable[tuple[Recording, Annotations]], folder: Path = Path(), below: Mapping[Path, str] | None = None
) -> Survey:
    """Survey recordings whose annotations are at hand already, for example made by a script.

    Args:
        entries: recordings, each of another name, and their annotations.
        folder: the folder that stands in messages.
        below: of recordings that are named with the folders in which they lie below another: these folders, by their paths.
    """
    found = [(*entry, (below or {}).get(entry[0].path, "")) for entry in entries]
    named = sorted(((named_below(inner, one.path.name), one, rows, inner) for one, rows, inner in found), key=_by_name)
    problems = [
        Problem("is the name of two recordings.", "Give every recording a name of its own.", file=name)
        for (name, *_), (other, *_) in pairwise(named)
        if one_form(name) == one_form(other)
    ]
    return _surveyed(folder, [(one, rows, inner) for _, one, rows, inner in named], {}, [], problems)


def _by_name(entry: tuple[str, Recording, Annotations, str]) -> tuple[str, str]:
    return one_form(entry[0]), entry[0]


def from_arrays(recordings: Mapping[str, tuple[np.ndarray, float, Iterable[tuple[str, float, float]]]]) -> Survey:
    """Survey audio and annotations that are in memory.

    Args:
        recordings: by name: audio ``[samples, channels]`` or ``[samples]``, its sample rate in Hz, and its annotations as
            (name, start_seconds, stop_seconds); an event stops where it starts.

    Returns:
        What :func:`survey` returns, to be planned and assembled alike.

    Raises:
        DataError: an array or a rate cannot be audio, or an annotation is none (names may be numbers: they become text).

    Example:
        >>> found = from_arrays({"bird1": (audio, 32000, [("motif", 0.5, 1.1)])})
        >>> assemble(plan_splits(found, AssemblyOptions(store_folder="bird.npy", seed=1)))
    """
    entries = []
    for key, given in recordings.items():
        name = str(key)
        try:
            audio, samplerate_hz, rows = given
        except (TypeError, ValueError):
            raise DataError(f"{name}: give audio, its sample rate in Hz, and a list of annotations.") from None
        marked = list(rows)
        entries.append((recording_of(audio, samplerate_hz, name), Annotations.of(marked, file=name, rows=[0] * len(marked))))
    return survey_recordings(entries)


def _surveyed(
    folder: Path,
    found: Iterable[tuple[Recording, Annotations, str]],
    definitions: Definitions,
    bad_rows: list[Problem],
    problems: list[Problem],
) -> Survey:
    entries = []
    problems += bad_rows
    for recording, rows, below in found:
        name = named_below(below, recording.path.name)
        if recording.n_samples == 0 or recording.n_channels == 0:
            problems.append(Problem("is empty: it has no samples.", "Remove it.", file=name))
            continue
        if recording.remark:
            mend = "Copy or convert it again, or ignore this if nothing is missing."
            problems.append(Problem(recording.remark, mend, severity="warning", file=name))
        checked = check_annotations(recording, rows)
        usable = replace(checked.usable, file=named_below(below, checked.usable.file)) if below else checked.usable
        entries.append(SurveyedRecording(recording, usable, below))
        wrong = with_folder(checked.bad_rows, below)
        bad_rows += wrong
        problems += [*wrong, *with_folder(checked.problems, below)]
    annotations, definitions, two_forms = in_one_form([entry.annotations for entry in entries], definitions)
    annotations, stray = without_stray_words(annotations, definitions)
    entries = [replace(entry, annotations=settled) for entry, settled in zip(entries, annotations, strict=True)]
    song_types, disagreements = decide_song_types(annotations, definitions)
    problems += [*two_forms, *stray, *disagreements]
    if entries:
        problems += folder_problems(
            [entry.recording for entry in entries], song_types, {e.recording.path: e.name for e in entries}
        )
    if not any(problem.is_error for problem in problems):
        problems += _nothing_there(folder, entries, song_types)
    problems.sort(key=lambda problem: (not problem.is_error, problem.file or "", problem.row or 0))
    return Survey(folder, tuple(entries), song_types, tuple(problems), tuple(bad_rows))


def _nothing_there(folder: Path, entries: Iterable[SurveyedRecording], song_types: Iterable[SongType]) -> Iterable[Problem]:
    if not entries:
        yield Problem(
            f"{folder} holds no annotated recordings.",
            "Each recording (name.wav) needs its annotations (name_annotations.csv) beside it.",
        )
    elif not any(song_type.count for song_type in song_types):
        yield Problem("No song is annotated in any recording.", "Annotate some first.")


def _open_all(paths: Sequence[Path]) -> list[Recording | Problem]:
    """Open recordings, several at a time: on a network drive each takes a while."""
    lot = max(1, min(_LOT, len(paths) // 8))
    lots = [paths[i : i + lot] for i in range(0, len(paths), lot)]
    with ThreadPoolExecutor(4) as pool:
        return list(chain.from_iterable(pool.map(lambda lot: [_open_or_problem(path) for path in lot], lots)))


def _open_or_problem(path: Path) -> Recording | Problem:
    try:
        return open_recording(path)
    except DataError as error:
        return problem_of(error, path)
