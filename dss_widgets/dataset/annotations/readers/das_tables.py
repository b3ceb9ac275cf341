"""DAS's own tables under the names that its window took before ``_annotations.csv``: ``REC.csv`` and ``REC_songmanual.csv``.

The names: https://github.com/janclemenslab/xarray-behave, ``io/annotations_manual.py``
"""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.headings import RECORDINGS, Heading
from dss_widgets.dataset.annotations.table import COLUMNS, read_annotations


def _is_das(file: AnnotationFile) -> bool:
    """Return whether a table has DAS's columns, and none that names a recording: then it may be about many."""
    return set(COLUMNS) <= set(file.header) and not any(Heading.of(cell).words in RECORDINGS for cell in file.header)


def _read(file: AnnotationFile) -> Reading:
    annotations, problems = read_annotations(file.path)
    return Reading({"": annotations}, tuple(problems))


OLDER_DAS = AnnotationFormat("DAS (older)", ("_songmanual.csv", ".csv"), _read, _is_das)
