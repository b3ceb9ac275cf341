"""Testing networks on animals, or recordings, that they never heard."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.cross_validation import CrossValidationOptions
from dss_widgets.results.cross_validation import CrossValidation, Fold
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined


class CrossValidating(Kind[CrossValidationOptions]):
    """Cross-validation: leaves the scores of every fold, and goes on with those that are missing."""

    name = "cross_validate"
    label = "cross-validation"
    options = CrossValidationOptions
    when_stopped = "will stop; it can be gone on with"
    goes_on = True

    def settled(self, options: CrossValidationOptions) -> CrossValidationOptions:
        """Return the options with absolute paths."""
        return options.copy(
            data_folder=str(Path(options.data_folder).expanduser().absolute()),
            like=str(stem_of(options.like)) if options.like else "",
        )

    def folder(self, options: CrossValidationOptions) -> Path:
        """Return the one folder for this beside the folder of the recordings."""
        place = Path(options.data_folder)
        return place.with_name(f"{place.name}_folds{SUFFIX}")

    def problems(self, options: CrossValidationOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where a network's params cannot be read."""
        del resuming
        if options.like:
            read_params(confined(f"{stem_of(options.like)}{PARAMS_SUFFIX}"))
        return list(options.problems())

    def work(self, task: Task[CrossValidationOptions]) -> None:
        """Train and test a network for each fold."""
        from dss_widgets.network.tensorflow_setup import set_up_worker_process

        set_up_worker_process()
        from dss_widgets.network.cross_validation import cross_validate

        made = _folds(task.before.outcome)

        def tell() -> None:
            task.tell(OutcomeTold(values={"folds": [asdict(fold) for fold in made], "ended": False}))

        def keep(fold: Fold) -> None:
            made.append(fold)
            tell()

        tell()  # of an attempt, only what it told itself counts
        found = cross_validate(
            task.options, task.files.path, known=list(made), on_fold=keep, on_event=task.tell, should_stop=task.should_stop
        )
        task.tell(OutcomeTold(values={"folds": [asdict(fold) for fold in found.folds], "ended": True}))

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether there are more folds."""
        return len(_folds(after.outcome)) > len(_folds(before.outcome))

    def outcome(self, options: CrossValidationOptions, status: JobStatus) -> CrossValidation:
        """Return the scores of all folds.

        Raises:
            DataError: it did not come to its end.
        """
        folds = _folds(status.outcome)
        if not folds or not status.outcome.get("ended"):
            raise DataError(f"{options.data_folder}: its cross-validation did not come to its end. Go on with it.")
        return CrossValidation(options.by, tuple(folds))


def _folds(told: Any) -> list[Fold]:
    """Return the folds that a job told; none where they cannot be read."""
    try:
        return list(CrossValidation.of("", dict(told).get("folds") or ()).folds)
    except (TypeError, ValueError):
        return []
