"""A question that takes several trainings to answer: a form, a job, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ipywidgets import HTML, Widget

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Job, JobStatus, Run
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.base import Options
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.results.run_tool import RunTool
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import put, text
from dss_widgets.panels.style.words import error_list, escape


class TrainingsTool(RunTool):
    """A button that opens a form and starts a job like a run's training; those who come back find the job again.

    Args:
        words: the button's.
        kind: of the job.
        name: what its parts' style classes begin with.
        options: what is asked for; the form is bound to it.
        place: where the job runs, which several tools may share; None: its own.
        fields: fields above the form.
        groups: of the options, those that the form shows; left out, all of them.
    """

    working_words = "Training"

    def __init__(
        self,
        words: str,
        kind: str,
        name: str,
        options: Options,
        *,
        place: PlaceForm | None = None,
        fields: Sequence[Widget] = (),
        groups: Sequence[str] | None = None,
    ) -> None:
        super().__init__(words, kind, name, place, start="Find out")
        self.options = options
        self.form = Form(options, groups)
        self._about: HTML = text("", "dss-muted")
        self._found: HTML = text("", f"{name}-found")
        self.body.children = [
            self._about, *fields, self.form, self.place, self._row, self._reasons, self._progress, self._found,
        ]  # fmt: skip
        self.form.observe(lambda _: self.refresh(), "problems")
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

    def job_options(self) -> Options:
        """Return what is asked for."""
        return self.options.copy()

    def find_again(self) -> None:
        """Look at the job that answers this for the run, if there was one."""
        put(self._found, self.picture(None))
        self.take_run(self.run)
        super().find_again()

    def find_job(self, run: Run) -> None:
        """Look at the job of what is asked for, also one that has ended."""
        del run
        self.watch.find(self._kind, self.options, ended=True)

    def has_outcome(self, status: JobStatus) -> bool:
        """Return whether a job has come to something that is shown."""
        return status.state == "finished"

    def refresh(self) -> None:
        """Bring button and words in step with what is chosen."""
        super().refresh()
        put(self._about, "" if self.blockers else escape(self.about()))

    def more_blockers(self) -> Iterator[str]:
        """Yield that a field of the form cannot be read."""
        shown = self.form.fields
        if any(problem.is_error and problem.field in shown for problem in self.form.problems):
            yield "A field cannot be read."

    def told(self, job: Job, status: JobStatus) -> None:
        """Show how far the trainings are, and what came of those that have ended."""
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
