"""SongExplorer's tables (``REC.wav-annotated-NAME.csv``): recording, start and stop in samples, kind and label, no header.

The format: https://github.com/JaneliaSciComp/SongExplorer (README, *Training a Classifier*)
"""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.columns import left_out, timed_rows
from dss_widgets.errors import Problem

_COLUMNS = ("recording", "start", "stop", "kind", "label")
_BY_PEOPLE = "annotated"
_KINDS = (_BY_PEOPLE, "predicted", "detected", "missed", "classified", "mistaken")


def _is_songexplorer(file: AnnotationFile) -> bool:
    cells = file.header
    return len(cells) == 5 and cells[1].isdecimal() and cells[2].isdecimal() and cells[3] in _KINDS


def _read(file: AnnotationFile) -> Reading:
    """Read what people annotated; what SongExplorer itself found is told and left out.

    Raises:
        DataError: it is no table.
    """
    marks, by_itself, problems = Marks(file.name), list[int](), list[Problem]()
    for row in timed_rows(file, "start", "stop", problems, columns=_COLUMNS):
        if row.cells["kind"] == _BY_PEOPLE:
            marks.add(row.cells["label"], row.start, row.stop, row=row.number, recording=row.cells["recording"])
        else:
            by_itself.append(row.number)
    what = f"found by SongExplorer itself (not of the kind '{_BY_PEOPLE}') and left out."
    problems += left_out(file, by_itself, what, "Correct what it found in SongExplorer, or ignore this.")
    found = marks.reading(problems, in_samples=True)
    return found if "" not in found.by_recording else Reading({}, tuple(problems))


SONGEXPLORER = AnnotationFormat("SongExplorer", (".csv",), _read, _is_songexplorer)
