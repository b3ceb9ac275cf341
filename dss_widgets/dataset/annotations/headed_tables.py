"""Tables with a row of headings: Raven, BirdNET, crowsetta's simple-seq and generic-seq, and what scripts write.

They are read here and not through crowsetta, because its tables (of pandas) turn the labels ``01`` and ``NA`` into a number
and a missing value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple

from dss_widgets.dataset.annotations.annotation_file import UNNAMED, AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.headings import SCALES
from dss_widgets.dataset.annotations.name_columns import name_column
from dss_widgets.dataset.annotations.table_layout import Layout, layout_of, layout_told
from dss_widgets.dataset.annotations.text_tables import row_too_long, row_without_times, rows_numbered_without_heading
from dss_widgets.dataset.annotations.time_cells import times_of
from dss_widgets.errors import DataError, Problem

_SAME_SECONDS = 1e-3
"""Times that differ by less are one: Raven shows three decimals or more."""


class _Row(NamedTuple):
    """A row whose times can be read, in the table's unit."""

    number: int
    cells: Sequence[str]
    start: float
    stop: float
    n_cells: int
    recording: str = ""


def _read(file: AnnotationFile, *, plain: bool = False) -> Reading:
    layout = layout_of(file)
    problems: list[Problem] = file.table.problems(file.name)
    rows = _times(file, layout, _whole_rows(file, layout, problems), problems)
    rows = _offsets_counted(file, layout, _with_recordings(layout, rows), problems)
    names = name_column(layout.titles, layout.headings, [row.cells for row in rows], file.choices.names_from, plain=plain)
    problems += _cut_rows(file, rows, names.index)
    rows = _once_a_selection(layout, rows, names.index)
    named = [row.cells[names.index].strip() if names.index is not None else "" for row in rows]
    if not any(named):
        named = [UNNAMED] * len(rows)
    notices = [replace(notice, file=file.name, row=file.table.rows[0][0]) for notice in (*names.notices, *layout.notices)]
    reading = _marked(file, layout, rows, named, problems)
    may_count_on = len(reading.by_recording) > 1 and layout.column("file offset") is None
    return replace(reading, notices=tuple(notices), may_count_on=may_count_on)


def _marked(
    file: AnnotationFile, layout: Layout, rows: Sequence[_Row], names: Sequence[str], problems: list[Problem]
) -> Reading:
    """Return rows and their names as what is marked, by recording."""
    scale = SCALES[layout.headings[layout.start].unit]
    starts, stops = [row.start * scale for row in rows], [row.stop * scale for row in rows]
    if not layout.recordings:
        numbers = [row.number for row in rows]
        marked = Annotations.of_columns(names, starts, stops, file=file.name, rows=numbers)
        return Reading({"": marked}, tuple(problems), in_samples=layout.in_samples)
    marks = Marks(file.name)
    for row, name, start, stop in zip(rows, names, starts, stops, strict=True):
        marks.add(name, start, stop, row=row.number, recording=row.recording)
    return marks.reading(problems, in_samples=layout.in_samples)


def _whole_rows(file: AnnotationFile, layout: Layout, problems: list[Problem]) -> list[tuple[int, list[str]]]:
    """Return rows that are as long as the header; empty cells at the end do not count."""
    n_columns, rows = len(layout.headings), file.table.rows[1:]
    if all(len(cells) <= n_columns for _, cells in rows):
        return rows
    numbered = rows_numbered_without_heading(file.name, rows, layout.titles)
    if numbered is not None:
        problems.append(numbered)
        return []
    whole = []
    for row, cells in rows:
        if any(map(str.strip, cells[n_columns:])):
            problems.append(row_too_long(file.name, row, len(cells), n_columns))
        else:
            whole.append((row, cells[:n_columns]))
    return whole


def _times(file: AnnotationFile, layout: Layout, rows: Sequence[tuple[int, list[str]]], problems: list[Problem]) -> list[_Row]:
    """Return the rows whose times can be read, and tell the others."""
    first, last, n_columns = layout.start, layout.last, len(layout.headings)
    whole = [cells if len(cells) == n_columns else cells + [""] * (n_columns - len(cells)) for _, cells in rows]
    times = times_of([cells[i] for cells in whole for i in (first, last)])
    scale = SCALES[layout.headings[last].unit] / SCALES[layout.headings[first].unit]
    if scale == 1 and not layout.last_is_duration and _are_numbers(times):  # as nearly all tables are
        numbers, lengths = [row for row, _ in rows], [len(cells) for _, cells in rows]
        return list(map(_Row._make, zip(numbers, whole, times[::2], times[1::2], lengths, repeat(""))))
    found = []
    for (row, there), cells, start, stop in zip(rows, whole, times[::2], times[1::2], strict=True):
        if start is None or stop is None:
            text = cells[first if start is None else last]
            mend = "Write seconds with a decimal point, or export the table again."
            problems.append(Problem(f"{text!r} is not a time in seconds.", mend, file=file.name, row=row))
        elif math.isnan(start) and math.isnan(stop):
            problems.append(row_without_times(file.name, row, cells))
        else:
            ends = start + stop * scale if layout.last_is_duration else stop * scale
            found.append(_Row(row, cells, start, ends, len(there)))
    return found


def _are_numbers(times: Sequence[float | None]) -> bool:
    return None not in times and not any(map(math.isnan, times))  # type: ignore[arg-type]


def _cut_rows(file: AnnotationFile, rows: Sequence[_Row], name_index: int | None) -> Iterator[Problem]:
    """Yield a warning for every row that ends before its name."""
    least = -1 if name_index is None else name_index
    for row in rows:
        if row.n_cells <= least:
            yield Problem(
                f"has {row.n_cells} cells, and the header {len(row.cells)}: its end with the name is missing.",
                "Complete the row.", severity="warning", file=file.name, row=row.number,
            )  # fmt: skip


def _with_recordings(layout: Layout, rows: list[_Row]) -> list[_Row]:
    """Return the rows with the recording that each is about: a path, unless another column names another file."""
    columns, folder = layout.recordings, layout.column("folder")
    if not columns:
        return rows
    if folder is not None and layout.headings[columns[0]].words == "in file":  # as Kaleidoscope writes
        return [
            row._replace(
                recording="/".join(filter(None, (row.cells[i].strip() for i in (folder, columns[0]))))
                if row.cells[columns[0]].strip()
                else ""
            )
            for row in rows
        ]
    with_recordings = []
    for row in rows:
        said = [text for i in columns if (text := row.cells[i].strip())]
        path = said[0] if said else ""
        name = next((text for text in said if text.replace("\\", "/").rpartition("/")[2] == text), path)
        with_recordings.append(row._replace(recording=path if path.endswith(name) else name))
    return with_recordings


def _offsets_counted(file: AnnotationFile, layout: Layout, rows: list[_Row], problems: list[Problem]) -> list[_Row]:
    """Return the rows with times within their recording: Raven counts from the first of several that are open together.

    Raises:
        DataError: times are counted over several recordings, but the table does not say which these are.
    """
    column = layout.column("file offset")
    if column is None:
        return rows
    counted = []
    offsets = times_of([row.cells[column] for row in rows])
    are_given = any(offset is not None and not math.isnan(offset) for offset in offsets)
    for row, offset in zip(rows, offsets, strict=True):
        if offset is None or (are_given and math.isnan(offset)):
            text = row.cells[column]
            problems.append(
                Problem(f"{text!r} is no offset in seconds.", "Export the table again.", file=file.name, row=row.number)
            )
        elif math.isnan(offset) or abs(offset - row.start) < _SAME_SECONDS:
            counted.append(row)
        elif not row.recording:
            raise DataError(
                f"{file.path}, row {row.number}: its times are counted over several recordings, and no column says which one "
                "each row is about. Export the table with the column 'Begin File'."
            )
        else:
            counted.append(row._replace(start=offset, stop=offset + (row.stop - row.start)))
    return counted


def _once_a_selection(layout: Layout, rows: list[_Row], name_index: int | None) -> list[_Row]:
    """Return every selection of Raven once, though it may be listed for several views: same number, times and channel.

    Of its rows, the first that has a name counts.
    """
    number, view, channel = layout.selection
    if number is None or view is None or len({row.cells[number] for row in rows}) == len(rows):
        return rows
    once: list[_Row] = []
    seen: dict[tuple[object, ...], tuple[int, set[str]]] = {}
    for row in rows:
        key = (row.recording, row.cells[number], row.start, row.stop, None if channel is None else row.cells[channel])
        first, views = seen.setdefault(key, (len(once), set()))
        here = row.cells[view].strip()
        if not views or here in views:
            once.append(row)
        elif name_index is not None and not once[first].cells[name_index].strip():
            once[first] = row
        views.add(here)
    return once


def _has(file: AnnotationFile, *words: str) -> bool:
    return set(words) <= set(file.header)


def _is_times_table(file: AnnotationFile) -> bool:
    return isinstance(layout_told(file.header), Layout)


GENERIC_SEQ = AnnotationFormat(
    "generic-seq", (".csv",), lambda file: _read(file, plain=True), lambda file: _has(file, "label", "notated_path")
)
SIMPLE_SEQ = AnnotationFormat(
    "simple-seq",
    (".csv", ".txt"),
    lambda file: _read(file, plain=True),
    lambda file: _has(file, "onset_s", "offset_s", "label"),
)
RAVEN = AnnotationFormat(
    "Raven",
    (".txt", ".csv", ".tsv", ".selections.txt", ".table.1.selections.txt"),
    _read,
    lambda file: bool({"begin time (s)", "end time (s)"} & set(file.header)) or _has(file, "selection", "view"),
)
TIMES_TABLE = AnnotationFormat("table of times", (".txt", ".csv", ".tsv"), _read, _is_times_table)
