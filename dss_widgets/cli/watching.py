"""The commands that look at runs and steer them: runs, follow, stop, resume."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from dss_widgets.cli.output import ProgressLine, bar, duration, print_json, printable, scores_table, table
from dss_widgets.cli.report import report_text
from dss_widgets.errors import DataError, RunError
from dss_widgets.options.training import EARLY_STOPPING_PATIENCE
from dss_widgets.results import read_results
from dss_widgets.results.for_das import files_to_rename
from dss_widgets.runs import Run, find_run, follow, list_runs, resume_run
from dss_widgets.runs.events import Event

NO_BETTER = f"{EARLY_STOPPING_PATIENCE} epochs in a row brought no better validation loss. The best network is kept."

_TELLING_WAIT = 0.1
"""Share of learning from which on it is told that it waited for data."""

_STATE_WORDS = {"preparing": "preparing ...", "training": "training", "testing": "testing ..."}


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    runs = commands.add_parser("runs", help="list the runs of a save folder")
    runs.add_argument("save_folder", metavar="SAVE_FOLDER")
    runs.add_argument("--json", action="store_true", help="print one JSON document")
    runs.set_defaults(run=run_runs)

    following = commands.add_parser("follow", help="watch a run until it ends")
    add_run(following)
    following.set_defaults(run=run_follow)

    stop = commands.add_parser("stop", help="stop a run after the current step; its best network is kept")
    add_run(stop)
    stop.set_defaults(run=run_stop)

    resume = commands.add_parser("resume", help="go on with a run that was stopped, died or finished")
    add_run(resume)
    resume.add_argument("--epochs", type=int, metavar="N", help="train a finished run for longer: the new number of epochs")
    resume.add_argument("--detach", action="store_true", help="start it, print the run, and return at once")
    resume.set_defaults(run=run_resume)


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a run."""
    parser.add_argument("name", metavar="RUN", help="a run's folder (STEM.run), one of its files, or their stem")


def attend(run: Run, *, detach: bool) -> int:
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
        print(_report(run, scores))
        print()
    if status.state in ("failed", "died"):
        print(f"error: {run.name} {status.state}: {status.message}", file=sys.stderr)
        for text in run.log_tail(8):
            print(f"  | {text}", file=sys.stderr)
        return 1
    if status.state == "finished" and 0 < status.epoch < status.epochs:
        print(f"stopped early after {status.epoch} of {status.epochs} epochs: {NO_BETTER}")
    print(f"{status.state} after {duration(status.seconds)}: {run.stem}")
    return 0


def _report(run: Run, scores: Event) -> str:
    """Return the report of the test, or of what was told of it where its file cannot be read."""
    try:
        return report_text(read_results(run.results_path))
    except DataError:
        return scores_table(scores)


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
        line.keep(epoch_words(event, status.epochs))
    elif kind == "begin" and event.get("start"):
        line.keep(event["start"])
    elif kind == "warning":
        line.keep(f"warning: {event['message']}")
    elif kind == "state" and event["state"] in _STATE_WORDS:
        line.show(_STATE_WORDS[event["state"]])
    elif kind == "test":
        line.show(f"testing {bar(event['done'] / max(1, event['total']))}")


def epoch_words(event: Event, n_epochs: int) -> str:
    """Return what an epoch came to, as one line: losses, F1, the type found least, rate, time, waiting, early stopping."""
    parts = [
        f"epoch {event['epoch']:>3} of {n_epochs}", f"loss {_number(event.get('loss'))}",
        f"validation {_number(event.get('val_loss'))}", f"F1 {_number(event.get('macro_f1'), 3)}",
    ]  # fmt: skip
    recalls = dict(list((event.get("recall") or {}).items())[1:])
    if len(recalls) > 1:
        least = min(recalls, key=lambda name: recalls[name])
        parts.append(f"least recall {_number(recalls[least], 2)} ({printable(least)})")
    if event.get("learning_rate") is not None:
        parts.append(f"rate {event['learning_rate']:.1e}")
    parts.append(f"{event['seconds']:.1f} s")
    if event.get("waiting", 0) >= _TELLING_WAIT:
        parts.append(f"{event['waiting']:.0%} of learning waited for data")
    left = event.get("epochs_to_early_stop")
    if event.get("best"):
        parts.append("best so far")
    elif left is not None and left < n_epochs - event["epoch"]:
        parts.append(f"{left} epochs before it stops early")
    return "  ".join(parts)


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
        why = s.message or "; ".join(s.warnings[-1:])
        epochs = f"{s.epoch} of {s.epochs}"
        rows.append([run.name, s.state, epochs, s.best_val_loss, s.macro_f1, duration(s.seconds), why])
    print(table(rows, ["run", "state", "epoch", "best validation loss", "test F1", "time", ""]))
    for problem in files_to_rename(Path(args.save_folder)):
        print(f"warning: {problem}")
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
    return attend(resume_run(run, epochs=args.epochs), detach=args.detach)
