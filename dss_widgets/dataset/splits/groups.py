"""Groups of recordings that are never divided between splits made by files: by an expression, or a table's column."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from dss_widgets.errors import OptionsError, Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.paths import typed_path


def chosen_groups(files: Sequence[str], options: AssemblyOptions) -> tuple[dict[str, str], list[Problem]]:
    """Return the group of every recording that has one by the options, and a warning about those that have none.

    Args:
        files: names of the recordings.
        options: *Group* and *Group table*.

    Raises:
        OptionsError: the table cannot be read, or lacks a column.
    """
    if not options.group:
        return {}, []
    if options.group_table:
        table = _read_group_table(typed_path(options.group_table), options.group)
        groups = {file: table.get(file) or table.get(Path(file).stem) for file in files}
    else:
        matches = {file: re.search(options.group, Path(file).stem) for file in files}
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
    return {file: group for file, group in groups.items() if group}, problems


def _read_group_table(path: Path, column: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in ("file", column) if name not in (reader.fieldnames or [])]
            if missing:
                raise OptionsError(
                    [
                        Problem(
                            f"{path.name} has no column {missing[0]!r}, only {', '.join(reader.fieldnames or ['nothing'])}.",
                            "Its first row names the columns: file, and the one named in Group.",
                            field="group_table",
                        )
                    ]
                )
            return {row["file"]: (row[column] or "").strip() for row in reader if row["file"]}
    except OSError as error:
        raise OptionsError(
            [Problem(f"{path} cannot be read ({error.strerror}).", "Choose a table that is there.", field="group_table")]
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise OptionsError(
            [Problem(f"{path} is not a CSV file in UTF-8 ({error}).", "Save it as 'CSV UTF-8'.", field="group_table")]
        ) from error
