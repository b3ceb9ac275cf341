"""Annotations for WhisperSeg and from it: lists in a ``.json``, or a table of the columns onset, offset and cluster.

The format: https://github.com/nianlonggu/WhisperSeg/blob/master/docs/DatasetProcessing.md
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.bounded import beginning_of, bounded_content
from dss_widgets.dataset.annotations.readers.columns import name_heading, timed_rows
from dss_widgets.errors import DataError, Problem

_KEYS = ("onset", "offset", "cluster")
_BEGINNING = re.compile(rb'(\xef\xbb\xbf)?\s*\{.*"(onset|offset|cluster)"\s*:\s*\[', re.DOTALL)


def _is_json(file: AnnotationFile) -> bool:
    """Return whether a JSON file has one of WhisperSeg's lists in its beginning."""
    return _BEGINNING.match(beginning_of(file)) is not None


def _read_json(file: AnnotationFile) -> Reading:
    """Read a ``.json`` for WhisperSeg: three lists of equal length, times in seconds.

    Raises:
        DataError: it is damaged, or a list is missing or has something else in it.
    """
    path = file.path
    try:
        found = json.loads(bounded_content(file))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: is damaged JSON ({error}). Export it anew.") from error
    missing = [key for key in _KEYS if not isinstance(found, dict) or not isinstance(found.get(key), list)]
    if missing:
        raise DataError(f"{path}: has no list {', '.join(missing)}. WhisperSeg's files have onset, offset and cluster.")
    lists = [found[key] for key in _KEYS]
    if len({len(values) for values in lists}) > 1:
        counts = ", ".join(f"{len(values)} of {key}" for key, values in zip(_KEYS, lists, strict=True))
        raise DataError(f"{path}: its lists differ in length ({counts}). Export it anew.")
    marks = Marks(file.name)
    for number, (onset, offset, cluster) in enumerate(zip(*lists, strict=True), 1):
        marks.add(_name(path, number, cluster), _seconds(path, number, onset), _seconds(path, number, offset))
    return marks.reading()


def _read_table(file: AnnotationFile) -> Reading:
    """Read a table for WhisperSeg, or what it found in a recording or, with a column ``filename``, in many.

    Raises:
        DataError: it is no table.
    """
    marks, problems = Marks(file.name), list[Problem]()
    names = name_heading(file, "cluster")
    for row in timed_rows(file, "onset", "offset", problems):
        recording = row.cells.get("filename", "")
        marks.add(row.cells[names], row.start, row.stop, row=row.number, recording=recording)
    return marks.reading(problems)


def _name(path: Path, number: int, cluster: Any) -> str:
    if isinstance(cluster, bool) or not isinstance(cluster, str | int):
        raise DataError(f"{path}, annotation {number}: {cluster!r} is no name. Correct it in 'cluster'.")
    return str(cluster)


def _seconds(path: Path, number: int, time: Any) -> float:
    if isinstance(time, bool) or not isinstance(time, int | float) or abs(time) > 1e12 or math.isnan(time):
        raise DataError(f"{path}, annotation {number}: {time!r} is not a time in seconds. Correct it in 'onset' or 'offset'.")
    return float(time)


WHISPERSEG_JSON = AnnotationFormat("WhisperSeg", (".json",), _read_json, _is_json)
WHISPERSEG_TABLE = AnnotationFormat("WhisperSeg", (".csv",), _read_table, lambda file: set(_KEYS) <= set(file.header))
