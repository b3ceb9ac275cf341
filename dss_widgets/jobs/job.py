"""A job: a folder that holds everything about one piece of work, for whoever looks, from any process at any time."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from dss_widgets.errors import DssWidgetsError, RunError
from dss_widgets.events import Event
from dss_widgets.file_endings import ENDINGS
from dss_widgets.jobs import lock
from dss_widgets.jobs.event_file import read_events
from dss_widgets.jobs.folder import SUFFIX, TRAIN, JobFolder
from dss_widgets.jobs.kinds import Kind, kind_named
from dss_widgets.jobs.slurm import cancel
from dss_widgets.jobs.slurm.look import Look, is_over
from dss_widgets.jobs.slurm.note import read_json, read_note
from dss_widgets.jobs.slurm.words import InSlurm
from dss_widgets.jobs.status import JobStatus, RunStatus
from dss_widgets.options import Options, TrainingOptions
from dss_widgets.options.files import options_from_yaml
from dss_widgets.results.stems import results_file, results_on_others
from dss_widgets.roots import open_confined

_CHATTER = re.compile(
    r"[IWE]\d{4} \d\d:|[IWE]0000 |WARNING: All log messages before absl|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
)
"""What tensorflow says of itself on standard error; nobody's last words."""


class Job:
    """One piece of work, known by its folder, whose name ends in ``.run``.

    Everything is read from the folder each time, so that any number of tabs, notebooks and terminals can look at once.

    Attributes:
        folder: the job's folder.
        files: the names of what lies in it.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.files = JobFolder(self.folder)
        self._own = Watcher(self)

    @property
    def name(self) -> str:
        """The folder's name without its ending."""
        return self.files.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and self.folder.resolve() == other.folder.resolve()

    def __hash__(self) -> int:
        return hash(self.folder.resolve())

    @property
    def kind(self) -> Kind[Any]:
        """What kind of work it is.

        Raises:
            DataError: the folder does not say, or names a kind that this version does not know.
        """
        return kind_named(self.files.kind(), self.files.job)

    def options(self) -> Options:
        """Return the options that it was started with.

        Raises:
            DataError, OptionsError: they cannot be read.
        """
        kind, values = self.files.read()
        return options_from_yaml(kind_named(kind, self.files.job).options, values)

    def events(self, after: int = 0) -> tuple[list[Event], int]:
        """Return the events since a position, and the position after them.

        What cannot be read is no event: a folder that is gone or closed to us tells nothing.
        """
        try:
            return read_events(self.files.events, after)
        except (OSError, DssWidgetsError):
            return [], after

    def status(self) -> JobStatus:
        """Return what it is doing or how it ended."""
        self._own.look()
        return self._own.status

    def told_status(self) -> JobStatus:
        """Return what its events tell of it, whether it lives or not."""
        return self.new_status().after_all(self.events()[0])

    def is_held(self) -> bool:
        """Return whether a worker lives that holds the job's lock."""
        return lock.is_held(self.files.lock)

    def new_status(self) -> JobStatus:
        """Return the status before the first event."""
        try:
            return self.kind.status()
        except DssWidgetsError:
            return JobStatus()

    def outcome(self) -> Any:
        """Return what the work came to, as its kind reads it.

        Raises:
            DataError: it cannot be read, or there is none.
        """
        return self.kind.outcome(self.options(), self.status())

    def log_tail(self, n_lines: int = 20) -> list[str]:
        """Return the last lines that the worker printed."""
        try:
            with open_confined(self.files.log) as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - 200 * (n_lines + 5)))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except (OSError, DssWidgetsError):
            return []
        return [line for line in lines if line.strip() and not _CHATTER.match(line)][-n_lines:]

    def stop(self) -> None:
        """Ask the worker to stop; what it does then, its kind says: a training keeps and tests its best network.

        A job that waits in Slurm's queue is taken out of it.

        Raises:
            RunError: the folder cannot be written, or Slurm does not answer where it has to.
        """
        waits = self.status().state == "queued"
        try:
            self.files.stop.touch()
        except OSError as error:
            raise RunError(
                f"{self.folder}: cannot be written ({error.strerror}). Only who may write there can stop it."
            ) from error
        if waits:
            cancel.take_out(self.files)

    def kill(self) -> None:
        """End the worker at once; what it has finished stays.

        Raises:
            RunError: it is not running on this machine, or Slurm, where it runs there, does not answer.
        """
        if self.status().is_running and read_note(self.files) is not None:
            cancel.end(self.files)
            return
        told = read_json(self.files.worker)
        if not self.status().is_running or told.get("host") != platform.node():
            raise RunError(f"{self.name}: is not running on this machine.")
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(told["pid"]), signal.SIGKILL)

    def delete(self) -> None:
        """Remove the job's folder; what it made for good stays, other than a training's network.

        Raises:
            RunError: it is still running, or cannot be removed.
        """
        if self.status().is_running:
            raise RunError(f"{self.name}: is still running. Stop it first.")
        try:
            self._remove_results()
            shutil.rmtree(self.folder)
        except OSError as error:
            raise RunError(f"{self.name}: cannot be removed ({error.strerror}). Is the folder yours?") from error

    def end(self) -> None:
        """End a job that only mattered for its outcome, which was read, or that nobody waits for: it goes with its folder.

        A folder that was made for it and is empty then goes, too. Not being able to is no reason to stop anybody.
        """
        with contextlib.suppress(OSError, DssWidgetsError):
            if self.status().is_running:
                self.kill()
                lock.wait_until_free(self.files.lock)
            shutil.rmtree(self.folder)
            self.folder.parent.rmdir()

    def _remove_results(self) -> None:
        """Remove what belongs to the job and lies outside of its folder."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        try:
            kind = self.kind.name
        except DssWidgetsError:
            kind = "unknown"
        return {"run": self.name, "kind": kind, "folder": str(self.folder), **self.status().as_dict()}


class Watcher:
    """Reads a job's events as they come, once, and knows the status that they tell.

    Args:
        job: the job.

    Attributes:
        job: the job.
        status: as of the last look.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.status = JobStatus()
        self._told: JobStatus | None = None
        self._position = 0

    def look(self) -> list[Event]:
        """Return the events since the last look, and bring the status up to date."""
        alive = self.job.is_held()  # before reading: the last events of a worker are never missed
        events, told = self._read()
        note = read_note(self.job.files)
        if note is None:
            self.status = self._as_it_is(told, alive=alive)
        elif is_over(told):
            self.status = replace(told, slurm=InSlurm(note.number))
        else:
            slurm = Look(self.job.files, note, self.job.log_tail)
            more, told = self._read()
            events += more
            self.status = (
                slurm.put_together(told, alive=alive) if not is_over(told) else replace(told, slurm=InSlurm(slurm.number))
            )
        return events

    def _read(self) -> tuple[list[Event], JobStatus]:
        """Return the events since the last reading, and the status that all of them tell."""
        events, self._position = self.job.events(self._position)
        self._told = (self._told or self.job.new_status()).after_all(events)
        return events, self._told

    def _as_it_is(self, told: JobStatus, *, alive: bool) -> JobStatus:
        """Return the status that events told, or that the worker died where it is gone without a word."""
        if not told.is_running or alive:
            return told
        if told.updated is None:
            return replace(told, state="created")
        tail = " ".join(self.job.log_tail(1))
        return replace(
            told,
            state="died",
            seconds_left=None,
            message=f"Its process ended without a word (killed, or out of memory).{f' Its last words: {tail}' if tail else ''}",
        )


class Run(Job):
    """A training, known by its folder ``<save folder>/<stem>.run``; its network and results lie beside it."""

    @property
    def stem(self) -> Path:
        """What the names of the network's files begin with: ``[prefix_]YYYYMMDD_hhmmss`` in the save folder."""
        return self.folder.parent / self.name

    @property
    def results_path(self) -> Path:
        """The file with history, confusion matrix and test predictions."""
        return results_file(self.stem)

    def options(self) -> TrainingOptions:
        """Return the options that it was started with.

        Raises:
            DataError, OptionsError: they cannot be read.
        """
        return cast(TrainingOptions, super().options())

    def status(self) -> RunStatus:
        """Return what it is doing or how it ended."""
        return cast(RunStatus, super().status())

    def new_status(self) -> RunStatus:
        """Return the status before the first event."""
        return RunStatus()

    def _remove_results(self) -> None:
        for ending in ENDINGS:
            if ending != SUFFIX:
                (self.folder.parent / f"{self.name}{ending}").unlink(missing_ok=True)
        for _, path in results_on_others(self.stem):
            path.unlink()
        shutil.rmtree(self.folder.parent / "tensorboard" / self.name, ignore_errors=True)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        return {**super().as_dict(), "stem": str(self.stem)}


def job_in(folder: Path) -> Job:
    """Return the job of a folder, as a :class:`Run` if it is a training."""
    with contextlib.suppress(DssWidgetsError):
        if JobFolder(folder).kind() != TRAIN:
            return Job(folder)
    return Run(folder)
