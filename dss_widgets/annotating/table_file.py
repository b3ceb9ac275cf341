"""The table of a recording's labels, written such that nothing else that stands in it is lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dss_widgets.annotating.document import Document
from dss_widgets.annotating.labels import Label
from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.dataset.annotations.table import COLUMNS, csv_cell
from dss_widgets.dataset.annotations.text_tables import TextTable, decoded


@dataclass(frozen=True)
class TableCells:
    """What stands in a table of annotations besides its names and times.

    Attributes:
        header: its columns.
        rows: the cells of every row by its number, as long as the header.
        unread: rows that are no labels and declare no song type, as they stand: they are written again.
    """

    header: Sequence[str] = COLUMNS
    rows: Mapping[int, Sequence[str]] = field(default_factory=dict)
    unread: Sequence[Sequence[str]] = ()
    _lines: dict[int, tuple[Label, str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, content: bytes, path: Path, read: Annotations, left_out: Collection[int]) -> TableCells:
        """Return the cells of a file.

        Args:
            content: its bytes.
            path: the file, for messages.
            read: what was read of it, labels and declared types.
            left_out: rows of ``read`` that are no labels after all.
        """
        table = TextTable.of(decoded(content, path), path)
        columns = [(i, name.strip()) for i, name in enumerate(table.first) if name.strip()]
        rows = {row: [cells[i] if i < len(cells) else "" for i, _ in columns] for row, cells in table.rows[1:]}
        known = ({*read.rows.tolist()} - set(left_out)) | set(read.declared_rows.values())
        unread = [cells for row, cells in rows.items() if row not in known and any(cell.strip() for cell in cells)]
        return cls([name for _, name in columns], rows, unread)

    def text(self, document: Document, row_of: Mapping[int, int]) -> str:
        """Return the file's text: labels that count in the order of time, unread rows, song types that do not occur.

        Args:
            document: the labels.
            row_of: rows that labels had in the file, by the labels' numbers; others have empty cells besides their own.
        """
        labels = document.counting()
        occurring = {label.name for label in labels}
        unused = ((name, kind) for name, kind in document.song_types.items() if name in document.declared - occurring)
        others = (*self.unread, *(self._declaring(name, category) for name, category in unused))
        lines = (self._line(label, row_of) for label in labels)
        return "".join([_line(self.header), *lines, *map(_line, others)])

    def _line(self, label: Label, row_of: Mapping[int, int]) -> str:
        """Return the line of a label; of the thousands that an edit leaves alone, it is known already."""
        known = self._lines.get(label.id)
        if known is None or known[0] is not label:
            known = label, _line(self._cells(label, self.rows.get(row_of.get(label.id, 0))))
            self._lines[label.id] = known
        return known[1]

    def _declaring(self, name: str, category: Category) -> list[str]:
        told = dict(zip(COLUMNS, (name, "nan", "nan" if category == "event" else "0"), strict=True))
        return [told.get(column, "") for column in self.header]

    def _cells(self, label: Label, before: Sequence[str] | None) -> list[str]:
        own: dict[str, str | float] = {
            "name": label.name,
            "start_seconds": label.start_seconds,
            "stop_seconds": label.stop_seconds,
        }
        cells = before or [""] * len(self.header)
        return [_cell(own[column], cell) if column in own else cell for column, cell in zip(self.header, cells, strict=True)]


def _line(cells: Sequence[str]) -> str:
    return f"{','.join(map(csv_cell, cells))}\n"


def _cell(value: str | float, before: str) -> str:
    """Return a cell's text: a time that has not changed stays as it was written."""
    if isinstance(value, str):
        return value
    try:
        return before if float(before) == value else repr(value)
    except ValueError:
        return repr(value)
