"""Assembling from a panel: as a job, or in this process where only this one can read the annotations."""

from __future__ import annotations

from dss_widgets.dataset.annotations.formats import has_own_formats
from dss_widgets.dataset.assembly.assemble import assemble, is_unchanged
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.jobs import JobStatus
from dss_widgets.options import PlaceOptions
from dss_widgets.options.assembly import AssemblingOptions
from dss_widgets.panels.background_job import BackgroundJob
from dss_widgets.panels.job_watch import JobWatch


class AssemblyWatch(JobWatch):
    """Assembles what a plan says and knows how far it is.

    Formats that were registered in this process are known here alone, so what they read is assembled here: that ends with the
    notebook. All else is a job.
    """

    def __init__(self) -> None:
        super().__init__()
        self._here: _AssemblyHere | None = None

    def assemble(self, plan: SplitPlan, *, overwrite: bool, place: PlaceOptions | None = None) -> None:
        """Start assembling; at its place, unless only this process can read the annotations.

        Raises:
            OptionsError, DataError, RunError: it cannot be started.
        """
        if not has_own_formats():
            self._here = None
            self.start("assemble", AssemblingOptions(**plan.options.as_dict(), overwrite=overwrite), place)
            return
        self.watch_job(None)
        self._here = _AssemblyHere(plan, overwrite=overwrite)
        if self.tick():
            self.ticker.start()

    def stop(self) -> None:
        """Ask it to stop; nothing will be left behind."""
        if self._here is not None:
            self._here.cancel()
        else:
            super().stop()

    def tick(self) -> bool:
        """Look at it; returns whether it is still going."""
        if self._here is None:
            return super().tick()
        status = self._here.status()
        self.working = status.is_running
        self.status = status
        return status.is_running


_STATES = {"going": "working", "done": "finished", "cancelled": "stopped", "failed": "failed"}


class _AssemblyHere(BackgroundJob):
    """One attempt to assemble in a thread."""

    def __init__(self, plan: SplitPlan, *, overwrite: bool) -> None:
        self.plan, self.overwrite = plan, overwrite
        self.unchanged = False
        super().__init__()

    def do(self) -> None:
        """Assemble; a dataset that is there and the same stays as it is."""
        self.unchanged = is_unchanged(self.plan)
        if not self.unchanged:
            assemble(self.plan, overwrite=self.overwrite, progress=self.note, cancelled=self.cancelled)

    def status(self) -> JobStatus:
        """Return how far it is, as of a job."""
        told = {"store": str(self.plan.options.store_path), "unchanged": self.unchanged}
        share = self.progress.fraction if self.progress else None
        left = self.progress.seconds_left if self.progress else None
        return JobStatus(_STATES[self.outcome], share=share, seconds_left=left, message=self.message, outcome=told)
