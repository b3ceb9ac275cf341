"""Text files that no format fits and that may hold song all the same: told, so that none is lost without a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.dataset.annotations.headings import RECORDINGS, STARTS, STOPS, Heading, find
from dss_widgets.dataset.annotations.named_recordings import NamedRecordings
from dss_widgets.dataset.annotations.source_problems import problem_of
from dss_widgets.dataset.annotations.text_tables import row_too_long
from dss_widgets.dataset.annotations.time_cells import is_time, times_of
from dss_widgets.errors import DataError, Problem

_LOOKED_AT = 100
"""Rows in which times are looked for."""

_HOW_TO_WRITE = (
    "Write headings such as start, end and label in the first row; or, as Audacity does, start, end and label in every row, "
    "with tabs between them."
)


def why_unread(file: AnnotationFile) -> Problem:
    """Return why a file named after a recording that nothing else annotates is not read.

    It is an error where rows hold times, since that may be song, and a warning where they hold none.
    """
    try:
        rows = file.table.rows
    except DataError as error:
        return problem_of(error, file.path)
    if not rows:
        mend = "Ignore this; or, if nothing sings in the recording and it is to be used, write a table with headings alone."
        return Problem("is empty.", mend, severity="warning", file=file.name)
    missing = _missing_times(file)
    if missing is not None:
        return missing
    first = " ".join(" ".join(rows[0][1]).split())[:60]
    timed = next((row for row, cells in rows[:_LOOKED_AT] if sum(map(is_time, _words(cells))) > 1), None)
    if timed is None:
        return Problem(
            f"holds no times of song ({first!r} ...) and is not read as annotations.", "Ignore this if it is a note.",
            severity="warning", file=file.name, row=rows[0][0],
        )  # fmt: skip
    return Problem(
        f"is not read: this row does not say what the columns are ({first!r} ...), and row {timed} seems to hold times.",
        _HOW_TO_WRITE, file=file.name, row=rows[0][0],
    )  # fmt: skip


def why_unread_collection(file: AnnotationFile, recordings: NamedRecordings) -> Problem | None:
    """Return why a table that is not named after a recording is not read; None if it holds no times of recordings."""
    headings = [Heading.of(cell) for cell in file.header]
    if len(headings) < 2:
        return None
    try:
        numbered = file.table.rows[1:_LOOKED_AT]
    except DataError as error:
        known = (*STARTS, *STOPS, *RECORDINGS)
        told = replace(problem_of(error, file.path), severity="warning")
        return told if any(heading.words in known for heading in headings) else None
    for row, cells in numbered:
        if len(cells) > len(headings) and any(recordings.called(cell.strip()) for cell in cells):
            return replace(row_too_long(file.name, row, len(cells), len(headings)), severity="warning")
    return _why_unread_rows(file, headings, numbered, recordings)


def _why_unread_rows(
    file: AnnotationFile, headings: list[Heading], numbered: Sequence[tuple[int, list[str]]], recordings: NamedRecordings
) -> Problem | None:
    rows = [cells for _, cells in numbered if len(cells) == len(headings)]
    named = _rows_with_recordings(rows, recordings)
    missing = _missing_times(file)
    if missing is not None and (named or any(heading.words in RECORDINGS for heading in headings)):
        return missing
    if missing is not None and any(heading.unit and heading.words in (*STARTS, *STOPS) for heading in headings):
        return replace(missing, severity="warning")
    times = [column for i in range(len(headings)) if (column := _times([cells[i] for cells in named]))]
    if not any(_never_less(a, b) or _never_less(b, a) for k, a in enumerate(times) for b in times[:k]):
        return None
    return Problem(
        "is not read: it names recordings and seems to hold times, but no heading says which columns these are.",
        "Write headings such as start and end in the first row, if it is song.",
        severity="warning", file=file.name, row=file.table.rows[0][0],
    )  # fmt: skip


def _rows_with_recordings(rows: Sequence[list[str]], recordings: NamedRecordings) -> list[list[str]]:
    """Return the rows that name a recording, in the column in which most do; none where it is fewer than half."""
    by_column = [
        [cells for cells in rows if recordings.called(cells[i].strip().replace("\\", "/").rpartition("/")[2])]
        for i in range(len(rows[0]) if rows else 0)
    ]
    most = max(by_column, key=len, default=[])
    return most if 2 * len(most) >= len(rows) else []


def _missing_times(file: AnnotationFile) -> Problem | None:
    """Return the error that a table has a column of onsets or of offsets alone; None if it has neither."""
    row, cells = file.table.rows[0]
    headings = [Heading.of(cell) for cell in cells]
    for there, missing in ((STARTS, "offsets, such as 'end'"), (STOPS, "onsets, such as 'start'")):
        if find(headings, there) is not None:
            found = ", ".join(cell.strip() for cell in cells)
            mend = "Export the table with it."
            return Problem(f"has no column with {missing}; found: {found}.", mend, file=file.name, row=row)
    return None


def _words(cells: Sequence[str]) -> list[str]:
    return [word for cell in cells for word in cell.split()]


def _times(cells: Sequence[str]) -> list[float]:
    """Return a column's times; none where some cells hold none."""
    found = times_of(cells)
    times = [time for time in found if time is not None and math.isfinite(time)]
    return times if len(times) == len(found) else []


def _never_less(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a >= b for a, b in zip(one, other, strict=True))
