"""Training a network for every song type, to be used together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dss_widgets.dataset.each_song_type import each_training, without_targets
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.errors import Cancelled, DataError, DssWidgetsError, Problem, RunError
from dss_widgets.events import Event, OutcomeTold, StateChanged
from dss_widgets.jobs.kinds.kind import Kind, Task, stamped
from dss_widgets.jobs.kinds.runs_within import SoFar, run_within
from dss_widgets.jobs.kinds.training import Training
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options import TrainingOptions
from dss_widgets.options.each_song_type import EachSongTypeOptions
from dss_widgets.results.networks import has_network
from dss_widgets.results.starting_point import all_problems


class TrainingEach(Kind[EachSongTypeOptions]):
    """Training for each song type: leaves a run and a network for every one; goes on with those that are missing."""

    name = "train_each"
    label = "training for each song type"
    options = EachSongTypeOptions
    when_stopped = "will stop; networks that are trained stay, and it can be gone on with"
    goes_on = True

    def settled(self, options: EachSongTypeOptions) -> EachSongTypeOptions:
        """Return the options with absolute paths."""
        paths = Training().settled(TrainingOptions(**_common(options)))
        return options.copy(
            store_folder=paths.store_folder, save_folder=paths.save_folder, initial_weights=paths.initial_weights
        )

    def folder(self, options: EachSongTypeOptions) -> Path:
        """Return a folder in the save folder, named ``[prefix_]each_YYYYMMDD_hhmmss.run``."""
        return stamped(options.save_path, "_".join(filter(None, [options.prefix, "each_"])))

    def problems(self, options: EachSongTypeOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what the options and the dataset have against training, for any song type; what several share once."""
        problems = list(options.problems())
        if not any(problem.is_error for problem in problems):
            problems += without_targets(options)
        if any(problem.is_error for problem in problems):
            return problems
        try:
            trainings = each_training(options, open_dataset(options.store_path))
        except DataError as error:
            return [*problems, Problem(str(error), field="store_folder")]
        found = [problem for each in trainings.values() for problem in all_problems(each, resuming=resuming)]
        return list({str(problem): problem for problem in (*problems, *found)}.values())

    def work(self, task: Task[EachSongTypeOptions]) -> None:
        """Train the networks that are missing, one after the other; one that fails holds up none of the others."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        set_up_worker_process()
        task.tell(StateChanged(state="preparing"))
        trainings = each_training(task.options, open_dataset(task.options.store_path))
        task.tell(StateChanged(state="working"))
        so_far, made = SoFar(task.files.path), _networks(task.before)
        failed: list[str] = []
        for number, (song_type, training) in enumerate(trainings.items()):
            if song_type not in made:
                try:
                    made[song_type] = _trained(task, so_far, training, number, len(trainings))
                except Cancelled:
                    raise
                except DssWidgetsError as error:
                    failed.append(f"{song_type}: {error}")
            task.tell(OutcomeTold(values={"networks": {name: str(stem) for name, stem in made.items()}}))
        if failed:
            raise RunError("\n".join([*failed, *(["The others were trained."] if made else [])]))

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether there are more networks, or one has learned for a while: it keeps checkpoints."""
        return len(_networks(after)) > len(_networks(before)) or (after.share or 0.0) > (before.share or 0.0)

    def outcome(self, options: EachSongTypeOptions, status: JobStatus) -> dict[str, Path]:
        """Return the stems of the networks, by their song types.

        Raises:
            DataError: none was trained.
        """
        made = _networks(status)
        if not made:
            raise DataError(f"{options.store_folder}: no network was trained for one of its song types.")
        return made


def _trained(task: Task[Any], so_far: SoFar, training: TrainingOptions, number: int, n: int) -> Path:
    """Train a network, from its checkpoint where there is one, and return its stem."""
    from dss_widgets.network.fit import fit
    from dss_widgets.network.messages import OneOfSeveral

    of_all = OneOfSeveral(task.tell, number, n, training.epochs)
    with run_within(so_far, training.song_type, training) as run:

        def tell(event: Event) -> None:
            run.on_event(event)
            of_all(event)

        found = fit(
            training, run.stem, run_folder=run.run_folder, on_event=tell, should_stop=run.should_stop,
            should_save=task.should_stop, resume=True,
        )  # fmt: skip
        if found.outcome == "saved":
            raise Cancelled("Training was stopped; it goes on where it was.")
    return run.stem


def _networks(status: JobStatus) -> dict[str, Path]:
    """Return the networks that a job told, as far as they are there, by their song types."""
    told = status.outcome.get("networks")
    stems = {str(name): Path(str(stem)) for name, stem in told.items()} if isinstance(told, dict) else {}
    return {name: stem for name, stem in stems.items() if has_network(stem)}


def _common(options: EachSongTypeOptions) -> dict[str, Any]:
    return {name: value for name, value in options.as_dict().items() if name in TrainingOptions.declared()}
