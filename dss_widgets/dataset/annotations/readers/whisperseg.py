"""Annotations for WhisperSeg and from it: lists in a ``.json``, or a table of the columns onset, offset and cluster.

The format: https://github.com/nianlonggu/WhisperSeg/blob/master/docs/DatasetProcessing.md
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from dss_widgets.dataset.annotations.annotation_file import UNNAMED, AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.bounded import beginning_of, bounded_content
from dss_widgets.dataset.annotations.readers.columns import name_heading, timed_rows
from dss_widgets.errors import DataError, Problem

_TIMES = ("onset", "offset")
_NAMES = "cluster"
_BEGINNING = re.compile(rb'(\xef\xbb\xbf)?\s*\{.*"(onset|offset|cluster)"\s*:\s*\[', re.DOTALL)


def _is_json(file: AnnotationFile) -> bool:
    """Return whether a JSON file has lists of onsets and offsets, or is damaged behind a beginning that has such a list."""
    if not _BEGINNING.match(beginning_of(file)):
        return False
    try:
        found = _loaded(file)
    except DataError:
        return True
    return isinstance(found, dict) and all(isinstance(found.get(key), list) for key in _TIMES)


def _loaded(file: AnnotationFile) -> Any:
    try:
        return json.loads(bounded_content(file))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file.path}: is damaged JSON ({error}). Export it again.") from error


def _read_json(file: AnnotationFile) -> Reading:
    """Read a ``.json`` for WhisperSeg: lists of equal length, times in seconds; without names, all are calls.

    Raises:
        DataError: it is damaged, or has something else in its lists.
    """
    path, found = file.path, _loaded(file)
    onsets, offsets = (found[key] for key in _TIMES)
    names = found.get(_NAMES, [UNNAMED] * len(onsets))
    if not isinstance(names, list) or not len(onsets) == len(offsets) == len(names):
        told = f"{len(onsets)} onsets, {len(offsets)} offsets, {len(names) if isinstance(names, list) else 'no list of'} names"
        raise DataError(f"{path}: its lists differ in length ({told}). Export it again.")
    marks = Marks(file.name)
    for number, (onset, offset, name) in enumerate(zip(onsets, offsets, names, strict=True), 1):
        marks.add(_name(path, number, name), _seconds(path, number, onset), _seconds(path, number, offset))
    return marks.reading()


def _name(path: Path, number: int, cluster: Any) -> str:
    if isinstance(cluster, bool) or not isinstance(cluster, str | int):
        raise DataError(f"{path}, annotation {number}: {cluster!r} is no name. Correct it in 'cluster'.")
    return str(cluster)


def _seconds(path: Path, number: int, time: Any) -> float:
    if isinstance(time, bool) or not isinstance(time, int | float) or abs(time) > 1e12 or math.isnan(time):
        raise DataError(f"{path}, annotation {number}: {time!r} is not a time in seconds. Correct it in 'onset' or 'offset'.")
    return float(time)


def _read_table(file: AnnotationFile) -> Reading:
    """Read a table for WhisperSeg, or what it found in a recording or, with a column ``filename``, in many.

    Raises:
        DataError: it is no table.
    """
    marks, problems, names = Marks(file.name), list[Problem](), name_heading(file, _NAMES)
    for row in timed_rows(file, *_TIMES, problems):
        recording = row.cells.get("filename", "")
        marks.add(row.cells[names], row.start, row.stop, row=row.number, recording=recording)
    return marks.reading(problems)


WHISPERSEG_JSON = AnnotationFormat("WhisperSeg", (".json",), _read_json, _is_json)
WHISPERSEG_TABLE = AnnotationFormat("WhisperSeg", (".csv",), _read_table, lambda file: {*_TIMES, _NAMES} <= set(file.header))
