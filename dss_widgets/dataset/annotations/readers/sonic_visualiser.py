"""Annotation layers of Sonic Visualiser: its own files (``.svl``), and the tables that it exports.

A table's columns follow from the layer (svcore, ``Event.h`` and ``BoxModel.h``), and a row without a label is shorter. There
may be headings; without them, columns with times are known by the nine decimals that they always have.
"""

from __future__ import annotations

import re
from pathlib import Path

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.columns import or_unnamed, timed_rows
from dss_widgets.dataset.annotations.readers.xml_elements import Element, number_of, read_xml
from dss_widgets.dataset.annotations.time_cells import is_time
from dss_widgets.errors import DataError, Problem

_MEND = "Export a layer of regions, boxes, notes, time instants or text."

_INSTANTS = ("time", "label")
_VALUES = ("time", "value", "label")
_REGIONS = ("time", "value", "duration", "label")
_NOTES = ("time", "value", "duration", "level", "label")
_BOXES = ("start", "end", "extent start", "extent end", "label")
_IN_SECONDS = (_INSTANTS, _VALUES, _REGIONS, _NOTES, _BOXES)
_IN_FRAMES = (*(("frame", *layer[1:]) for layer in _IN_SECONDS[:-1]), ("startframe", "endframe", *_BOXES[2:]))
_TIME = re.compile(r"-?\d+\.\d{9}")


def _read_svl(file: AnnotationFile) -> Reading:
    """Read a layer: regions, boxes and notes are segments, instants and texts are events.

    Times in the file are samples at the rate that stands in it.

    Raises:
        DataError: it is no layer that annotates song, or damaged.
    """
    path, data = file.path, read_xml(file, "sv").first("data")
    points = {} if data is None else {dataset.attributes.get("id"): dataset for dataset in data.all("dataset")}
    models = [] if data is None else [model for model in data.all("model") if model.attributes.get("dataset") in points]
    if not models:
        raise DataError(f"{path}: holds no points. {_MEND}")
    marked: list[tuple[str, float, float, int]] = []
    for model in models:
        _check_kind(path, model)
        rate = number_of(path, model, model.attributes.get("sampleRate"), "sampleRate")
        if not rate > 0:
            raise DataError(f"{path}, row {model.row}: has a sample rate of {rate:g} Hz. Export the layer again.")
        for point in points[model.attributes["dataset"]].all("point"):
            start = number_of(path, point, point.attributes.get("frame"), "frame")
            duration = number_of(path, point, point.attributes.get("duration", "0"), "duration")
            name = point.attributes.get("label", "").strip()
            marked.append((name, start / rate, (start + duration) / rate, point.row))
    return _reading(file, marked)


def _check_kind(path: Path, model: Element) -> None:
    kind = model.attributes.get("subtype", "")
    is_instants = not kind and model.attributes.get("dimensions") == "1"
    if kind not in ("region", "box", "note", "text") and not is_instants:
        what = f"{kind}s" if kind else "values along time"
        raise DataError(f"{path}, row {model.row}: is a layer of {what}, which mark no song. {_MEND}")


def _is_table(file: AnnotationFile) -> bool:
    return file.header in (*_IN_SECONDS, *_IN_FRAMES) or bool(file.header and _TIME.fullmatch(file.header[0]))


def _read_table(file: AnnotationFile) -> Reading:
    """Read an exported layer.

    Raises:
        DataError: it is no layer that annotates song, or may be none.
    """
    problems = list[Problem]()
    is_headed = file.header in (*_IN_SECONDS, *_IN_FRAMES)
    columns = file.header if is_headed else _columns(file)
    first, last = columns[0], columns[1] if columns[0].startswith("start") else "duration"
    last = last if last in columns else first
    rows = list(timed_rows(file, first, last, problems, columns=() if is_headed else columns))
    if columns[1:] == _VALUES[1:]:
        _check_texts(file, [row.number for row in rows if not row.cells["label"]])
    marked = [
        (row.cells["label"], row.start, row.start + row.stop if last == "duration" else row.stop, row.number) for row in rows
    ]
    return _reading(file, marked, problems, in_samples=file.header in _IN_FRAMES)


def _columns(file: AnnotationFile) -> tuple[str, ...]:
    """Return what the columns of a table without headings are.

    Raises:
        DataError: they may be one thing or another.
    """
    rows = [cells for _, cells in file.table.rows]
    lengths = {len(cells) for cells in rows}
    first = rows[0]
    if len(first) > 1 and _TIME.fullmatch(first[1].strip()):
        return _BOXES
    if len(first) > 2 and _TIME.fullmatch(first[2].strip()):
        numbers = [cells[3] for cells in rows if len(cells) == 4 and is_time(cells[3])]
        if lengths == {4} and len(numbers) == len(rows) and any("." in number for number in numbers):
            raise _unsure(file, "regions with numbers for names, or notes without names")
        return _NOTES if max(lengths) > 4 else _REGIONS
    if max(lengths) > 2:
        return _VALUES
    if lengths == {2} and all(is_time(cells[1]) for cells in rows):
        raise _unsure(file, "a curve of values, which marks no song, or time instants with numbers for names")
    return _INSTANTS


def _check_texts(file: AnnotationFile, unnamed: list[int]) -> None:
    """Raise an error if points with a value have no name: they are a curve, and not texts."""
    if unnamed:
        raise DataError(f"{file.path}, row {unnamed[0]}: is a layer of values along time, which mark no song. {_MEND}")


def _unsure(file: AnnotationFile, what: str) -> DataError:
    row = file.table.rows[0][0]
    return DataError(
        f"{file.path}, row {row}: is a layer of Sonic Visualiser without headings, and may be {what}. Export it with a header "
        "row, or as .svl."
    )


def _reading(
    file: AnnotationFile,
    marked: list[tuple[str, float, float, int]],
    problems: list[Problem] | None = None,
    *,
    in_samples: bool = False,
) -> Reading:
    marks = Marks(file.name)
    for name, (_, start, stop, row) in zip(or_unnamed([name for name, *_ in marked]), marked, strict=True):
        marks.add(name, start, stop, row=row)
    return marks.reading(problems or [], in_samples=in_samples)


SVL = AnnotationFormat("Sonic Visualiser", (".svl",), _read_svl)
TABLE = AnnotationFormat("Sonic Visualiser's table", (".csv",), _read_table, _is_table)
