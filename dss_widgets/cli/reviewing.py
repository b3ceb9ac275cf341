"""The commands that tell where to look first: review, check-labels."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_job, add_recordings
from dss_widgets.cli.places import add_place, begin
from dss_widgets.options.label_check import LabelCheckOptions
from dss_widgets.options.review import ReviewOptions


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    review = commands.add_parser("review", help="tell which stretches of recordings are worth correcting first")
    add_job(review)
    add_recordings(review)
    review.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(review)
    add_option_flags(review, ReviewOptions, without=("network", "recordings", "list_file"))
    review.set_defaults(run=run_review)

    labels = commands.add_parser(
        "check-labels", help="tell which labels are contradicted by networks that did not learn from them"
    )
    labels.add_argument("folder", metavar="FOLDER", help="annotated recordings; no label is changed")
    labels.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(labels)
    add_option_flags(labels, LabelCheckOptions, without=("data_folder",))
    labels.set_defaults(run=run_check_labels)


def run_review(args: argparse.Namespace) -> int:
    """Rank stretches and print them, the worthiest first."""
    options = options_from(args, ReviewOptions, network=args.name, recordings=args.recordings)
    return begin("review", options, args, as_json=args.json)


def run_check_labels(args: argparse.Namespace) -> int:
    """Look through the labels of a folder and print those that are likely wrong."""
    options = options_from(args, LabelCheckOptions, data_folder=args.folder)
    return begin("check_labels", options, args, as_json=args.json)
