"""A question that takes several trainings to answer: a form, a job, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, Widget

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import JobStatus, Run
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.base import Options
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list, escape
from dss_widgets.results.networks import has_network
from dss_widgets.roots import why_refused


class TrainingsTool(Folded):
    """A button that opens a form and starts a job like a run's training; those who come back find the job again.

    Args:
        words: the button's.
        kind: of the job.
        name: what its parts' style classes begin with.
        options: what is asked for; the form is bound to it.
        fields: fields above the form.
        groups: of the options, those that the form shows; left out, all of them.

    Attributes:
        run: the run that it is about.
        working: whether trainings go on.
        blockers: why *Find out* is off, as sentences; none: it is on.
    """

    run = t.Instance(Run, allow_none=True)
    working = t.Bool(False)
    blockers = t.Tuple()

    working_words = "Training"

    def __init__(
        self,
        words: str,
        kind: str,
        name: str,
        options: Options,
        fields: Sequence[Widget] = (),
        *,
        groups: Sequence[str] | None = None,
    ) -> None:
        super().__init__(words, name)
        self._kind = kind
        self.options = options
        self.watch = JobWatch()
        self.ticker = self.watch.ticker
        self.form = Form(options, groups)
        self.start: Button = classed(Button(description="Find out", layout=plain_layout()), f"{name}-start")
        self.cancel: Button = Button(description="Stop", layout=plain_layout())
        classed(self.cancel, f"{name}-stop", "dss-danger", "dss-off")
        self._about: HTML = text("", "dss-muted")
        self._progress: HTML = text("", f"{name}-progress")
        self._found: HTML = text("", f"{name}-found")
        row = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        self.body.children = [self._about, *fields, self.form, row, self._progress, self._found]
        self.observe(self._new_run, "run")
        self.observe(lambda _: self.refresh(), "working")
        self.form.observe(lambda _: self.refresh(), "problems")
        self.start.on_click(lambda _: self.begin())
        self.cancel.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "working"))
        self.watch.observe(self._told, "status")
        self.refresh()

    def about(self) -> str:
        """Return what pressing the button does."""
        raise NotImplementedError

    def take_run(self, run: Run | None) -> None:
        """Take over into the options what a run says."""
        raise NotImplementedError

    def picture(self, outcome: Any) -> str:
        """Return what came of it, as HTML; None: nothing did yet."""
        raise NotImplementedError

    def more_blockers(self) -> Iterator[str]:
        """Yield further reasons why it cannot begin, as sentences."""
        yield from ()

    def _new_run(self, _change: Any = None) -> None:
        self.find_again()

    def find_again(self) -> None:
        """Look at the job that answers this for the run, if there was one."""
        self.watch.watch_job(None)
        put(self._progress, "")
        put(self._found, self.picture(None))
        self.take_run(self.run)
        if self.run is not None and not why_refused(self.run.folder):
            self.find_job(self.run)
        self.refresh()

    def find_job(self, run: Run) -> None:
        """Look at the job of what is asked for, also one that has ended."""
        del run
        self.watch.find(self._kind, self.options, ended=True)

    def has_outcome(self, status: JobStatus) -> bool:
        """Return whether a job has come to something that is shown."""
        return status.state == "finished"

    def refresh(self) -> None:
        """Bring button and words in step with what is chosen."""
        self.blockers = tuple(self._why_not())
        self.start.disabled = self.working or bool(self.blockers)
        show(self.cancel, self.working)
        put(self._about, escape(" ".join(self.blockers) or self.about()))

    def _why_not(self) -> list[str]:
        run = self.run
        if run is None:
            return ["Choose a run first."]
        refused, shown = why_refused(run.folder), self.form.fields
        checks = [
            (refused, f"The run {refused}"),
            (run.folder.is_dir() and run.status().is_running, "The run has not ended yet."),
            (not has_network(run.stem), "There is no network of this run: the file with its weights is gone."),
            (any(problem.is_error and problem.field in shown for problem in self.form.problems), "A field cannot be read."),
        ]
        return [*(why for applies, why in checks if applies), *self.more_blockers()][:1]

    def begin(self) -> None:
        """Start the trainings, or go on with them; does nothing while there are blockers."""
        self.refresh()
        if self.blockers or self.working or self.run is None:
            return
        try:
            self.watch.start(self._kind, self.options.copy())
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def tick(self) -> bool:
        """Show how far it has come; returns whether it is still going."""
        return self.watch.tick()

    def _told(self, _change: Any = None) -> None:
        job, status = self.watch.job, self.watch.status
        if job is None or status is None:
            return
        put(
            self._progress,
            job_progress(
                status, starting="Preparing…", working=self.working_words,
                stopped="<p>Stopped. Trainings that are done count when you go on.</p>",
            ),
        )  # fmt: skip
        if self.has_outcome(status):
            try:
                put(self._found, self.picture(KINDS[self._kind].outcome(job.options(), status)))
            except DssWidgetsError as error:
                put(self._progress, error_list(error))
