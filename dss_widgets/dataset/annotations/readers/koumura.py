"""``Annotation.xml`` of Koumura and Okanoya (2016): many recordings, in the folder ``Wave`` beside it.

The data: https://doi.org/10.6084/m9.figshare.3470165
"""

from __future__ import annotations

from pathlib import Path

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.bounded import beginning_of
from dss_widgets.dataset.annotations.readers.xml_elements import Element, number_of, read_xml
from dss_widgets.errors import DataError


def _read(file: AnnotationFile) -> Reading:
    """Read the annotations of all recordings that the file names.

    Positions in it are samples, within sequences that have a position in their recording.

    Raises:
        DataError: it is no such file, or is damaged.
    """
    path, marks = file.path, Marks(file.name)
    for sequence in read_xml(file, "Sequences").all("Sequence"):
        recording = _recording(path, _within(path, sequence, "WaveFileName"))
        begin = _samples(path, sequence, "Position")
        for note in sequence.all("Note"):
            start = begin + _samples(path, note, "Position")
            stop = start + _samples(path, note, "Length")
            row = note.row if note.row != sequence.row else 0  # as published, all of it stands on one line
            marks.add(_within(path, note, "Label"), start, stop, row=row, recording=recording)
    return marks.reading(in_samples=True)


def _recording(path: Path, name: str) -> str:
    """Return where a recording lies: beside the file, else in ``Wave``; a name with folders says so itself."""
    plain = not set("/\\") & set(name)
    return f"Wave/{name}" if plain and not (path.parent / name).is_file() else name


def _samples(path: Path, element: Element, tag: str) -> float:
    return number_of(path, element, _within(path, element, tag), f"<{tag}>")


def _within(path: Path, element: Element, tag: str) -> str:
    child = element.first(tag)
    if child is None:
        raise DataError(f"{path}, row {element.row}: a <{element.tag}> has no <{tag}>. Export the file again.")
    return child.text


def _is_koumura(file: AnnotationFile) -> bool:
    return file.name.lower() == "annotation.xml" or b"<Sequences" in beginning_of(file)


KOUMURA = AnnotationFormat("Koumura", ("annotation.xml",), _read, _is_koumura)
