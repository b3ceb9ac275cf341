"""Looking at a job from a panel: its folder is read now and then for as long as it goes on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import traitlets as t

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Job, JobStatus, Watcher, list_jobs, start_job
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options import Options, PlaceOptions
from dss_widgets.panels.background import Ticker


class JobWatch(t.HasTraits):
    """Starts a job or finds one again, and knows how far it is; a panel observes its traits.

    Attributes:
        job: the job that is looked at; None: none.
        status: as of the last look.
        working: whether the job is going.
    """

    job = t.Instance(Job, allow_none=True)
    status = t.Instance(JobStatus, allow_none=True)
    working = t.Bool(False)

    def __init__(self) -> None:
        super().__init__()
        self.ticker = Ticker(self.tick)
        self._watcher: Watcher | None = None

    def start(self, kind: str, options: Options, place: PlaceOptions | None = None) -> Job:
        """Start work and look at it.

        Args:
            kind: of the work.
            options: of the kind's own class.
            place: where it runs; left out, this computer.

        Raises:
            OptionsError, DataError, RunError: it cannot be started, as :func:`~dss_widgets.jobs.start.start_job` says.
        """
        job = start_job(kind, options, place)
        self.watch_job(job)
        return job

    def watch_job(self, job: Job | None) -> None:
        """Look at a job; None: at none."""
        self._watcher = Watcher(job) if job is not None else None
        with self.hold_trait_notifications():
            self.job, self.status, self.working = job, None, False
        if self.tick():
            self.ticker.start()

    def find(self, kind: str, options: Options, *, ended: bool = False) -> None:
        """Look at a job of this work that is going already, whoever started it; leave things as they are if there is none.

        Args:
            kind: of the work.
            options: which work.
            ended: whether one that has ended is looked at too.
        """
        known = KINDS[kind]
        try:
            job = Job(known.folder(known.settled(options)))
            if job.files.is_job() and job.kind is known and (ended or job.status().is_running) and job != self.job:
                self.watch_job(job)
        except DssWidgetsError:
            return

    def find_in(self, folder: Path, kind: str) -> None:
        """Look at the newest job of a kind in a folder that is going; leave things as they are if there is none."""
        for job in list_jobs(folder):
            with suppress(DssWidgetsError):
                if job.kind.name == kind and job.status().is_running:
                    self.watch_job(job)
                    return

    def stop(self) -> None:
        """Ask the job to stop.

        Raises:
            RunError: its folder cannot be written.
        """
        if self.job is not None and self.working:
            self.job.stop()

    def end(self) -> None:
        """End the job and remove its folder: nobody waits for it."""
        job = self.job
        self.watch_job(None)
        if job is not None:
            job.end()

    def tick(self) -> bool:
        """Look at it; returns whether the job is still going."""
        if self._watcher is None:
            return False
        self._watcher.look()
        status: Any = self._watcher.status
        self.working = status.is_running  # first: who observes the status finds it true
        self.status = status
        return bool(status.is_running)
