"""Asking how much more must be annotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.results.learning_curve import LearningCurve, Point
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import INSTEAD, confined, why_refused


class Curving(Kind[LearningCurveOptions]):
    """Making a learning curve: leaves its points, and goes on with those that are missing."""

    name = "curve"
    label = "learning curve"
    options = LearningCurveOptions
    when_stopped = "will stop; it can be gone on with"
    goes_on = True

    def settled(self, options: LearningCurveOptions) -> LearningCurveOptions:
        """Return the options with an absolute path."""
        return options.copy(network=str(stem_of(options.network)))

    def folder(self, options: LearningCurveOptions) -> Path:
        """Return the folder beside the network's files that is named after it."""
        stem = stem_of(options.network)
        return stem.with_name(f"{stem.name}_curve{SUFFIX}")

    def problems(self, options: LearningCurveOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where the network's params cannot be read."""
        del resuming
        problems = list(options.problems())
        if not problems:
            params = read_params(confined(f"{stem_of(options.network)}{PARAMS_SUFFIX}"))
            refused = why_refused(str(params.get("data_dir") or ""))
            if refused:
                problems.append(Problem(f"learned from a dataset that {refused}", INSTEAD, field="network"))
        return problems

    def work(self, task: Task[LearningCurveOptions]) -> None:
        """Train with parts of the data."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        set_up_worker_process()
        from dss_widgets.network.learning_curve import learning_curve

        points = _points(task.before.outcome)

        def tell() -> None:
            task.tell(OutcomeTold(values={"points": [asdict(point) for point in points]}))

        def keep(point: Point) -> None:
            points.append(point)
            tell()

        tell()  # of an attempt, only what it told itself counts

        found = learning_curve(
            task.options, task.files.path, known=list(points), on_point=keep, on_event=task.tell, should_stop=task.should_stop
        )
        task.tell(OutcomeTold(values={"points": [asdict(p) for p in found.points]}))

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether there are more points."""
        return len(_points(after.outcome)) > len(_points(before.outcome))

    def outcome(self, options: LearningCurveOptions, status: JobStatus) -> LearningCurve:
        """Return the curve.

        Raises:
            DataError: it was not made to the end.
        """
        points: Sequence[Point] = _points(status.outcome)
        if len(points) < options.amounts * options.repeats:
            raise DataError(f"{options.network}: its learning curve was not made to the end. Go on with it.")
        return LearningCurve(options.network, tuple(points))


def _points(told: Any) -> list[Point]:
    """Return the points that a job told; none where they cannot be read."""
    try:
        return list(LearningCurve.of("", dict(told).get("points") or ()).points)
    except (TypeError, ValueError):
        return []
