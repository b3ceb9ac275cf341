"""A run: a folder that holds everything about one training, for whoever looks, from any process at any time."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dss_widgets.errors import RunError
from dss_widgets.options import TrainingOptions, load_options
from dss_widgets.results.stems import ENDINGS, RUN_SUFFIX, stem_of
from dss_widgets.runs import lock
from dss_widgets.runs.events import Event, read_events

SUFFIX = RUN_SUFFIX
CHECKPOINT = "checkpoint.npz"
"""Name of the checkpoint in a run's folder; there is one once an epoch is done."""

RUNNING = ("starting", "preparing", "training", "testing")
"""States of a run whose worker is alive."""


@dataclass(frozen=True)
class RunStatus:
    """What a run is doing, or how it ended.

    Attributes:
        state: starting, preparing, training, testing; or finished, stopped (by the user, best network kept), failed (with a
            message), died (its worker is gone without a word).
        epoch, epochs: the last finished epoch, and how many there are to be.
        step, steps: where in the current epoch it is.
        loss, val_loss: of the last finished epoch.
        best_epoch, best_val_loss: the network that is kept.
        epochs_to_early_stop: epochs left without improvement before training stops by itself.
        macro_f1: on the test split, once it is tested.
        started, updated: unix seconds of the first and the last event.
        seconds: time at work so far, breaks between a stop and going on left out.
        seconds_left: estimated time left of training.
        message: for people: why it failed, or how it died.
        warnings: what the worker warned of.
    """

    state: str = "starting"
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    val_loss: float | None = None
    best_epoch: int = 0
    best_val_loss: float | None = None
    epochs_to_early_stop: int | None = None
    macro_f1: float | None = None
    started: float | None = None
    updated: float | None = None
    seconds_left: float | None = None
    seconds: float = 0.0
    message: str = ""
    warnings: tuple[str, ...] = field(default=())

    @property
    def is_running(self) -> bool:
        """Whether its worker is alive."""
        return self.state in RUNNING

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        return {**asdict(self), "warnings": list(self.warnings), "is_running": self.is_running}

    def after(self, event: Event) -> RunStatus:
        """Return the status once an event has happened."""
        when = event.get("time")
        begins = event.get("event") == "state" and event.get("state") == "starting"
        passed = 0.0 if begins or when is None or self.updated is None else max(0.0, when - self.updated)
        status = replace(
            self,
            started=when if self.started is None else self.started,
            updated=self.updated if when is None else when,
            seconds=self.seconds + passed,
        )
        change = _CHANGES.get(str(event.get("event")))
        return replace(status, **change(status, event)) if change else status


_CHATTER = re.compile(
    r"[IWE]\d{4} \d\d:|[IWE]0000 |WARNING: All log messages before absl|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
)
"""What tensorflow says of itself on standard error; nobody's last words."""

_EPOCH_FIELDS = ("epoch", "loss", "val_loss", "best_epoch", "best_val_loss", "epochs_to_early_stop", "seconds_left")

_CHANGES: dict[str, Callable[[RunStatus, Event], dict[str, Any]]] = {
    "state": lambda _, event: {"state": event["state"], "message": event.get("message", "")},
    "begin": lambda _, event: {"epochs": event["epochs"], "steps": event.get("steps_per_epoch", 0)},
    "step": lambda status, event: {
        "step": event["step"],
        "steps": event["steps"],
        "epoch": max(status.epoch, event["epoch"] - 1),
    },
    "epoch": lambda _, event: {"step": 0, **{name: event.get(name) for name in _EPOCH_FIELDS}},
    "warning": lambda status, event: {"warnings": (*status.warnings, event["message"])},
    "scores": lambda _, event: {"macro_f1": event.get("macro_f1")},
}
"""What each kind of event changes in a status."""


class Run:
    """One training, known by its folder ``<save folder>/<stem>.run``.

    Everything is read from the folder each time, so that any number of tabs, notebooks and terminals can look at once.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._status = RunStatus()
        self._offset = 0

    @property
    def name(self) -> str:
        """The stem's name: ``[prefix_]YYYYMMDD_hhmmss``."""
        return self.folder.name.removesuffix(SUFFIX)

    @property
    def stem(self) -> Path:
        """What the names of the run's files begin with."""
        return self.folder.parent / self.name

    @property
    def results_path(self) -> Path:
        """The file with history, confusion matrix and test predictions."""
        return self.folder.parent / f"{self.name}_results.h5"

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.folder.resolve() == other.folder.resolve()

    def __hash__(self) -> int:
        return hash(self.folder.resolve())

    def options(self) -> TrainingOptions:
        """Return the options that it was started with.

        Raises:
            DataError, OptionsError: they cannot be read.
        """
        return load_options(TrainingOptions, self.folder / "options.yaml")

    def events(self, after: int = 0) -> tuple[list[Event], int]:
        """Return the events since a position, and the position after them; see :func:`~dss_widgets.runs.events.read_events`."""
        return read_events(self.folder / "events.jsonl", after)

    def status(self) -> RunStatus:
        """Return what the run is doing or how it ended."""
        alive = lock.is_held(self.folder / "worker.lock")  # before reading: the last events of a worker are never missed
        events, self._offset = self.events(self._offset)
        for event in events:
            self._status = self._status.after(event)
        if self._status.is_running and not alive:
            tail = " ".join(self.log_tail(1))
            told = f" Its last words: {tail}" if tail else ""
            return replace(
                self._status,
                state="died",
                seconds_left=None,
                message=f"The training process ended without a word (killed, or out of memory).{told}",
            )
        return self._status

    def log_tail(self, n_lines: int = 20) -> list[str]:
        """Return the last lines that the worker printed."""
        try:
            with open(self.folder / "log.txt", "rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - 200 * (n_lines + 5)))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []
        return [line for line in lines if line.strip() and not _CHATTER.match(line)][-n_lines:]

    def stop(self) -> None:
        """Ask the worker to stop after the current step; it keeps the best network so far and tests it.

        Raises:
            RunError: the run's folder cannot be written.
        """
        try:
            (self.folder / "stop").touch()
        except OSError as error:
            raise RunError(
                f"{self.folder}: cannot be written ({error.strerror}). Only who may write there can stop it."
            ) from error

    def kill(self) -> None:
        """End the worker at once; checkpoints stay.

        Raises:
            RunError: it is not running on this machine.
        """
        told = self._worker()
        if not self.status().is_running or told.get("host") != platform.node():
            raise RunError(f"{self.name}: is not running on this machine.")
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(told["pid"]), signal.SIGKILL)

    def delete(self) -> None:
        """Remove the run and all its files.

        Raises:
            RunError: it is still running, or cannot be removed.
        """
        if self.status().is_running:
            raise RunError(f"{self.name}: is still running. Stop it first.")
        try:
            for ending in ENDINGS[:-1]:
                (self.folder.parent / f"{self.name}{ending}").unlink(missing_ok=True)
            for path in self.folder.parent.iterdir():  # tests on other datasets
                if path.name.startswith(f"{self.name}_results_") and path.suffix == ".h5":
                    path.unlink()
            shutil.rmtree(self.folder)
        except OSError as error:
            raise RunError(f"{self.name}: cannot be removed ({error.strerror}). Is the folder yours?") from error
        shutil.rmtree(self.folder.parent / "tensorboard" / self.name, ignore_errors=True)

    def _worker(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.folder / "worker.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        return {"run": self.name, "folder": str(self.folder), "stem": str(self.stem), **self.status().as_dict()}


def list_runs(save_folder: str | os.PathLike[str]) -> list[Run]:
    """Return the runs of a save folder, newest first; none if there is no such folder."""
    folder = Path(save_folder).expanduser()
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.name.endswith(SUFFIX) and path.is_dir()]
    return [
        Run(path)
        for path in sorted(found, key=lambda path: (path.name[-len("YYYYMMDD_hhmmss.run") :], path.name), reverse=True)
    ]


def find_run(text: str | os.PathLike[str]) -> Run:
    """Return the run that a folder, file or stem stands for.

    Raises:
        RunError: there is none; the message lists what is there instead.
    """
    if not str(text):
        raise RunError("The run has no name. Name its folder, one of its files, or their stem.")
    stem = stem_of(text)
    run = Run(stem.with_name(stem.name + SUFFIX))
    if run.folder.is_dir():
        return run
    if stem.is_dir():
        newest = [run.name for run in list_runs(stem)][:3]
        told = f" It holds the runs {', '.join(newest)}." if newest else ""
        raise RunError(
            f"{text}: is a folder, not a run.{told} Name a run, such as SAVE_FOLDER/{newest[0] if newest else '...'}."
        )
    near = [run.name for run in list_runs(stem.parent)][:3]
    told = f" Nearby: {', '.join(near)}." if near else " 'dss-widgets runs SAVE_FOLDER' lists those of a folder."
    raise RunError(f"{text}: there is no such run.{told}")
