"""Tables in text files, as spreadsheets and other tools write them: rows of cells, with the row's number for messages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from dss_widgets.errors import DataError


def rows_of(path: Path, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table in UTF-8, with or without a byte order mark, whatever ends its lines.

    Args:
        path: the file.
        delimiter: what stands between cells. Between tabs, quotes are part of the text.

    Yields:
        The line on which a row ends, counted from 1, and its cells; none for an empty line.

    Raises:
        DataError: the file cannot be read, is no text in UTF-8, or has a quotation mark that is never closed (which would
            swallow all rows that follow).
    """
    row = 0
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            if delimiter == "\t":
                reader = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_NONE)
            else:
                reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                row = reader.line_num
                yield row, cells
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not a table of text in UTF-8 ({error}). Save it anew as 'CSV UTF-8'.") from error
    except csv.Error as error:
        raise DataError(
            f"{path}, row {row + 1}: a quotation mark is not closed, or text goes on after it ({error}). "
            "Correct the row, or save the table anew as 'CSV UTF-8'."
        ) from error
