"""Testing a trained network again, on its own dataset or another one, in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import traitlets as t
from ipywidgets import HTML, Box, Button, Checkbox

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run
from dss_widgets.options import TrainingOptions
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list
from dss_widgets.results.networks import has_network
from dss_widgets.roots import why_refused

_DATASET = replace(
    TrainingOptions.declared()["store_folder"],
    label="Dataset to test on",
    placeholder="the one that the network was trained on",
    help="An assembled dataset (a folder ending in .npy) with the same song types and sample rate. Empty: the dataset that "
    "the network was trained on. Results on another dataset are saved in a file of their own.",
)


class TestAgain(Folded):
    """A field for a dataset, and a button that tests on it.

    Attributes:
        run: the run whose network is tested.
        store: the dataset to test on, as text; '' for the one that it was trained on.
        blockers: why *Test again* is off, as sentences; none: it is on.
        testing: whether it is at work.
        tested: the dataset (or '') of the last test that came to its end, in a tuple; empty before.
    """

    __test__ = False  # the name is no promise to pytest

    run = t.Instance(Run, allow_none=True)
    store = t.Unicode()
    blockers = t.Tuple()
    testing = t.Bool(False)
    tested = t.Tuple()

    def __init__(self) -> None:
        super().__init__("Test again…", "dss-test-again")
        self.watch, self.place = JobWatch(), PlaceForm()
        self.field = FolderField(_DATASET, "")
        self.tune = Checkbox(
            description="Find thresholds again first, on the validation data", indent=False, layout=plain_layout()
        )
        self.start: Button = _button("Test again", "dss-test-start")
        self.cancel: Button = _button("Cancel", "dss-test-cancel", "dss-danger", "dss-off")
        self._progress: HTML = text("", "dss-test-progress")
        self._reasons: HTML = text("", "dss-reasons")
        row = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        self.body.children = [self.field, self.tune, self.place, row, self._progress, self._reasons]
        self.ticker = self.watch.ticker
        t.link((self, "store"), (self.field, "value"))
        self.observe(self._new_run, "run")
        self.observe(self.refresh, ["store", "testing"])
        self.field.observe(self.refresh, "fault")
        self.place.observe(self.refresh, "changed")
        self.start.on_click(lambda _: self.test())
        self.cancel.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "testing"))
        self.watch.observe(self._told, "status")
        self.refresh()

    def _new_run(self, _change: Any = None) -> None:
        put(self._progress, "")
        self.watch.watch_job(None)
        if self.run is not None and not why_refused(self.run.folder):
            self.watch.find("evaluate", self._options())
        self.refresh()

    def refresh(self, _change: Any = None) -> None:
        """Bring buttons and reasons in step with what is chosen."""
        self.blockers = tuple(self._why_not())
        self.start.disabled = self.testing or bool(self.blockers)
        show(self.cancel, self.testing)
        put(self._reasons, "" if self.testing else " ".join(self.blockers))

    def _why_not(self) -> list[str]:
        run = self.run
        if run is None:
            return ["Choose a run first."]
        refused = why_refused(run.folder)
        checks = [
            (refused, f"The run {refused}"),
            (self.field.fault, f"The dataset {self.field.fault}"),
            (run.folder.is_dir() and run.status().is_running, "The run has not ended yet; it is tested when it ends."),
            (not has_network(run.stem), "There is no network of this run to test: the file with its weights is gone."),
            (
                self.store and not Path(self.store).expanduser().is_dir(),
                "There is no such dataset: choose a folder whose name ends in .npy.",
            ),
        ]
        return [*(why for applies, why in checks if applies), *self.place.blockers][:1]

    def _options(self) -> EvaluationOptions:
        network = str(self.run.stem) if self.run else ""
        return EvaluationOptions(network=network, store_folder=self.store, tune=self.tune.value)

    def test(self) -> None:
        """Start testing; does nothing while there are blockers."""
        self.refresh()
        if self.blockers or self.testing or self.run is None:
            return
        self.place.keep()
        try:
            self.watch.start("evaluate", self._options(), self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def tick(self) -> bool:
        """Show how far testing has come; returns whether it is still going."""
        return self.watch.tick()

    def _told(self, _change: Any = None) -> None:
        """Show how far testing has come, or how it ended."""
        job, status = self.watch.job, self.watch.status
        if job is None or status is None:
            return
        put(
            self._progress,
            job_progress(
                status, starting="Loading the network…", working="Testing",
                finished='<p><span class="dss-good">✓ Tested</span></p>',
                stopped="<p>Cancelled. The earlier results are unchanged.</p>",
            ),
        )  # fmt: skip
        if status.state == "finished":
            options = cast(EvaluationOptions, job.options())
            self.tested = ()
            self.tested = (options.network, options.store_folder)


def _button(words: str, *classes: str) -> Button:
    return classed(Button(description=words, layout=plain_layout()), *classes)
