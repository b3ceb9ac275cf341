"""Where a command's job runs: flags from the declaration, a named place, what was used last."""

from __future__ import annotations

import argparse

from dss_widgets.cli.flags import add_option_flags
from dss_widgets.cli.watching import attend
from dss_widgets.errors import OptionsError
from dss_widgets.jobs import create_job, start_job
from dss_widgets.options import Options
from dss_widgets.options.place import SLURM, PlaceOptions
from dss_widgets.options.place_presets import keep_place, last_place, preset_named, refused_commands


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where a job runs, and the one that leaves it alone."""
    parser.add_argument("--detach", action="store_true", help="start it, print the job's folder, and return at once")
    parser.add_argument(
        "--create", action="store_true", help="write the job's folder and start nothing: to pack it, or to resume it later"
    )
    parser.add_argument("--place", metavar="NAME", help="a place in Slurm that has a name here; flags override it")
    add_option_flags(parser, PlaceOptions)


def begin(kind: str, options: Options, args: argparse.Namespace, *, as_json: bool = False) -> int:
    """Start work as the flags of :func:`add_place` say and, unless it is to be left alone, watch it to its end.

    Returns:
        An exit code, as :func:`~dss_widgets.cli.watching.watch`.

    Raises:
        OptionsError, DataError, RunError: it cannot be started.
    """
    if args.create:
        print(create_job(kind, options).folder)
        return 0
    return attend(start_job(kind, options, place_from(args)), detach=args.detach, as_json=as_json)


def add_within(parser: argparse.ArgumentParser) -> None:
    """Add the flag for batch scripts of one's own."""
    parser.add_argument(
        "--within-job", action="store_true",
        help="in a script that sbatch runs: that job does the work, and is queued again before its time is up",
    )  # fmt: skip


def place_from(args: argparse.Namespace, usual: PlaceOptions | None = None) -> PlaceOptions:
    """Return where a job is to run: flags count more than a named place, that more than what was used last.

    Args:
        args: what was typed.
        usual: where the job ran before; left out, it is new and runs here unless the flags say otherwise.

    Raises:
        OptionsError: something cannot be asked for.
        DataError: there is no place of that name.
    """
    typed = {name: getattr(args, name) for name in PlaceOptions.declared() if hasattr(args, name)}
    place = usual.copy() if usual is not None and usual.is_slurm else last_place()
    if args.place:
        place = preset_named(args.place)
    if set(typed) - {"on"}:  # who asks for CPUs means the cluster
        place.on = SLURM
    place.update(typed)
    problems = [*(problem for problem in place.problems() if problem.is_error), *refused_commands(place)]
    if problems:
        raise OptionsError(problems)
    keep_place(place)
    return place
