"""The command that trains with several values of options: sweep."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from dss_widgets.cli.choosing import add_choice_arguments, training_choice
from dss_widgets.cli.flags import add_option_flags, typed_values
from dss_widgets.cli.output import print_problems
from dss_widgets.cli.places import add_place, begin
from dss_widgets.errors import OptionsError, Problem
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.sweep import SweepOptions


def add_commands(commands: Any) -> None:
    """Add the command to the command line."""
    sweep = commands.add_parser(
        "sweep", help="train with several values of options, seeds and folds, and tell which is best by its validation data"
    )
    sweep.add_argument("store", metavar="STORE.npy", nargs="?", help="the dataset (or --data-dir)")
    sweep.add_argument("--data-dir", metavar="STORE.npy", help=argparse.SUPPRESS)
    sweep.add_argument(
        "--vary", action="append", metavar="OPTION=VALUE,VALUE", default=[],
        help="values of a training option, such as epochs=10,20; may be repeated: every combination is trained. Values that "
        "have commas themselves stand between semicolons",
    )  # fmt: skip
    sweep.add_argument(
        "--fractions", metavar="X,X",
        help="shares of the train data, such as 0.25,0.5,1: smaller ones are parts of larger ones, validation stays whole",
    )  # fmt: skip
    sweep.add_argument("--json", action="store_true", help="print one JSON document")
    add_choice_arguments(sweep)
    add_place(sweep)
    add_option_flags(sweep, SweepOptions, without=("store_folder",))
    sweep.set_defaults(run=run_sweep)


def run_sweep(args: argparse.Namespace) -> int:
    """Train every combination, and print what came of it."""
    vary = _varied([*args.vary, *([f"data_fraction={args.fractions}"] if args.fractions else [])])
    choice = training_choice(args)
    options = SweepOptions(**choice.options.as_dict())
    options.update({**typed_values(args, SweepOptions), "vary": vary})
    choice.tell()
    print_problems([problem for problem in KINDS["sweep"].problems(options) if not problem.is_error])
    return begin("sweep", options, args, as_json=args.json)


def _varied(texts: Sequence[str]) -> dict[str, str]:
    """Return the options' values by their names.

    Raises:
        OptionsError: there is no ``=``, or an option comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, is_there, values = text.partition("=")
        name = name.strip().removeprefix("--").replace("-", "_")
        if not is_there:
            raise OptionsError([Problem(f"{text!r} has no '='.", "Write it as --vary epochs=10,20.", field="vary")])
        if name in found:
            raise OptionsError([Problem(f"{name} comes twice.", "Give all of its values at once.", field="vary")])
        found[name] = values
    return found
