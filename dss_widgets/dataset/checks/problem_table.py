"""Problems as a table that a spreadsheet opens, to be worked through one by one."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from dss_widgets.errors import DataError, Problem

COLUMNS = ("severity", "file", "row", "field", "message", "mend")


def write_problems(path: str | os.PathLike[str], problems: Iterable[Problem]) -> Path:
    """Write problems as a CSV file: severity, file, row, field, message, mend.

    Raises:
        DataError: the file cannot be written.
    """
    path = Path(path)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(problem.as_dict() for problem in problems)
    try:
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")  # with a mark by which spreadsheets know UTF-8
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another place for it.") from error
    return path
