"""Ranking stretches of recordings by what correcting them is likely worth."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.dataset.reviewed import Span, read_reviewed, reviewed_path
from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, Progressed, StateChanged, Warned
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.review import ReviewOptions
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.review.stretches import Stretch, read_stretches, write_stretches
from dss_widgets.roots import confined

STRETCHES = "stretches.json"
"""Name of the file in the job's folder with the ranked stretches."""


class Reviewing(Kind[ReviewOptions]):
    """Ranking: leaves a list of stretches in the job's folder; what was reviewed already is not asked for again."""

    name = "review"
    label = "ranking"
    options = ReviewOptions

    def settled(self, options: ReviewOptions) -> ReviewOptions:
        """Return the options with absolute paths."""
        return options.copy(
            network=str(stem_of(options.network)),
            other=str(stem_of(options.other)) if options.other else "",
            recordings=[str(Path(path).expanduser().absolute()) for path in options.recordings],
            list_file=str(Path(options.list_file).expanduser().absolute()) if options.list_file else "",
        )

    def folder(self, options: ReviewOptions) -> Path:
        """Return the one folder for rankings beside the network's files."""
        stem = stem_of(options.network)
        return stem.with_name(f"{stem.name}_review{SUFFIX}")

    def problems(self, options: ReviewOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where a network's params cannot be read."""
        del resuming
        problems = list(options.problems())
        for network in filter(None, (options.network, options.other)):
            read_params(confined(f"{stem_of(network)}{PARAMS_SUFFIX}"))
        if not any(problem.is_error for problem in problems):
            gathered(options.recordings, options.list_file)
        return problems

    def work(self, task: Task[ReviewOptions]) -> None:
        """Predict once, rank, and write the list."""
        from dss_widgets.network.tensorflow_setup import set_up_inference

        task.tell(StateChanged(state="preparing"))
        set_up_inference()

        from dss_widgets.network.review import review

        options = task.options
        recordings = [str(each.path) for each in gathered(options.recordings, options.list_file)]
        task.tell(StateChanged(state="working"))
        found = review(
            options.network, recordings, by=options.by, count=options.count, seconds=options.seconds,
            other=options.other or None, without=_reviewed(recordings), should_stop=task.should_stop,
            on_progress=lambda samples, total: task.tell(Progressed(done=samples, total=total)),
            on_notice=lambda text: task.tell(Warned(message=text)),
        )  # fmt: skip
        path = write_stretches(task.files.path / STRETCHES, found)
        task.tell(OutcomeTold(values={"stretches": str(path)}))

    def outcome(self, options: ReviewOptions, status: JobStatus) -> list[Stretch]:
        """Return the stretches, the worthiest first.

        Raises:
            DataError: the ranking did not come to its end, or the list cannot be read.
        """
        if "stretches" not in status.outcome:
            raise DataError(f"{options.network}: its recordings were not ranked to the end.")
        return read_stretches(str(status.outcome["stretches"]))


def _reviewed(recordings: list[str]) -> dict[str, list[Span]]:
    """Return what was looked through already of each recording."""
    told = {path: read_reviewed(reviewed_path(path)) for path in recordings}
    return {path: spans for path, spans in told.items() if spans}
