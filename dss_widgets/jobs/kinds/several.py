"""Many trainings within one job: each is a run with a folder of its own, seen, compared and gone on with as any other.

The folders are the ledger: what has ended is not done again, and what was cut short goes on from its checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dss_widgets.errors import Cancelled, RunError
from dss_widgets.events import EpochDone, Event, OnEvent, Progressed, StateChanged, StepDone, Warned
from dss_widgets.jobs import slots
from dss_widgets.jobs.event_file import append_event, read_events
from dss_widgets.jobs.folder import SUFFIX, JobFolder
from dss_widgets.jobs.kinds.processes_for import processes_for
from dss_widgets.jobs.kinds.runs_within import as_run
from dss_widgets.jobs.status import RunStatus
from dss_widgets.machine import n_cores
from dss_widgets.options import TrainingOptions
from dss_widgets.results.stems import results_file

if TYPE_CHECKING:
    from dss_widgets.network.processes import Processes

_LOOK_SECONDS = 0.5
"""How often progress is told and a wish to stop is heard while no training ends."""

_MOST_TRAININGS = 8
"""Of one process: TensorFlow keeps some 15 MB of each, however small the network."""

CUT_SHORT = "Left with a checkpoint; it goes on with the job that it belongs to."


@dataclass(frozen=True)
class Planned:
    """A training that is to be done within a job.

    Attributes:
        stem: path of its network's files, without their endings; its run's folder lies beside them.
        options: of the training.
    """

    stem: Path
    options: TrainingOptions

    @property
    def files(self) -> JobFolder:
        """The run's folder."""
        return JobFolder(self.stem.with_name(self.stem.name + SUFFIX))

    @property
    def events(self) -> list[Event]:
        """What it told so far."""
        try:
            return read_events(self.files.events, 0)[0]
        except OSError:
            return []

    @property
    def status(self) -> RunStatus:
        """What it told of itself, whether it lives or not."""
        return RunStatus().after_all(self.events)

    @property
    def has_ended(self) -> bool:
        """Whether it is done: it came to its end, or somebody stopped this one, which keeps its best network."""
        state = self.status.state
        return state == "finished" or (state == "stopped" and self.files.stop.exists() and results_file(self.stem).exists())


def train_as_run(folder: str, values: Mapping[str, Any]) -> None:
    """Train in this process, as a run with a folder, from its checkpoint where there is one.

    Args:
        folder: of the run; the network goes beside it.
        values: the options, as plain values.

    Raises:
        DssWidgetsError: it failed; its folder says so too.
        Cancelled: this process is to end, and there is a checkpoint.
    """
    from dss_widgets.network.fit import fit
    from dss_widgets.network.task_process import is_to_stop, tell

    files, options = JobFolder(Path(folder)), TrainingOptions.from_dict(values)
    with as_run(files, options) as record:

        def on_event(event: Event) -> None:
            record(event)
            if isinstance(event, StepDone | EpochDone):
                done = event.epoch if isinstance(event, EpochDone) else event.epoch - 1 + event.step / max(1, event.steps)
                tell(min(1.0, done / options.epochs))

        stem = files.path.with_name(files.name)
        result = fit(
            options, stem, run_folder=files.path, on_event=on_event, should_stop=files.stop.exists, should_save=is_to_stop,
            resume=True,
        )  # fmt: skip
        if result.outcome == "saved":
            raise Cancelled(CUT_SHORT)


def train_several(
    planned: Iterable[Planned],
    total: int,
    files: JobFolder,
    *,
    at_once: int = 1,
    array_tasks: int = 1,
    on_ended: Callable[[Planned], None],
    on_event: OnEvent,
    should_stop: Callable[[], bool],
) -> None:
    """Train, a few at a time in processes of their own, what has not ended yet; one that fails or dies holds up no other.

    Args:
        planned: the trainings; the next one is asked for when there is a process for it, so its data may be made then.
        total: how many there are.
        files: the folder of the job that they belong to.
        at_once: how many at a time, in each task; fewer where this user may not have so many jobs going.
        array_tasks: of an array of Slurm, which share them; 1: this process's machine alone.
        on_ended: takes each training that has ended, in whichever way, also in an earlier attempt.
        on_event: takes how far they are.
        should_stop: is asked now and then; once true, those that are going leave a checkpoint.

    Raises:
        Cancelled: ``should_stop`` said so.
        RunError: no process can be started.
    """
    with ExitStack() as held:
        n, tasks = _processes(at_once, held), min(array_tasks, total)

        def warn(why: str) -> None:
            on_event(Warned(message=why))

        executor = held.enter_context(processes_for(files, n, tasks, warn, trains=True, most_tasks=_MOST_TRAININGS))
        held.callback(executor.stop)  # whatever happens, none goes on for nobody
        _Going(executor, total, on_ended, on_event).through(iter(planned), should_stop)
    if should_stop():
        raise Cancelled("Stopped; trainings that were done count when it goes on, and others go on from their checkpoints.")


def _processes(at_once: int, held: ExitStack) -> int:
    """Return how many processes there may be: one a core; each but the first, which stands for the job, holds a slot."""
    at_once = min(at_once, n_cores())
    for n in range(1, at_once):
        try:
            slot = slots.take()
        except RunError:
            return n
        if slot is not None:
            held.enter_context(slot)
    return at_once


class _Going:
    """The trainings that are going on."""

    def __init__(self, executor: Processes, total: int, on_ended: Callable[[Planned], None], on_event: OnEvent) -> None:
        self._executor, self._total, self._on_ended, self._on_event = executor, total, on_ended, on_event
        self._going: dict[Future[None], Planned] = {}
        self._died: set[Path] = set()
        self._n_ended = 0

    def through(self, left: Iterator[Planned], should_stop: Callable[[], bool]) -> None:
        """Do what is left, or as much of it as there is time for."""
        stopped = False
        while True:
            if not stopped and should_stop():
                stopped = True
                self._executor.stop()
            while not stopped and len(self._going) < self._executor.n and (one := next(left, None)) is not None:
                self._begin(one)
            if not self._going:
                return
            ended, _ = wait(self._going, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in ended:
                self._end(future, may_begin=not stopped)
            self._tell()

    def _begin(self, one: Planned) -> None:
        if one.has_ended:
            self._ended(one)
            return
        try:
            future = self._executor.submit(train_as_run, str(one.files.path), one.options.as_dict())
        except BrokenExecutor as error:
            raise RunError(f"The trainings that are left cannot be done: {error}. Start it again to go on.") from error
        self._going[future] = one

    def _end(self, future: Future[None], *, may_begin: bool) -> None:
        """Take that a training's process is done with it; one whose process was ended goes on in another, once if it died."""
        one, error = self._going.pop(future), future.exception()
        if isinstance(error, Cancelled):
            if may_begin:
                self._begin(one)
            return
        if isinstance(error, BrokenExecutor) and may_begin and one.stem not in self._died:
            self._died.add(one.stem)
            self._begin(one)
            return
        if isinstance(error, BrokenExecutor):  # its process could not tell
            one.files.path.mkdir(parents=True, exist_ok=True)
            append_event(one.files.events, StateChanged(state="failed", message=f"Its process ended: {error}."))
        self._ended(one)

    def _ended(self, one: Planned) -> None:
        self._n_ended += 1
        self._on_ended(one)

    def _tell(self) -> None:
        done = self._n_ended + sum(self._executor.told.copy().values())
        doing = f"network {min(self._total, self._n_ended + 1)} of {self._total}"
        self._on_event(Progressed(done=min(done, self._total), total=self._total, doing=doing))
