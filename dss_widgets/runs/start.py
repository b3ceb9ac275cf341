"""Starting a run: its folder is written, then a worker in a session of its own takes over."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from dss_widgets.errors import OptionsError, RunError
from dss_widgets.options import TrainingOptions, save_options
from dss_widgets.results.starting_point import all_problems
from dss_widgets.results.stems import stem_of
from dss_widgets.runs import lock
from dss_widgets.runs.events import append_event
from dss_widgets.runs.run import CHECKPOINT, SUFFIX, Run

_LAST_BREATH_SECONDS = 20
"""How long a worker may take to end once it has recorded how it ended."""


def create_run(options: TrainingOptions) -> Run:
    """Write the folder of a new run, without starting it.

    Raises:
        OptionsError: something stands against training; nothing was written.
        RunError: the save folder cannot be written.
    """
    _refuse_errors(options)
    try:
        options.save_path.mkdir(parents=True, exist_ok=True)
        folder = _new_folder(options.save_path.resolve(), options.prefix)
    except OSError as error:
        raise RunError(f"{options.save_path}: cannot be written ({error.strerror}). Choose another save folder.") from error
    start = str(stem_of(options.initial_weights)) if options.initial_weights else ""
    absolute = options.copy(
        store_folder=str(options.store_path.resolve()), save_folder=str(options.save_path.resolve()), initial_weights=start
    )
    save_options(absolute, folder / "options.yaml")
    return Run(folder)


def start_run(options: TrainingOptions) -> Run:
    """Start a training in a process of its own, which goes on when tab, notebook and server are gone.

    Returns:
        The run; follow it with :func:`~dss_widgets.runs.follow.follow` or look at ``run.status()``.

    Raises:
        OptionsError: something stands against training; nothing was started.
        RunError: the save folder cannot be written, or no process can be started.
    """
    run = create_run(options)
    launch(run)
    return run


def resume_run(run: Run, *, epochs: int | None = None) -> Run:
    """Go on with a run that was stopped, died, failed or finished, from its last checkpoint.

    Args:
        run: the run.
        epochs: a new number of epochs, to train a finished run for longer.

    Returns:
        The same run.

    Raises:
        OptionsError: something stands against training, such as a dataset that is gone.
        RunError: it is still running, was trained for more epochs already, or no process can be started.
    """
    if run.status().is_running:
        raise RunError(f"{run.name}: is running already.")
    options = run.options()
    if epochs is not None:
        done = run.status().epoch
        if epochs < done:
            raise RunError(f"{run.name}: has been trained for {done} epochs already. Give more than that to go on.")
        options = options.copy(epochs=epochs)
    _refuse_errors(options, resuming=(run.folder / CHECKPOINT).is_file())
    save_options(options, run.folder / "options.yaml")
    launch(run)
    return run


def _refuse_errors(options: TrainingOptions, *, resuming: bool = False) -> None:
    errors = [problem for problem in all_problems(options, resuming=resuming) if problem.is_error]
    if errors:
        raise OptionsError(errors)


def launch(run: Run) -> None:
    """Start the worker of a run that has a folder.

    The worker inherits the lock that says it is alive, so that there is no moment in which the run looks dead.

    Raises:
        RunError: a worker is at it already, or no process can be started.
    """
    folder = run.folder.resolve()  # the worker runs in another folder than this process
    held = _take_lock(run, folder / "worker.lock")
    (folder / "stop").unlink(missing_ok=True)  # an old wish; one that comes from now on is not overlooked
    try:
        append_event(folder / "events.jsonl", {"event": "state", "state": "starting"})
        with open(folder / "log.txt", "ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "dss_widgets.runs.worker", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                close_fds=True,
                pass_fds=(held.fileno(),) if os.name == "posix" else (),
                cwd=folder,
                env=environment(),
            )
    except OSError as error:
        raise RunError(f"{run.name}: no process can be started ({error.strerror}).") from error
    finally:
        held.close()
    (folder / "worker.json").write_text(json.dumps({"pid": worker.pid, "host": platform.node()}), encoding="utf-8")


def _take_lock(run: Run, path: Path) -> IO[bytes]:
    """Take a run's lock; one whose worker has said its last word but has not quite ended is waited for."""
    deadline = time.monotonic() + _LAST_BREATH_SECONDS
    while True:
        held = lock.acquire(path)
        if held is not None:
            return held
        if run.status().is_running or time.monotonic() > deadline:
            raise RunError(f"{run.name}: is running already.")
        time.sleep(0.05)


def environment() -> dict[str, str]:
    """Return the environment of a process of our own: it finds this package, whatever the folder it runs in."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUNBUFFERED": "1"}


def _new_folder(save_folder: Path, prefix: str) -> Path:
    """Make the folder of a new run; a name that is taken gets the next second."""
    moment = datetime.datetime.now()
    beginning = f"{prefix}_" if prefix else ""
    while True:
        folder = save_folder / f"{beginning}{moment:%Y%m%d_%H%M%S}{SUFFIX}"
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            moment += datetime.timedelta(seconds=1)
