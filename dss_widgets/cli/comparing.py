"""The command that puts trainings side by side: compare."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dss_widgets.cli.output import print_json, table
from dss_widgets.errors import RunError
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.options import TrainingOptions
from dss_widgets.results.comparison import Comparison, compare
from dss_widgets.results.intervals import interval_of
from dss_widgets.results.networks import stems_in
from dss_widgets.results.stems import stem_of


def add_commands(commands: Any) -> None:
    """Add the command to the command line."""
    comparing = commands.add_parser("compare", help="put trainings side by side: in what they differ, and their scores")
    comparing.add_argument(
        "runs", metavar="RUN", nargs="+", help="folders that trainings are saved into, of which all are taken; or single runs"
    )
    comparing.add_argument("--json", action="store_true", help="print one JSON document")
    comparing.set_defaults(run=run_compare)


def run_compare(args: argparse.Namespace) -> int:
    """Print the runs, the best first."""
    stems: list[Path] = []
    for name in args.runs:
        folder = Path(name).expanduser()
        stems += stems_in(folder) if folder.is_dir() and folder.suffix != RUN_SUFFIX else [stem_of(name)]
    if not stems:
        raise RunError(f"{', '.join(args.runs)}: no training is saved there. Name the folder that it saves into (STORE.res).")
    comparison = compare(dict.fromkeys(stems))
    if args.json:
        print_json(comparison.as_dict())
    else:
        print(comparison_text(comparison))
    return 0


def comparison_text(comparison: Comparison) -> str:
    """Return runs as a table, and what must be known to read it."""
    declared = TrainingOptions.declared()
    with_dataset = not comparison.is_of_one_dataset
    with_segments = any(run.segments_f1 is not None for run in comparison.runs)
    with_note = any(run.note for run in comparison.runs)

    def row(name: str, *, dataset: str, options: list[str], scores: list[Any], segments: Any, note: str) -> list[Any]:
        """Return the cells of a row, without the columns that nobody fills."""
        ends = [*([segments] if with_segments else []), *([note] if with_note else [])]
        return [name, *([dataset] if with_dataset else []), *options, *scores, *ends]

    header = row(
        "run", dataset="dataset", options=[declared[name].label for name in comparison.differing],
        scores=["best epoch", "macro F1", "95 %", *comparison.song_types], segments="segment F1", note="note",
    )  # fmt: skip
    rows = [
        row(
            run.name, dataset=run.dataset, options=[comparison.value(run, name) for name in comparison.differing],
            scores=[
                run.best_epoch, run.macro_f1, interval_of(run.intervals, "macro_f1") or None,
                *map(run.f1.get, comparison.song_types),
            ],
            segments=run.segments_f1, note=run.note,
        )
        for run in comparison.runs
    ]  # fmt: skip
    lines = [table(rows, header)]
    if len(comparison.runs) > 1 and not comparison.differing:
        lines.append("All were trained with the same options.")
    if not comparison.is_of_one_dataset:
        lines.append("They were tested on different data: their scores cannot be compared.")
    return "\n\n".join(lines)
