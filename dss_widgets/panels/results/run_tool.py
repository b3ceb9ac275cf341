"""A question about a run that a job answers: fields, where the job runs, a button, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Job, JobStatus, Run
from dss_widgets.options.base import Options
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list
from dss_widgets.results.networks import has_network
from dss_widgets.roots import why_refused


class RunTool(Folded):
    """A button that opens what is asked about a run, and one in it that starts the job; subclasses fill the body.

    Args:
        words: on the button that opens it.
        kind: of the job.
        name: what its parts' style classes begin with.
        place: where the job runs, which several tools may share; None: its own.
        start, stop: words on the buttons that start and stop the job.

    Attributes:
        run: the run that it is about.
        place: where the job runs.
        working: whether the job goes on.
        blockers: why *start* is off, as sentences; none: it is on.
    """

    run = t.Instance(Run, allow_none=True)
    working = t.Bool(False)
    blockers = t.Tuple()

    def __init__(
        self, words: str, kind: str, name: str, place: PlaceForm | None = None, *, start: str, stop: str = "Stop"
    ) -> None:
        super().__init__(words, name)
        self._kind = kind
        self.place, self.watch = place or PlaceForm(), JobWatch()
        self.ticker = self.watch.ticker
        self.start: Button = classed(Button(description=start, layout=plain_layout()), f"{name}-start")
        self.cancel: Button = classed(Button(description=stop, layout=plain_layout()), f"{name}-stop", "dss-danger", "dss-off")
        self._progress: HTML = text("", f"{name}-progress")
        self._reasons: HTML = text("", "dss-reasons")
        self._row = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        self.observe(lambda _: self.find_again(), "run")
        self.observe(lambda _: self.refresh(), "working")
        self.place.observe(lambda _: self.refresh(), "changed")
        self.start.on_click(lambda _: self.begin())
        self.cancel.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "working"))
        self.watch.observe(self._look, "status")

    def job_options(self) -> Options:
        """Return what the job is to do."""
        raise NotImplementedError

    def more_blockers(self) -> Iterator[str]:
        """Yield further reasons why it cannot begin, as sentences."""
        yield from ()

    def told(self, job: Job, status: JobStatus) -> None:
        """Show how far the job is, or what came of it."""
        raise NotImplementedError

    def find_again(self) -> None:
        """Look at the job that answers this for the run, if there is one."""
        self.watch.watch_job(None)
        put(self._progress, "")
        if self.run is not None and not why_refused(self.run.folder):
            self.find_job(self.run)
        self.refresh()

    def find_job(self, run: Run) -> None:
        """Look at the job of what is asked for, if it goes on."""
        del run
        self.watch.find(self._kind, self.job_options())

    def refresh(self) -> None:
        """Bring buttons and reasons in step with what is chosen."""
        self.blockers = tuple(self._why_not())
        self.start.disabled = self.working or bool(self.blockers)
        show(self.cancel, self.working)
        put(self._reasons, "" if self.working else " ".join(self.blockers))

    def _why_not(self) -> list[str]:
        run = self.run
        if run is None:
            return ["Choose a run first."]
        refused = why_refused(run.folder)
        checks = [
            (refused, f"The run {refused}"),
            (run.folder.is_dir() and run.status().is_running, "The run has not ended yet."),
            (not has_network(run.stem), "There is no network of this run: the file with its weights is gone."),
        ]
        return [*(why for applies, why in checks if applies), *self.more_blockers(), *self.place.blockers][:1]

    def begin(self) -> None:
        """Start the job, or go on with it; does nothing while there are blockers."""
        self.refresh()
        if self.blockers or self.working or self.run is None:
            return
        self.place.keep()
        try:
            self.watch.start(self._kind, self.job_options(), self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def tick(self) -> bool:
        """Show how far it has come; returns whether it is still going."""
        return self.watch.tick()

    def _look(self, _change: Any = None) -> None:
        job, status = self.watch.job, self.watch.status
        if job is not None and status is not None:
            self.told(job, status)
