"""``<recording>_definitions.csv``, where there is one: song types that are added are told there too, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dss_widgets.annotating.beside import content_of, write
from dss_widgets.dataset.annotations.annotations import Category
from dss_widgets.dataset.annotations.table import csv_cell
from dss_widgets.errors import DataError


class DefinitionsFile:
    """A file of song types with their categories, of which only what was added here is ever changed.

    Args:
        path: the file; where it is not there, it is not made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._others = self._content()
        self._added = b""

    def _content(self) -> bytes | None:
        try:
            return content_of(self._path)
        except DataError:
            return None

    def add(self, new: Mapping[str, Category]) -> None:
        """Have these types, and no others, stand behind what others wrote.

        Raises:
            DataError: the file cannot be written.
        """
        there = self._content()
        if there is None:
            return
        if self._others is None or there != self._others + self._added:
            self._others, self._added = there, b""
        lines = "".join(f"{csv_cell(name)},{category}\n" for name, category in new.items()).encode()
        gap = b"" if not lines or self._others.endswith(b"\n") or not self._others else b"\n"
        if gap + lines != self._added:
            write(self._path, self._others + gap + lines)
            self._added = gap + lines
