"""The commands that hand annotations on to other programs: export, counts."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.output import print_problems
from dss_widgets.dataset.annotations.written_formats import WRITTEN
from dss_widgets.dataset.counts import write_counts
from dss_widgets.dataset.export import write_survey
from dss_widgets.dataset.survey import Survey, survey
from dss_widgets.options import AssemblyOptions

_READING = {"names_from", "folders_below"}
"""Options that change what is read from a folder."""


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    export = commands.add_parser("export", help="write annotations or predictions in another tool's format")
    _add_folder(export)
    export.add_argument("--to", metavar="FORMAT", required=True, choices=list(WRITTEN), help=f"one of {', '.join(WRITTEN)}")
    export.add_argument("--out", metavar="FOLDER", required=True, help="where the files go")
    export.add_argument("--overwrite", action="store_true", help="replace files of the same names")
    export.set_defaults(run=run_export)

    counts = commands.add_parser("counts", help="write tables of what is annotated: counts, durations, gaps, transitions")
    _add_folder(counts)
    counts.add_argument(
        "--out", metavar="TABLE.csv", required=True, help="where the table goes; TABLE_transitions.csv is written beside it"
    )
    counts.add_argument(
        "--longest-gap", metavar="S", type=float, default=float("inf"),
        help="seconds of silence after which nothing follows on what came before: another bout begins (default: none)",
    )  # fmt: skip
    counts.add_argument("--overwrite", action="store_true", help="replace tables of the same names")
    counts.set_defaults(run=run_counts)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="annotations in any format that can be read, and their recordings")
    parser.add_argument("--recordings", metavar="FOLDER", help="where the recordings lie, if not beside their annotations")
    add_option_flags(parser, AssemblyOptions, without=AssemblyOptions.declared().keys() - _READING)


def _surveyed(args: argparse.Namespace) -> Survey:
    reading = options_from(args, AssemblyOptions)
    found = survey(args.folder, names_from=reading.names_from, recordings=args.recordings, below=reading.folders_below)
    print_problems(problem for problem in found.problems if not problem.is_error)
    found.check()
    return found


def run_export(args: argparse.Namespace) -> int:
    """Write annotations and print the files written."""
    print("\n".join(map(str, write_survey(_surveyed(args), args.to, args.out, overwrite=args.overwrite))))
    return 0


def run_counts(args: argparse.Namespace) -> int:
    """Write the two tables and print their names."""
    written = write_counts(_surveyed(args), args.out, longest_gap_seconds=args.longest_gap, overwrite=args.overwrite)
    print("\n".join(map(str, written)))
    return 0
