"""Groups of recordings that are never divided between splits made by files: by an expression, or a table's column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from dss_widgets.dataset.annotations.text_tables import rows_of
from dss_widgets.dataset.splits.individuals import evident_individuals, without_ending
from dss_widgets.errors import DataError, OptionsError, Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.paths import typed_path


def chosen_groups(files: Sequence[str], options: AssemblyOptions) -> tuple[dict[str, str], list[Problem]]:
    """Return the group of every recording that has one by the options, and what is wrong with the grouping.

    Args:
        files: names of the recordings.
        options: *Keep each animal in one split*, *Group* and *Group table*.

    Raises:
        OptionsError: the table cannot be read, or lacks a column.
    """
    if not options.group:
        return _evident_groups(files) if options.keep_individuals_together else ({}, [])
    if options.group_table:
        table = _read_group_table(typed_path(options.group_table), options.group)
        groups = {file: _looked_up(table, file) for file in files}
    else:
        matches = {file: re.search(options.group, without_ending(file)) for file in files}
        groups = {file: None if m is None else (m.group(1) if m.re.groups else m.group(0)) for file, m in matches.items()}
    alone = [file for file, group in groups.items() if not group]
    problems = []
    if alone:
        problems.append(
            Problem(
                f"gives no group for {', '.join(alone[:3])}{' ...' if len(alone) > 3 else ''}: each is a group of its own.",
                "Correct the expression or the table if that is not meant.",
                severity="warning",
                field="group",
            )
        )
    found = {file: group for file, group in groups.items() if group}
    if len(found) == len(files) > 1 and len(set(found.values())) == 1:
        only = next(iter(found.values()))
        problems.append(
            Problem(
                f"puts all recordings into one group, {only!r}, which would go to a single split.",
                "Leave it empty, or make it tell the animals apart.",
                field="group",
            )
        )
    return found, problems


def _looked_up(table: Mapping[str, str], file: str) -> str | None:
    """Return the group of a recording in a table, which may name it with or without its ending and folders."""
    name = PurePosixPath(file)
    return next((table[key] for key in (file, without_ending(file), name.name, name.stem) if table.get(key)), None)


def _evident_groups(files: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the animal that each recording is of, by the names of the files."""
    evident = evident_individuals(files)
    if evident is not None:
        return evident.of, []
    return {}, [
        Problem(
            "cannot be done: the names of the recordings do not tell the animals apart.",
            "Untick it, or say in Group which part of the name is the animal.",
            field="keep_individuals_together",
        )
    ]


def _read_group_table(path: Path, column: str) -> dict[str, str]:
    try:
        rows = rows_of(path)
        header = [cell.strip() for cell in next(rows, (1, list[str]()))[1]]
        for name in ("file", column):
            if header.count(name) != 1:
                raise _refused(
                    f"{path.name} has {'no column' if name not in header else 'more than one column'} {name!r}, only "
                    f"{', '.join(header) or 'nothing'}.",
                    "Its first row names the columns, with commas between them: file, and the one named in Group.",
                )
        file_column, group_column = header.index("file"), header.index(column)
        groups: dict[str, str] = {}
        for row, cells in rows:
            padded = [cell.strip() for cell in cells] + [""] * (len(header) - len(cells))
            name, group = padded[file_column], padded[group_column]
            if name and groups.setdefault(name, group) != group:
                raise _refused(
                    f"{path.name}, row {row}: {name} is in {group!r} here and in {groups[name]!r} before.",
                    "Keep one of the two rows.",
                )
    except DataError as error:
        raise _refused(str(error), "") from error
    return groups


def _refused(message: str, mend: str) -> OptionsError:
    return OptionsError([Problem(message, mend, field="group_table")])
