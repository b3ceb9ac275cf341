"""Other tools' annotations that crowsetta reads (the extra ``formats``): Praat, evsonganaly and Koumura and Okanoya's."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.errors import DataError


def _read_with_crowsetta(module: str, name: str, path: Path) -> Any:
    """Return what a reader of crowsetta makes of a file.

    Raises:
        DataError: crowsetta is not installed, or cannot read the file.
    """
    try:
        reader = getattr(import_module(f"crowsetta.formats.seq.{module}"), name)
    except ImportError as error:
        raise DataError(f"{path}: needs the library crowsetta. Install it with: pip install 'dss_widgets[formats]'") from error
    try:
        return reader.from_file(path)
    except Exception as error:  # what a damaged file makes a parser raise is anybody's guess
        raise DataError(f"{path}: cannot be read as {name} ({error}). Export it anew.") from error


def read_textgrid(path: Path) -> Annotations:
    """Read a TextGrid of Praat: named intervals are segments, named points are events, of all tiers together."""
    entries = []
    for tier in _read_with_crowsetta("textgrid", "TextGrid", path).tiers:
        if hasattr(tier, "intervals"):
            entries += [(i.text, float(i.xmin), float(i.xmax)) for i in tier.intervals if i.text.strip()]
        else:
            entries += [(point.mark, float(point.number), float(point.number)) for point in tier.points if point.mark.strip()]
    return Annotations.of(entries, file=path.name)


def read_notmat(path: Path) -> Annotations:
    """Read a ``.not.mat`` of evsonganaly: one character a syllable, times in milliseconds in the file."""
    found = _read_with_crowsetta("notmat", "NotMat", path)
    onsets, offsets = np.atleast_1d(found.onsets), np.atleast_1d(found.offsets)
    times = zip(found.labels, onsets, offsets, strict=True)
    entries = [(str(name), float(start), float(stop)) for name, start, stop in times]
    return Annotations.of(entries, file=path.name, rows=[0] * len(entries))


def _read_koumura(file: AnnotationFile) -> Reading:
    """Read an ``Annotation.xml`` of Koumura and Okanoya (2016): many recordings, mostly in the folder ``Wave`` beside it.

    Positions in the file are samples, within sequences that have a position in their recording; crowsetta adds the two.
    """
    found: dict[str, list[tuple[str, float, float]]] = {}
    for sequence in _read_with_crowsetta("birdsongrec", "BirdsongRec", file.path).sequences:
        name = str(sequence.wav_file)
        is_beside = "/" not in name and (file.path.parent / name).is_file()
        entries = found.setdefault(name if is_beside else f"Wave/{name}", [])
        entries += [(str(s.label), s.position, s.position + s.length) for s in sequence.syls]
    marked = {name: Annotations.of(e, file=file.name, rows=[0] * len(e)) for name, e in found.items()}
    return Reading(marked, in_samples=True)


TEXTGRID = AnnotationFormat("TextGrid", (".textgrid",), lambda file: Reading({"": read_textgrid(file.path)}))
NOTMAT = AnnotationFormat("evsonganaly", (".not.mat",), lambda file: Reading({"": read_notmat(file.path)}))
KOUMURA = AnnotationFormat("Koumura", ("annotation.xml",), _read_koumura)
