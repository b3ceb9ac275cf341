"""The commands that tell what to look at, before annotating and after: fits, review, check-labels."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_job, add_recordings
from dss_widgets.cli.output import print_json
from dss_widgets.cli.places import add_place, begin
from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.options.label_check import LabelCheckOptions
from dss_widgets.options.review import ReviewOptions
from dss_widgets.results.sound_check import check_sound


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    fits = commands.add_parser("fits", help="tell whether recordings sound like those that a network learned from")
    add_job(fits)
    add_recordings(fits)
    fits.add_argument("--json", action="store_true", help="print one JSON document")
    fits.set_defaults(run=run_fits)

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


def run_fits(args: argparse.Namespace) -> int:
    """Listen to some of the recordings, and print in what they differ; 1 if they do."""
    found = gathered(args.recordings, getattr(args, "list_file", ""))
    check = check_sound(args.name, [each.path for each in found])
    if args.json:
        print_json(check.as_dict())
    else:
        print("\n".join(check.sentences()))
    return 0 if check.fits else 1


def run_review(args: argparse.Namespace) -> int:
    """Rank stretches and print them, the worthiest first."""
    options = options_from(args, ReviewOptions, network=args.name, recordings=args.recordings)
    return begin("review", options, args, as_json=args.json)


def run_check_labels(args: argparse.Namespace) -> int:
    """Look through the labels of a folder and print those that are likely wrong."""
    options = options_from(args, LabelCheckOptions, data_folder=args.folder)
    return begin("check_labels", options, args, as_json=args.json)
