"""The commands for networks that others are to use, or that come from others: verify, card."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_job
from dss_widgets.cli.watching import attend
from dss_widgets.jobs import start_job
from dss_widgets.options.card import CardOptions, SharingOptions
from dss_widgets.options.evaluation import VerificationOptions


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    verify = commands.add_parser("verify", help="tell whether a network still computes what it did when it was tested")
    add_job(verify)
    verify.add_argument("--json", action="store_true", help="print one JSON document")
    verify.set_defaults(run=run_verify)

    card = commands.add_parser("card", help="pack a network with its model card into a zip file, to give it to others")
    add_job(card)
    card.add_argument("--out", metavar="FILE.zip", help="the zip file (default: the network's name with .zip, beside it)")
    card.add_argument("--overwrite", action="store_true", help="replace a file of that name")
    add_option_flags(card, CardOptions)
    card.set_defaults(run=run_card)


def run_verify(args: argparse.Namespace) -> int:
    """Compute again what a network computed, and print how far the two are apart; 1 if it computes something else."""
    return attend(start_job("verify", VerificationOptions(network=args.name)), detach=False, as_json=args.json)


def run_card(args: argparse.Namespace) -> int:
    """Write the zip file and print where it is."""
    options = options_from(args, SharingOptions, network=args.name, out_file=args.out, overwrite=args.overwrite)
    return attend(start_job("card", options), detach=False)
