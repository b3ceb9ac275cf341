"""The commands about when probabilities are song: thresholds, false-alarms."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from dss_widgets.cli.jobs import add_job, add_recordings
from dss_widgets.cli.output import print_json, printable, table
from dss_widgets.cli.places import add_place, begin
from dss_widgets.errors import DataError, OptionsError, Problem
from dss_widgets.options.false_alarms import FalseAlarmOptions
from dss_widgets.results.chosen_thresholds import ChosenThresholds, keep_choice
from dss_widgets.results.threshold_curves import PREFER_MEANS, THRESHOLDS, Effect, ThresholdCurves, summed
from dss_widgets.results.thresholds import NetworkThresholds, effects, read_thresholds

_TITLES = {"validation": "On the validation data (choose by these)", "test": "On the test data (for an honest look)"}


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    thresholds = commands.add_parser(
        "thresholds", help="choose a network's thresholds by what one wants: few misses or few false alarms"
    )
    add_job(thresholds)
    thresholds.add_argument(
        "--prefer", choices=list(PREFER_MEANS),
        help="choose on the validation data: " + "; ".join(f"{name}: {words}" for name, words in PREFER_MEANS.items()),
    )  # fmt: skip
    thresholds.add_argument("--event", type=float, metavar="X", help="the threshold of events, 0.01 to 0.99")
    thresholds.add_argument("--segment", type=float, metavar="X", help="the threshold of segments, 0.01 to 0.99")
    thresholds.add_argument("--save", action="store_true", help="keep them with the network: annotating takes them")
    thresholds.add_argument("--reset", action="store_true", help="forget what was kept: what validation found counts again")
    thresholds.add_argument("--json", action="store_true", help="print one JSON document")
    thresholds.set_defaults(run=run_thresholds)

    alarms = commands.add_parser(
        "false-alarms", help="tell how often a network finds song in recordings in which nothing sings"
    )
    add_job(alarms)
    add_recordings(alarms)
    alarms.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(alarms)
    alarms.set_defaults(run=run_false_alarms)


def run_thresholds(args: argparse.Namespace) -> int:
    """Print what thresholds do; keep them if that is wished."""
    _check(args)
    if args.reset:
        keep_choice(args.name, None)
    known = read_thresholds(args.name)
    choice = _choice(args, known)
    used = known.in_use if choice is None else known.chosen_with(choice)
    if args.save and choice is not None:
        keep_choice(known.stem, choice)
    if args.json:
        print_json(_document(known, used, choice, saved=args.save))
    else:
        print(_text(known, used, choice, saved=args.save))
    return 0


def _check(args: argparse.Namespace) -> None:
    """Raise if the flags contradict each other, or a threshold was not tried."""
    problems = []
    typed = {name: value for name in ("event", "segment") if (value := getattr(args, name)) is not None}
    for name, value in typed.items():
        if not any(abs(value - tried) < 1e-9 for tried in THRESHOLDS):
            problems.append(Problem(f"is {value:g}. Choose 0.01 to 0.99, in steps of 0.01.", field=f"--{name}"))
    if typed and args.prefer:
        problems.append(Problem("chooses the thresholds. Leave it out to type them.", field="--prefer"))
    if args.reset and (typed or args.prefer or args.save):
        problems.append(Problem("forgets what was kept, so there is nothing to choose beside it.", field="--reset"))
    if args.save and not typed and not args.prefer:
        problems.append(Problem("keeps what is chosen. Choose with --prefer, --event or --segment.", field="--save"))
    if problems:
        raise OptionsError(problems)


def _choice(args: argparse.Namespace, known: NetworkThresholds) -> ChosenThresholds | None:
    for name, kind in (("event", "events"), ("segment", "segments")):
        if getattr(args, name) is not None and kind not in known.kinds:
            raise OptionsError([Problem(f"does nothing: the network finds no {kind}. Leave it out.", field=f"--{name}")])
    if args.prefer:
        if known.validation is None:
            raise DataError(
                f"{known.stem}: keeps nothing of its validation data to choose by. Look through them: "
                f"dss-widgets evaluate {known.stem} --tune"
            )
        return ChosenThresholds.best(known.validation.curves, args.prefer)
    if args.event is None and args.segment is None:
        return None
    kept = known.choice or ChosenThresholds()
    own = {"event": kept.event if args.event is None else args.event}
    own["segment"] = kept.segment if args.segment is None else args.segment
    return ChosenThresholds(own["event"], own["segment"])


def _document(
    known: NetworkThresholds, used: Mapping[str, float], choice: ChosenThresholds | None, *, saved: bool
) -> dict[str, Any]:
    told = {
        split: {
            kind: {name: effect.as_dict() for name, effect in by_name.items()}
            for kind, by_name in effects(curves, used).items()
        }
        for split, curves in known.splits().items()
    }
    no_song = known.no_song
    rates = [] if no_song is None else no_song.rates(used)
    return {
        "network": str(known.stem), "thresholds": used, "prefer": choice.prefer if choice else "", "saved": saved,
        "tuned": known.tuned, "effects": told, "false_alarms_per_hour": {rate.name: rate.per_hour for rate in rates},
    }  # fmt: skip


def _text(known: NetworkThresholds, used: Mapping[str, float], choice: ChosenThresholds | None, *, saved: bool) -> str:
    shown = ", ".join(f"{kind} {value:g}" for kind, value in used.items())
    parts = [f"Thresholds: {shown} ({_whence(known, choice)})"]
    for split, curves in known.splits().items():
        parts.append(f"{_TITLES[split]}, {curves.seconds:.1f} s:\n{_table(curves, used)}")
    if not known.splits():
        parts.append(f"What they do is not known: test the network again (dss-widgets evaluate {known.stem} --tune).")
    if known.no_song is not None:
        rows = [[printable(rate.name), rate.n, f"{rate.per_hour:.1f}"] for rate in known.no_song.rates(used)]
        title = f"In {60 * known.no_song.hours:.1f} min of recordings without song:"
        parts.append(f"{title}\n{table(rows, ['', 'false alarms', 'per hour'])}")
    if saved:
        parts.append(f"Kept: annotating with {known.stem.name} takes them unless others are typed.")
    elif choice is not None:
        parts.append("Nothing was kept; add --save to annotate with them.")
    return "\n\n".join(parts)


def _whence(known: NetworkThresholds, choice: ChosenThresholds | None) -> str:
    """Return where thresholds come from, in words."""
    if choice is not None:
        return f"{choice.words}, chosen on the validation data" if choice.prefer else "as typed"
    if known.choice is not None:
        return f"in use: {known.choice.words}"
    return "in use: as tuned on the validation data" if known.tuned else "in use: they were not tuned"


def _table(curves: ThresholdCurves, used: Mapping[str, float]) -> str:
    rows = []
    for kind, by_name in effects(curves, used).items():
        rows += [_row(name, effect) for name, effect in by_name.items()]
        if len(by_name) > 1:
            rows.append(_row(f"all {kind}", summed(list(by_name.values()))))
    return table(rows, ["", "annotated", "missed", "predicted", "false alarms", "precision", "recall", "F1"])


def _row(name: str, effect: Effect) -> list[Any]:
    e = effect
    return [printable(name), e.n_annotated, e.misses, e.n_predicted, e.false_alarms, e.precision, e.recall, e.f1]


def run_false_alarms(args: argparse.Namespace) -> int:
    """Look through recordings without song, and print how often something is found."""
    options = FalseAlarmOptions(network=args.name, recordings=args.recordings, list_file=getattr(args, "list_file", ""))
    return begin("false_alarms", options, args, as_json=args.json)
