"""Testing a trained network again, on its own dataset or another one, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import traitlets as t
from ipywidgets import Checkbox

from dss_widgets.jobs import Job, JobStatus
from dss_widgets.options import TrainingOptions
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.results.run_tool import RunTool
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import plain_layout, put

_DATASET = replace(
    TrainingOptions.declared()["store_folder"],
    label="Dataset to test on",
    placeholder="the one that the network was trained on",
    help="An assembled dataset (a folder ending in .npy) with the same song types and sample rate. Empty: the dataset that "
    "the network was trained on. Results on another dataset are saved in a file of their own.",
)


class TestAgain(RunTool):
    """A field for a dataset, and a button that tests on it.

    Args:
        place: where the job runs, which several tools may share; None: its own.

    Attributes:
        store: the dataset to test on, as text; '' for the one that it was trained on.
        tested: the dataset (or '') of the last test that came to its end, in a tuple; empty before.
    """

    __test__ = False  # the name is no promise to pytest

    store = t.Unicode()
    tested = t.Tuple()

    def __init__(self, place: PlaceForm | None = None) -> None:
        super().__init__("Test again…", "evaluate", "dss-test-again", place, start="Test again", stop="Cancel")
        self.field = FolderField(_DATASET, "")
        self.tune = Checkbox(
            description="Find thresholds again first, on the validation data", indent=False, layout=plain_layout()
        )
        self.body.children = [self.field, self.tune, self.place, self._row, self._progress, self._reasons]
        t.link((self, "store"), (self.field, "value"))
        self.observe(lambda _: self.refresh(), "store")
        self.field.observe(lambda _: self.refresh(), "fault")
        self.refresh()

    def job_options(self) -> EvaluationOptions:
        """Return what is tested on what."""
        network = str(self.run.stem) if self.run else ""
        return EvaluationOptions(network=network, store_folder=self.store, tune=self.tune.value)

    def more_blockers(self) -> Iterator[str]:
        """Yield what is wrong with the dataset."""
        if self.field.fault:
            yield f"The dataset {self.field.fault}"
        elif self.store and not Path(self.store).expanduser().is_dir():
            yield "There is no such dataset: choose a folder whose name ends in .npy."

    def told(self, job: Job, status: JobStatus) -> None:
        """Show how far testing has come, or how it ended."""
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
