"""Looking for wrong labels in annotated recordings."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.kinds.reviewing import STRETCHES
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.label_check import LabelCheckOptions
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.review.stretches import Stretch, read_stretches, write_stretches
from dss_widgets.roots import confined


class LabelChecking(Kind[LabelCheckOptions]):
    """Looking for wrong labels: leaves a list of them in the job's folder, and changes none."""

    name = "check_labels"
    label = "check of labels"
    options = LabelCheckOptions

    def settled(self, options: LabelCheckOptions) -> LabelCheckOptions:
        """Return the options with absolute paths."""
        return options.copy(
            data_folder=str(Path(options.data_folder).expanduser().absolute()),
            like=str(stem_of(options.like)) if options.like else "",
        )

    def folder(self, options: LabelCheckOptions) -> Path:
        """Return the one folder for this beside the folder of the recordings."""
        place = Path(options.data_folder)
        return place.with_name(f"{place.name}_labels{SUFFIX}")

    def problems(self, options: LabelCheckOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where a network's params cannot be read."""
        del resuming
        if options.like:
            read_params(confined(f"{stem_of(options.like)}{PARAMS_SUFFIX}"))
        return list(options.problems())

    def work(self, task: Task[LabelCheckOptions]) -> None:
        """Train a network for each fold, let it judge the labels it does not know, and write the list."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        task.tell(StateChanged(state="preparing"))
        set_up_worker_process()
        from dss_widgets.network.label_check import check_labels

        found = check_labels(task.options, task.files.path, on_event=task.tell, should_stop=task.should_stop)
        path = write_stretches(task.files.path / STRETCHES, found)
        task.tell(OutcomeTold(values={"stretches": str(path)}))

    def outcome(self, options: LabelCheckOptions, status: JobStatus) -> list[Stretch]:
        """Return the labels that are likely wrong, the most surely wrong first.

        Raises:
            DataError: it did not come to its end, or the list cannot be read.
        """
        if "stretches" not in status.outcome:
            raise DataError(f"{options.data_folder}: its labels were not looked through to the end.")
        return read_stretches(str(status.outcome["stretches"]))
