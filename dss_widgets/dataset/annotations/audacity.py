"""Label tracks of Audacity: two times and a label a row, without headings."""

from __future__ import annotations

import math
from dataclasses import replace

from dss_widgets.dataset.annotations.annotation_file import UNNAMED, AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.text_tables import row_too_long
from dss_widgets.dataset.annotations.time_cells import is_time, times_of
from dss_widgets.errors import Problem


def _is_audacity(file: AnnotationFile) -> bool:
    cells = file.header
    n_least = 3 if file.delimiter == "," else 2  # 0,5 may be one number
    return len(cells) >= n_least and is_time(cells[0]) and is_time(cells[1])


def _read(file: AnnotationFile) -> Reading:
    """Read labels; the frequencies of their extended form, in rows that begin with a backslash, are left."""
    problems: list[Problem] = file.table.problems(file.name)
    rows = [(row, cells) for row, cells in file.table.rows if not cells[0].startswith("\\")]
    between = file.table.delimiter
    times = times_of([cell for _, cells in rows for cell in (*cells[:2], "", "")[:2]])
    marked: list[tuple[int, str, float, float]] = []
    for (row, cells), start, stop in zip(rows, times[::2], times[1::2], strict=True):
        if len(cells) > 3 and between in ",;":
            problems.append(row_too_long(file.name, row, len(cells), 3))
        elif between == "," and len(cells) > 2 and is_time(cells[2]) and "." not in cells[0] + cells[1]:
            mend = "Put tabs between times and label, and write decimal points."
            told = between.join(cells)
            problems.append(Problem(f"{told!r} may be two numbers or three.", mend, file=file.name, row=row))
        elif start is None or stop is None or math.isnan(start) or math.isnan(stop):
            told = between.join(cells)
            mend = "Write seconds with a decimal point, or export the labels again."
            problems.append(Problem(f"{told!r} is no label with two times in seconds.", mend, file=file.name, row=row))
        else:
            name = between.join(cells[2:]) if between == "\t" else "".join(cells[2:3])
            marked.append((row, name, start, stop))
    notices = _without_numbers(file, marked)
    without = UNNAMED if not any(name.strip() for _, name, _, _ in marked) else ""
    marks = Marks(file.name)
    for row, name, start, stop in marked:
        marks.add(name if name.strip() else without, start, stop, row=row)
    return replace(marks.reading(problems), notices=notices)


def _without_numbers(file: AnnotationFile, marked: list[tuple[int, str, float, float]]) -> tuple[Problem, ...]:
    """Cut a number off every name if all have one behind a tab, as BirdNET writes confidences, and tell so."""
    parted = [name.rpartition("\t") for _, name, _, _ in marked]
    if not parted or not all(name and is_time(number) for name, _, number in parted):
        return ()
    marked[:] = [(row, parts[0], start, stop) for (row, _, start, stop), parts in zip(marked, parted, strict=True)]
    told = "has a number behind every name, such as a confidence, which is not taken as part of it."
    return (Problem(told, "Nothing needs to be done.", severity="warning", file=file.name, row=marked[0][0]),)


AUDACITY = AnnotationFormat("Audacity", (".txt", ".csv", ".tsv"), _read, _is_audacity)
