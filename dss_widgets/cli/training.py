"""The commands that begin a training: suggest, train, script."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dss_widgets.cli.choosing import Choice, add_choice_arguments, training_choice
from dss_widgets.cli.dry_run import dry_run_text, measured_text
from dss_widgets.cli.flags import add_option_flags
from dss_widgets.cli.output import print_json, print_problems, table
from dss_widgets.cli.places import add_place, add_within, place_from
from dss_widgets.cli.watching import attend, attend_within
from dss_widgets.dataset.dry_check import dry_check
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.dataset.suited import advice_for
from dss_widgets.errors import DataError, OptionsError, Problem, RunError
from dss_widgets.jobs import create_job, follow, save_script, start_job, training_script
from dss_widgets.jobs.kinds import kind_named
from dss_widgets.jobs.script import SCHEDULERS, SLURM_LINES
from dss_widgets.options import TrainingOptions, save_options
from dss_widgets.options.each_song_type import EachSongTypeOptions
from dss_widgets.options.suggestion import Advice, as_options, changes
from dss_widgets.results.measured import Measured
from dss_widgets.results.starting_point import all_problems


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    suggestion = commands.add_parser("suggest", help="suggest a network and a training for a dataset, with reasons")
    suggestion.add_argument("store", metavar="STORE.npy", help="the dataset")
    suggestion.add_argument("--song-type", default="", metavar="NAME", help="for training this song type alone")
    suggestion.add_argument("--save", metavar="FILE", help="write the suggested options as a config file, for 'train --config'")
    suggestion.add_argument("--json", action="store_true", help="print one JSON document")
    suggestion.set_defaults(run=run_suggest)

    train = commands.add_parser("train", help="train a network on a dataset")
    _add_training_arguments(train)
    train.add_argument(
        "--each-song-type", action="store_true",
        help="train a network for each song type alone, one after the other; 'predict' uses them together. It needs a dataset "
        "with individual targets",
    )  # fmt: skip
    add_place(train)
    train.add_argument("--run-file", metavar="FILE", help="write the run's folder into this file, for scripts")
    add_within(train)
    train.add_argument(
        "--dry-run", action="store_true", help="say what training takes, with the seconds per epoch, and start nothing"
    )
    train.add_argument("--json", action="store_true", help="with --dry-run: print one JSON document")
    train.set_defaults(run=run_train)

    script = commands.add_parser("script", help="write a script that trains elsewhere with exactly these options")
    _add_training_arguments(script)
    script.add_argument("--out", metavar="FILE", help="where to write it (default: print it)")
    script.add_argument("--scheduler", choices=SCHEDULERS, default="none", help="what will run it (default: none, a shell)")
    script.add_argument("--scheduler-line", action="append", metavar="LINE", help="such as --time=2:00:00; may be repeated")
    script.add_argument("--environment-line", action="append", metavar="LINE", help="such as 'module load x'; may be repeated")
    script.set_defaults(run=run_script)


def _add_training_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", metavar="STORE.npy", nargs="?", help="the dataset (or --data-dir)")
    parser.add_argument("--data-dir", metavar="STORE.npy", help=argparse.SUPPRESS)
    add_choice_arguments(parser)
    add_option_flags(parser, TrainingOptions, without=("store_folder",))


def run_suggest(args: argparse.Namespace) -> int:
    """Print or save what is suggested for a dataset."""
    advice = advice_for(open_dataset(args.store), {"song_type": args.song_type})
    options = TrainingOptions(store_folder=args.store, song_type=args.song_type, **as_options(advice))
    if args.save:
        save_options(options, args.save)
    if args.json:
        documents = [documented(item) for item in advice]
        print_json({"store": args.store, "suggested": documents, "saved": args.save})
        return 0
    declared = options.declared()
    changed = {item.name for item in changes(advice, TrainingOptions())}
    rows = []
    for item in advice:
        option, mark = declared[item.name], "*" if item.name in changed else ""
        rows.append([option.label, option.format(item.value) or "none", mark, item.reason])
    print(table(rows, ["option", "suggested", "", "because"]))
    again = ["dss-widgets", "train", *(["--song-type", args.song_type] if args.song_type else []), args.store]
    print(f"\n*: differs from the default. Train with it: {shlex.join(again)}")
    if args.save:
        print(f"Saved: {args.save}")
    return 0


def documented(item: Advice) -> dict[str, Any]:
    """Return a suggested value for JSON."""
    return {"option": item.name, "value": item.value, "reason": item.reason}


def run_train(args: argparse.Namespace) -> int:
    """Start a run; unless detached, watch it to its end."""
    choice = training_choice(args)
    if args.each_song_type:
        return _train_each(args, choice)
    options = choice.options
    choice.tell()
    problems = all_problems(options)
    if any(problem.is_error for problem in problems):
        raise OptionsError(problem for problem in problems if problem.is_error)
    if args.dry_run:
        return _dry_run(choice, problems, as_json=args.json)
    print_problems(problems)
    return _begin("train", options, args)


def _train_each(args: argparse.Namespace, choice: Choice) -> int:
    """Start the trainings for each song type; unless detached, watch them to their end."""
    values = choice.options.as_dict()
    options = EachSongTypeOptions(**values, suit=choice.suits, chosen=list(choice.chosen) if choice.suits else [])
    if args.dry_run:
        told = "tells what one training takes: name its song type (--song-type) instead of --each-song-type."
        raise OptionsError([Problem(told, field="--dry-run")])
    problems = kind_named("train_each").problems(options)
    if any(problem.is_error for problem in problems):
        raise OptionsError(problem for problem in problems if problem.is_error)
    print_problems(problems)
    if choice.suits:
        suggest = shlex.join(["dss-widgets", "suggest", options.store_folder, "--song-type"])
        print(f"Each network is made and trained as suits its song type: see {suggest} NAME", file=sys.stderr)
    return _begin("train_each", options, args)


def _begin(kind: str, options: TrainingOptions, args: argparse.Namespace) -> int:
    """Start one training or several where the flags say, and watch."""
    place = place_from(args)
    if args.run_file:
        _check_writable(Path(args.run_file))
    job = create_job(kind, options) if args.within_job or args.create else start_job(kind, options, place)
    if args.run_file:
        Path(args.run_file).write_text(f"{job.folder}\n", encoding="utf-8")
    return attend_within(job) if args.within_job else attend(job, detach=args.detach or args.create)


def _check_writable(path: Path) -> None:
    """Raise DataError if a file cannot be written, before anything is started whose name would be lost."""
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another --run-file.") from error


def _dry_run(choice: Choice, problems: list[Problem], *, as_json: bool) -> int:
    """Say what a training takes, and measure it."""
    options = choice.options
    check = dry_check(options, open_dataset(options.store_path))
    if not as_json:
        print_problems(problems)
        print(dry_run_text(check))
        sys.stdout.flush()
    measured = _measured(options)
    if as_json:
        print_json(
            {
                "ok": True,
                "options": options.as_dict(),
                "suggested": [documented(item) for item in choice.advice],
                "check": check.as_dict(),
                "measured": asdict(measured),
                "problems": [problem.as_dict() for problem in problems],
            }
        )
    else:
        print(measured_text(measured, options.epochs))
    return 0


def _measured(options: TrainingOptions) -> Measured:
    """Measure an epoch, as a job that leaves nothing."""
    job = start_job("measure", options)
    try:
        for _ in follow(job):
            pass
        status = job.status()
        if status.state != "finished":
            raise RunError(f"It could not be measured: {status.message or 'it was stopped'}")
        measured: Measured = job.outcome()
        return measured
    finally:
        job.end()


def run_script(args: argparse.Namespace) -> int:
    """Print or write a script that trains with the options typed."""
    choice = training_choice(args)
    options = choice.options
    choice.tell()
    problems = [problem for problem in options.problems() if problem.is_error]
    if problems:
        raise OptionsError(problems)
    text = training_script(
        options,
        scheduler=args.scheduler,
        scheduler_lines=args.scheduler_line or SLURM_LINES,
        environment_lines=args.environment_line or (),
    )
    print(save_script(text, args.out) if args.out else text, end="\n" if args.out else "")
    return 0
