"""Other tools' annotations that are tables of text: Raven, Audacity, simple-seq and generic-seq.

They are read here and not through crowsetta, because its tables (of pandas) turn the labels ``01`` and ``NA`` into a number
and a missing value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dss_widgets.dataset.annotations.table import Annotations
from dss_widgets.dataset.annotations.text_tables import rows_of
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.errors import DataError

UNNAMED = "call"
"""The name of what a table marks without naming it."""

Entry = tuple[str, float, float]

_RAVEN_LABELS = ("annotation", "label", "species", "type", "call type", "name", "sound type")
_RAVEN_TIMES = ("begin time (s)", "end time (s)")


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    return ((row, cells) for row, cells in rows_of(path, delimiter) if any(cell.strip() for cell in cells))


def _first_row(path: Path, delimiter: str) -> list[str]:
    """Return the cells of the first row, in lower case; none if the file is no table of text."""
    try:
        return next(([cell.strip().lower() for cell in cells] for _, cells in _rows(path, delimiter)), [])
    except DataError:
        return []


def _number(path: Path, row: int, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise DataError(f"{path}, row {row}: {text!r} is not a time in seconds. Export the table anew.") from None


def _annotations(path: Path, entries: Sequence[tuple[int, Entry]]) -> Annotations:
    return Annotations.of((entry for _, entry in entries), file=path.name, rows=[row for row, _ in entries])


def is_raven(path: Path) -> bool:
    """Return whether a file is a selection table of Raven."""
    return set(_RAVEN_TIMES) <= set(_first_row(path, "\t"))


def read_raven(path: Path) -> Annotations:
    """Read a selection table of Raven: every selection once, though it may be listed for several views.

    The name is in the column ``Annotation`` (or a similar one); selections without one are named ``call``.
    """
    rows = _rows(path, "\t")
    header = [cell.strip().lower() for cell in next(rows)[1]]
    start, stop = (header.index(column) for column in _RAVEN_TIMES)
    label = next((header.index(column) for column in _RAVEN_LABELS if column in header), None)
    selection = header.index("selection") if "selection" in header else None
    entries: list[tuple[int, Entry]] = []
    seen: set[str] = set()
    for row, cells in rows:
        padded = cells + [""] * (len(header) - len(cells))
        if selection is not None and padded[selection] in seen:
            continue
        seen.add(padded[selection] if selection is not None else "")
        name = UNNAMED if label is None else padded[label].strip() or UNNAMED
        entries.append((row, (name, _number(path, row, padded[start]), _number(path, row, padded[stop]))))
    return _annotations(path, entries)


def is_audacity(path: Path) -> bool:
    """Return whether a file is a label track of Audacity: two times and a label, between tabs."""
    cells = _first_row(path, "\t")
    try:
        return len(cells) >= 2 and float(cells[0]) <= float(cells[1])
    except ValueError:
        return False


def read_audacity(path: Path) -> Annotations:
    """Read a label track of Audacity; the frequencies of its extended form, in lines that begin with a backslash, are left."""
    entries: list[tuple[int, Entry]] = []
    for row, cells in _rows(path, "\t"):
        if cells[0].startswith("\\"):
            continue
        if len(cells) < 2:
            raise DataError(f"{path}, row {row}: {cells[0]!r} is no label with two times. Export the labels anew.")
        name = "\t".join(cells[2:]) or UNNAMED
        entries.append((row, (name, _number(path, row, cells[0]), _number(path, row, cells[1]))))
    return _annotations(path, entries)


def is_simple_seq(path: Path) -> bool:
    """Return whether a file is a simple sequence: the columns onset_s, offset_s and label."""
    header = _first_row(path, ",")
    return {"onset_s", "offset_s", "label"} <= set(header) and "notated_path" not in header


def read_simple_seq(path: Path) -> Annotations:
    """Read a simple sequence (crowsetta's ``simple-seq``)."""
    rows = _rows(path, ",")
    header = [cell.strip().lower() for cell in next(rows)[1]]
    start, stop, label = (header.index(column) for column in ("onset_s", "offset_s", "label"))
    entries: list[tuple[int, Entry]] = []
    for row, cells in rows:
        padded = cells + [""] * (len(header) - len(cells))
        entries.append((row, (padded[label] or UNNAMED, _number(path, row, padded[start]), _number(path, row, padded[stop]))))
    return _annotations(path, entries)


def is_generic_seq(path: Path) -> bool:
    """Return whether a file is a generic sequence: annotations of many recordings in one table."""
    return {"label", "notated_path"} <= set(_first_row(path, ","))


def read_generic_seq(path: Path) -> dict[Path, Annotations]:
    """Read generic sequences (crowsetta's ``generic-seq``); the recordings are looked for beside the file, by name.

    Where there are no times in seconds, those in samples are divided by the recording's sample rate.
    """
    rows = _rows(path, ",")
    header = [cell.strip().lower() for cell in next(rows)[1]]
    in_seconds = {"onset_s", "offset_s"} <= set(header)
    columns = ("onset_s", "offset_s") if in_seconds else ("onset_sample", "offset_sample")
    if not set(columns) <= set(header):
        raise DataError(f"{path}, row 1: has neither onset_s and offset_s nor onset_sample and offset_sample.")
    start, stop, label, notated = (header.index(column) for column in (*columns, "label", "notated_path"))
    found: dict[Path, list[tuple[int, Entry]]] = {}
    rates: dict[Path, float] = {}
    for row, cells in rows:
        audio = path.parent / cells[notated].replace("\\", "/").rsplit("/", 1)[-1]
        if audio not in rates:
            rates[audio] = 1.0 if in_seconds or not audio.is_file() else open_recording(audio).samplerate_hz
        times = [_number(path, row, cells[column]) / rates[audio] for column in (start, stop)]
        found.setdefault(audio, []).append((row, (cells[label] or UNNAMED, times[0], times[1])))
    return {audio: _annotations(path, entries) for audio, entries in found.items()}


FORMATS: tuple[tuple[str, Callable[[Path], bool], Callable[[Path], Annotations]], ...] = (
    (".csv", is_simple_seq, read_simple_seq),
    (".txt", is_audacity, read_audacity),
    (".txt", is_raven, read_raven),
    (".selections.txt", is_raven, read_raven),
    (".table.1.selections.txt", is_raven, read_raven),
)
"""Suffix, recogniser and reader of the formats of one file a recording; the last is asked first."""
