"""Training with several values of options, several seeds, several folds."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

from dss_widgets.dataset.fold_datasets import FoldPlan, plan_folds
from dss_widgets.dataset.growing import target_options
from dss_widgets.dataset.same_recordings import made_of_folders_below, recordings_beside
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.errors import DataError, DssWidgetsError, Problem, RunError
from dss_widgets.events import EpochDone, OutcomeTold, StateChanged, Warned
from dss_widgets.jobs.kinds.kind import Kind, Task, stamped
from dss_widgets.jobs.kinds.several import Planned, train_several
from dss_widgets.jobs.kinds.training import Training
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options import TrainingOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.options.sweep import SweepOptions, Variant, values_words
from dss_widgets.results.cross_validation import scores_of
from dss_widgets.results.results_file import read_results
from dss_widgets.results.starting_point import all_problems
from dss_widgets.results.training_sweep import VALIDATION, SweepResult, Swept, read_sweep, write_sweep
from dss_widgets.roots import confined

_LEAST_SECONDS = 60.0
"""What an attempt takes, at most, before its trainings learn."""


class Sweeping(Kind[SweepOptions]):
    """A sweep: leaves networks in a folder beside its own, and a table of their scores; goes on with those that are missing."""

    name = "sweep"
    label = "sweep"
    options = SweepOptions
    when_stopped = "will stop; it can be gone on with"
    goes_on = True
    how = frozenset({"at_once", "array_tasks"})

    def least_cpus(self, options: SweepOptions) -> int:
        """Return one for each training that goes on at a time."""
        return options.at_once

    def array_tasks(self, options: SweepOptions) -> int:
        """Return how many tasks of an array share the trainings."""
        return int(options.array_tasks)

    def settled(self, options: SweepOptions) -> SweepOptions:
        """Return the options with absolute paths; with folds, the recordings' folder is the one beside the dataset."""
        settled = cast(SweepOptions, Training().settled(options))
        if options.folds:
            place = options.data_folder or recordings_beside(open_dataset(confined(options.store_path))) or ""
            settled.data_folder = str(typed_path(str(place)).absolute()) if place else ""
        return settled

    def folder(self, options: SweepOptions) -> Path:
        """Return a folder in the save folder, named ``[prefix_]sweep_YYYYMMDD_hhmmss.run``."""
        return stamped(options.save_path, f"{options.prefix}_sweep_" if options.prefix else "sweep_")

    def problems(self, options: SweepOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what options, dataset and recordings have against it; each combination is looked at."""
        problems = all_problems(options, resuming=resuming)
        if any(problem.is_error for problem in problems):
            return problems
        known = {_sort_of(problem) for problem in problems}
        for variant in options.variants():
            for problem in all_problems(options.training(variant)) if variant.repeat == 0 else ():
                if _sort_of(problem) not in known:
                    known.add(_sort_of(problem))
                    told = f"{values_words(variant.shown())}: {problem}"
                    problems.append(Problem(told, severity=problem.severity, field="vary"))
        if options.folds and not options.data_folder and not recordings_beside(open_dataset(confined(options.store_path))):
            told = "is needed: the recordings of this dataset do not lie beside it."
            problems.append(Problem(told, "Name their folder.", field="data_folder"))
        return problems

    def work(self, task: Task[SweepOptions]) -> None:
        """Train every combination, as often as there are seeds, for each fold."""
        _Sweep(task).do()

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether a training ended, or learned: each keeps checkpoints."""
        more = int(after.outcome.get("done") or 0) > int(before.outcome.get("done") or 0)
        return more or after.seconds > before.seconds + _LEAST_SECONDS

    def outcome(self, options: SweepOptions, status: JobStatus) -> SweepResult:
        """Return what came of the trainings that have ended so far.

        Raises:
            DataError: none has ended, or the file cannot be read.
        """
        folder = str(status.outcome.get("folder") or "")
        found = read_sweep(confined(folder)) if folder else None
        if found is None:
            raise DataError(f"{options.store_folder}: no training of its sweep has ended. Go on with it.")
        return found


def _sort_of(problem: Problem) -> tuple[str, str]:
    """Return what makes problems of several combinations the same: every error counts, of warnings one about each option."""
    return (problem.field or "", problem.message if problem.is_error else "warned")


class _Sweep:
    """A sweep at work."""

    def __init__(self, task: Task[SweepOptions]) -> None:
        self._task, self._options = task, task.options
        self._folder = task.files.path.with_name(task.files.name)
        self._variants = task.options.variants()
        self._told: dict[str, tuple[Variant, FoldPlan | None]] = {}
        self._left: Counter[str] = Counter()
        self._ended: list[Swept] = []

    def do(self) -> None:
        """Do what is left of it.

        Raises:
            RunError: all trainings failed.
        """
        self._task.tell(StateChanged(state="preparing"))
        folds = self._folds()
        self._total = len(self._variants) * max(1, len(folds))
        self._tell()
        self._task.tell(StateChanged(state="working"))
        train_several(
            self._planned(folds), self._total, self._task.files, at_once=self._options.at_once,
            array_tasks=self._options.array_tasks, on_ended=self._keep, on_event=self._task.tell,
            should_stop=self._task.should_stop,
        )  # fmt: skip
        result = SweepResult(tuple(self._ended), self._total)
        if result.best is None:
            raise RunError(" ".join(result.words()))

    def _folds(self) -> list[FoldPlan]:
        """Return what is held out, one after the other; nothing: the dataset's own splits stay."""
        options = self._options
        if not options.folds:
            return []
        dataset = open_dataset(options.store_path)
        like = target_options(dataset).as_dict(changed_only=True)
        like |= {"folders_below": made_of_folders_below(dataset), "samplerate_hz": dataset.samplerate_hz}
        assembly = options.folds_options(str(self._folder / "fold.npy"), **like)
        return plan_folds(assembly, options.folds, by=options.by, val_fraction=options.val_fraction)

    def _planned(self, folds: list[FoldPlan]) -> Iterator[Planned]:
        """Yield the trainings; the dataset of a fold is made when its first one comes, and removed after its last one."""
        digits = len(str(self._total))
        number = 0
        for k, fold in enumerate(folds or [None]):
            store = self._folder / f"fold{k + 1}.npy" if fold is not None else self._options.store_path
            self._left[str(store)] = len(self._variants)
            for variant in self._variants:
                number += 1
                one = Planned(self._folder / f"{self._folder.name}_{number:0{digits}}", self._training(variant, store))
                self._told[one.stem.name] = variant, fold
                if fold is not None and not store.exists() and not one.has_ended:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    fold.assemble(store, cancelled=self._task.should_stop)
                yield one

    def _training(self, variant: Variant, store: Path) -> TrainingOptions:
        note = ". ".join(filter(None, [self._options.note, values_words(variant.shown())]))
        return self._options.training(variant, store_folder=str(store), save_folder=str(self._folder), prefix="", note=note)

    def _keep(self, one: Planned) -> None:
        """Keep what came of a training."""
        variant, fold = self._told[one.stem.name]
        swept = _swept(one, variant, fold)
        if swept.validation is None:
            self._task.tell(Warned(message=f"{one.stem.name} ({values_words(swept.values)}) failed: {swept.message}"))
        self._ended = sorted([*self._ended, swept], key=lambda each: each.stem)
        write_sweep(self._folder, SweepResult(tuple(self._ended), self._total))
        self._tell()
        store = one.options.store_path
        self._left[str(store)] -= 1
        if fold is not None and not self._left[str(store)]:
            shutil.rmtree(store, ignore_errors=True)

    def _tell(self) -> None:
        self._task.tell(OutcomeTold(values={"folder": str(self._folder), "done": len(self._ended), "total": self._total}))


def _swept(one: Planned, variant: Variant, fold: FoldPlan | None) -> Swept:
    """Return what came of a training: how it validated when it was kept, and its test."""
    status, scores = one.status, {}
    kept = [event for event in one.events if isinstance(event, EpochDone) and event.best and event.macro_f1 is not None]
    failed = status.state not in ("finished", "stopped")
    if kept and not failed:
        scores[VALIDATION] = float(kept[-1].macro_f1 or 0.0)
        with suppress(DssWidgetsError):  # without test data there is no such file
            scores |= scores_of(read_results(one.stem))
    message = status.message if failed else "" if kept else "its validation has no score"
    return Swept(
        stem=str(one.stem), values=variant.shown(), seed=one.options.seed or 0, held_out=fold.held_out if fold else (),
        state=status.state, message=message, scores=scores, seconds=round(status.seconds, 1),
    )  # fmt: skip
