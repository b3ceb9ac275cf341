"""Text files that are named after a recording, and that no format fits: told, so that no song is lost without a word."""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.dataset.annotations.headings import STARTS, STOPS, Heading, find
from dss_widgets.dataset.annotations.time_cells import is_time
from dss_widgets.errors import DataError, Problem

_LOOKED_AT = 100
"""Rows in which times are looked for."""


def why_unread(file: AnnotationFile) -> Problem | None:
    """Return why a file is not read as annotations, where nothing else annotates its recording; None for an empty file.

    It is an error where rows hold times, since that may be song, and a warning where they hold none.
    """
    try:
        rows = file.table.rows
    except DataError as error:
        message = str(error).removeprefix(str(file.path))
        return Problem(message.lstrip(":, "), file=file.name)
    if not rows:
        return None
    headings = [Heading.of(cell) for cell in rows[0][1]]
    for there, missing in ((STARTS, "offsets, such as 'end'"), (STOPS, "onsets, such as 'start'")):
        if find(headings, there) is not None:
            return Problem(
                f"has no column with {missing}; found: {', '.join(cell.strip() for cell in rows[0][1])}.",
                "Export the table with it.", file=file.name, row=rows[0][0],
            )  # fmt: skip
    first = " ".join("".join(rows[0][1]).split())[:60]
    timed = next((row for row, cells in rows[:_LOOKED_AT] if sum(map(is_time, _cells(cells))) > 1), None)
    if timed is None:
        return Problem(
            f"holds no times of song ({first!r} ...) and is not read as annotations.", "Ignore this if it is a note.",
            severity="warning", file=file.name, row=rows[0][0],
        )  # fmt: skip
    return Problem(
        f"is not read: this row does not say what the columns are ({first!r} ...), and row {timed} seems to hold times.",
        "Write headings such as start, end and label in the first row; or, as Audacity does, start, end and label in every "
        "row, with tabs between them.",
        file=file.name, row=rows[0][0],
    )  # fmt: skip


def _cells(cells: list[str]) -> list[str]:
    return [word for cell in cells for word in cell.split()]
