"""DAS's own tables under the names that its window took before ``_annotations.csv``: ``REC.csv`` and ``REC_songmanual.csv``.

The names: https://github.com/janclemenslab/xarray-behave, ``io/annotations_manual.py``
"""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.table import COLUMNS, read_annotations


def _is_das(file: AnnotationFile) -> bool:
    return set(COLUMNS) <= set(file.header)


def _read(file: AnnotationFile) -> Reading:
    annotations, problems = read_annotations(file.path)
    return Reading({"": annotations}, tuple(problems))


OLDER_DAS = AnnotationFormat("DAS (older)", ("_songmanual.csv", ".csv"), _read, _is_das)
