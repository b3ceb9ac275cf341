"""Training a network on a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dss_widgets.errors import Problem
from dss_widgets.file_endings import ENDINGS
from dss_widgets.jobs.folder import TRAIN, JobFolder
from dss_widgets.jobs.kinds.kind import Kind, Task, stamped
from dss_widgets.jobs.status import JobStatus, RunStatus
from dss_widgets.options import TrainingOptions
from dss_widgets.results.starting_point import all_problems
from dss_widgets.results.stems import results_on_others, stem_of


class Training(Kind[TrainingOptions]):
    """Training: leaves a network and its scores in the save folder; goes on from its last checkpoint."""

    name = TRAIN
    label = "training"
    options = TrainingOptions
    status = RunStatus
    goes_to = "save_folder"
    when_stopped = "will stop after the current step and keep its best network, which is tested"

    def settled(self, options: TrainingOptions) -> TrainingOptions:
        """Return the options with absolute paths."""
        start = str(stem_of(options.initial_weights)) if options.initial_weights else ""
        return options.copy(
            store_folder=str(options.store_path.resolve()), save_folder=str(options.save_path.resolve()), initial_weights=start
        )

    def folder(self, options: TrainingOptions) -> Path:
        """Return a folder in the save folder, named ``[prefix_]YYYYMMDD_hhmmss.run``."""
        return stamped(options.save_path, f"{options.prefix}_" if options.prefix else "")

    def problems(self, options: TrainingOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what the options, the dataset and the network to start from have against training."""
        return list(all_problems(options, resuming=resuming))

    def least_cpus(self, options: TrainingOptions) -> int:
        """Return a core for each process."""
        return int(options.devices)

    def nodes(self, options: TrainingOptions) -> int:
        """Return how many machines train together."""
        return int(options.nodes)

    def work(self, task: Task[TrainingOptions]) -> None:
        """Train, from the checkpoint where there is one; with others, if options say so."""
        from dss_widgets.jobs.kinds.distributed_training import chief_of

        options, stem = task.options, task.files.path.with_name(task.files.name)
        with chief_of(task.files, options, task.should_stop) as replica:
            from dss_widgets.network.fit import fit

            fit(
                options, stem, run_folder=task.files.path, on_event=task.tell, should_stop=task.should_stop,
                should_save=task.should_save, resume=True, replica=replica,
            )  # fmt: skip

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether steps of learning were done; of the test at the end nothing is kept."""
        return (after.share or 0.0) > (before.share or 0.0)

    def needs(self, options: TrainingOptions) -> Mapping[str, list[Path]]:
        """Return the dataset and the network to start from."""
        start = {"initial_weights": [Path(options.initial_weights)]} if options.initial_weights else {}
        return {"store_folder": [options.store_path], **start}

    def made(self, options: TrainingOptions, files: JobFolder, status: JobStatus) -> list[Path]:
        """Return the network's files and the results of its tests."""
        del options, status
        stem = files.path.with_name(files.name)
        return [*(stem.with_name(stem.name + ending) for ending in ENDINGS), *(path for _, path in results_on_others(stem))]

    def outcome(self, options: TrainingOptions, status: JobStatus) -> dict[str, Any]:
        """Return the score on the test split and the epoch that is kept."""
        del options
        assert isinstance(status, RunStatus)
        return {"macro_f1": status.macro_f1, "best_epoch": status.best_epoch, "best_val_loss": status.best_val_loss}
