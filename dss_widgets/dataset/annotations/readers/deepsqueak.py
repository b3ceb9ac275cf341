"""Calls exported from DeepSqueak: its statistics saved as csv, with a header, and its boxes (*Export, csv*), without one.

The columns: https://github.com/DrCoffey/DeepSqueak, ``excel_Callback.m`` and ``csv_Callback.m``. Boxes have start and end in
seconds, low and high frequency in Hz, and a label; Sonic Visualiser writes the very same for its layer of boxes.
"""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.columns import TimedRow, left_out, name_heading, or_unnamed, timed_rows
from dss_widgets.dataset.annotations.time_cells import is_time, times_of
from dss_widgets.errors import Problem

_START, _STOP, _LENGTH = "begin time (s)", "end time (s)", "call length (s)"
_BOX = ("start", "end", "low", "high", "label")


def _read_statistics(file: AnnotationFile) -> Reading:
    """Read the calls; those that were rejected in DeepSqueak are told and left out.

    The column ``File`` says where DeepSqueak keeps them. Where there are several, each is taken for a recording's name.

    Raises:
        DataError: it is no table.
    """
    problems = list[Problem]()
    rows = list(timed_rows(file, _START, _STOP, problems))
    rejected = {row.number: row for row in rows if row.cells.get("accepted", "").lower() in ("0", "false")}
    mend = "Accept there what is a call, or ignore this."
    problems += left_out(file, list(rejected), "rejected in DeepSqueak and left out.", mend)
    kept = [row for row in rows if row.number not in rejected]
    is_about_many = len({row.cells.get("file") for row in rows}) > 1
    return _calls(file, kept, problems, names=name_heading(file, "label"), recordings="file" if is_about_many else "")


def _read_boxes(file: AnnotationFile) -> Reading:
    """Read the boxes.

    Raises:
        DataError: it is no table.
    """
    problems = list[Problem]()
    return _calls(file, list(timed_rows(file, "start", "end", problems, columns=_BOX)), problems)


def _calls(
    file: AnnotationFile, rows: list[TimedRow], problems: list[Problem], *, names: str = "label", recordings: str = ""
) -> Reading:
    marks = Marks(file.name)
    for row, name in zip(rows, or_unnamed([row.cells.get(names, "") for row in rows]), strict=True):
        marks.add(name, row.start, row.stop, row=row.number, recording=row.cells.get(recordings, ""))
    return marks.reading(problems)


def _is_boxes(file: AnnotationFile) -> bool:
    """Return whether the first row can be a box: two times in their order, then two frequencies in theirs, in Hz."""
    cells = file.header
    if len(cells) not in (4, 5) or not all(map(is_time, cells[:4])):
        return False
    start, stop, low, high = (time or 0.0 for time in times_of(cells[:4]))
    return 0 <= start <= stop and 0 <= low < high and high > 20


DEEPSQUEAK = AnnotationFormat(
    "DeepSqueak", (".csv", "_stats.csv"), _read_statistics, lambda file: {_START, _STOP, _LENGTH} <= set(file.header)
)
BOXES = AnnotationFormat("boxes of DeepSqueak or Sonic Visualiser", (".csv",), _read_boxes, _is_boxes)
