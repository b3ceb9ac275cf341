"""Annotating recordings with a trained network, or several together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from dss_widgets.dataset.recordings.gathering import gathered, home_of
from dss_widgets.errors import DataError, Problem, RunError
from dss_widgets.events import OnEvent, OutcomeTold, Progressed, RecordingDone, StateChanged, Warned
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.kinds.kind import Kind, Task, stamped
from dss_widgets.jobs.kinds.processes_for import processes_for
from dss_widgets.jobs.status import BatchStatus, JobStatus
from dss_widgets.machine import n_cores
from dss_widgets.options.prediction import AnnotatingOptions, SpreadOptions
from dss_widgets.results.annotation_files import annotations_path, check_free, probabilities_path
from dss_widgets.results.ensemble import ENSEMBLE, Ensemble, plan_ensemble
from dss_widgets.results.own_params import own_value
from dss_widgets.results.params_file import read_params
from dss_widgets.results.sound_check import check_sound
from dss_widgets.results.stems import stem_of
from dss_widgets.results.summary import SUMMARY, write_summary
from dss_widgets.roots import confined


class Annotating(Kind[AnnotatingOptions]):
    """Annotating: leaves annotations for every recording; goes on with those that are not done."""

    name = "predict"
    label = "annotation"
    options = AnnotatingOptions
    status = BatchStatus
    when_stopped = "will stop; recordings that are done stay done"
    goes_on = True
    how = frozenset(SpreadOptions.declared())
    goes_to = "out_folder"

    def least_cpus(self, options: AnnotatingOptions) -> int:
        """Return a core for each process."""
        return int(options.processes)

    def array_tasks(self, options: AnnotatingOptions) -> int:
        """Return how many tasks of an array share the recordings."""
        return int(options.array_tasks)

    def settled(self, options: AnnotatingOptions) -> AnnotatingOptions:
        """Return the options with absolute paths."""
        return options.copy(
            network=str(stem_of(options.network)),
            more_networks=[str(stem_of(network)) for network in options.more_networks],
            combine=options.combine if options.more_networks else "best",
            recordings=[_absolute(path) for path in options.recordings],
            **{name: _absolute(getattr(options, name)) for name in ("out_folder", "list_file", "relative_to")},
        )

    def folder(self, options: AnnotatingOptions) -> Path:
        """Return a folder where the annotations go, or, where they go beside the recordings, beside the first."""
        return stamped(Path(options.out_folder or home_of((*options.recordings, options.list_file)[0])), "predict_")

    def problems(self, options: AnnotatingOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where a network or a place for annotations cannot be used."""
        problems = list(options.problems())
        if not any(problem.is_error for problem in problems):
            for network in options.networks:
                read_params(confined(f"{stem_of(network)}{PARAMS_SUFFIX}"))
            if (ensemble := _ensemble(options)) is not None and options.probabilities:
                ensemble.check_probabilities()
            if not resuming:
                check_free(_targets(options), overwrite=options.on_existing != "refuse")
        return problems

    def work(self, task: Task[AnnotatingOptions]) -> None:
        """Annotate the recordings that are not done yet."""
        from dss_widgets.network.many import predict

        task.tell(StateChanged(state="preparing"))
        options = task.options
        earlier = task.before.recordings if isinstance(task.before, BatchStatus) else {}
        done = [path for path, told in earlier.items() if told.outcome != "failed" and Path(told.file).is_file()]
        told, notices = dict(earlier) if task.is_resumed else {}, _Notices(task.tell)

        def tell(event: RecordingDone) -> None:
            told[event.recording] = event
            task.tell(event)

        task.tell(StateChanged(state="working"))
        _tell_networks(task)
        n_recordings = _compare_sound(task)
        try:
            with _executor(task, n_recordings) as executor:
                predict(
                    options.networks, options.recordings, options.out_folder or None, options.of_labels(),
                    combine=options.combine, list_file=options.list_file, relative_to=options.relative_to,
                    existing=options.on_existing, done=done if task.is_resumed else None,
                    should_stop=task.should_stop, on_recording=tell,
                    on_progress=lambda samples, total: task.tell(Progressed(done=samples, total=total)),
                    on_notice=notices.add, executor=executor,
                )  # fmt: skip
        finally:
            notices.close()
            _summarise(task, _in_order(options, told))

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether recordings were dealt with."""
        assert isinstance(before, BatchStatus)
        assert isinstance(after, BatchStatus)
        return len(after.recordings) > len(before.recordings)

    def needs(self, options: AnnotatingOptions) -> Mapping[str, list[Path]]:
        """Return the networks and the recordings.

        Raises:
            RunError: the recordings are named by a pattern, a list, or from a folder above: elsewhere that names others.
        """
        above = options.relative_to and options.relative_to not in options.recordings
        if options.list_file or above or not all(Path(path).exists() for path in options.recordings):
            raise RunError(
                "An annotation is carried with recordings that are named by themselves or by their folder: not by a pattern, a "
                "list, or from a folder above. Name them so, and start it again."
            )
        more = {"more_networks": [Path(path) for path in options.more_networks]} if options.more_networks else {}
        return {"network": [Path(options.network)], **more, "recordings": [Path(path) for path in options.recordings]}

    def made(self, options: AnnotatingOptions, files: JobFolder, status: JobStatus) -> list[Path]:
        """Return the annotations, and the probabilities if they are kept, of the recordings that are done.

        Raises:
            RunError: they lie beside recordings in several folders: nothing tells where they would go on another machine.
        """
        assert isinstance(status, BatchStatus)
        places = {Path(path).parent for path in options.recordings}
        if not options.out_folder and (len(places) > 1 or any(Path(path).is_dir() for path in options.recordings)):
            raise RunError(f"{files.name}: annotates into several folders. To be carried it needs one: predict --out FOLDER.")
        written = [Path(file) for file in status.files()]
        return written + [path for file in written if (path := probabilities_path(file)).is_file()]

    def outcome(self, options: AnnotatingOptions, status: JobStatus) -> list[Path]:
        """Return the annotation files that were written, in the order of the recordings."""
        assert isinstance(status, BatchStatus)
        ordered = _in_order(options, status.recordings)
        return [Path(file) for file in replace(status, recordings={told.recording: told for told in ordered}).files()]


class _Notices:
    """Tells what is odd about recordings: the same of many of them once, and at the end of how many more.

    Args:
        tell: takes the warnings.
    """

    def __init__(self, tell: OnEvent) -> None:
        self._tell = tell
        self._more: dict[str, int] = {}

    def add(self, notice: str) -> None:
        """Take a notice: the recording's name, a colon, and what is odd."""
        what = notice.partition(": ")[2]
        if what in self._more:
            self._more[what] += 1
        else:
            self._more[what] = 0
            self._tell(Warned(message=notice))

    def close(self) -> None:
        """Tell how many recordings more each notice is true of."""
        for what, n_more in self._more.items():
            if n_more:
                self._tell(Warned(message=f"{n_more:,} more: {what}"))


def _summarise(task: Task[AnnotatingOptions], told: list[RecordingDone]) -> None:
    """Leave the summary in the job's folder; that it cannot be written does not hide how the work ended."""
    if told:
        try:
            task.tell(OutcomeTold(values={"summary": str(write_summary(task.files.path / SUMMARY, told))}))
        except DataError as error:
            task.tell(Warned(message=str(error)))


@contextmanager
def _executor(task: Task[AnnotatingOptions], n_recordings: int) -> Iterator[Executor | None]:
    """Give what recordings are annotated by: processes, as many in each task of an array; None for this one process."""
    n_processes = min(task.options.processes, n_recordings, n_cores())
    array_tasks = min(task.options.array_tasks, n_recordings)
    if n_processes * array_tasks > 1:
        with processes_for(task.files, n_processes, array_tasks, lambda why: task.tell(Warned(message=why))) as processes:
            yield processes
    else:
        from dss_widgets.network.tensorflow_setup import set_up_inference

        set_up_inference()
        yield None


def _in_order(options: AnnotatingOptions, told: Mapping[str, RecordingDone]) -> list[RecordingDone]:
    """Return what was told of recordings in their order, in which several processes do not end them."""
    order: dict[str, int] = {}
    if options.processes * options.array_tasks > 1:
        with suppress(DataError):  # what they were named by is gone
            found = gathered(options.recordings, options.list_file, options.relative_to)
            order = {str(each.path): number for number, each in enumerate(found)}
    return sorted(told.values(), key=lambda each: order.get(each.recording, len(order)))


def _ensemble(options: AnnotatingOptions) -> Ensemble | None:
    """Return which of several networks answers what; None for one alone."""
    return plan_ensemble(options.networks, options.combine) if options.more_networks else None


def _tell_networks(task: Task[AnnotatingOptions]) -> None:
    """Tell, and keep in the job's folder, which of several networks answers what."""
    ensemble = _ensemble(task.options)
    if ensemble is not None:
        task.tell(OutcomeTold(values={"networks": ensemble.as_dict()["song_types"]}))
        ensemble.write(task.files.path / ENSEMBLE)


def _compare_sound(task: Task[AnnotatingOptions]) -> int:
    """Warn of recordings that do not sound like those that a network learned from, before they are annotated.

    Returns:
        How many recordings there are.
    """
    options = task.options
    found = gathered(options.recordings, options.list_file, options.relative_to)
    told: set[str] = set()
    for network in options.networks if len(options.networks) == 1 else _of_different_sound(options.networks):
        check = check_sound(network, [each.path for each in found], should_stop=task.should_stop)
        new = [words for words in check.warnings() if words not in told]
        told.update(new)
        for words in new:
            task.tell(Warned(message=words if len(options.networks) == 1 else f"{Path(network).name}: {words}"))
    return len(found)


def _of_different_sound(networks: Sequence[str]) -> list[str]:
    """Return networks of which no two learned from the same sound."""
    kept: dict[str, str] = {}
    for network in networks:
        params = read_params(network)
        kept.setdefault(repr([own_value(params, "sound"), params.get("samplerate_x_Hz"), params.get("augmentations")]), network)
    return list(kept.values())


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute()) if path else ""


def _targets(options: AnnotatingOptions) -> list[Path]:
    folder = Path(options.out_folder) if options.out_folder else None
    found = gathered(options.recordings, options.list_file, options.relative_to)
    targets = [annotations_path(each.path, folder, each.below) for each in found]
    return targets + ([probabilities_path(target) for target in targets] if options.probabilities else [])
