"""Definitions: which song types there are and whether they are events or segments, read from ``*_definitions.csv``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dss_widgets.dataset.annotations.annotations import Category
from dss_widgets.dataset.annotations.source_problems import problem_of
from dss_widgets.dataset.annotations.sources_below import named_below, with_folder
from dss_widgets.dataset.annotations.text_tables import rows_of
from dss_widgets.errors import DataError, Problem


def read_definitions(path: str | os.PathLike[str]) -> tuple[dict[str, tuple[Category, int]], list[Problem]]:
    """Read a ``*_definitions.csv``: a name and a category a row, no header.

    Returns:
        Category and row by name, and a problem for every row that cannot be read.

    Raises:
        DataError: the file cannot be read.
    """
    path = Path(path)
    definitions: dict[str, tuple[Category, int]] = {}
    problems: list[Problem] = []
    for row, cells in rows_of(path):
        if not any(cells):
            continue
        name, category = cells[0], cells[1].strip().lower() if len(cells) > 1 else ""
        if category not in ("event", "segment") or not name or name == "noise":
            problems.append(
                Problem(
                    f"reads {','.join(cells)!r}.",
                    "Write a song type's name, a comma, and event or segment.",
                    file=path.name,
                    row=row,
                )
            )
        elif definitions.get(name, (category,))[0] != category:
            problems.append(
                Problem(f"{name!r} is both event and segment in this file.", "Keep one row.", file=path.name, row=row)
            )
        else:
            definitions[name] = (category, row)
    return definitions, problems


def read_all_definitions(
    files: Iterable[tuple[Path, str]], problems: list[Problem]
) -> dict[str, dict[str, tuple[Category, int]]]:
    """Read the definitions of a data folder.

    Args:
        files: the files, each with the folder below in which it lies, '' for none.
        problems: where those of the files are added.

    Returns:
        Category and row by name, by file.
    """
    definitions = {}
    for path, below in files:
        try:
            definitions[named_below(below, path.name)], wrong = read_definitions(path)
            problems += with_folder(wrong, below)
        except DataError as error:
            problems += with_folder([problem_of(error, path)], below)
    return definitions
