"""Which file of a folder annotates which recording: DAS's own tables first, then other tools' formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Choices, Reading
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.formats import format_of, format_within
from dss_widgets.dataset.annotations.named_recordings import NamedRecordings, folder_of, one_form
from dss_widgets.dataset.annotations.source_problems import (
    first_row,
    may_count_on,
    names_taken_twice,
    not_annotated,
    not_here,
    problem_of,
    read_together,
    second_choice,
    several_of_a_name,
    told_once,
    two_forms,
)
from dss_widgets.dataset.annotations.table import DEFINITIONS_SUFFIX, REVIEWED_SUFFIX, SUFFIX, read_annotations
from dss_widgets.dataset.annotations.unfit_files import why_unread, why_unread_collection
from dss_widgets.dataset.annotations.usable_files import usable
from dss_widgets.dataset.recordings.opening import is_recording, open_recording
from dss_widgets.errors import DataError, Problem

_DAS = "DAS"

_NO_ANNOTATIONS = (
    ".png",
    ".jpg",
    ".jpeg",
    ".svg",
    ".pdf",
    ".gif",
    ".mp4",
    ".avi",
    ".mov",
    ".log",
    ".yaml",
    ".yml",
    ".md",
    ".zip",
)
"""Endings of what lies beside recordings and annotates none."""

OVERHANG_SECONDS = 0.05
"""An annotation may end this much after its recording does."""


@dataclass(frozen=True)
class Part:
    """What one file says about one recording.

    Attributes:
        file: the file.
        format: the name of its format.
        annotations: what it marks.
        in_samples: the times are in samples of the recording, not in seconds.
        sound_seconds: how long the recording was where it was annotated; None where the file does not say.
    """

    file: Path
    format: str
    annotations: Annotations
    in_samples: bool = False
    sound_seconds: float | None = None


@dataclass(frozen=True)
class Source:
    """A recording's file and what annotates it.

    Attributes:
        audio: the recording's file.
        parts: what annotates it, a part a file, all of one format; none where the file cannot be read.
        definitions: the ``*_definitions.csv`` beside it, if there is one.
        below: the folders in which it lies below the one that is looked through; '' for none.
    """

    audio: Path
    parts: tuple[Part, ...]
    definitions: Path | None = None
    below: str = ""


@dataclass
class Sources:
    """What is found in a folder.

    Attributes:
        found: a source for every annotated recording, in the order of their names.
        bad_rows: errors about single rows, which people may choose to leave out.
        problems: everything else, among it every file that is not used.
    """

    found: list[Source] = field(default_factory=list)
    bad_rows: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def find_sources(folder: Path, files: Sequence[Path], choices: Choices = Choices()) -> Sources:  # noqa: B008 - it is frozen
    """Find which of a folder's files annotates which recording, and read those that do."""
    finder = _Finder(folder, files, choices)
    for path in finder.files:
        finder.take(path)
    return finder.sources()


class _Finder:
    """Reads a folder's annotations, file by file, then deals them to the recordings."""

    def __init__(self, folder: Path, files: Sequence[Path], choices: Choices) -> None:
        self._choices = choices
        self._result = Sources()
        ordinary = list(usable(files, self._result.problems))
        are_recordings = [is_recording(path) for path in ordinary]
        self._audio = list(compress(ordinary, are_recordings))
        self._recordings = NamedRecordings(folder, self._audio)
        self.files = [path for path, is_audio in zip(ordinary, are_recordings, strict=True) if not is_audio]
        self._parts: dict[Path, list[Part]] = {}
        self._failed: set[Path] = set()
        self._definitions: dict[Path, Path] = {}
        self._unfit: list[tuple[list[Path], AnnotationFile]] = []
        self._unknown: list[Path] = []
        self._notices: list[Problem] = []

    def take(self, path: Path) -> None:
        """Read a file, if it holds annotations."""
        name = path.name.lower()
        named: list[Path] = []
        try:
            if name.endswith(DEFINITIONS_SUFFIX):
                for audio in self._recordings.called(path.name[: -len(DEFINITIONS_SUFFIX)]):
                    self._definitions[audio] = path
            elif name.endswith(REVIEWED_SUFFIX):
                return
            elif name.endswith(SUFFIX):
                named = self._recordings.named_in(path.name, (SUFFIX,))
                annotations, wrong = read_annotations(path)
                self._deal(path, _DAS, Reading({"": annotations}, tuple(wrong)), named)
            else:
                file = AnnotationFile(path, self._choices)
                known = format_of(file)
                suffixes = (path.suffix.lower(),) if known is None else known.suffixes
                named = self._recordings.named_in(path.name, suffixes) if known is not None or file.is_text else []
                if known is not None:
                    self._deal(path, known.name, known.reading_of(file), named)
                elif named:
                    self._unfit.append((named, file))
                elif not file.is_text:
                    self._unknown.append(path)
                elif (problem := why_unread_collection(file, self._recordings)) is not None:
                    self._result.problems.append(problem)
        except DataError as error:
            self._failed.update(named)
            self._result.problems.append(problem_of(error, path))

    def _deal(self, path: Path, format_name: str, reading: Reading, named: Sequence[Path]) -> None:
        """Give what a file marks to the recordings that it is about."""
        given, missing, wrong = self._dealt(path, reading, named)
        self._notices += reading.notices
        if reading.may_count_on and not reading.in_samples and not missing and not wrong and _counts_on(given):
            wrong.append(may_count_on(path, given[1][1]))
            self._failed.update(audio for audio, _ in given)
            given = []
        self._result.problems += wrong
        for problem in reading.problems:
            (self._result.bad_rows if problem.is_error and problem.row else self._result.problems).append(problem)
        for audio, marked in given:
            self._parts.setdefault(audio, []).append(Part(path, format_name, marked, reading.in_samples, reading.sound_seconds))
        if missing and not wrong:
            self._result.problems.append(not_here(path, reading, missing, named if not given else ()))
            if not given:
                self._failed.update(named)

    def _dealt(
        self, path: Path, reading: Reading, named: Sequence[Path]
    ) -> tuple[list[tuple[Path, Annotations]], list[str], list[Problem]]:
        """Return which recording gets what, what the file calls those that are not here, and what is wrong."""
        given: list[tuple[Path, Annotations]] = []
        missing, wrong = [], list[Problem]()
        called: dict[Path, list[str]] = {}
        for reference, marked in reading.by_recording.items():
            try:
                meant = self._recordings.meant_by(reference) if reference else None
            except DataError as error:
                row = first_row(marked)
                wrong.append(Problem(str(error), file=path.name, row=row))
                continue
            if meant is not None:
                called.setdefault(meant, []).append(reference)
            if not reference:
                given += [(audio, marked) for audio in named]
            elif meant is not None:
                given.append((meant, marked))
            if (not reference and not named) or (reference and meant is None):
                missing.append(reference)
        mixed = {audio for audio, names in called.items() if _are_several(names)}
        for audio in mixed:
            wrong.append(several_of_a_name(path, audio, called[audio], reading))
            self._failed.add(audio)
        return [(audio, found) for audio, found in given if audio not in mixed], missing, wrong

    def sources(self) -> Sources:
        """Return what was found, having told what is not used."""
        result = self._result
        for audio in self._audio:
            if audio not in self._parts and audio not in self._failed:
                self._look_within(audio)
        for named, file in self._unfit:
            unannotated = [path for path in named if path not in self._parts]
            if unannotated:
                problem = why_unread(file)
                result.problems.append(problem)
                if problem.is_error:
                    self._failed.update(unannotated)
        for audio, parts in self._parts.items():
            result.found.append(Source(audio, tuple(self._chosen(audio, parts)), self._definitions.get(audio)))
        result.found.sort(key=lambda source: (source.audio.name, str(source.audio)))
        result.problems += [*told_once(self._notices), *two_forms(result.found)]
        by_stem: dict[str, list[Path]] = {}
        beside = self._of_no_format()
        for audio in self._audio:
            by_stem.setdefault(one_form(audio.stem), []).append(audio)
            if audio not in self._parts and audio not in self._failed:
                result.problems.append(not_annotated(audio, beside.get(audio, [])))
        for alike in by_stem.values():
            result.problems += names_taken_twice([path for path in alike if path in self._parts], self._parts)
        return result

    def _of_no_format(self) -> dict[Path, list[str]]:
        """Return by recording the files of its name that may be annotations in a format that is not read."""
        beside: dict[Path, list[str]] = {}
        for path in self._unknown:
            if not path.name.lower().endswith(_NO_ANNOTATIONS):
                for audio in self._recordings.called(path.stem):
                    beside.setdefault(audio, []).append(path.name)
        return beside

    def _look_within(self, audio: Path) -> None:
        file = AnnotationFile(audio, self._choices)
        try:
            known = format_within(file)
            if known is not None:
                self._deal(audio, known.name, known.reading_of(file), [audio])
        except DataError as error:
            self._result.problems.append(problem_of(error, audio))

    def _chosen(self, audio: Path, parts: Sequence[Part]) -> Iterator[Part]:
        """Yield the parts that annotate a recording: DAS's own table, else all of the first format; tell the others."""
        das = [part for part in parts if part.format == _DAS]
        exact = [part for part in das if len(part.file.name) == min(len(other.file.name) for other in das)]
        first = (exact or parts)[0]
        together = exact[:1] or [part for part in parts if part.format == first.format]
        for part in parts:
            if part not in together:
                self._result.problems.append(second_choice(part.file, first.file, audio))
        if len(together) > 1:
            self._result.problems.append(read_together(audio, together))
        yield from together


def _counts_on(given: Sequence[tuple[Path, Annotations]]) -> bool:
    """Return whether the times of every recording lie behind the end of those before it, as if all were one.

    At that end itself lies what ends this recording, too, if both are as long.
    """
    before = 0.0
    for i, (audio, marked) in enumerate(given):
        try:
            seconds = open_recording(audio).duration_seconds
        except DataError:
            return False
        ends = before + seconds + OVERHANG_SECONDS
        if not len(marked) or (i and marked.start_seconds.min() <= before) or marked.stop_seconds.max() > ends:
            return False
        before += seconds
    return len(given) > 1


def _are_several(references: Sequence[str]) -> bool:
    """Return whether references of one name mean different recordings: those of different folders do."""
    return len({folder_of(reference) for reference in references} - {""}) > 1
