"""Processes that do tasks: an executor in which a process that dies takes only its own task with it.

They are of this machine and share its cores; others, wherever they run, may join them.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from dss_widgets.errors import Cancelled
from dss_widgets.network.task_process import GONE, RAISED, RETURNED, TOLD, serve
from dss_widgets.network.tensorflow_setup import set_up_inference

_LAST_BREATH_SECONDS = 20
"""How long a process may take to end once it is not needed any more."""

_MOST_FAILED_STARTS = 3
"""Processes in a row that end before they are ready, after which no more are tried."""


class ProcessDiedError(BrokenExecutor):
    """The process that did a task ended before the task did; the executor itself goes on."""


class _Task(NamedTuple):
    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Processes(Executor):
    """Runs functions in processes of their own, each of which does one task after the other.

    Unlike a :class:`~concurrent.futures.ProcessPoolExecutor`, it outlives its processes: one that is killed or crashes fails
    the task that it was at, with :class:`ProcessDiedError`, and another takes its place. They end with the process that
    started them, however that ends. As with any process that is spawned, a script that uses it does so within
    ``if __name__ == "__main__":``.

    Args:
        n: how many.
        prepare: called once in each with how many of them there are; left out, it is set up for using networks.
        most_tasks: after so many a process is replaced, since what it did leaves memory behind; None: never.

    Attributes:
        told: what each task that is running told last, see :func:`~dss_widgets.network.task_process.tell`; by its future.
    """

    def __init__(self, n: int, prepare: Callable[[int], None] = set_up_inference, *, most_tasks: int | None = None) -> None:
        self.told: dict[Future[Any], Any] = {}
        self._most_tasks = most_tasks
        self._tasks: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._n_running = 0
        self._places: set[threading.Thread] = set()
        self._all: set[_Process] = set()
        self._failed_starts = 0
        self._broken = ""
        self._stopped = self._closed = False
        for index in range(n):
            self._open(partial(_here, prepare, index, n), lasts=True)

    @property
    def n(self) -> int:
        """How many tasks are done at a time."""
        return len(self._places)

    def join(self, line: Connection, where: str) -> None:
        """Have a process do tasks that runs somewhere else, for as long as it can be reached.

        Args:
            line: to where it calls :func:`~dss_widgets.network.task_process.serve`.
            where: names it, for messages.
        """
        with self._changed:
            if not self._closed:
                self._open(lambda: _Process(line, None, where), lasts=False)
                return
        line.close()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function called with arguments that can be pickled, as it can be.

        Raises:
            BrokenExecutor: no process can be started.
            RuntimeError: it was shut down.
        """
        with self._changed:
            if self._broken:
                raise BrokenExecutor(self._broken)
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            task = _Task(Future(), (fn, args, kwargs))
            self._tasks.append(task)
            self._changed.notify()
        return task.future

    def stop(self) -> None:
        """Ask tasks that are running to end, see :func:`~dss_widgets.network.task_process.is_to_stop`; no other begins."""
        with self._changed:
            self._stopped = True
            for process in self._all:
                process.stop()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once all that was submitted is done."""
        with self._changed:
            self._closed = True
            while cancel_futures and self._tasks:
                self._tasks.popleft().future.cancel()
            self._changed.notify_all()
            places = set(self._places)
        for place in places if wait else ():
            place.join()

    def _open(self, start: Callable[[], _Process], *, lasts: bool) -> None:
        """Make a place: a thread with a process that does tasks; where it lasts, others follow that one."""
        place = threading.Thread(target=self._serve, args=(start, lasts), name="process", daemon=True)
        self._places.add(place)
        place.start()

    def _serve(self, start: Callable[[], _Process], lasts: bool) -> None:
        process: _Process | None = None
        try:
            if not lasts:  # one that is somewhere else is given no task before it can begin
                process = self._started(start)
            while (task := self._next()) is not None:
                if process is not None and process.has_left():
                    self._left(process)
                    process = None
                    if not lasts:
                        self._give_back(task)
                        return
                process = self._do(process, start, task)
                if process is None and not lasts:
                    return
        except ProcessDiedError:  # it never began
            return
        finally:
            if process is not None:
                self._left(process)
            with self._changed:
                self._places.discard(threading.current_thread())

    def _next(self) -> _Task | None:
        """Wait for a task; None once all is done and there will be no other."""
        with self._changed:
            self._changed.wait_for(lambda: self._tasks or (self._closed and not self._n_running))
            if not self._tasks:
                return None
            self._n_running += 1
            return self._tasks.popleft()

    def _give_back(self, task: _Task) -> None:
        """Leave a task to another process."""
        with self._changed:
            self._n_running -= 1
            self._tasks.appendleft(task)
            self._changed.notify_all()

    def _do(self, process: _Process | None, start: Callable[[], _Process], task: _Task) -> _Process | None:
        """Do a task in a process, or in a new one; returns the one that can do the next; None: there is none."""
        future = task.future
        try:
            if future.set_running_or_notify_cancel():
                try:
                    self._check()
                    process = process or self._counted(start)
                    self._check()
                    future.set_result(process.do(task.call, lambda value: self.told.__setitem__(future, value)))
                except BaseException as error:
                    future.set_exception(error)
        finally:
            self.told.pop(future, None)
            with self._changed:
                self._n_running -= 1
                self._changed.notify_all()
        if process is not None and (process.is_gone or process.n_tasks == self._most_tasks):
            self._left(process)
            return None
        return process

    def _check(self) -> None:
        if self._stopped:
            raise Cancelled("Stopped before it began.")

    def _counted(self, start: Callable[[], _Process]) -> _Process:
        """Start a process of this machine; where several in a row cannot be, none can."""
        try:
            process = self._started(start)
        except ProcessDiedError as error:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                self._broken = f"no process can be started ({error})"
            raise
        self._failed_starts = 0
        return process

    def _started(self, start: Callable[[], _Process]) -> _Process:
        """Start a process, and wait until it can begin."""
        try:
            process = start()
        except OSError as error:
            raise ProcessDiedError(str(error)) from error
        with self._changed:
            self._all.add(process)
        try:
            process.wait_until_ready()
        except ProcessDiedError:
            self._left(process)
            raise
        return process

    def _left(self, process: _Process) -> None:
        with self._changed:
            self._all.discard(process)
        process.end()


def _here(prepare: Callable[[int], None], index: int, n: int) -> _Process:
    """Start one of the processes on this machine that share its cores."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, prepare, n, index), daemon=True)
    with _starting:  # what multiprocessing keeps of its processes is not for several threads at once
        process.start()
    theirs.close()
    return _Process(ours, process)


_starting = threading.Lock()


class _Process:
    """A process, and this end of the line to it.

    Args:
        line: to it.
        process: itself, where this process has started it.
        where: it runs, if that is somewhere else.

    Attributes:
        is_gone: whether it takes no more tasks.
        n_tasks: how many it was given.
    """

    def __init__(self, line: Connection, process: BaseProcess | None, where: str = "") -> None:
        self.is_gone = False
        self.n_tasks = 0
        self._sending = threading.Lock()
        self._line, self._process, self._where = line, process, where

    def wait_until_ready(self) -> None:
        self._receive()

    def has_left(self) -> bool:
        """Return whether it has ended since its last task: it says nothing of itself between tasks."""
        try:
            return self._line.poll()
        except OSError:
            return True

    def do(self, task: Any, tell: Callable[[Any], None]) -> Any:
        """Return what a task returns, or raise what it raises."""
        self.n_tasks += 1
        self._send(task)
        while True:
            what, value = self._receive()
            self.is_gone = self.is_gone or what == GONE
            if what == RETURNED:
                return value
            if what == RAISED:
                raise value
            if what == TOLD:
                tell(value)

    def stop(self) -> None:
        with suppress(ProcessDiedError):
            self._send(None)

    def end(self) -> None:
        """End it: it hears that nobody is at the other end."""
        self._line.close()
        if self._process is not None:
            self._process.join(_LAST_BREATH_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()

    def _send(self, task: Any) -> None:
        try:
            with self._sending:
                self._line.send(task)
        except OSError as error:
            self.is_gone = True
            raise ProcessDiedError(self._how_it_ended()) from error

    def _receive(self) -> tuple[str, Any]:
        try:
            told: tuple[str, Any] = self._line.recv()
        except (EOFError, OSError) as error:
            self.is_gone = True
            raise ProcessDiedError(self._how_it_ended()) from error
        return told

    def _how_it_ended(self) -> str:
        if self._process is None:
            return f"the process on {self._where} cannot be reached any more"
        self._process.join(_LAST_BREATH_SECONDS)
        code = self._process.exitcode or 0
        if code >= 0:
            return f"exit code {code}"
        name = signal.Signals(-code).name if -code in {int(each) for each in signal.Signals} else f"signal {-code}"
        return f"{name}: killed, or out of memory" if name == "SIGKILL" else name
