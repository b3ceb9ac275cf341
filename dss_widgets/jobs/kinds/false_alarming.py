"""Looking through recordings without song for what a network finds there all the same."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, Progressed, StateChanged, Warned
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.false_alarms import FalseAlarmOptions
from dss_widgets.results.no_song import NoSong, no_song_path, read_no_song
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined


class FalseAlarming(Kind[FalseAlarmOptions]):
    """Counting false alarms: leaves them beside the network's files; until it is done, the last count stays."""

    name = "false_alarms"
    label = "search for false alarms"
    options = FalseAlarmOptions
    when_stopped = "will stop; the last count stays"

    def settled(self, options: FalseAlarmOptions) -> FalseAlarmOptions:
        """Return the options with absolute paths."""
        return options.copy(
            network=str(stem_of(options.network)),
            recordings=[str(Path(path).expanduser().absolute()) for path in options.recordings],
            list_file=str(Path(options.list_file).expanduser().absolute()) if options.list_file else "",
        )

    def folder(self, options: FalseAlarmOptions) -> Path:
        """Return the one folder for such counts beside the network's files."""
        stem = stem_of(options.network)
        return stem.with_name(f"{stem.name}_false_alarms{SUFFIX}")

    def problems(self, options: FalseAlarmOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where the network's params cannot be read."""
        del resuming
        problems = list(options.problems())
        if not any(problem.is_error for problem in problems):
            read_params(confined(f"{stem_of(options.network)}{PARAMS_SUFFIX}"))
            gathered(options.recordings, options.list_file)
        return problems

    def work(self, task: Task[FalseAlarmOptions]) -> None:
        """Predict, count, and keep the counts."""
        from dss_widgets.network.tensorflow_setup import set_up_inference

        task.tell(StateChanged(state="preparing"))
        set_up_inference()
        from dss_widgets.network.false_alarms import false_alarms

        options = task.options
        recordings = [str(each.path) for each in gathered(options.recordings, options.list_file)]
        task.tell(StateChanged(state="working"))
        false_alarms(
            options.network, recordings, should_stop=task.should_stop,
            on_progress=lambda samples, total: task.tell(Progressed(done=samples, total=total)),
            on_notice=lambda text: task.tell(Warned(message=text)),
        )  # fmt: skip
        task.tell(OutcomeTold(values={"file": str(no_song_path(options.network))}))

    def outcome(self, options: FalseAlarmOptions, status: JobStatus) -> NoSong:
        """Return what was found.

        Raises:
            DataError: it did not come to its end, or what it left cannot be read.
        """
        found = read_no_song(options.network) if "file" in status.outcome else None
        if found is None:
            raise DataError(f"{options.network}: recordings without song were not looked through to the end.")
        return found
