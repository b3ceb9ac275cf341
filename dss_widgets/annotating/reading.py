"""The labels of a recording as its files hold them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dss_widgets.annotating.beside import content_of, digest
from dss_widgets.annotating.document import Document, categories
from dss_widgets.annotating.labels import Label
from dss_widgets.annotating.review_file import REVIEW_SUFFIX, Review, reconciled
from dss_widgets.annotating.table_file import TableCells
from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations, Category
from dss_widgets.dataset.annotations.definitions import read_definitions as definitions_in
from dss_widgets.dataset.annotations.sources import find_sources
from dss_widgets.dataset.annotations.table import DEFINITIONS_SUFFIX, SUFFIX, annotations_in
from dss_widgets.dataset.checks.rows import check_annotations
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.dataset.survey import in_seconds
from dss_widgets.errors import DataError, Problem

_LEAST_SECONDS = 1e-4
"""Of a segment that an edit makes; where samples are longer, it is more than one of them."""


@dataclass(frozen=True)
class Files:
    """The contents of a recording's files of labels.

    Attributes:
        table: of ``*_annotations.csv``; None: it is not there.
        review: of ``*_annotations.review.json``; None: it is not there.
    """

    table: bytes | None = None
    review: bytes | None = None

    @classmethod
    def of(cls, recording: Path) -> Files:
        """Return what lies beside a recording; raises DataError where that cannot be read."""
        return cls(content_of(table_path(recording)), content_of(review_path(recording)))


@dataclass(frozen=True)
class Loaded:
    """The labels of a recording, read.

    Attributes:
        files: what they were read from.
        document: the labels.
        cells: what else stands in the table.
        row_of: the row of the table by the labels' numbers.
        review: what was known of its proposals.
        whence: where labels come from, if not from the recording's own table, in words; else ''.
        problems: what is wrong with the files.
    """

    files: Files
    document: Document
    cells: TableCells = field(default_factory=TableCells)
    row_of: Mapping[int, int] = field(default_factory=dict)
    review: Review = field(default_factory=Review)
    whence: str = ""
    problems: tuple[Problem, ...] = ()


def table_path(recording: Path) -> Path:
    """Return where the labels of a recording are kept."""
    return recording.with_name(f"{recording.stem}{SUFFIX}")


def review_path(recording: Path) -> Path:
    """Return where the states of a recording's proposals are kept."""
    return recording.with_name(f"{recording.stem}{REVIEW_SUFFIX}")


def definitions_path(recording: Path) -> Path:
    """Return where the categories of a recording's song types may be kept."""
    return recording.with_name(f"{recording.stem}{DEFINITIONS_SUFFIX}")


Stamps = tuple[tuple[int, int, int] | None, ...]


def stamps(recording: Path) -> Stamps:
    """Return what tells, without reading them, that a recording or a file of its labels was written, came or went since."""

    def stamp(path: Path) -> tuple[int, int, int] | None:
        try:
            told = path.stat()
        except OSError:
            return None
        return told.st_mtime_ns, told.st_size, told.st_ino

    return tuple(map(stamp, (recording, table_path(recording), review_path(recording))))


def load(recording: Recording, song_types: Mapping[str, Category]) -> Loaded:
    """Read the labels of a recording: its own table, or else what another tool left.

    Args:
        recording: the recording.
        song_types: what labels may be called besides, with categories, in the order of their keys.

    Raises:
        DataError: a file cannot be read.
    """
    files = Files.of(recording.path)
    return _loaded(recording, files, _found(recording, files), song_types)


@dataclass(frozen=True)
class _Found:
    annotations: Annotations
    problems: tuple[Problem, ...] = ()
    whence: str = ""


def _found(recording: Recording, files: Files) -> _Found:
    if files.table is None:
        return _elsewhere(recording)
    annotations, problems = annotations_in(files.table, table_path(recording.path))
    return _Found(annotations, tuple(problems))


def _loaded(recording: Recording, files: Files, read: _Found, song_types: Mapping[str, Category]) -> Loaded:
    path, found = recording.path, read.annotations
    checked = check_annotations(recording, found)
    own = {**categories(checked.usable), **_defined(path)}
    proposed = {name: kind for name, kind in own.items() if name.endswith(PROPOSALS)}
    own = {name: kind for name, kind in own.items() if name not in proposed}
    known = {**{name.removesuffix(PROPOSALS): kind for name, kind in proposed.items()}, **song_types}
    types = {**{name: own.get(name, kind) for name, kind in known.items()}, **own}
    counting, row_of, marked = _labels(checked.usable)
    cells = TableCells()
    if files.table is not None:
        left_out = set(found.rows.tolist()) - set(checked.usable.rows.tolist())
        cells = TableCells.of(files.table, table_path(path), found, left_out)
    review = Review() if files.review is None else Review.read(files.review, review_path(path))
    in_step = review.table == digest(files.table)
    labels = reconciled(counting, [*review.proposals, *marked], in_step=in_step)
    types |= {name: _category(labels, name) for name in sorted({label.name for label in labels} - set(types))}
    document = Document(
        recording.duration_seconds,
        max(_LEAST_SECONDS, 1.5 / recording.samplerate_hz),
        {label.id: label for label in labels},
        types,
        frozenset(own),
        len(labels) + 1,
    )
    problems = (*read.problems, *checked.bad_rows, *checked.problems)
    return Loaded(files, document, cells, row_of, review, read.whence, problems)


def _labels(found: Annotations) -> tuple[list[Label], dict[int, int], list[Label]]:
    """Return labels that count, their rows, and those that are named as proposals."""
    counting: list[Label] = []
    marked: list[Label] = []
    rows: dict[int, int] = {}
    entries = zip(
        found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), found.rows.tolist(), strict=True
    )
    for name, start, stop, row in entries:
        if name.endswith(PROPOSALS):
            marked.append(Label(0, name.removesuffix(PROPOSALS), start, stop, "open"))
        else:
            counting.append(Label(len(counting) + 1, name, start, stop))
            rows[len(counting)] = row
    return counting, rows, marked


def _category(labels: list[Label], name: str) -> Category:
    return "segment" if any(label.seconds > 0 for label in labels if label.name == name) else "event"


def _defined(recording: Path) -> dict[str, Category]:
    path = definitions_path(recording)
    if not path.is_file():
        return {}
    return {name: category for name, (category, _) in definitions_in(path)[0].items()}


def _elsewhere(recording: Recording) -> _Found:
    """Return what other tools' files in the folder say about a recording."""
    folder, stem = recording.path.parent, recording.path.stem.casefold()
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed ({error.strerror}).") from error
    others = (SUFFIX, DEFINITIONS_SUFFIX)  # of other recordings: they are about those alone
    files = [
        folder / name for name in names
        if not name.startswith(".") and (name.casefold().startswith(stem) or not name.lower().endswith(others))
    ]  # fmt: skip
    for source in find_sources(folder, files).found:
        if source.audio.name == recording.path.name and source.parts:
            said = Annotations.joined([in_seconds(part, recording) for part in source.parts])
            told = ", ".join(dict.fromkeys(part.file.name for part in source.parts))
            plain = replace(said, rows=said.rows * 0, files=None)
            return _Found(plain, (), f"{told} ({source.parts[0].format})")
    return _Found(Annotations.of([]))


def recordings_in(folder: Path) -> list[Path]:
    """Return the recordings of a folder, sorted by name.

    Raises:
        DataError: it cannot be listed.
    """
    try:
        return sorted(path for path in folder.iterdir() if is_recording(path) and path.name[0] != "." and path.is_file())
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed ({error.strerror or error}).") from error
