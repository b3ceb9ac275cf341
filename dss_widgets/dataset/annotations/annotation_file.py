"""What a reader of annotations gets, and what it gives back: the one interface between formats and the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.text_tables import TextTable, decoded, first_row
from dss_widgets.errors import DataError, Problem
from dss_widgets.roots import open_confined

UNNAMED = "call"
"""The name of what a file marks without naming any of it."""

_LARGE_BYTES = 2**20
"""Of a text file with more, only so much is read to see what it is."""

_TEXT_ENDINGS = (".txt", ".csv", ".tsv")


@dataclass(frozen=True)
class Choices:
    """What people choose about reading annotations.

    Attributes:
        names_from: headings of the columns, or names of the tiers, that hold the song types' names; none: found by itself.
    """

    names_from: tuple[str, ...] = ()


class AnnotationFile:
    """A file that may hold annotations. It is read once, however many formats look at it.

    Attributes:
        path: the file.
        choices: what people chose about reading it.
    """

    def __init__(self, path: Path, choices: Choices = Choices()) -> None:
        self.path = path
        self.choices = choices

    @cached_property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @cached_property
    def lower_name(self) -> str:
        """The file's name in lower case, by which its ending is known."""
        return self.name.lower()

    @property
    def is_text(self) -> bool:
        """Whether its ending is that of a table of text."""
        return self.lower_name.endswith(_TEXT_ENDINGS)

    def open(self) -> IO[bytes]:
        """Open the file, inside of the allowed folders; close it.

        Raises:
            DataError: it cannot be opened, or not from here.
        """
        try:
            return open_confined(self.path)
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read ({error.strerror or error}).") from error

    @cached_property
    def content(self) -> bytes:
        """All bytes of the file.

        Raises:
            DataError: it cannot be read.
        """
        with self.open() as file:
            try:
                return file.read()
            except OSError as error:
                raise DataError(f"{self.path}: cannot be read ({error.strerror}).") from error

    @cached_property
    def text(self) -> str:
        """The file's text, in UTF-8 or UTF-16.

        Raises:
            DataError: it cannot be read, or is no such text; the message names the row.
        """
        return decoded(self.content, self.path)

    @cached_property
    def table(self) -> TextTable:
        """The file as rows of cells, whatever separates them.

        Raises:
            DataError: it is no table of text; the message names the row.
        """
        return TextTable.of(self.text, self.path)

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The cells of the first row, stripped and in lower case; none where the file is no table of text.

        It is known also of a table that cannot be read further on, so that a format recognises it and tells why.
        """
        return tuple(cell.strip().lower() for cell in self._first.first)

    @property
    def delimiter(self) -> str:
        """What stands between the cells of the first row: a tab, a comma, a semicolon, or a space."""
        return self._first.delimiter

    @cached_property
    def _first(self) -> TextTable:
        """The table, or its first row alone where the file is large or cannot be read further on."""
        if not self.is_text:
            return TextTable([], "")
        beginning = self._beginning
        try:
            return self.table if "content" in vars(self) else first_row(beginning, self.path)
        except DataError:
            return first_row(beginning, self.path)

    @property
    def _beginning(self) -> bytes:
        """The bytes of the file, of a large one its beginning alone: it may be anything."""
        if "content" not in vars(self):
            with self.open() as file:
                if os.fstat(file.fileno()).st_size > _LARGE_BYTES:
                    return file.read(_LARGE_BYTES)
                vars(self)["content"] = file.read()
        return self.content


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    Attributes:
        by_recording: annotations by the recording that the file says they belong to, written as in the file (a name or a
            path); '' is the recording that the file itself is named after.
        problems: what is wrong with the file or its rows.
        notices: warnings about how the file was read; those that are alike in many files are told once.
        in_samples: times are in samples of the recording, and become seconds once its sample rate is known.
        may_count_on: the file does not say whether times count from each recording's beginning, or on from one to the next.
        sound_seconds: how long the recording was where it was annotated; None where the file does not say.
    """

    by_recording: Mapping[str, Annotations]
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    in_samples: bool = False
    may_count_on: bool = False
    sound_seconds: float | None = None


@dataclass
class Marks:
    """Gathers what a file marks.

    Example:
        >>> marks = Marks("rec1.txt")
        >>> marks.add("song", 0.5, 1.5, row=2)
        >>> marks.reading().by_recording[""].names.tolist()
        ['song']
    """

    file: str
    _entries: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict)
    _rows: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, start: float, stop: float, *, row: int = 0, recording: str = "") -> None:
        """Add an annotation: times in seconds (or samples, see :class:`Reading`), its row, the recording that the row names."""
        self._entries.setdefault(recording, []).append((name, start, stop))
        self._rows.setdefault(recording, []).append(row)

    def reading(self, problems: Sequence[Problem] = (), *, in_samples: bool = False) -> Reading:
        """Return what was gathered."""
        found = {
            recording: Annotations.of(entries, file=self.file, rows=self._rows[recording])
            for recording, entries in self._entries.items()
        }
        return Reading(found or {"": Annotations.of([], file=self.file)}, tuple(problems), in_samples=in_samples)
