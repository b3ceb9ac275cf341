"""``*_annotations.csv``: annotations with names and times, read and written."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, Category, name_problem, no_times, set_aside_unusable
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

COLUMNS = ("name", "start_seconds", "stop_seconds")
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
        return no_times(file, row, name, *map(repr, texts))
    return None


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
