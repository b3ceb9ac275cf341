"""What a kind of work declares: its options, where its job lies, what does it, and how its outcome is read."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from dss_widgets.errors import Cancelled, Problem
from dss_widgets.events import OnEvent
from dss_widgets.jobs.folder import SUFFIX, JobFolder
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options import Options

AnyOptions = TypeVar("AnyOptions", bound=Options)


@dataclass(frozen=True)
class Task(Generic[AnyOptions]):
    """A job as its worker has it.

    Attributes:
        options: what is to be done.
        files: the job's folder.
        tell: takes events, which are recorded as they happen.
        should_stop: says whether somebody wants it to stop, or its process is to end.
        should_save: says whether its process is to end: what can be continued later is to be left as it is.
        before: what earlier attempts at this job told.
        began: when the worker began, unix seconds.
        is_resumed: whether there was an earlier attempt.
    """

    options: AnyOptions
    files: JobFolder
    tell: OnEvent
    should_stop: Callable[[], bool]
    should_save: Callable[[], bool]
    before: JobStatus
    began: float
    is_resumed: bool = False

    def check(self) -> None:
        """Raise :class:`Cancelled` if somebody wants the work to stop."""
        if self.should_stop():
            raise Cancelled("Stopped, as was wished.")


class Kind(ABC, Generic[AnyOptions]):
    """A kind of work.

    Attributes:
        name: in a job's file and in lists, such as ``train``.
        label: for people, as what a job is.
        options: the class of its options.
        status: what its events add up to.
        when_stopped: what a wish to stop does, as the end of a sentence that begins with the job's name.
        goes_on: whether starting the same work again goes on with a job that was cut short.
        how: options that say how the work is done, not what it comes to: with others it is the same work.
        goes_to: the option that names where what it makes goes, of work that can be carried to another machine.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    options: ClassVar[type[Options]]
    status: ClassVar[type[JobStatus]] = JobStatus
    when_stopped: ClassVar[str] = "will stop; nothing is left behind"
    goes_on: ClassVar[bool] = False
    how: ClassVar[frozenset[str]] = frozenset()
    goes_to: ClassVar[str] = ""

    def is_same_work(self, options: Options, other: Options) -> bool:
        """Return whether two (settled) options come to the same, however it is done."""
        first, second = ({k: v for k, v in each.as_dict().items() if k not in self.how} for each in (options, other))
        return type(options) is type(other) and first == second

    def least_cpus(self, options: AnyOptions) -> int:
        """Return how many processor cores the work needs to be done as its options say."""
        del options
        return 1

    def nodes(self, options: AnyOptions) -> int:
        """Return how many machines of a cluster do the work together, step by step."""
        del options
        return 1

    def array_tasks(self, options: AnyOptions) -> int:
        """Return how many tasks of an array of Slurm share the work, each as it begins; this job is the first."""
        del options
        return 1

    @abstractmethod
    def settled(self, options: AnyOptions) -> AnyOptions:
        """Return the options with absolute paths: the worker runs in another folder."""

    @abstractmethod
    def folder(self, options: AnyOptions) -> Path:
        """Return where the job of (settled) options lies; one that has ended and lies there already is replaced."""

    def problems(self, options: AnyOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what stands for or against the work.

        Raises:
            DataError: something that it needs cannot be read.
        """
        del resuming
        return list(options.problems())

    @abstractmethod
    def work(self, task: Task[AnyOptions]) -> None:
        """Do it, in the worker.

        Raises:
            DssWidgetsError: it failed; the message is for people.
            Cancelled: it was stopped, as somebody wished.
        """

    def came_further(self, before: JobStatus, after: JobStatus) -> bool:
        """Return whether an attempt that was cut short left something to go on from: another one would not do the same again.

        Args:
            before: as the job was when the attempt began.
            after: as it is at its end.
        """
        del before, after
        return False

    def needs(self, options: AnyOptions) -> Mapping[str, list[Path]] | None:
        """Return what goes along when a job is carried to another machine: folders, files and stems, by their options.

        None: work of this kind cannot be carried.
        """
        del options
        return None

    def made(self, options: AnyOptions, files: JobFolder, status: JobStatus) -> list[Path]:
        """Return the files that a job that can be carried has made beside its folder."""
        del options, files, status
        return []

    def outcome(self, options: AnyOptions, status: JobStatus) -> Any:
        """Return what the work came to.

        Raises:
            DataError: it cannot be read, or there is none.
        """
        del options
        return status.outcome


def stamped(folder: Path, beginning: str) -> Path:
    """Return a folder's path for a new job, with date and time in its name; a name that is taken gets the next second."""
    moment = datetime.datetime.now()
    while True:
        path = folder / f"{beginning}{moment:%Y%m%d_%H%M%S}{SUFFIX}"
        if not path.exists():
            return path
        moment += datetime.timedelta(seconds=1)
