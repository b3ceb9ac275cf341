"""What a network finds, put beside annotations that are there: those by hand win and stay as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations
from dss_widgets.dataset.annotations.table import COLUMNS, csv_cell, read_annotations
from dss_widgets.dataset.annotations.text_tables import TextTable, decoded
from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

SAME_EVENT_SECONDS = 0.01
"""An event overlaps another that is closer than that."""

Span = tuple[float, float]


def as_proposals(found: Annotations) -> Annotations:
    """Return annotations with names that say that they are proposals."""
    return found.with_names({name: f"{name}{PROPOSALS}" for name in found.song_types() if not name.endswith(PROPOSALS)})


def merge_annotations(path: Path, found: Annotations, reviewed: Sequence[Span] = ()) -> Annotations:
    """Put proposals into a table of annotations, where they overlap nothing that a human annotated or looked through.

    Rows by hand, whatever else stands in them, and rows that cannot be read stay as they are. Earlier proposals, whose names
    end in ``_proposals``, give way to the ones that come.

    Args:
        path: ``*_annotations.csv``; written whole or not at all, and not at all where nothing changes.
        found: what a network found; named as proposals if they are not.
        reviewed: spans in seconds that a human has looked through: nothing is proposed within them.

    Returns:
        What stands in the table afterwards.

    Raises:
        DataError: the table cannot be read or written; it is as it was.
    """
    there, _ = read_annotations(path)
    by_hand = there.select(np.array([not name.endswith(PROPOSALS) for name in there.names.tolist()], dtype=bool))
    joining = as_proposals(found).select(~_overlaps(found, by_hand, reviewed))
    outdated = set(there.rows.tolist()) - set(by_hand.rows.tolist())
    content = _content(path)
    text = _text(TextTable.of(decoded(content, path), path), outdated, joining)
    if text.encode() != content:
        try:
            with appearing_whole(path) as partial:
                partial.write_bytes(text.encode())
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror}). Make room or choose another place.") from error
    return Annotations.joined([by_hand, joining]) if len(joining) else by_hand


def _content(path: Path) -> bytes:
    try:
        with open_confined(path) as file:
            content: bytes = file.read()
            return content
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error


def _overlaps(found: Annotations, by_hand: Annotations, reviewed: Sequence[Span]) -> np.ndarray:
    """Return which of ``[annotations]`` share time with something by hand, or lie in what was looked through, bool."""
    taken = [*zip(by_hand.start_seconds.tolist(), by_hand.stop_seconds.tolist(), strict=True), *reviewed]
    if not taken or not len(found):
        return np.zeros(len(found), dtype=bool)
    starts, stops = np.array(sorted(taken), dtype=np.float64).T
    latest = np.maximum.accumulate(stops)
    lone = np.where(starts == stops, SAME_EVENT_SECONDS, 0.0)
    events = found.start_seconds == found.stop_seconds
    result = np.zeros(len(found), dtype=bool)
    for i, (start, stop, is_event) in enumerate(zip(found.start_seconds, found.stop_seconds, events, strict=True)):
        first = int(np.searchsorted(latest, start - SAME_EVENT_SECONDS))
        last = int(np.searchsorted(starts, stop + SAME_EVENT_SECONDS, side="right"))
        near = slice(first, last)
        shared = np.minimum(stops[near], stop) - np.maximum(starts[near], start)
        instant = (starts[near] == stops[near]) | is_event  # an instant shares no duration: it lies within, or close by
        closest = np.where(is_event, -lone[near], 0.0)
        result[i] = bool(np.where(instant, shared >= closest, shared > 0).any())
    return result


def _text(table: TextTable, outdated: set[int], joining: Annotations) -> str:
    """Return the table's text without some rows, and with annotations below."""
    header = [cell.strip() for cell in table.first]
    at = {column: header.index(column) for column in COLUMNS}
    rows = [cells for row, cells in table.rows if row not in outdated]
    order = np.lexsort((joining.stop_seconds, joining.start_seconds))
    for i in order.tolist():
        cells = [""] * len(header)
        cells[at["name"]] = joining.names[i]
        for column, value in (("start_seconds", joining.start_seconds[i]), ("stop_seconds", joining.stop_seconds[i])):
            cells[at[column]] = repr(float(value))
        rows.append(cells)
    return "".join(map(_line, rows))


def _line(cells: Iterable[str]) -> str:
    return f"{','.join(map(csv_cell, cells))}\n"
