"""The commands about trained networks: evaluate, report, predict."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.jobs import add_job, add_recordings
from dss_widgets.cli.output import print_json
from dss_widgets.cli.places import add_place, begin
from dss_widgets.cli.report import report_text
from dss_widgets.errors import DataError
from dss_widgets.options import PredictionOptions
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.options.prediction import EXISTING_WORDS, AnnotatingOptions, SpreadOptions
from dss_widgets.results import read_results
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

    predict = commands.add_parser("predict", help="annotate recordings with a trained network")
    add_job(predict)
    add_recordings(predict)
    predict.add_argument(
        "--out", metavar="FOLDER",
        help="where the annotations go, in folders as those below the one that is named (default: beside each recording)",
    )  # fmt: skip
    unless_given: dict[str, Any] = {"default": argparse.SUPPRESS}
    predict.add_argument(
        "--relative-to", metavar="FOLDER", help="make the folders between this one and a recording in --out", **unless_given
    )
    existing = AnnotatingOptions.declared()["existing"]
    predict.add_argument("--existing", choices=list(EXISTING_WORDS), help=existing.help, **unless_given)
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
    given = {"network": args.name, "recordings": args.recordings, "out_folder": args.out, "overwrite": args.overwrite}
    return begin("predict", options_from(args, AnnotatingOptions, **given), args)
