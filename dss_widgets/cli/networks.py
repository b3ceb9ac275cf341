"""The commands about trained networks: evaluate, report, predict."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.output import ProgressLine, bar, print_json
from dss_widgets.cli.report import report_text
from dss_widgets.cli.watching import add_run
from dss_widgets.errors import DataError
from dss_widgets.options import PredictionOptions
from dss_widgets.results import read_results
from dss_widgets.runs import stem_of


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    evaluate = commands.add_parser("evaluate", help="test a trained network again")
    add_run(evaluate)
    evaluate.add_argument("--dataset", metavar="STORE.npy", help="test on this dataset's test split instead of its own")
    evaluate.add_argument(
        "--tune", action="store_true", help="first find thresholds and durations anew on the network's own validation data"
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON document")
    evaluate.set_defaults(run=run_evaluate)

    report = commands.add_parser("report", help="print the scores of a run's last test, at once")
    add_run(report)
    report.add_argument("--dataset", metavar="STORE.npy", help="of the test on this dataset instead of its own")
    report.add_argument("--json", action="store_true", help="print one JSON document")
    report.set_defaults(run=run_report)

    predict = commands.add_parser("predict", help="annotate recordings with a trained network")
    add_run(predict)
    predict.add_argument("recordings", metavar="RECORDING", nargs="+")
    predict.add_argument("--out", metavar="FOLDER", help="where the annotations go (default: beside each recording)")
    predict.add_argument("--overwrite", action="store_true", help="replace annotations of the same names")
    add_option_flags(predict, PredictionOptions)
    predict.set_defaults(run=run_predict)


def run_evaluate(args: argparse.Namespace) -> int:
    """Test a network again and print its scores."""
    from dss_widgets.network.own_process import set_up_own_process

    set_up_own_process()
    from dss_widgets.dataset import open_dataset
    from dss_widgets.network.evaluate import evaluate, tested_on
    from dss_widgets.network.retune import retune

    line, stem = ProgressLine(), stem_of(args.name)
    dataset = open_dataset(args.dataset) if args.dataset else None
    if args.tune:
        line.show("finding thresholds and durations ...")
        retune(stem, dataset)
    scores = evaluate(stem, dataset, on_progress=lambda done, total: line.show(f"testing {bar(done / total)}"))
    line.clear()
    if scores is None:
        raise DataError(f"{args.name}: the test split is empty. Name a dataset to test on: --dataset STORE.npy.")
    path = tested_on(stem, dataset)
    if args.json:
        print_json({**scores.as_dict(), "results": str(path)})
    else:
        print(report_text(read_results(path)))
        print(f"\nWritten to {path}")
    return 0


def run_report(args: argparse.Namespace) -> int:
    """Print the report of the last test."""
    stem = stem_of(args.name)
    path = stem.with_name(f"{stem.name}_results_{Path(args.dataset).stem}.h5") if args.dataset else stem
    if args.dataset and not path.is_file() and _was_tested_on(stem, Path(args.dataset)):
        path = stem
    results = read_results(path)
    if args.json:
        scores = results.scores.as_dict() if results.scores is not None else {}
        print_json({"results": str(results.path), "history": results.history, **scores, **results.more_scores})
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
    from dss_widgets.network.own_process import set_up_own_process

    set_up_own_process()
    from dss_widgets.network.predict import predict

    options = options_from(args, PredictionOptions)
    line = ProgressLine()
    paths = predict(
        stem_of(args.name),
        args.recordings,
        args.out,
        options,
        overwrite=args.overwrite,
        on_progress=lambda done, total: line.show(f"predicting {bar(done / max(1, total))}"),
        on_notice=lambda text: line.keep(f"notice: {text}"),
    )
    line.clear()
    for path in paths:
        print(path)
    return 0
