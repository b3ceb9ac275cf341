"""``<base>_reviewed.csv``: which spans of a recording a human has looked through, beside its annotations.

What is annotated within them is right, and where nothing is annotated nothing sings. Without such a file, a recording counts as
looked through as a whole, once it is annotated.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.table import REVIEWED_SUFFIX
from dss_widgets.dataset.annotations.text_tables import TextTable, decoded
from dss_widgets.dataset.annotations.time_cells import times_of
from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import write_whole_text

COLUMNS = ("start_seconds", "stop_seconds")

Span = tuple[float, float]


def reviewed_path(recording: str | os.PathLike[str], folder: Path | None = None) -> Path:
    """Return where the reviewed spans of a recording lie: in a folder, or (None) beside it."""
    path = Path(recording)
    return (folder or path.parent) / f"{path.stem}{REVIEWED_SUFFIX}"


def read_reviewed(path: str | os.PathLike[str]) -> list[Span] | None:
    """Return the spans (start and stop in seconds) that were looked through, in order and without overlaps.

    Returns:
        The spans; None if there is no such file.

    Raises:
        DataError: it cannot be read; the message names the row.
    """
    path = Path(path)
    try:
        with open_confined(path) as file:
            table = TextTable.of(decoded(file.read(), path), path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    header = [cell.strip() for cell in table.first]
    if not set(COLUMNS) <= set(header):
        raise DataError(f"{path}, row 1: the first row must read {','.join(COLUMNS)}.")
    spans = []
    for row, cells in table.rows[1:]:
        start, stop = times_of([cells[header.index(name)] if header.index(name) < len(cells) else "" for name in COLUMNS])
        if start is None or stop is None or not 0 <= start < stop < np.inf:
            told = ",".join(cells)
            raise DataError(
                f"{path}, row {row}: {told!r} is no span of time. Write start and stop in seconds, or delete the row."
            )
        spans.append((start, stop))
    return joined(spans)


def write_reviewed(path: str | os.PathLike[str], spans: Iterable[Span]) -> Path:
    """Write spans; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    lines = [",".join(COLUMNS), *(f"{start!r},{stop!r}" for start, stop in joined(spans))]
    return write_whole_text(Path(path), "\n".join(lines) + "\n")


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order; those that overlap or touch are one.

    Example:
        >>> joined([(3.0, 4.0), (0.0, 1.0), (1.0, 2.0)])
        [(0.0, 2.0), (3.0, 4.0)]
    """
    whole: list[Span] = []
    for start, stop in sorted((float(start), float(stop)) for start, stop in spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(stop, whole[-1][1]))
        else:
            whole.append((start, stop))
    return whole
