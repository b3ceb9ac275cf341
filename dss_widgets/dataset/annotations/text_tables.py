"""Tables in text files, as spreadsheets and other tools write them: rows of cells, with the row's number for messages."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.roots import open_confined

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_TWO_NUMBERS = re.compile(r"\s*[-+\d.,:eE]*\d[-+\d.,:eE]* +[-+\d.,:eE]*\d[-+\d.,:eE]*(?: |$)")
_ZERO_BYTES_AT_END = re.compile(r"\0[\0\r\n]*\Z")
_NUMBERS = ("", "#", "selection", "selec", "id", "index", "number", "no", "nr", "row")
"""Headings under which rows are numbered, in lower case."""

_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")
"""What Excel reads, and some tools write, above a table."""


def decoded(content: bytes, path: Path) -> str:
    """Return the text of a file in UTF-8 or UTF-16, with or without a byte order mark.

    Raises:
        DataError: it is in another encoding, which cannot be told from its bytes; the message names the row.
    """
    encoding = _encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].decode(encoding, "replace").count("\n") + 1
        raise DataError(
            f"{path}, row {row}: is not text in UTF-8 or UTF-16 ({error.reason}). "
            "Save it again as UTF-8 (a table: as 'CSV UTF-8'), so that no letter is mistaken."
        ) from error


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(content) > 3 and content[1:4:2] == b"\0\0" and content[0] and content[2]:
        return "utf-16-le"
    if len(content) > 3 and content[0:4:2] == b"\0\0" and content[1] and content[3]:
        return "utf-16-be"
    return "utf-8-sig"


def first_row(content: bytes, path: Path) -> TextTable:
    """Return the first row of a table, of which the rest may be in an unknown encoding, or cut off; if unreadable, none."""
    lines = content.decode(_encoding(content), "replace").lstrip("\r\n").splitlines(keepends=True)[:2]
    try:
        return TextTable.of("".join(lines[: 1 + bool(lines and _SEPARATOR_LINE.match(lines[0]))]), path)
    except DataError:
        return TextTable([], "")


def rows_of(path: Path, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table, whatever ends its lines.

    Args:
        path: the file.
        delimiter: what stands between cells.

    Yields:
        The line on which a row ends, counted from 1, and its cells; none for an empty line.

    Raises:
        DataError: the file cannot be read, is no text, or has a quotation mark that is never closed (which would swallow
            all rows that follow).
    """
    try:
        with open_confined(path) as file:
            content = file.read()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    yield from _cells_of(decoded(content, path), delimiter, path)


def _cells_of(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    try:
        for cells in reader:
            row = reader.line_num
            yield row, cells
    except csv.Error as error:
        raise DataError(
            f"{path}, row {row + 1}: a quotation mark is not closed, or text goes on after it ({error}). "
            "Correct the row, or save the table again as 'CSV UTF-8'."
        ) from error


@dataclass(frozen=True)
class TextTable:
    """Rows of cells.

    Attributes:
        rows: the row's number in the file, counted from 1, and its cells, for every row that holds something.
        delimiter: what stands between cells: a tab, a comma, a semicolon, a bar, or a space.
        zero_bytes_row: the row at which zero bytes end the file, as in a copy that was cut short; 0: there are none.
    """

    rows: list[tuple[int, list[str]]]
    delimiter: str
    zero_bytes_row: int = 0

    @property
    def first(self) -> list[str]:
        """The cells of the first row; none in an empty table."""
        return self.rows[0][1] if self.rows else []

    def problems(self, file: str) -> list[Problem]:
        """Return what is wrong with the table as a whole, with the name of its file."""
        if not self.zero_bytes_row:
            return []
        mend = "Copy it again: its end may be lost."
        return [Problem("ends in zero bytes.", mend, severity="warning", file=file, row=self.zero_bytes_row)]

    @classmethod
    def of(cls, text: str, path: Path) -> TextTable:
        """Take a text apart.

        Raises:
            DataError: a quotation mark is never closed.
        """
        end = _ZERO_BYTES_AT_END.search(text)
        whole = text if end is None else text[: end.start()]
        zero_bytes_row = 0 if end is None else whole.count("\n") + 1
        skipped, delimiter = 0, ""
        named = _SEPARATOR_LINE.match(whole)
        if named:
            skipped, delimiter, whole = 1, named.group(1), whole[named.end() :]
        first = whole.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")
        delimiter = delimiter or _delimiter(first)
        if delimiter == " ":
            rows = [(row, line.split(None, 2)) for row, line in enumerate(whole.splitlines(), skipped + 1) if line.strip()]
        elif delimiter == "\t" and not _is_quoted(first):
            lines = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            rows = [(row, line.split("\t")) for row, line in enumerate(lines, skipped + 1) if line and not line.isspace()]
        else:
            cells_of = _cells_of(whole, delimiter, path)
            rows = [(row + skipped, cells) for row, cells in cells_of if any(map(str.strip, cells))]
        return cls(rows, delimiter, zero_bytes_row)


def _delimiter(first: str) -> str:
    """Return what separates cells, by the first line of a table."""
    if "\t" in first:
        return "\t"
    bare = _QUOTED.sub("", first)
    if _TWO_NUMBERS.match(bare) and ";" not in bare:
        return " "
    return next((mark for mark in ";,|" if mark in bare), ",")


def _is_quoted(first: str) -> bool:
    """Return whether names in a table between tabs stand between quotes, as R writes them."""
    words = [cell.strip() for cell in first.split("\t") if cell.strip()]
    return bool(words) and all(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in words)


def row_too_long(file: str, row: int, n_cells: int, n_columns: int) -> Problem:
    """Return the error that a row is longer than its header, so that its cells may stand under wrong headings."""
    return Problem(
        f"has {n_cells} cells, and the header {n_columns}: a comma within a number or name is the likely cause.",
        "Put such names between double quotes, and write decimal points.",
        file=file, row=row,
    )  # fmt: skip


def rows_numbered_without_heading(file: str, rows: Sequence[tuple[int, list[str]]], header: Sequence[str]) -> Problem | None:
    """Return the error that every row begins with its number, for which there is no heading, as R writes tables; else None."""
    longer = [cells for _, cells in rows if len(cells) == len(header) + 1 and cells[-1].strip()]
    are_counted = [cells[0].strip() for cells in longer] == [str(i) for i in range(1, len(rows) + 1)]
    if not rows or not are_counted or header[0].strip().lower() in _NUMBERS:
        return None
    return Problem(
        "has one cell more in every row than in the header: the row's number, as R writes it.",
        "Write the table without (row.names = FALSE), or give that column a heading.",
        file=file, row=rows[0][0],
    )  # fmt: skip


def row_without_times(
    file: str, row: int | None, cells: Sequence[str], mend: str = "Give it times if it is song, or ignore this."
) -> Problem:
    """Return the warning that a row has words but no times, as a sum under a table has."""
    told = ", ".join(cell.strip() for cell in cells if cell.strip())
    return Problem(f"has no times ({told}) and is left out.", mend, severity="warning", file=file, row=row)
