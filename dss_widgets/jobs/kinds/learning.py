"""Learning on from what was corrected."""

from __future__ import annotations

import shutil
from pathlib import Path

from dss_widgets.dataset.corrected import find_corrected
from dss_widgets.dataset.same_recordings import made_of_folders_below
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold
from dss_widgets.file_endings import ENDINGS, PARAMS_SUFFIX, RUN_SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task, stamped
from dss_widgets.jobs.kinds.runs_within import SoFar, run_within
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.learning import LearningOptions
from dss_widgets.results.params_file import read_params
from dss_widgets.results.rounds import Round, read_rounds
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined, why_refused

_LEAST_SECONDS = 60.0
"""What an attempt takes, at most, before its training learns."""


class Learning(Kind[LearningOptions]):
    """Learning on: leaves a grown dataset, a network with its run, and the record of all rounds; goes on where it was."""

    name = "learn"
    label = "learning on"
    options = LearningOptions
    when_stopped = "will stop; it can be gone on with"
    goes_on = True

    def settled(self, options: LearningOptions) -> LearningOptions:
        """Return the options with absolute paths."""
        folders = ("corrected_folder", "recordings_folder", "no_song_folder", "store_folder")
        paths = {name: str(Path(given).expanduser().absolute()) for name in folders if (given := getattr(options, name))}
        return options.copy(network=str(stem_of(options.network)), **paths)

    def folder(self, options: LearningOptions) -> Path:
        """Return a folder beside the network's files."""
        return stamped(stem_of(options.network).parent, "learn_")

    def problems(self, options: LearningOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where the network's params, or what was corrected, cannot be read."""
        problems = list(options.problems())
        if not any(problem.is_error for problem in problems):
            params = read_params(confined(f"{stem_of(options.network)}{PARAMS_SUFFIX}"))
            refused = why_refused(str(params.get("data_dir") or ""))
            if refused:
                problems.append(Problem(f"learned from a dataset that {refused}", field="network"))
            elif not resuming:
                find_corrected(
                    options.corrected_folder or None, recordings=options.recordings_folder or None,
                    no_song=options.no_song_folder or None, below=_looks_below(str(params.get("data_dir") or "")),
                )  # fmt: skip
        return problems

    def work(self, task: Task[LearningOptions]) -> None:
        """Let the dataset grow, train, and keep what validates better."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        set_up_worker_process()
        from dss_widgets.network.learn_on import learn_on

        so_far = SoFar(task.files.path)
        found = learn_on(
            task.options, lambda way, training: run_within(so_far, way, training), store=_grown(so_far), on_event=task.tell,
            should_stop=task.should_stop, on_store=lambda store: so_far.keep("store", str(store)),
        )  # fmt: skip
        for other in found.others:
            _remove(other)
        task.tell(OutcomeTold(values={"network": str(found.stem), "store": str(found.store)}))

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether it did anything: its trainings keep checkpoints."""
        return after.seconds > before.seconds + _LEAST_SECONDS

    def outcome(self, options: LearningOptions, status: JobStatus) -> tuple[Path, list[Round]]:
        """Return the stem of the network that is kept, and all rounds up to it.

        Raises:
            DataError: it did not come to its end, or the record cannot be read.
        """
        if "network" not in status.outcome:
            raise DataError(f"{options.network}: did not learn on to the end.")
        stem = Path(str(status.outcome["network"]))
        return stem, read_rounds(stem)


def _grown(so_far: SoFar) -> Path | None:
    """Return the grown dataset; None as long as there is none."""
    told = so_far.get("store")
    return Path(told) if told and Path(told).is_dir() else None


def _looks_below(dataset: str) -> bool:
    """Return whether a dataset was made of folders below, too; that it cannot be opened is told by the work."""
    try:
        return made_of_folders_below(open_dataset(confined(dataset)))
    except DataError:
        return False


def _remove(stem: Path) -> None:
    """Remove a network that validated worse, with its run."""
    for ending in ENDINGS:
        path = stem.with_name(stem.name + ending)
        if ending == RUN_SUFFIX:
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
