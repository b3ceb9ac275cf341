"""How well two sets of annotations agree as a table for a spreadsheet: a row for every recording and song type."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.options.paths import typed_path
from dss_widgets.results.agreement import Agreement, Difference, RecordingAgreement, TypeAgreement
from dss_widgets.roots import confined
from dss_widgets.whole_files import appearing_whole

_DIFFERENCES = ("pairs", "median_ms", "p5_ms", "p95_ms")
COLUMNS = (
    "recording", "compared_seconds", "song_type", "category", "annotated", "other", "matched", "precision", "recall", "f1",
    "kappa", *(f"{end}_difference_{which}" for end in ("onset", "offset") for which in _DIFFERENCES),
)  # fmt: skip
"""The differences say by how much the second set's are later than the first's."""


def agreement_rows(found: Agreement) -> list[dict[str, Any]]:
    """Return a row for every recording and song type by column, the recordings that agree least first.

    Cells that nothing can be told in, such as the precision where the second set has none, are None.
    """
    return [_row(recording, of_type) for recording in found.recordings for of_type in recording.by_type]


def agreement_csv(found: Agreement) -> str:
    """Return the rows (see :func:`agreement_rows`) as the text of a table for a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(agreement_rows(found))
    return text.getvalue()


def table_path(table: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Return where a table is to be written.

    Raises:
        DataError: its name does not end in .csv, it may not lie there, or is there already.
    """
    path = confined(typed_path(table))
    if path.suffix.lower() != ".csv":
        raise DataError(f"{path}: is a table to be, so its name must end in .csv.")
    if path.exists() and not overwrite:
        raise DataError(f"{path}: is there already. Choose another name, or allow it to be replaced (--overwrite).")
    return path


def write_table(text: str, table: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write the text of a table to a CSV file, which appears whole or not at all.

    Returns:
        The file.

    Raises:
        DataError: it is there already, or cannot be written.
    """
    path = table_path(table, overwrite=overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with appearing_whole(path) as partial:
            partial.write_text(text, encoding="utf-8-sig", newline="")  # by its mark, spreadsheets know UTF-8
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another place for it.") from error
    return path


def _row(recording: RecordingAgreement, told: TypeAgreement) -> dict[str, Any]:
    scores = told.scores
    cells = [
        recording.name, round(recording.seconds, 6), told.name, told.category, scores.n_annotated, scores.n_predicted,
        scores.n_matched, *map(_rounded, (told.precision, told.recall, told.f1, told.kappa)),
        *_difference(told.onset), *_difference(told.offset),
    ]  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def _difference(told: Difference | None) -> Iterator[float | int | None]:
    yield None if told is None else told.n
    for seconds in (None,) * 3 if told is None else (told.median_seconds, told.low_seconds, told.high_seconds):
        yield None if seconds is None else _rounded(1000 * seconds)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
