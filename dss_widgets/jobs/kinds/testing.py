"""Testing a trained network again."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, Progressed, StateChanged
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.results.params_file import read_params
from dss_widgets.results.results_file import Results, read_results
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import INSTEAD, confined, why_refused


class Testing(Kind[EvaluationOptions]):
    """Testing: writes a network's results file again; until it is done, the last one stays."""

    name = "evaluate"
    label = "test"
    options = EvaluationOptions
    when_stopped = "will stop; the last test's results stay"

    def settled(self, options: EvaluationOptions) -> EvaluationOptions:
        """Return the options with absolute paths."""
        store = str(Path(options.store_folder).expanduser().absolute()) if options.store_folder else ""
        return options.copy(network=str(stem_of(options.network)), store_folder=store)

    def folder(self, options: EvaluationOptions) -> Path:
        """Return the folder beside the network's files that is named after network and dataset."""
        stem, store = stem_of(options.network), Path(options.store_folder).stem
        return stem.with_name(f"{stem.name}_test{f'_{store}' if store else ''}{SUFFIX}")

    def problems(self, options: EvaluationOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where the network's params cannot be read."""
        del resuming
        stem = stem_of(options.network)
        params = read_params(confined(f"{stem}{PARAMS_SUFFIX}"))
        own = "" if options.store_folder else str(params.get("data_dir") or "")
        refused = why_refused(own)
        told = (
            [Problem(f"would be {own}, as its params say, which {refused}", INSTEAD, field="store_folder")] if refused else []
        )
        return [*options.problems(), *told]

    def work(self, task: Task[EvaluationOptions]) -> None:
        """Find thresholds again where that is wanted, test, and write the results."""
        from dss_widgets.network.tensorflow_setup import set_up_inference

        task.tell(StateChanged(state="preparing"))
        set_up_inference()
        from dss_widgets.dataset import open_dataset
        from dss_widgets.network.evaluate import evaluate, tested_on
        from dss_widgets.network.messages import tested
        from dss_widgets.network.retune import retune

        stem = stem_of(task.options.network)
        dataset = open_dataset(task.options.store_folder) if task.options.store_folder else None
        if task.options.tune:
            retune(stem, dataset)
        task.tell(StateChanged(state="testing"))

        def on_progress(done: int, total: int) -> None:
            task.check()
            task.tell(Progressed(done=done, total=total, doing="testing"))

        scores = evaluate(stem, dataset, on_progress=on_progress)
        if scores is None:
            raise DataError(f"{stem}: the test split is empty. Name a dataset to test on (--dataset STORE.npy).")
        task.tell(tested(scores))
        task.tell(OutcomeTold(values={"results": str(tested_on(stem, dataset))}))

    def outcome(self, options: EvaluationOptions, status: JobStatus) -> Results:
        """Return the results.

        Raises:
            DataError: there are none, or they cannot be read.
        """
        if "results" not in status.outcome:
            raise DataError(f"{options.network}: was not tested to the end.")
        return read_results(Path(str(status.outcome["results"])))
