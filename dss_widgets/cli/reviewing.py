"""The command that tells where to look first: review."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_detach, add_job
from dss_widgets.cli.watching import attend
from dss_widgets.jobs import start_job
from dss_widgets.options.review import ReviewOptions


def add_commands(commands: Any) -> None:
    """Add the command to the command line."""
    review = commands.add_parser("review", help="tell which stretches of recordings are worth correcting first")
    add_job(review)
    review.add_argument("recordings", metavar="RECORDING", nargs="+")
    review.add_argument("--json", action="store_true", help="print one JSON document")
    add_detach(review)
    add_option_flags(review, ReviewOptions, without=("network", "recordings"))
    review.set_defaults(run=run_review)


def run_review(args: argparse.Namespace) -> int:
    """Rank stretches and print them, the worthiest first."""
    options = options_from(args, ReviewOptions, network=args.name, recordings=args.recordings)
    return attend(start_job("review", options), detach=args.detach, as_json=args.json)
