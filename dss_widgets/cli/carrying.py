"""The commands that carry a job to another machine and back: pack, unpack."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.jobs import add_job
from dss_widgets.jobs import find_job
from dss_widgets.jobs.packing import pack, unpack


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    packing = commands.add_parser("pack", help="put a training or an annotation into one file, to run it on another machine")
    add_job(packing)
    packing.add_argument("file", metavar="FILE.zip", nargs="?", help="the file to write (default: NAME.zip, here)")
    packing.add_argument(
        "--with-data", action=argparse.BooleanOptionalAction, default=None,
        help="dataset, network and recordings go along (default: unless it goes back to where it came from)",
    )  # fmt: skip
    packing.add_argument("--overwrite", action="store_true", help="replace a file of that name")
    packing.set_defaults(run=run_pack)

    unpacking = commands.add_parser("unpack", help="unpack a job, on another machine or back where it came from")
    unpacking.add_argument("file", metavar="FILE.zip")
    unpacking.add_argument("folder", metavar="FOLDER", nargs="?", help="where it goes (default: back where it came from)")
    unpacking.set_defaults(run=run_unpack)


def run_pack(args: argparse.Namespace) -> int:
    """Pack a job and say how it goes on."""
    job = find_job(args.name)
    path = pack(job, args.file or f"{job.name}.zip", with_data=args.with_data, overwrite=args.overwrite)
    print(f"{path}: on the other machine, dss-widgets unpack {path.name} FOLDER")
    return 0


def run_unpack(args: argparse.Namespace) -> int:
    """Unpack a job and say how it goes on."""
    job = unpack(args.file, args.folder)
    print(job.folder)
    state = job.status().state
    if state != "finished":
        print(f"{job.name}: {state}. To begin or go on: dss-widgets resume {job.folder}")
    return 0
