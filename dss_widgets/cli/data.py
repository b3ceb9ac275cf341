"""The commands about data: song, check, plan, assemble, inspect."""

from __future__ import annotations

import argparse
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.output import ProgressLine, bar, duration, print_json, print_problems, table
from dss_widgets.cli.places import add_place, begin
from dss_widgets.dataset import check_audio, open_dataset, plan_splits, survey, write_problems
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.survey import Survey
from dss_widgets.errors import OptionsError
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS, AssemblingOptions

_FOLDERS = ("data_folder", "store_folder")
_READING = {"names_from", "folders_below"}
"""Options that change what is read from a folder, not only what is made of it."""


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    check = commands.add_parser("check", help="check a folder of annotated recordings, and say what is wrong")
    check.add_argument("folder", metavar="FOLDER")
    check.add_argument("--audio", action="store_true", help="read the audio too: NaN, clipping, silence")
    check.add_argument("--table", metavar="FILE.csv", help="also write the problems as a table")
    check.add_argument("--json", action="store_true", help="print one JSON document")
    add_option_flags(check, AssemblyOptions, without=AssemblyOptions.declared().keys() - _READING)
    check.set_defaults(run=run_check)

    plan = commands.add_parser("plan", help="show what assembling would write, without writing anything")
    _add_assembly_arguments(plan)
    plan.add_argument("--json", action="store_true", help="print one JSON document")
    plan.set_defaults(run=run_plan)

    assembling = commands.add_parser("assemble", help="make a dataset (STORE.npy) of a folder of annotated recordings")
    _add_assembly_arguments(assembling)
    assembling.add_argument("--overwrite", action="store_true", help="replace a dataset of that name")
    add_place(assembling)
    assembling.set_defaults(run=run_assemble)

    inspect = commands.add_parser("inspect", help="show what an assembled dataset holds")
    inspect.add_argument("store", metavar="STORE.npy")
    inspect.add_argument("--json", action="store_true", help="print one JSON document")
    inspect.set_defaults(run=run_inspect)

    song = commands.add_parser("song", help="make demo song with exact annotations, to try things out without data")
    song.add_argument("folder", metavar="FOLDER")
    song.add_argument("--kind", default="bird", help="fly, bird, mouse or multichannel (default: bird)")
    song.add_argument("--files", type=int, metavar="N", help="recordings to make")
    song.add_argument("--seconds", type=float, metavar="S", help="duration of each")
    song.add_argument("--seed", type=int, default=0, metavar="K", help="the same seed makes the same bytes (default: 0)")
    song.add_argument("--overwrite", action="store_true", help="replace recordings of the same names")
    song.set_defaults(run=run_song)


def _add_assembly_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="the recordings and their annotations")
    parser.add_argument("store", metavar="STORE.npy", nargs="?", help="the dataset to make (default: FOLDER.npy)")
    parser.add_argument("--config", metavar="FILE", help="a YAML file with options; flags override it")
    add_option_flags(parser, AssemblyOptions, without=_FOLDERS)


def run_check(args: argparse.Namespace) -> int:
    """Print what a folder holds; exit code 1 if something stops assembling."""
    reading = options_from(args, AssemblyOptions)
    found = survey(args.folder, names_from=reading.names_from, below=reading.folders_below)
    if args.audio:
        line = ProgressLine()
        found = check_audio(found, progress=lambda p: line.show(f"reading {bar(p.fraction)}  {duration(p.seconds_left)} left"))
        line.clear()
    if args.table:
        write_problems(args.table, found.problems)
    if args.json:
        print_json(found.as_dict())
    else:
        print(_survey_text(found))
        print_problems(found.problems)
        if not found.problems:
            print("\nAll is fine: nothing is wrong with recordings and annotations.")
    return 1 if found.errors else 0


def _survey_text(found: Survey) -> str:
    recordings = [
        [e.name, e.recording.duration_seconds, f"{e.recording.samplerate_hz:g}", e.recording.n_channels, len(e.annotations)]
        for e in found.recordings
    ]
    types = [[t.name, t.category, t.count, t.seconds or None, t.n_files] for t in found.song_types]
    return "\n\n".join(
        [
            f"{found.folder}: {len(recordings)} annotated recordings, {duration(found.duration_seconds)}",
            table(recordings, ["recording", "seconds", "rate (Hz)", "channels", "annotations"]),
            table(types, ["song type", "category", "count", "seconds", "recordings"]),
        ]
    )


def _plan(args: argparse.Namespace) -> SplitPlan:
    options = options_from(args, AssemblyOptions, data_folder=args.folder, store_folder=args.store)
    problems = [problem for problem in options.problems() if problem.is_error]
    if problems:
        raise OptionsError(problems)
    found = survey(options.data_folder, names_from=options.names_from, below=options.folders_below)
    return plan_splits(found, options)


def run_plan(args: argparse.Namespace) -> int:
    """Print the plan of a dataset; exit code 1 if something stops assembling."""
    plan = _plan(args)
    if args.json:
        print_json(plan.as_dict())
    else:
        print(_plan_text(plan))
        print_problems(plan.problems)
    return 1 if plan.errors else 0


def _plan_text(plan: SplitPlan) -> str:
    seconds = plan.split_seconds()
    splits = [
        [
            SPLIT_WORDS[split],
            seconds.get(split, 0.0),
            len(plan.recordings_of(split)),
            len(plan.of_split(split)),
            *([len(plan.individuals_of(split))] if plan.individuals else []),
        ]
        for split in SPLITS
    ]
    whom = ["groups" if plan.options.group else "individuals"] if plan.individuals else []
    by_type: dict[str, list[Any]] = {}
    for row in plan.table():
        cells = by_type.setdefault(row["song_type"], [row["song_type"], row["category"]])
        cells += [row["count"], f"{row['share']:.0%}"]
    header = ["song type", "category"]
    for split in SPLITS:
        header += [SPLIT_WORDS[split], "share"]
    return "\n\n".join(
        [
            f"{plan.survey.folder} -> {plan.options.store_path} at {plan.samplerate_hz:g} Hz, seed {plan.options.seed}",
            table(splits, ["split", "seconds", "recordings", "stretches", *whom]),
            table(list(by_type.values()), header),
        ]
    )


def run_assemble(args: argparse.Namespace) -> int:
    """Assemble a dataset and say what it holds."""
    plan = _plan(args)
    plan.check()
    options = AssemblingOptions(**plan.options.as_dict(), overwrite=args.overwrite)
    return begin("assemble", options, args)


def run_inspect(args: argparse.Namespace) -> int:
    """Print what a dataset holds."""
    dataset = open_dataset(args.store)
    document = dataset.as_dict()
    if args.json:
        print_json(document)
        return 0
    rows = [[SPLIT_WORDS[name], split["seconds"], split["samples"]] for name, split in document["splits"].items()]
    shares = [
        [name, kind, *(f"{document['splits'][split]['share'][name]:.2%}" for split in SPLITS)]
        for name, kind in zip(dataset.class_names, dataset.class_types, strict=True)
    ]
    individual = ", ".join(dataset.song_types) or "none"
    print(f"{dataset.path}: {dataset.samplerate_hz:g} Hz, {dataset.n_channels} channel(s), individual targets: {individual}\n")
    print(table(rows, ["split", "seconds", "samples"]))
    print()
    print(table(shares, ["class", "category", *(SPLIT_WORDS[split] for split in SPLITS)]))
    return 0


def run_song(args: argparse.Namespace) -> int:
    """Make demo song."""
    from dss_widgets.dataset.song import make_song

    amounts = {"n_files": args.files, "seconds": args.seconds}
    line = ProgressLine()
    paths = make_song(
        args.folder,
        args.kind,
        seed=args.seed,
        overwrite=args.overwrite,
        progress=lambda done, total: line.show(f"{bar(done / total)} {done} of {total}"),
        **{name: value for name, value in amounts.items() if value is not None},
    )
    line.clear()
    print(f"{args.folder}: {len(paths)} recordings, {paths[0].name} to {paths[-1].name}")
    return 0
