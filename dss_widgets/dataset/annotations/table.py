"""Annotations: names and times, read from and written to ``*_annotations.csv``."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.text_tables import (
    TextTable,
    decoded,
    row_too_long,
    row_without_times,
    rows_numbered_without_heading,
)
from dss_widgets.dataset.annotations.time_cells import times_of
from dss_widgets.errors import DataError, Problem
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import write_whole_text

Category = str
"""``event`` (a point in time) or ``segment`` (a stretch of time)."""

COLUMNS = ("name", "start_seconds", "stop_seconds")
PROPOSALS = "_proposals"
"""Ending of song types' names in annotations that are meant for proof-reading."""

SUFFIX = "_annotations.csv"
DEFINITIONS_SUFFIX = "_definitions.csv"
REVIEWED_SUFFIX = "_reviewed.csv"
"""Ending of a table that says which spans of a recording a human has looked through; it annotates nothing."""


DECLARING = "To say that a song type exists without occurring, write nan for its times; else ignore this."
"""The mend of a row that has a name and no times."""

_SUMMARY = re.compile(
    r"\s*(grand |sub)?-?(total|sum|mean|average|avg|median|count|number|min|max|n|sd|std|sem|end"
    r"|note|comment|remark|summary|summe|gesamt|insgesamt|anzahl|mittelwert|somme|totale|moyenne|suma|media)s?\b|\s*=",
    re.IGNORECASE,
)
"""What people write under a table's rows, and no song type is called."""


@dataclass(frozen=True, eq=False)
class Annotations:
    """What occurs when in one recording.

    Attributes:
        names: song type of every annotation, ``[annotations]``, text.
        start_seconds, stop_seconds: onset and offset, float64 ``[annotations]``; equal for events.
        rows: row of the file of every annotation, counted as a spreadsheet does, ``[annotations]``.
        declared: song types that exist without occurring, with their category.
        declared_rows: the row that declares each of them.
        file: name of the file they come from, or ''.
        files: where they come from several files, the name of each one's, ``[annotations]``.
        unsaid: those of ``declared`` that stand under the rows with empty cells and read like a sum or a remark.
    """

    names: np.ndarray
    start_seconds: np.ndarray
    stop_seconds: np.ndarray
    rows: np.ndarray
    declared: Mapping[str, Category] = field(default_factory=dict)
    declared_rows: Mapping[str, int] = field(default_factory=dict)
    file: str = ""
    files: np.ndarray | None = None
    unsaid: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(
        cls, entries: Iterable[tuple[str, float, float]], *, file: str = "", rows: Sequence[int] | None = None
    ) -> Annotations:
        """Make annotations of (name, start_seconds, stop_seconds), from these rows of a file (default: 2, 3 ...).

        Names that are numbers become text.

        Raises:
            DataError: a name is neither text nor a number, or a time is no number.
        """
        triples = list(entries)
        if not _are_plain(triples):
            triples = [_triple(file, i, entry) for i, entry in enumerate(triples, 1)]
        names, starts, stops = zip(*triples, strict=True) if triples else ((), (), ())
        return cls.of_columns(names, starts, stops, file=file, rows=range(2, len(triples) + 2) if rows is None else rows)

    @classmethod
    def of_columns(
        cls, names: Sequence[str], starts: Sequence[float], stops: Sequence[float], *, file: str, rows: Sequence[int]
    ) -> Annotations:
        """Make annotations of their names, times in seconds and rows of a file, each ``[annotations]``."""
        return cls(
            names=_text_array(names), start_seconds=np.array(starts, dtype=np.float64),
            stop_seconds=np.array(stops, dtype=np.float64), rows=np.array(rows, dtype=np.int64), file=file,
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[Annotations]) -> Annotations:
        """Return annotations from several files as one."""
        if len(parts) == 1:
            return parts[0]
        declared: dict[str, Category] = {}
        declared_rows: dict[str, int] = {}
        for part in reversed(parts):
            declared.update(part.declared)
            declared_rows.update(part.declared_rows)
        return cls(
            names=np.concatenate([part.names for part in parts]),
            start_seconds=np.concatenate([part.start_seconds for part in parts]),
            stop_seconds=np.concatenate([part.stop_seconds for part in parts]),
            rows=np.concatenate([part.rows for part in parts]),
            declared=declared,
            declared_rows=declared_rows,
            file=parts[0].file,
            files=np.repeat(np.array([part.file for part in parts], dtype=object), [len(part) for part in parts]),
            unsaid=frozenset().union(*(part.unsaid for part in parts)),
        )

    def select(self, keep: np.ndarray) -> Annotations:
        """Return those that a boolean mask or an index picks."""
        return replace(
            self, names=self.names[keep], start_seconds=self.start_seconds[keep], stop_seconds=self.stop_seconds[keep],
            rows=self.rows[keep], files=None if self.files is None else self.files[keep],
        )  # fmt: skip

    def with_names(self, new_names: Mapping[str, str]) -> Annotations:
        """Return the same with some names replaced by others."""

        def new(name: str) -> str:
            return new_names.get(name, name)

        return replace(
            self,
            names=_text_array([new(name) for name in self.names.tolist()]),
            declared={new(name): category for name, category in self.declared.items()},
            declared_rows={new(name): row for name, row in self.declared_rows.items()},
            unsaid=frozenset(map(new, self.unsaid)),
        )

    def file_of(self, i: int) -> str:
        """Return the name of the file that an annotation comes from."""
        return self.file if self.files is None else str(self.files[i])

    def song_types(self) -> list[str]:
        """Return the names that occur or are declared, sorted."""
        return sorted({*self.names.tolist(), *self.declared})


def _are_plain(entries: Sequence[object]) -> bool:
    """Return whether all entries are a name and two floats as they should be, which is quicker than looking at each."""
    if set(map(type, entries)) != {tuple} or set(map(len, entries)) != {3}:  # type: ignore[arg-type]
        return False
    names, starts, stops = zip(*entries, strict=True)
    return set(map(type, names)) == {str} and set(map(type, starts)) == {float} == set(map(type, stops))


def _triple(file: str, number: int, entry: Sequence[object]) -> tuple[str, float, float]:
    where = f"{file}: annotation {number}" if file else f"annotation {number}"
    try:
        name, start, stop = entry
        times = float(start), float(stop)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DataError(f"{where} is {entry!r}. Give a name, a start and a stop in seconds.") from None
    if not isinstance(name, str) and (isinstance(name, bool) or not isinstance(name, int | float | np.number)):
        raise DataError(f"{where} has the name {name!r}, which is neither text nor a number. Name it with text.")
    return str(name), *times


def _text_array(names: Sequence[str]) -> np.ndarray:
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return array


def read_annotations(path: str | os.PathLike[str]) -> tuple[Annotations, list[Problem]]:
    """Read a ``*_annotations.csv``: columns name, start_seconds, stop_seconds; any others are ignored.

    Names are text, taken as they stand: ``NA``, ``1`` and ``nan`` are names.

    Returns:
        The annotations of all rows that can be read, and a problem for every row that cannot.

    Raises:
        DataError: the file cannot be read, or a column is missing.
    """
    path = Path(path)
    try:
        with open_confined(path) as file:
            content = file.read()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    return annotations_in(content, path)


def annotations_in(content: bytes, path: Path) -> tuple[Annotations, list[Problem]]:
    """Return what a ``*_annotations.csv`` says, as :func:`read_annotations`.

    Args:
        content: the file's bytes.
        path: the file, for messages.

    Raises:
        DataError: it is no such table.
    """
    problems: list[Problem] = []
    records = list(_records(content, path, problems))
    times = times_of([cell for _, _, start, stop in records for cell in (start, stop)])
    kept: list[tuple[str, float, float]] = []
    rows: list[int] = []
    declared: dict[str, Category] = {}
    declared_rows: dict[str, int] = {}
    said: set[str] = set()
    timed = [
        record[0] for record, start in zip(records, times[::2], strict=True) if start is not None and not math.isnan(start)
    ]
    for record, start, stop in zip(records, times[::2], times[1::2], strict=True):
        row, name, *texts = record
        problem = _times_problem(path.name, record, start, stop)
        if problem is not None:
            problems.append(problem)
        elif start is not None and stop is not None and not math.isnan(start):
            kept.append((name, start, stop))
            rows.append(row)
        elif (wrong := name_problem(path.name, row, name)) is not None:
            problems.append(wrong)
        elif "\0" in name:
            problems.append(row_without_times(path.name, row, [repr(name)]))
        else:
            declared.setdefault(name, "event" if stop is None or math.isnan(stop) else "segment")
            declared_rows.setdefault(name, row)
            is_under_all = bool(timed) and row > timed[-1]  # where DAS writes types that do not occur, and people their sums
            is_sum = _SUMMARY.match(name) is not None or (stop is not None and stop > 0)
            if not (is_under_all and is_sum) or any(text.strip().lower() == "nan" for text in texts):
                said.add(name)
    annotations = replace(
        Annotations.of(kept, file=path.name, rows=rows),
        declared=declared, declared_rows=declared_rows, unsaid=frozenset(declared) - said,
    )  # fmt: skip
    usable, bad_rows = set_aside_unusable(annotations)
    return usable, sorted([*problems, *bad_rows], key=lambda problem: problem.row or 0)


def set_aside_unusable(annotations: Annotations) -> tuple[Annotations, list[Problem]]:
    """Set aside what no recording can have, whatever read it: no name, the name ``noise``, times that are no numbers.

    Returns:
        The annotations that can be, and a problem for every other one.
    """
    starts, stops = annotations.start_seconds, annotations.stop_seconds
    wrong = ~(np.isfinite(starts) & np.isfinite(stops))
    if not wrong.any() and all(name_problem("", None, name) is None for name in _distinct(annotations.names)):
        return annotations, []
    problems = []
    for i, name in enumerate(annotations.names.tolist()):
        row = int(annotations.rows[i]) or None
        problem = name_problem(annotations.file_of(i), row, name)
        if problem is None and wrong[i]:
            problem = _no_times(annotations.file_of(i), row, name, f"{starts[i]:g}", f"{stops[i]:g}")
        if problem is not None:
            problems.append(problem)
            wrong[i] = True
    return annotations.select(~wrong), problems


def _distinct(names: np.ndarray) -> Iterable[object]:
    try:
        return set(names.tolist())
    except TypeError:  # what cannot be a key is no name either
        return list(names.tolist())


def name_problem(file: str, row: int | None, name: object) -> Problem | None:
    """Return why a song type cannot have a name; None if it can."""
    if not isinstance(name, str):
        return Problem(f"has the name {name!r}, which is no text.", "Name its song type.", file=file, row=row)
    if not name.strip(" "):
        return Problem("has no name.", "Name its song type or delete the row.", file=file, row=row)
    if name.strip() == "noise":
        return Problem("'noise' is what is left when nothing sings.", "Rename this song type.", file=file, row=row)
    return None


def _records(content: bytes, path: Path, problems: list[Problem]) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, name, start and stop of every row that is as long as it must be."""
    table = TextTable.of(decoded(content, path), path)
    header = [column.strip() for column in table.first]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        found = ", ".join(filter(None, header)) or "nothing"
        raise DataError(
            f"{path}, row 1: the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"{'are' if len(missing) > 1 else 'is'} missing (found: {found}). "
            f"The first row must read {','.join(COLUMNS)}, with commas between them."
        )
    at = [header.index(column) for column in COLUMNS]
    problems += table.problems(path.name)
    numbered = rows_numbered_without_heading(path.name, table.rows[1:], header)
    if numbered is not None:
        problems.append(numbered)
        return
    for row, cells in table.rows[1:]:
        if len(cells) > len(header) and any(map(str.strip, cells[len(header) :])):
            problems.append(row_too_long(path.name, row, len(cells), len(header)))
        elif len(cells) <= max(at) and not any(cells[i].strip() for i in at[1:] if i < len(cells)):
            problems.append(row_without_times(path.name, row, cells))
        elif len(cells) <= at[1]:
            message = f"has {len(cells)} cells, and the header {len(header)}: its start is missing."
            problems.append(Problem(message, "Complete the row.", file=path.name, row=row))
        else:
            padded = cells + [""] * (max(at) + 1 - len(cells))
            yield row, padded[at[0]], padded[at[1]], padded[at[2]]


def _times_problem(file: str, record: tuple[int, str, str, str], start: float | None, stop: float | None) -> Problem | None:
    """Return why the times of a row cannot be; None if they can, or declare a type that does not occur."""
    row, name, *texts = record
    if start is None or stop is None:
        return Problem(
            f"{name!r} goes from {texts[0]!r} to {texts[1]!r}, which are not both numbers.",
            "Write seconds with a decimal point.", file=file, row=row,
        )  # fmt: skip
    if math.isinf(start) or math.isinf(stop) or (math.isnan(stop) and not math.isnan(start)):
        return _no_times(file, row, name, *map(repr, texts))
    return None


def _no_times(file: str, row: int | None, name: str, start: str, stop: str) -> Problem:
    mend = "Give both times in seconds; an event stops where it starts."
    return Problem(f"{name!r} starts at {start} and stops at {stop}.", mend, file=file, row=row)


def write_annotations(path: str | os.PathLike[str], annotations: Annotations) -> Path:
    """Write annotations as ``*_annotations.csv``, in the order of time; declared types follow as rows without times.

    The file appears whole or not at all, and does not depend on the order of the annotations.

    Raises:
        DataError: the file cannot be written.
    """
    order = np.lexsort((annotations.names.astype(str), annotations.stop_seconds, annotations.start_seconds))
    lines = [",".join(COLUMNS)]
    for i in order:  # repr: the shortest text that gives the same number back
        start, stop = float(annotations.start_seconds[i]), float(annotations.stop_seconds[i])
        lines.append(f"{csv_cell(annotations.names[i])},{start!r},{stop!r}")
    occurring = set(annotations.names.tolist())
    for name, category in annotations.declared.items():
        if name not in occurring:
            lines.append(f"{csv_cell(name)},nan,{'nan' if category == 'event' else '0'}")
    return write_whole_text(Path(path), "\n".join(lines) + "\n")


def csv_cell(name: str) -> str:
    """Return a text as a cell of a CSV file; Python's own writer leaves a carriage return bare."""
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\r\n]', name) else name
