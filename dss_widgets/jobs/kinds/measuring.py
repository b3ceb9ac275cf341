"""Measuring how long an epoch of a training will take."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.kinds.training import Training
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options import TrainingOptions
from dss_widgets.results.measured import Measured


class Measuring(Kind[TrainingOptions]):
    """Measuring: takes a few steps of learning, and leaves nothing but what it told."""

    name = "measure"
    label = "measurement"
    options = TrainingOptions

    def settled(self, options: TrainingOptions) -> TrainingOptions:
        """Return the options with absolute paths."""
        return Training().settled(options)

    def folder(self, options: TrainingOptions) -> Path:
        """Return the one folder for measurements in the save folder."""
        return options.save_path / f"measurement{SUFFIX}"

    def problems(self, options: TrainingOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what stands against the training that is measured."""
        return Training().problems(options, resuming=resuming)

    def work(self, task: Task[TrainingOptions]) -> None:
        """Take the steps and tell what they took."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        task.tell(StateChanged(state="preparing"))
        set_up_worker_process()
        from dss_widgets.network.measure import measure

        task.tell(StateChanged(state="working"))
        measured = measure(task.options, began=task.began, should_stop=task.should_stop)
        task.check()
        task.tell(OutcomeTold(values=asdict(measured)))

    def outcome(self, options: TrainingOptions, status: JobStatus) -> Measured:
        """Return what was measured.

        Raises:
            DataError: it was not measured to the end.
        """
        try:
            return Measured(**status.outcome)
        except TypeError:
            raise DataError(f"{options.store_folder}: an epoch was not measured to the end. Measure again.") from None
