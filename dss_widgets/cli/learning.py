"""The commands about learning from more: learn-on, rounds, learning-curve, cross-validate."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.endings import rounds_text
from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_job
from dss_widgets.cli.output import print_json
from dss_widgets.cli.places import add_place, begin
from dss_widgets.options.cross_validation import CrossValidationOptions
from dss_widgets.options.learning import LearningOptions
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.results.rounds import read_rounds

_ARGUMENTS = (
    "network",
    "corrected_folder",
    "recordings_folder",
    "no_song_folder",
    "new_test_fraction",
    "start",
    "store_folder",
)
"""Options that have arguments of their own here."""


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    learning = commands.add_parser("learn-on", help="let a network learn on from what was corrected")
    add_job(learning)
    learning.add_argument(
        "folder", metavar="FOLDER", nargs="?",
        help="corrected annotations and their recordings; of one with a NAME_reviewed.csv, the spans named there",
    )  # fmt: skip
    learning.add_argument("--recordings", metavar="FOLDER", help="where the recordings lie, if not beside their annotations")
    learning.add_argument(
        "--no-song", metavar="FOLDER", help="recordings in which nothing sings: all of it is learned as noise"
    )
    learning.add_argument(
        "--new-test", metavar="X", type=float,
        help="share of the recordings that are new, and corrected as a whole, that becomes test data (default: none)",
    )  # fmt: skip
    ways = learning.add_mutually_exclusive_group()
    ways.add_argument("--from-weights", action="store_true", help="go on from the network's weights (default: try both ways)")
    ways.add_argument("--anew", action="store_true", help="train anew")
    learning.add_argument("--out", metavar="STORE.npy", help="the grown dataset (default: the old one's name with _round1)")
    learning.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(learning)
    add_option_flags(learning, LearningOptions, without=_ARGUMENTS)
    learning.set_defaults(run=run_learn_on)

    curve = commands.add_parser("learning-curve", help="tell how much more must be annotated: trains with parts of the data")
    add_job(curve)
    curve.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(curve)
    add_option_flags(curve, LearningCurveOptions)
    curve.set_defaults(run=run_learning_curve)

    folds = commands.add_parser(
        "cross-validate", help="tell how well networks do on animals, or recordings, that they never heard"
    )
    folds.add_argument("folder", metavar="FOLDER", help="annotated recordings, of several animals")
    folds.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(folds)
    add_option_flags(folds, CrossValidationOptions, without=("data_folder",))
    folds.set_defaults(run=run_cross_validate)

    rounds = commands.add_parser("rounds", help="tell what each round of correcting brought")
    add_job(rounds)
    rounds.add_argument("--json", action="store_true", help="print one JSON document")
    rounds.set_defaults(run=run_rounds)


def run_learn_on(args: argparse.Namespace) -> int:
    """Learn on and print all rounds."""
    given = {
        "network": args.name, "corrected_folder": args.folder, "recordings_folder": args.recordings,
        "no_song_folder": args.no_song, "new_test_fraction": args.new_test, "store_folder": args.out,
    }  # fmt: skip
    options = options_from(args, LearningOptions, **given)
    options.start = "weights" if args.from_weights else "anew" if args.anew else options.start
    return begin("learn", options, args, as_json=args.json)


def run_learning_curve(args: argparse.Namespace) -> int:
    """Train with parts of the data, and print what more of it would bring."""
    options = options_from(args, LearningCurveOptions, network=args.name)
    return begin("curve", options, args, as_json=args.json)


def run_cross_validate(args: argparse.Namespace) -> int:
    """Train and test a network for each fold, and print their scores."""
    options = options_from(args, CrossValidationOptions, data_folder=args.folder)
    return begin("cross_validate", options, args, as_json=args.json)


def run_rounds(args: argparse.Namespace) -> int:
    """Print the rounds up to a network."""
    rounds = read_rounds(args.name)
    if args.json:
        print_json([this.as_dict() for this in rounds])
    else:
        print(rounds_text(rounds) if rounds else f"{args.name}: has not learned from corrections (dss-widgets learn-on)")
    return 0
