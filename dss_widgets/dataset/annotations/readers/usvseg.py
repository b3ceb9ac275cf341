"""USVSEG's tables (``REC_dat.csv``): start and end in seconds, and measures, of calls without names.

The format: https://github.com/rtachi-lab/usvseg (``usvseg09r2.m``, *CSV setting*)
"""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import UNNAMED, AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.columns import timed_rows
from dss_widgets.errors import Problem

_COLUMNS = ("#", "start", "end", "duration", "maxfreq", "maxamp")


def _read(file: AnnotationFile) -> Reading:
    """Read the calls that USVSEG found.

    Raises:
        DataError: it is no table.
    """
    marks, problems = Marks(file.name), list[Problem]()
    for row in timed_rows(file, "start", "end", problems):
        marks.add(UNNAMED, row.start, row.stop, row=row.number)
    return marks.reading(problems)


USVSEG = AnnotationFormat("USVSEG", ("_dat.csv", ".csv"), _read, lambda file: file.header[: len(_COLUMNS)] == _COLUMNS)
