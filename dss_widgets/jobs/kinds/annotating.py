"""Annotating recordings with a trained network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dss_widgets.errors import Problem, RunError
from dss_widgets.events import Progressed, StateChanged, Warned
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.kinds.kind import Kind, Task, stamped
from dss_widgets.jobs.status import BatchStatus, JobStatus
from dss_widgets.options.prediction import AnnotatingOptions
from dss_widgets.results.annotation_files import annotations_path, check_free, probabilities_path
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined


class Annotating(Kind[AnnotatingOptions]):
    """Annotating: leaves annotations for every recording; goes on with those that are not done."""

    name = "predict"
    label = "annotation"
    options = AnnotatingOptions
    status = BatchStatus
    when_stopped = "will stop; recordings that are done stay done"
    goes_on = True
    goes_to = "out_folder"

    def settled(self, options: AnnotatingOptions) -> AnnotatingOptions:
        """Return the options with absolute paths."""
        return options.copy(
            network=str(stem_of(options.network)),
            recordings=[str(Path(path).expanduser().absolute()) for path in options.recordings],
            out_folder=str(Path(options.out_folder).expanduser().absolute()) if options.out_folder else "",
        )

    def folder(self, options: AnnotatingOptions) -> Path:
        """Return a folder where the annotations go, or, where they go beside the recordings, beside the first."""
        return stamped(Path(options.out_folder or Path(options.recordings[0]).parent), "predict_")

    def problems(self, options: AnnotatingOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where the network or a place for annotations cannot be used."""
        problems = list(options.problems())
        if not any(problem.is_error for problem in problems):
            read_params(confined(f"{stem_of(options.network)}{PARAMS_SUFFIX}"))
            if not resuming:
                check_free(_targets(options), overwrite=options.overwrite)
        return problems

    def work(self, task: Task[AnnotatingOptions]) -> None:
        """Annotate the recordings that are not done yet."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        task.tell(StateChanged(state="preparing"))
        set_up_worker_process()

        from dss_widgets.network.predict import predict

        options = task.options
        earlier = task.before.recordings if isinstance(task.before, BatchStatus) else {}
        done = [path for path, told in earlier.items() if told.outcome != "failed" and Path(told.file).is_file()]
        task.tell(StateChanged(state="working"))
        predict(
            options.network, options.recordings, options.out_folder or None, options.of_labels(), overwrite=options.overwrite,
            done=done if task.is_resumed else None, should_stop=task.should_stop, on_recording=task.tell,
            on_progress=lambda samples, total: task.tell(Progressed(done=samples, total=total)),
            on_notice=lambda text: task.tell(Warned(message=text)),
        )  # fmt: skip

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether recordings were dealt with."""
        assert isinstance(before, BatchStatus)
        assert isinstance(after, BatchStatus)
        return len(after.recordings) > len(before.recordings)

    def needs(self, options: AnnotatingOptions) -> Mapping[str, list[Path]]:
        """Return the network and the recordings."""
        return {"network": [Path(options.network)], "recordings": [Path(path) for path in options.recordings]}

    def made(self, options: AnnotatingOptions, files: JobFolder, status: JobStatus) -> list[Path]:
        """Return the annotations, and the probabilities if they are kept, of the recordings that are done.

        Raises:
            RunError: they lie beside recordings in several folders: nothing tells where they would go on another machine.
        """
        assert isinstance(status, BatchStatus)
        if not options.out_folder and len({Path(path).parent for path in options.recordings}) > 1:
            raise RunError(f"{files.name}: annotates into several folders. To be carried it needs one: predict --out FOLDER.")
        written = [Path(file) for file in status.files()]
        return written + [path for file in written if (path := probabilities_path(file)).is_file()]

    def outcome(self, options: AnnotatingOptions, status: JobStatus) -> list[Path]:
        """Return the annotation files that were written, in the order of the recordings."""
        del options
        assert isinstance(status, BatchStatus)
        return [Path(file) for file in status.files()]


def _targets(options: AnnotatingOptions) -> list[Path]:
    folder = Path(options.out_folder) if options.out_folder else None
    targets = [annotations_path(Path(path), folder) for path in options.recordings]
    return targets + ([probabilities_path(target) for target in targets] if options.probabilities else [])
