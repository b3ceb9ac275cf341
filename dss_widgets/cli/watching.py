"""Watching a job in a terminal: what happens as it happens, and what it came to."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from dss_widgets.cli.endings import ENDINGS
from dss_widgets.cli.output import ProgressLine, bar, duration, print_error, printable
from dss_widgets.events import EpochDone, Event, Progressed, RecordingDone, StateChanged, StepDone, TrainingBegan, Warned
from dss_widgets.jobs import Job, JobStatus, RunStatus, Watcher
from dss_widgets.jobs.slurm.within import start_within

_INTERVAL_SECONDS = 0.1

_TELLING_WAIT = 0.1
"""Share of learning from which on it is told that it waited for data."""

_STATE_WORDS = {"preparing": "preparing ...", "training": "training", "testing": "testing ...", "working": "working ..."}


def attend(job: Job, *, detach: bool, as_json: bool = False) -> int:
    """Print a job that has just been started, and watch it unless it is to be left alone."""
    if detach:
        print(job.folder)
        return 0
    if job.kind.name == "train":
        print(job.folder, file=sys.stderr)
    return watch(job, stop_on_interrupt=True, as_json=as_json)


def attend_within(job: Job) -> int:
    """Do a job as part of the job of Slurm that this process belongs to, and watch it as long as that goes on.

    Returns:
        An exit code, as :func:`watch`; 0 also where it is queued again.

    Raises:
        RunError: this is no job of Slurm, or the job cannot be started.
    """
    worker = start_within(job)
    print(job.folder, file=sys.stderr)
    code = watch(job, goes_on=lambda: worker.poll() is None)
    worker.wait()
    return code


def watch(
    job: Job, *, stop_on_interrupt: bool = False, as_json: bool = False, goes_on: Callable[[], bool] = lambda: True
) -> int:
    """Show a job until it ends.

    Args:
        job: the job.
        stop_on_interrupt: whether Ctrl-C stops the job (a training keeps its best network); else it only stops watching.
        as_json: whether what it came to is printed as one JSON document.
        goes_on: whether to watch on.

    Returns:
        An exit code: 0 if it finished or was stopped, 1 if it failed or died, 130 if it was interrupted before it came to
        anything.
    """
    line, watcher = ProgressLine(), Watcher(job)
    interrupted, told = False, ""
    while True:
        is_last = not goes_on()
        try:
            for event in watcher.look():
                _show(event, watcher.status, line)
            if watcher.status.is_running and (words := watcher.status.place_words) != told:
                told = words
                line.keep(words)
            if is_last or not watcher.status.is_running:
                break
            time.sleep(_INTERVAL_SECONDS)
        except KeyboardInterrupt:
            if not stop_on_interrupt:
                line.keep(f"No longer watching; the job keeps running. Watch it again: dss-widgets follow {job.folder}")
                return 0
            stop_on_interrupt, interrupted = False, True
            job.stop()
            line.keep(f"{job.kind.when_stopped.capitalize()}. Ctrl-C again: stop watching.")
    line.clear()
    if watcher.status.is_running:
        return 0
    return _tell_end(job, watcher.status, interrupted=interrupted, as_json=as_json)


def _tell_end(job: Job, status: JobStatus, *, interrupted: bool, as_json: bool) -> int:
    ending = ENDINGS[job.kind.name](job, status, as_json)
    if ending:
        print(ending)
    if status.ended_well:
        return 130 if interrupted and status.state == "stopped" and not ending else 0
    training = isinstance(status, RunStatus)
    print_error(f"{job.name} {status.state}: {status.message}" if training or status.state == "died" else status.message)
    for text in job.log_tail(8) if training or status.state == "died" else []:
        print(f"  | {text}", file=sys.stderr)
    return 1


def _show(event: Event, status: JobStatus, line: ProgressLine) -> None:
    match event:
        case StepDone() if isinstance(status, RunStatus):
            line.show(
                f"epoch {event.epoch} of {status.epochs} {bar(event.step / max(1, event.steps))} loss {_number(event.loss)}, "
                f"{duration(status.seconds_left)} left"
            )
        case EpochDone() if isinstance(status, RunStatus):
            line.keep(epoch_words(event, status.epochs))
        case TrainingBegan(start=start) if start:
            line.keep(start)
        case Warned():
            line.keep(f"warning: {event.message}")
        case RecordingDone(outcome="failed"):
            line.keep(f"error: {event.message}")
        case StateChanged() if event.state in _STATE_WORDS:
            line.show(_STATE_WORDS[event.state])
        case Progressed():
            share = event.done / event.total if event.total else 1.0
            line.show(f"{event.doing} {bar(share)} {share:4.0%}  {duration(status.seconds_left)} left".lstrip())


def epoch_words(event: EpochDone, n_epochs: int) -> str:
    """Return what an epoch came to, as one line: losses, F1, the type with the least recall, rate, time, waiting, early end."""
    parts = [
        f"epoch {event.epoch:>3} of {n_epochs}", f"loss {_number(event.loss)}", f"validation {_number(event.val_loss)}",
        f"F1 {_number(event.macro_f1, 3)}",
    ]  # fmt: skip
    recalls = {name: recall for name, recall in list(event.recall.items())[1:] if recall is not None}
    if len(recalls) > 1:
        least = min(recalls, key=lambda name: recalls[name])
        parts.append(f"lowest recall {_number(recalls[least], 2)} ({printable(least)})")
    if event.learning_rate is not None:
        parts.append(f"rate {event.learning_rate:.1e}")
    parts.append(f"{event.seconds:.1f} s")
    if event.waiting >= _TELLING_WAIT:
        parts.append(f"{event.waiting:.0%} of the training time went into waiting for data")
    left = event.epochs_to_early_stop
    if event.best:
        parts.append("best so far")
    elif left is not None and left < n_epochs - event.epoch:
        parts.append(f"{left} epochs before it stops early")
    return "  ".join(parts)


def _number(value: float | None, digits: int = 4) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
