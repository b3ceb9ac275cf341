"""Tables of DCASE's few-shot bioacoustic challenge: a column a class, with POS, NEG or UNK in every row.

The format: https://github.com/c4dm/dcase-few-shot-bioacoustic (README, *Training annotation format*)
"""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import UNNAMED, AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.columns import left_out, timed_rows
from dss_widgets.errors import Problem

_COLUMNS = ("audiofilename", "starttime", "endtime")
_VALUES = ("POS", "NEG", "UNK")


def _read(file: AnnotationFile) -> Reading:
    """Read the annotations of every class; what its annotators were not sure of is told and left out.

    Predictions, which have no columns of classes, are calls.

    Raises:
        DataError: it is no table.
    """
    marks, unsure, problems = Marks(file.name), list[int](), list[Problem]()
    classes = [name for text in file.table.first if (name := text.strip()) and name.lower() not in _COLUMNS]
    for row in timed_rows(file, "starttime", "endtime", problems):
        values = {name: row.cells[name.lower()].upper() for name in classes} or {UNNAMED: "POS"}
        for name, value in values.items():
            if value not in _VALUES:
                message = f"has {value!r} under {name!r}, which is none of {', '.join(_VALUES)}."
                problems.append(Problem(message, "Write one of them.", file=file.name, row=row.number))
            elif value == "POS":
                marks.add(name, row.start, row.stop, row=row.number, recording=row.cells["audiofilename"])
        if "UNK" in values.values():
            unsure.append(row.number)
    what = "with a class that is not sure (UNK): as that class, left out, and noise."
    return marks.reading(problems + left_out(file, unsure, what, "Write POS where it is sure, or ignore this."))


DCASE = AnnotationFormat("DCASE few-shot", (".csv",), _read, lambda file: set(_COLUMNS) <= set(file.header))
