"""Assembling annotated recordings into a dataset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dss_widgets.dataset.assembly.assemble import Progress, assemble, is_unchanged
from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.survey import survey
from dss_widgets.events import OutcomeTold, Progressed, StateChanged, Warned
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.assembly import AssemblingOptions
from dss_widgets.options.paths import typed_path


class Assembling(Kind[AssemblingOptions]):
    """Assembling: leaves a dataset, whole or not at all. Stopped, it leaves nothing; started again, it begins again."""

    name = "assemble"
    label = "assembly"
    options = AssemblingOptions

    def settled(self, options: AssemblingOptions) -> AssemblingOptions:
        """Return the options with absolute paths."""
        return options.copy(
            data_folder=str(typed_path(options.data_folder).resolve()),
            store_folder=str(options.store_path.absolute()),
            group_table=str(Path(options.group_table).expanduser().resolve()) if options.group_table else "",
        )

    def folder(self, options: AssemblingOptions) -> Path:
        """Return the folder beside the dataset that is named as it is."""
        return options.store_path.with_name(f"{options.store_path.stem}_assemble{SUFFIX}")

    def work(self, task: Task[AssemblingOptions]) -> None:
        """Plan as the options say, and write the dataset."""
        task.tell(StateChanged(state="preparing"))
        found = survey(task.options.data_folder, names_from=task.options.names_from, below=task.options.folders_below)
        plan = plan_splits(found, task.options.of_dataset())
        plan.check()
        for problem in plan.problems:
            task.tell(Warned(message=str(problem)))
        task.tell(StateChanged(state="working"))
        unchanged = is_unchanged(plan)
        if not unchanged:
            assemble(plan, overwrite=task.options.overwrite, progress=_teller(task), cancelled=task.should_stop)
        store, seed = str(plan.options.store_path), plan.options.seed
        task.tell(OutcomeTold(values={"store": store, "unchanged": unchanged, "seed": seed}))

    def outcome(self, options: AssemblingOptions, status: JobStatus) -> Path:
        """Return the dataset's folder."""
        return Path(str(status.outcome.get("store", options.store_path)))


def _teller(task: Task[AssemblingOptions]) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        task.tell(Progressed(done=progress.done_samples, total=progress.total_samples))

    return tell
