"""The commands about trained networks: evaluate, report, predict."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_job, add_recordings
from dss_widgets.cli.output import print_json, printable
from dss_widgets.cli.places import add_place, begin
from dss_widgets.cli.report import report_text
from dss_widgets.errors import DataError, OptionsError, Problem
from dss_widgets.file_endings import PARAMS_SUFFIX, RUN_SUFFIX
from dss_widgets.options import PredictionOptions
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.options.prediction import COMBINE_WORDS, EXISTING_WORDS, AnnotatingOptions, SpreadOptions
from dss_widgets.results import read_results
from dss_widgets.results.ensemble import plan_ensemble
from dss_widgets.results.stems import results_file, stem_of


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    evaluate = commands.add_parser("evaluate", help="test a trained network again")
    add_job(evaluate)
    evaluate.add_argument("--dataset", metavar="STORE.npy", help="test on this dataset's test split instead of its own")
    evaluate.add_argument(
        "--tune", action="store_true", help="first find thresholds and durations again on the network's own validation data"
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON document")
    add_place(evaluate)
    evaluate.set_defaults(run=run_evaluate)

    report = commands.add_parser("report", help="print the scores of a run's last test, at once")
    add_job(report)
    report.add_argument("--dataset", metavar="STORE.npy", help="of the test on this dataset instead of its own")
    report.add_argument("--json", action="store_true", help="print one JSON document")
    report.set_defaults(run=run_report)

    predict = commands.add_parser("predict", help="annotate recordings with a trained network, or several together")
    predict.add_argument(
        "name", metavar="NETWORK", help=f"a trained network: its run's folder (NAME{RUN_SUFFIX}), its stem or one of its files"
    )
    add_recordings(
        predict, metavar="NETWORK|RECORDING", more="further networks, whose song types join those of the first; and "
    )
    predict.add_argument(
        "--out", metavar="FOLDER",
        help="where the annotations go, in folders as those below the one that is named (default: beside each recording)",
    )  # fmt: skip
    unless_given: dict[str, Any] = {"default": argparse.SUPPRESS}
    predict.add_argument(
        "--relative-to", metavar="FOLDER", help="make the folders between this one and a recording in --out", **unless_given
    )
    declared = AnnotatingOptions.declared()
    predict.add_argument("--combine", choices=list(COMBINE_WORDS), help=declared["combine"].help, **unless_given)
    predict.add_argument("--existing", choices=list(EXISTING_WORDS), help=declared["existing"].help, **unless_given)
    predict.add_argument("--overwrite", action="store_true", help="the same as --existing overwrite")
    add_place(predict)
    add_option_flags(predict, PredictionOptions)
    add_option_flags(predict, SpreadOptions)
    predict.set_defaults(run=run_predict)


def run_evaluate(args: argparse.Namespace) -> int:
    """Test a network again and print its scores."""
    options = EvaluationOptions(network=args.name, store_folder=args.dataset or "", tune=args.tune)
    return begin("evaluate", options, args, as_json=args.json)


def run_report(args: argparse.Namespace) -> int:
    """Print the report of the last test."""
    stem = stem_of(args.name)
    path = results_file(stem, args.dataset) if args.dataset else stem
    if args.dataset and not path.is_file() and _was_tested_on(stem, Path(args.dataset)):
        path = stem
    results = read_results(path)
    if args.json:
        scores = results.scores.as_dict() if results.scores is not None else {}
        more = {name: told for name, told in results.more_scores.items() if name in ("annotations", "intervals")}
        print_json({"results": str(results.path), "history": results.history, **scores, **more})
    else:
        print(report_text(results))
    return 0


def _was_tested_on(stem: Path, store: Path) -> bool:
    """Return whether a network's own results are those of a dataset, which was named all the same."""
    try:
        place = read_results(stem).params.get("data_dir")
    except DataError:
        return False
    return bool(place) and Path(str(place)).expanduser().resolve() == store.expanduser().resolve()


def run_predict(args: argparse.Namespace) -> int:
    """Annotate recordings and print the files written."""
    networks, recordings = networks_among(args.recordings)
    given = {
        "network": args.name, "more_networks": networks, "recordings": recordings, "out_folder": args.out,
        "overwrite": args.overwrite,
    }  # fmt: skip
    options = options_from(args, AnnotatingOptions, **given)
    if networks:
        for words in plan_ensemble(options.networks, options.combine).words():
            print(printable(words), file=sys.stderr)
    elif hasattr(args, "combine"):
        raise OptionsError(
            [Problem("says how several networks are used together. Name another one, or leave it out.", field="combine")]
        )
    return begin("predict", options, args)


def networks_among(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which of several names are those of networks, and which of recordings.

    A network is named by its run's folder, one of its files, or its stem.

    Raises:
        DataError: a name may be either.
    """
    networks: list[str] = []
    recordings: list[str] = []
    for name in names:
        path, stem = Path(name).expanduser(), stem_of(name)
        is_run, is_folder = path.name.endswith(RUN_SUFFIX), name.endswith(("/", os.sep))
        is_network = is_run or (not is_folder and stem.with_name(stem.name + PARAMS_SUFFIX).is_file())
        if is_network and stem.name == path.name and path.exists():
            raise DataError(
                f"{name}: is both there as a recording or a folder of them, and a network's stem. Name the network by its file "
                f"{stem.name}{PARAMS_SUFFIX}, and the recordings' folder with a / at its end."
            )
        (networks if is_network else recordings).append(name)
    return networks, recordings
