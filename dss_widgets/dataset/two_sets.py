"""Two sets of annotations of the same recordings, side by side: two people's, or a program's and a person's."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations, Category
from dss_widgets.dataset.annotations.source_problems import NO_RECORDING
from dss_widgets.dataset.annotations.sources_below import with_folder
from dss_widgets.dataset.checks.folder import SAME_CHANNELS
from dss_widgets.dataset.corrected import labels_within, looked_through_only, spans_looked_through
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.dataset.reviewed import Span
from dss_widgets.dataset.survey import Survey, SurveyedRecording, survey
from dss_widgets.dataset.targets import OFFSET, ONSET
from dss_widgets.errors import DataError, DataProblemsError, OptionsError, Problem
from dss_widgets.options.agreement import AgreementOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.roots import confined

_MOST_TOLD = 3


@dataclass(frozen=True, eq=False)
class Pair:
    """A recording that both sets annotate.

    Attributes:
        name: its file name, and the folders in which it lies below the one that is looked through.
        spans: what is compared of it, in seconds, in order and without overlaps.
        annotated, other: what the first and the second set mark in the whole recording; no targets of on- and offsets.
        path: its file.
        is_whole: whether all of it is compared.
    """

    name: str
    spans: tuple[Span, ...]
    annotated: Annotations
    other: Annotations
    path: Path = Path()
    is_whole: bool = True

    @property
    def seconds(self) -> float:
        """Duration of what is compared."""
        return sum(stop - start for start, stop in self.spans)

    def labels_compared(self) -> tuple[Annotations, Annotations]:
        """Return what each set marks in what is compared, which is what begins there, in the order of time."""
        sets = (self.annotated, self.other)
        one, two = sets if self.is_whole else (labels_within(found, self.spans) for found in sets)
        return _in_order(one), _in_order(two)


@dataclass(frozen=True, eq=False)
class TwoSets:
    """Two sets of annotations.

    Attributes:
        annotated_folder, other_folder: where they lie.
        pairs: the recordings that both annotate, by name.
        categories: of all song types that either knows, by name.
        only_annotated_types, only_other_types: song types that one set alone knows.
        only_annotated, only_other: recordings that one set alone annotates.
        not_looked_through: recordings that both annotate, of which nothing is left that was looked through in both.
        without_recording: files of the second set whose recordings are not there.
        notices: warnings about the files that were read.
    """

    annotated_folder: Path
    other_folder: Path
    pairs: tuple[Pair, ...]
    categories: Mapping[str, Category]
    only_annotated_types: tuple[str, ...] = ()
    only_other_types: tuple[str, ...] = ()
    only_annotated: tuple[str, ...] = ()
    only_other: tuple[str, ...] = ()
    not_looked_through: tuple[str, ...] = ()
    without_recording: tuple[str, ...] = ()
    notices: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class _Set:
    """One set: its recordings by name, and the categories of the song types that occur, and of all that are known."""

    folder: Path
    entries: Mapping[str, SurveyedRecording]
    occurring: Mapping[str, set[Category]]
    known: Mapping[str, set[Category]]
    without_recording: tuple[str, ...]
    notices: tuple[Problem, ...]


def pair_sets(
    annotated: str | os.PathLike[str],
    other: str | os.PathLike[str],
    options: AgreementOptions | None = None,
    *,
    recordings: str | os.PathLike[str] | None = None,
) -> TwoSets:
    """Read two sets of annotations, in any format that can be read, and put them side by side.

    Names lose the ending by which proposals are told from labels.

    Args:
        annotated: the folder of the first set, and of the recordings.
        other: the folder of the second set; recordings that lie there are not looked at.
        options: what is compared; the usual if None.
        recordings: where the recordings lie, if not in ``annotated``.

    Raises:
        OptionsError: a song type that is to be renamed occurs nowhere.
        DataError: a set cannot be read, a song type is an event in one and a segment in the other, or they have no recording
            in common; the message names file and row.
    """
    options = options or AgreementOptions()
    folders = [confined(typed_path(folder)) for folder in (annotated, other)]
    sound = folders[0] if recordings is None else confined(typed_path(recordings))
    wrong = [problem for problem in options.problems() if problem.is_error]
    if wrong:
        raise OptionsError(wrong)
    for folder, which in zip(folders, ("first", "second"), strict=True):
        if not folder.is_dir():
            raise DataError(f"{folder}: is not a folder. Choose the folder of the {which} set of annotations.")
    if os.path.samefile(*folders):
        raise DataError(f"{folders[1]}: is the same folder as the first. Choose the folder of the other annotations.")
    one = _read(folders[0], None if recordings is None else sound, sound, options, "rename_annotated")
    two = _read(folders[1], sound, sound, options, "rename")
    common = [name for name in one.entries if name in two.entries]
    if not common:
        raise _nothing_in_common(one, two, options)
    pairs = [_pair(name, one, two, options) for name in common]
    return TwoSets(
        annotated_folder=folders[0],
        other_folder=folders[1],
        pairs=tuple(pair for pair in pairs if pair.spans),
        not_looked_through=tuple(pair.name for pair in pairs if not pair.spans),
        categories=_categories(one, two),
        only_annotated_types=tuple(sorted(one.known.keys() - two.known.keys())),
        only_other_types=tuple(sorted(two.known.keys() - one.known.keys())),
        only_annotated=tuple(name for name in one.entries if name not in two.entries),
        only_other=tuple(name for name in two.entries if name not in one.entries),
        without_recording=two.without_recording,
        notices=(*one.notices, *two.notices),
    )


def _read(folder: Path, apart: Path | None, sound: Path, options: AgreementOptions, field: str) -> _Set:
    """Read a set, whose recordings lie ``apart`` from it or (None) beside it, and are those in ``sound``."""
    found = survey(folder, names_from=options.names_from, recordings=apart, below=options.folders_below)
    problems = with_folder(found.problems, str(folder))
    silent = not any(len(entry.annotations) for entry in found.recordings)  # which is no error here
    wrong = [problem for problem in problems if problem.is_error and problem.mend != SAME_CHANNELS]
    errors = [problem for problem in wrong if not (silent and problem.file is None)]
    if errors:
        raise DataProblemsError(errors)
    first = field == "rename_annotated"
    entries = {entry.name: entry for entry in found.recordings if first or entry.annotations.file != entry.name}
    if options.reviewed_only:
        unmarked = looked_through_only(folder, sound, set(entries), below=options.folders_below)
        entries |= {entry.name: entry for entry in unmarked}
    new_names = getattr(options, field)
    _check_names(new_names, found, field)
    settled = {name: replace(entry, annotations=_settled(entry.annotations, new_names)) for name, entry in entries.items()}
    lost = tuple(str(problem.file) for problem in problems if problem.message == NO_RECORDING)
    return _Set(folder, dict(sorted(settled.items())), *_types(found, new_names), lost, tuple(_of_tables(problems)))


def _of_tables(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the warnings about files of annotations; who lacks which recordings is told otherwise."""
    for problem in problems:
        is_told = problem.is_error or problem.message == NO_RECORDING or problem.file is None
        if not is_told and not is_recording(typed_path(problem.file or "")):
            yield problem


def _new_name(name: str, new_names: Mapping[str, str]) -> str:
    """Return what a song type is called where it is compared; '' leaves it out."""
    plain = name.removesuffix(PROPOSALS)
    return "" if plain in (ONSET, OFFSET) else new_names.get(name, new_names.get(plain, plain))


def _settled(found: Annotations, new_names: Mapping[str, str]) -> Annotations:
    """Return annotations with the names that are compared."""
    renamed = found.with_names({name: _new_name(name, new_names) for name in found.song_types()})
    return renamed.select(renamed.names != "")


def _in_order(found: Annotations) -> Annotations:
    """Return annotations in an order that their rows have no part in."""
    return found.select(np.lexsort((found.names.astype(str), found.stop_seconds, found.start_seconds)))


def _check_names(new_names: Mapping[str, str], found: Survey, field: str) -> None:
    there = {name for song_type in found.song_types for name in (song_type.name, song_type.name.removesuffix(PROPOSALS))}
    unknown = [name for name in new_names if name not in there]
    if unknown:
        raise OptionsError(
            [
                Problem(
                    f"names {', '.join(map(repr, unknown))}, which occurs nowhere in {found.folder} (there are: "
                    f"{', '.join(song_type.name for song_type in found.song_types) or 'none'}).",
                    "Correct the name.", field=field,
                )
            ]
        )  # fmt: skip


def _types(found: Survey, new_names: Mapping[str, str]) -> tuple[dict[str, set[Category]], dict[str, set[Category]]]:
    """Return the categories of the song types that occur, and of all, by what they are called."""
    occurring, known = defaultdict(set), defaultdict(set)
    for song_type in found.song_types:
        name = _new_name(song_type.name, new_names)
        if name:
            known[name].add(song_type.category)
            if song_type.count:
                occurring[name].add(song_type.category)
    return dict(occurring), dict(known)


def _categories(one: _Set, two: _Set) -> dict[str, Category]:
    """Return the category of every song type; one that is declared alone is what the other set says."""
    categories, problems = {}, []
    for name in sorted({*one.known, *two.known}):
        occurring = one.occurring.get(name, set()) | two.occurring.get(name, set())
        categories[name] = min(occurring or one.known.get(name) or two.known[name])
        if len(occurring) > 1:
            events, segments = (
                " and ".join(str(which.folder) for which in (one, two) if category in which.occurring.get(name, ()))
                for category in ("event", "segment")
            )
            problems.append(
                Problem(
                    f"{name!r} is an event in {events} and a segment in {segments}: they cannot be matched.",
                    f"Define it alike in both (name_definitions.csv), or leave it out ({name}=).", field="rename",
                )
            )  # fmt: skip
    if problems:
        raise DataProblemsError(problems)
    return categories


def _pair(name: str, one: _Set, two: _Set, options: AgreementOptions) -> Pair:
    entries = [which.entries[name] for which in (one, two)]
    recording = entries[0].recording
    spans: tuple[Span, ...] = ((0.0, recording.duration_seconds),)
    if options.reviewed_only:
        looked = [spans_looked_through(recording, which.folder / entries[0].below) for which in (one, two)]
        spans = tuple(_shared(*looked))
    return Pair(name, spans, entries[0].annotations, entries[1].annotations, recording.path, not options.reviewed_only)


def _shared(one: Iterable[Span], other: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans that lie in both."""
    for start, stop in one:
        for begins, ends in other:
            if max(start, begins) < min(stop, ends):
                yield max(start, begins), min(stop, ends)


def _nothing_in_common(one: _Set, two: _Set, options: AgreementOptions) -> DataError:
    """Return the error that the sets are of no recording both."""
    below = "" if options.folders_below else " Those in folders below are read with --folders-below."
    empty = next((which.folder for which in (one, two) if not which.entries), None)
    if empty is one.folder:
        return DataError(f"{empty}: holds no annotated recordings. Choose the folder of the first set.{below}")
    what = "annotates none of the recordings" if empty else f"annotates other recordings than {one.folder}"
    files = [Path(file).name for file in two.without_recording] or list(two.entries)
    told = ", ".join(files[:_MOST_TOLD]) + (" ..." if len(files) > _MOST_TOLD else "")
    mend = f"An annotation file belongs to the recording whose name it begins with ({next(iter(one.entries))})."
    return DataError(f"{two.folder}: {what}{f' (there are {told})' if told else ''}. {mend}{below}")
