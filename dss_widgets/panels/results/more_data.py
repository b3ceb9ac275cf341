"""How much more must I annotate? A learning curve, made by a job, shown as a picture and in words."""

from __future__ import annotations

from typing import Any, cast

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.results.curve_picture import curve_picture
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list, escape
from dss_widgets.results.learning_curve import LearningCurve
from dss_widgets.results.networks import has_network
from dss_widgets.roots import why_refused


class MoreData(Folded):
    """A button that trains with parts of the data, and what that says about more of it.

    Attributes:
        run: the run whose network it is about.
        curve: what was found; None before.
        working: whether trainings go on.
        blockers: why *Find out* is off, as sentences; none: it is on.
    """

    run = t.Instance(Run, allow_none=True)
    curve = t.Instance(LearningCurve, allow_none=True)
    working = t.Bool(False)
    blockers = t.Tuple()

    def __init__(self) -> None:
        super().__init__("How much more must I annotate?", "dss-more-data")
        self.watch = JobWatch()
        self.ticker = self.watch.ticker
        self.options = LearningCurveOptions()
        self.form = Form(self.options)
        self.start: Button = classed(Button(description="Find out", layout=plain_layout()), "dss-curve-start")
        self.cancel: Button = classed(
            Button(description="Stop", layout=plain_layout()), "dss-curve-stop", "dss-danger", "dss-off"
        )
        self._about: HTML = text("", "dss-muted")
        self._progress: HTML = text("", "dss-curve-progress")
        self._found: HTML = text("", "dss-curve")
        row = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        self.body.children = [self._about, self.form, row, self._progress, self._found]
        self.observe(self._new_run, "run")
        self.observe(lambda _: self.refresh(), "working")
        self.form.observe(lambda _: self.refresh(), "problems")
        self.start.on_click(lambda _: self.begin())
        self.cancel.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "working"))
        self.watch.observe(self._told, "status")
        self.refresh()

    def _new_run(self, _change: Any = None) -> None:
        self.watch.watch_job(None)
        self.curve = None
        put(self._progress, "")
        put(self._found, "")
        self.options.network = str(self.run.stem) if self.run is not None else ""
        if self.run is not None and not why_refused(self.run.folder):
            self.watch.find("curve", self.options, ended=True)
        self.refresh()

    def refresh(self) -> None:
        """Bring button and words in step with what is chosen."""
        self.blockers = tuple(self._why_not())
        self.start.disabled = self.working or bool(self.blockers)
        show(self.cancel, self.working)
        trainings = self.options.amounts * self.options.repeats - 1
        about = f"Trains {trainings} networks as this one was, each for as long, with parts of its data, and tests them."
        put(self._about, escape(" ".join(self.blockers) or about))

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
        return [why for applies, why in checks if applies][:1]

    def begin(self) -> None:
        """Start the trainings, or go on with them; does nothing while there are blockers."""
        self.refresh()
        if self.blockers or self.working or self.run is None:
            return
        try:
            self.watch.start("curve", self.options.copy())
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
                status, starting="Preparing…", working="Training with parts of the data",
                stopped="<p>Stopped. Trainings that are done count when you go on.</p>",
            ),
        )  # fmt: skip
        if status.state != "finished":
            return
        options = cast(LearningCurveOptions, job.options())
        try:
            self.curve = KINDS["curve"].outcome(options, status)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))
            return
        told = "".join(f"<p>{escape(line)}</p>" for line in self.curve.words(options.target))
        put(self._found, f"{curve_picture(self.curve, options.target)}{told}")
