"""Rows of tables with fixed headings: cells by heading, times in seconds; what cannot be is told row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dss_widgets.dataset.annotations.annotation_file import UNNAMED, AnnotationFile
from dss_widgets.dataset.annotations.text_tables import row_too_long, row_without_times
from dss_widgets.dataset.annotations.time_cells import times_of
from dss_widgets.errors import Problem


@dataclass(frozen=True)
class TimedRow:
    """A row whose times can be read.

    Attributes:
        number: its number in the file.
        cells: its cells, stripped, by heading in lower case.
        start, stop: the times, in the table's unit.
    """

    number: int
    cells: dict[str, str]
    start: float
    stop: float


def timed_rows(
    file: AnnotationFile, start: str, stop: str, problems: list[Problem], *, columns: Sequence[str] = ()
) -> Iterator[TimedRow]:
    """Yield the rows of a table, with the times in two of its columns.

    Args:
        file: the file.
        start, stop: the headings of these columns, in lower case.
        problems: gets what is wrong with the table, and with every row that is longer than the header or has no times.
        columns: the headings of a table that has none of its own; the last cells of its rows may be missing.

    Raises:
        DataError: it is no table.
    """
    problems += file.table.problems(file.name)
    rows, headings = (file.table.rows, tuple(columns)) if columns else (file.table.rows[1:], file.header)
    whole: list[tuple[int, dict[str, str]]] = []
    for row, cells in rows:
        if any(map(str.strip, cells[len(headings) :])):
            problems.append(row_too_long(file.name, row, len(cells), len(headings)))
        else:
            padded = [cell.strip() for cell in cells] + [""] * (len(headings) - len(cells))
            whole.append((row, dict(zip(headings, padded, strict=False))))
    times = times_of([named[heading] for _, named in whole for heading in (start, stop)])
    for (row, named), begin, end in zip(whole, times[::2], times[1::2], strict=True):
        if begin is None or end is None:
            text = named[start if begin is None else stop]
            mend = "Write seconds with a decimal point, or export the table again."
            problems.append(Problem(f"{text!r} is not a time.", mend, file=file.name, row=row))
        elif math.isnan(begin) and math.isnan(end):
            problems.append(row_without_times(file.name, row, list(named.values())))
        else:
            yield TimedRow(row, named, begin, end)


def name_heading(file: AnnotationFile, usual: str) -> str:
    """Return the heading of the column with the names: one that people chose, if the table has it, else the usual one."""
    chosen = (heading.strip().lower() for heading in file.choices.names_from)
    return next((heading for heading in chosen if heading in file.header), usual)


def or_unnamed(names: Sequence[str]) -> list[str]:
    """Return names, or, where there is not a single one, that of what is marked without a name."""
    return list(names) if any(names) else [UNNAMED] * len(names)


def left_out(file: AnnotationFile, rows: Sequence[int], what: str, mend: str) -> list[Problem]:
    """Return the warning that rows are left out on purpose, if there are any."""
    if not rows:
        return []
    told = f"{len(rows)} rows {what}" if len(rows) > 1 else f"a row {what}"
    return [Problem(told, mend, severity="warning", file=file.name, row=rows[0])]
