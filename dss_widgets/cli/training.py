"""The commands about training: train, runs, follow, stop, evaluate, predict."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.output import ProgressLine, bar, duration, print_json, print_problems, scores_table, table
from dss_widgets.dataset.readiness import training_problems
from dss_widgets.errors import DataError, OptionsError, RunError
from dss_widgets.options import PRESETS, PredictionOptions, TrainingOptions
from dss_widgets.runs import Run, find_run, follow, list_runs, resume_run, save_script, start_run, stem_of, training_script
from dss_widgets.runs.events import Event
from dss_widgets.runs.script import SCHEDULERS, SLURM_LINES

_STATE_WORDS = {"preparing": "preparing ...", "training": "training", "testing": "testing ..."}


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    train = commands.add_parser("train", help="train a network on a dataset")
    _add_training_arguments(train)
    train.add_argument("--detach", action="store_true", help="start it, print the run, and return at once")
    train.add_argument("--run-file", metavar="FILE", help="write the run's folder into this file, for scripts")
    train.set_defaults(run=run_train)

    script = commands.add_parser("script", help="write a script that trains elsewhere with exactly these options")
    _add_training_arguments(script)
    script.add_argument("--out", metavar="FILE", help="where to write it (default: print it)")
    script.add_argument("--scheduler", choices=SCHEDULERS, default="none", help="what will run it (default: none, a shell)")
    script.add_argument("--scheduler-line", action="append", metavar="LINE", help="such as --time=2:00:00; may be repeated")
    script.add_argument("--environment-line", action="append", metavar="LINE", help="such as 'module load x'; may be repeated")
    script.set_defaults(run=run_script)

    runs = commands.add_parser("runs", help="list the runs of a save folder")
    runs.add_argument("save_folder", metavar="SAVE_FOLDER")
    runs.add_argument("--json", action="store_true", help="print one JSON document")
    runs.set_defaults(run=run_runs)

    following = commands.add_parser("follow", help="watch a run until it ends")
    _add_run(following)
    following.set_defaults(run=run_follow)

    stop = commands.add_parser("stop", help="stop a run after the current step; its best network is kept")
    _add_run(stop)
    stop.set_defaults(run=run_stop)

    resume = commands.add_parser("resume", help="go on with a run that was stopped, died or finished")
    _add_run(resume)
    resume.add_argument("--epochs", type=int, metavar="N", help="train a finished run for longer: the new number of epochs")
    resume.add_argument("--detach", action="store_true", help="start it, print the run, and return at once")
    resume.set_defaults(run=run_resume)

    evaluate = commands.add_parser("evaluate", help="test a trained network again")
    _add_run(evaluate)
    evaluate.add_argument("--dataset", metavar="STORE.npy", help="test on this dataset's test split instead of its own")
    evaluate.add_argument("--json", action="store_true", help="print one JSON document")
    evaluate.set_defaults(run=run_evaluate)

    predict = commands.add_parser("predict", help="annotate recordings with a trained network")
    _add_run(predict)
    predict.add_argument("recordings", metavar="RECORDING", nargs="+")
    predict.add_argument("--out", metavar="FOLDER", help="where the annotations go (default: beside each recording)")
    predict.add_argument("--overwrite", action="store_true", help="replace annotations of the same names")
    add_option_flags(predict, PredictionOptions)
    predict.set_defaults(run=run_predict)


def _add_training_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", metavar="STORE.npy", nargs="?", help="the dataset (or --data-dir)")
    parser.add_argument("--data-dir", metavar="STORE.npy", help=argparse.SUPPRESS)
    parser.add_argument("--preset", choices=sorted(PRESETS), help="begin with a published starting point; flags count more")
    parser.add_argument("--config", metavar="FILE", help="a YAML file with options; flags count more")
    add_option_flags(parser, TrainingOptions, without=("store_folder",))


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="RUN", help="a run's folder (STEM.run), one of its files, or their stem")


def training_options(args: argparse.Namespace) -> TrainingOptions:
    """Return the options typed for ``train``: flags before config file before preset before defaults."""
    start = TrainingOptions.from_dict(PRESETS[args.preset].options) if args.preset else None
    return options_from(args, TrainingOptions, start=start, store_folder=args.store or args.data_dir)


def run_train(args: argparse.Namespace) -> int:
    """Start a run; unless detached, watch it to its end."""
    options = training_options(args)
    problems = training_problems(options)
    if any(problem.is_error for problem in problems):
        raise OptionsError(problem for problem in problems if problem.is_error)
    print_problems(problems)
    run = start_run(options)
    if args.run_file:
        Path(args.run_file).write_text(f"{run.folder}\n", encoding="utf-8")
    return _attend(run, detach=args.detach)


def _attend(run: Run, *, detach: bool) -> int:
    """Print a run that has just been started, and watch it unless it is to be left alone."""
    if detach:
        print(run.folder)
        return 0
    print(run.folder, file=sys.stderr)
    return watch(run, stop_on_interrupt=True)


def watch(run: Run, *, stop_on_interrupt: bool = False) -> int:
    """Show a run until it ends.

    Args:
        run: the run.
        stop_on_interrupt: whether Ctrl-C stops the run (which keeps its best network); else it only stops watching.

    Returns:
        An exit code: 0 if it finished or was stopped, 1 if it failed or died.
    """
    line = ProgressLine()
    scores: Event | None = None
    position = 0
    while True:
        try:
            for event in follow(run, after=position):
                if event["event"] == "scores":
                    scores = event
                else:
                    _show(run, event, line)
            break
        except KeyboardInterrupt:
            if not stop_on_interrupt:
                line.keep(f"No longer watching; the run goes on. Watch it again: dss-widgets follow {run.folder}")
                return 0
            stop_on_interrupt = False
            _, position = run.events(position)
            run.stop()
            line.keep("Stopping after this step; the best network is kept and tested. Ctrl-C again: stop watching.")
    line.clear()
    return _tell_end(run, scores)


def _tell_end(run: Run, scores: Event | None) -> int:
    status = run.status()
    if scores:
        print(scores_table(scores))
        print()
    if status.state in ("failed", "died"):
        print(f"error: {run.name} {status.state}: {status.message}", file=sys.stderr)
        for text in run.log_tail(8):
            print(f"  | {text}", file=sys.stderr)
        return 1
    print(f"{status.state} after {duration(status.seconds)}: {run.stem}")
    return 0


def _show(run: Run, event: Event, line: ProgressLine) -> None:
    kind = event["event"]
    status = run.status()
    if kind == "step":
        done = event["step"] / max(1, event["steps"])
        line.show(
            f"epoch {event['epoch']} of {status.epochs} {bar(done)} loss {_number(event.get('loss'))}, "
            f"{duration(status.seconds_left)} left"
        )
    elif kind == "epoch":
        best = "  best so far" if event.get("best") else ""
        line.keep(
            f"epoch {event['epoch']:>3} of {status.epochs}  loss {_number(event.get('loss'))}  "
            f"validation {_number(event.get('val_loss'))}  F1 {_number(event.get('macro_f1'), 3)}  "
            f"{event['seconds']:.1f} s{best}"
        )
    elif kind == "warning":
        line.keep(f"warning: {event['message']}")
    elif kind == "state" and event["state"] in _STATE_WORDS:
        line.show(_STATE_WORDS[event["state"]])
    elif kind == "test":
        line.show(f"testing {bar(event['done'] / max(1, event['total']))}")


def _number(value: float | None, digits: int = 4) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def run_runs(args: argparse.Namespace) -> int:
    """List the runs of a folder."""
    if not Path(args.save_folder).expanduser().is_dir():
        raise RunError(f"{args.save_folder}: is not a folder. Name the folder that training saves into (STORE.res).")
    runs = list_runs(args.save_folder)
    if args.json:
        print_json({"save_folder": args.save_folder, "runs": [run.as_dict() for run in runs]})
        return 0
    if not runs:
        print(f"{args.save_folder}: no runs")
        return 0
    rows = []
    for run in runs:
        s = run.status()
        rows.append(
            [run.name, s.state, f"{s.epoch} of {s.epochs}", s.best_val_loss, s.macro_f1, duration(s.seconds), s.message]
        )
    print(table(rows, ["run", "state", "epoch", "best validation loss", "test F1", "time", ""]))
    return 0


def run_follow(args: argparse.Namespace) -> int:
    """Watch a run."""
    return watch(find_run(args.name))


def run_stop(args: argparse.Namespace) -> int:
    """Ask a run to stop."""
    run = find_run(args.name)
    if not run.status().is_running:
        print(f"{run.name}: is not running ({run.status().state})")
        return 0
    run.stop()
    print(f"{run.name}: will stop after the current step and keep its best network")
    return 0


def run_resume(args: argparse.Namespace) -> int:
    """Go on with a run; unless detached, watch it to its end."""
    run = find_run(args.name)
    if args.epochs is None and run.status().state == "finished":
        print(f"{run.name}: has finished already. To train it for longer, give a new number of epochs: --epochs N.")
        return 0
    return _attend(resume_run(run, epochs=args.epochs), detach=args.detach)


def run_script(args: argparse.Namespace) -> int:
    """Print or write a script that trains with the options typed."""
    options = training_options(args)
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


def run_evaluate(args: argparse.Namespace) -> int:
    """Test a network again and print its scores."""
    from dss_widgets.network.quiet import quiet_tensorflow

    quiet_tensorflow()
    from dss_widgets.dataset import open_dataset
    from dss_widgets.network.evaluate import evaluate

    line = ProgressLine()
    dataset = open_dataset(args.dataset) if args.dataset else None
    scores = evaluate(stem_of(args.name), dataset, on_progress=lambda done, total: line.show(f"testing {bar(done / total)}"))
    line.clear()
    if scores is None:
        raise DataError(f"{args.name}: the test split is empty. Name a dataset to test on: --dataset STORE.npy.")
    if args.json:
        print_json(scores.as_dict())
    else:
        print(scores_table(scores.as_dict()))
    return 0


def run_predict(args: argparse.Namespace) -> int:
    """Annotate recordings and print the files written."""
    from dss_widgets.network.quiet import quiet_tensorflow

    quiet_tensorflow()
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
