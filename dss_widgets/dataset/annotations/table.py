"""Annotations: names and times, read from and written to ``*_annotations.csv``."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.text_tables import rows_of
from dss_widgets.errors import DataError, Problem
from dss_widgets.whole_files import appearing_whole

Category = str
"""``event`` (a point in time) or ``segment`` (a stretch of time)."""

COLUMNS = ("name", "start_seconds", "stop_seconds")
SUFFIX = "_annotations.csv"
DEFINITIONS_SUFFIX = "_definitions.csv"


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
    """

    names: np.ndarray
    start_seconds: np.ndarray
    stop_seconds: np.ndarray
    rows: np.ndarray
    declared: Mapping[str, Category] = field(default_factory=dict)
    declared_rows: Mapping[str, int] = field(default_factory=dict)
    file: str = ""

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(
        cls, entries: Iterable[tuple[str, float, float]], *, file: str = "", rows: Sequence[int] | None = None
    ) -> Annotations:
        """Make annotations of (name, start_seconds, stop_seconds), from these rows of a file (default: 2, 3 ...)."""
        entries = list(entries)
        return cls(
            names=_text_array([name for name, _, _ in entries]),
            start_seconds=np.array([start for _, start, _ in entries], dtype=np.float64),
            stop_seconds=np.array([stop for _, _, stop in entries], dtype=np.float64),
            rows=np.arange(2, len(entries) + 2) if rows is None else np.array(rows, dtype=np.int64),
            file=file,
        )

    def select(self, keep: np.ndarray) -> Annotations:
        """Return those that a boolean mask or an index picks."""
        return Annotations(
            self.names[keep], self.start_seconds[keep], self.stop_seconds[keep], self.rows[keep],
            self.declared, self.declared_rows, self.file,
        )  # fmt: skip

    def song_types(self) -> list[str]:
        """Return the names that occur or are declared, sorted."""
        return sorted({*self.names.tolist(), *self.declared})


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
    names: list[str] = []
    times: list[tuple[float, float]] = []
    rows: list[int] = []
    declared: dict[str, Category] = {}
    declared_rows: dict[str, int] = {}
    problems: list[Problem] = []
    for row, record in _records(path):
        name = record[0]
        parsed = _parse_row(path.name, row, *record)
        if isinstance(parsed, Problem):
            problems.append(parsed)
        elif math.isnan(parsed[0]):
            declared.setdefault(name, "event" if math.isnan(parsed[1]) else "segment")
            declared_rows.setdefault(name, row)
        else:
            names.append(name)
            times.append(parsed)
            rows.append(row)
    both = np.array(times, dtype=np.float64).reshape(-1, 2)
    annotations = Annotations(
        _text_array(names),
        both[:, 0].copy(),
        both[:, 1].copy(),
        np.array(rows, dtype=np.int64),
        declared,
        declared_rows,
        path.name,
    )
    return annotations, problems


def _records(path: Path) -> Iterable[tuple[int, tuple[str, str, str]]]:
    rows = rows_of(path)
    header = [column.strip() for column in next(rows, (1, list[str]()))[1]]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        found = ", ".join(filter(None, header)) or "nothing"
        raise DataError(
            f"{path}, row 1: the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"{'are' if len(missing) > 1 else 'is'} missing (found: {found}). "
            f"The first row must read {','.join(COLUMNS)}, with commas between them."
        )
    at = [header.index(column) for column in COLUMNS]
    for row, cells in rows:
        if any(cells):
            padded = cells + [""] * (max(at) + 1 - len(cells))
            yield row, (padded[at[0]], padded[at[1]], padded[at[2]])


def _parse_row(file: str, row: int, name: str, start: str, stop: str) -> tuple[float, float] | Problem:
    if not name.strip(" "):
        return Problem("has no name.", "Name its song type or delete the row.", file=file, row=row)
    if name == "noise":
        return Problem("'noise' is what is left when nothing sings.", "Rename this song type.", file=file, row=row)
    try:
        times = tuple(_as_seconds(text) for text in (start, stop))
    except ValueError:
        return Problem(
            f"{name!r} goes from {start!r} to {stop!r}, which are not both numbers.",
            "Write seconds with a decimal point.", file=file, row=row,
        )  # fmt: skip
    if any(math.isinf(time) for time in times) or (math.isnan(times[1]) and not math.isnan(times[0])):
        return Problem(
            f"{name!r} starts at {start!r} and stops at {stop!r}.",
            "Give both times in seconds; an event stops where it starts.", file=file, row=row,
        )  # fmt: skip
    return times[0], times[1]


def _as_seconds(text: str) -> float:
    text = text.strip()
    if "_" in text:  # 1_0 is a number to Python, and to nobody else
        raise ValueError(text)
    return float(text) if text else math.nan


def write_annotations(path: str | os.PathLike[str], annotations: Annotations) -> Path:
    """Write annotations as ``*_annotations.csv``, in the order of time; declared types follow as rows without times.

    The file appears whole or not at all, and does not depend on the order of the annotations.

    Raises:
        DataError: the file cannot be written.
    """
    path = Path(path)
    order = np.lexsort((annotations.names.astype(str), annotations.stop_seconds, annotations.start_seconds))
    lines = [",".join(COLUMNS)]
    for i in order:  # repr: the shortest text that gives the same number back
        start, stop = float(annotations.start_seconds[i]), float(annotations.stop_seconds[i])
        lines.append(f"{_cell(annotations.names[i])},{start!r},{stop!r}")
    occurring = set(annotations.names.tolist())
    for name, category in annotations.declared.items():
        if name not in occurring:
            lines.append(f"{_cell(name)},nan,{'nan' if category == 'event' else '0'}")
    try:
        with appearing_whole(path) as partial:
            partial.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Make room or choose another place.") from error
    return path


def _cell(name: str) -> str:
    """Return a name as a cell of a CSV file; Python's own writer leaves a carriage return bare."""
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\r\n]', name) else name


def read_definitions(path: str | os.PathLike[str]) -> tuple[dict[str, tuple[Category, int]], list[Problem]]:
    """Read a ``*_definitions.csv``: a name and a category a row, no header.

    Returns:
        Category and row by name, and a problem for every row that cannot be read.

    Raises:
        DataError: the file cannot be read.
    """
    path = Path(path)
    definitions: dict[str, tuple[Category, int]] = {}
    problems: list[Problem] = []
    for row, cells in rows_of(path):
        if not any(cells):
            continue
        name, category = cells[0], cells[1].strip().lower() if len(cells) > 1 else ""
        if category not in ("event", "segment") or not name or name == "noise":
            problems.append(
                Problem(
                    f"reads {','.join(cells)!r}.",
                    "Write a song type's name, a comma, and event or segment.",
                    file=path.name,
                    row=row,
                )
            )
        elif definitions.get(name, (category,))[0] != category:
            problems.append(
                Problem(f"{name!r} is both event and segment in this file.", "Keep one row.", file=path.name, row=row)
            )
        else:
            definitions[name] = (category, row)
    return definitions, problems
