"""Processes on this machine that share its cores: an executor in which a process that dies takes only its own task with it."""

from __future__ import annotations

import faulthandler
import multiprocessing
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Protocol

from dss_widgets.errors import Cancelled
from dss_widgets.network.tensorflow_setup import set_up_worker_process

_LAST_BREATH_SECONDS = 20
"""How long a process may take to end once it is not needed any more."""

_MOST_FAILED_STARTS = 3
"""Processes in a row that end before they are ready, after which no more are tried."""

_READY, _TOLD, _GONE, _RETURNED, _RAISED = "ready", "told", "gone", "returned", "raised"


class Handle(Protocol):
    """What is asked of a process that was started, as :mod:`multiprocessing` has it."""

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended, or for so many seconds."""

    def is_alive(self) -> bool:
        """Return whether it has not ended."""

    def kill(self) -> None:
        """End it at once."""

    @property
    def exitcode(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None before."""


Start = Callable[[int], tuple[Connection, Handle]]
"""Starts a process that serves a line, of so many that share its machine's cores."""


class ProcessDiedError(BrokenExecutor):
    """The process that did a task ended before the task did; the executor itself goes on."""


class Processes(Executor):
    """Runs functions in processes of their own, each of which does one task after the other.

    Unlike a :class:`~concurrent.futures.ProcessPoolExecutor`, it outlives its processes: one that is killed or crashes fails
    the task that it was at, with :class:`ProcessDiedError`, and another takes its place. They end with the process that
    started them, however that ends. As with any process that is spawned, a script that uses it does so within
    ``if __name__ == "__main__":``.

    Args:
        n: how many.
        prepare: called once in each with how many of them share a machine's cores; left out, TensorFlow is set up so.
        elsewhere: starts processes on other machines, as many on each as here: ``n`` on each, this one included.
        most_tasks: after so many a process is replaced, since what it did leaves memory behind; None: never.

    Attributes:
        n: how many there are in all.
        told: what each task that is running told last, see :func:`tell`; by its thread's number.
    """

    def __init__(
        self,
        n: int,
        prepare: Callable[[int], None] = set_up_worker_process,
        elsewhere: Sequence[Start] = (),
        *,
        most_tasks: int | None = None,
    ) -> None:
        starts: list[Start] = [partial(_start_here, prepare), *elsewhere]
        self.n, self._sharing, self._most_tasks = n * len(starts), n, most_tasks
        self._starts = SimpleQueue[Start]()
        for start in starts * n:
            self._starts.put(start)
        self.told: dict[int, Any] = {}
        self._threads = ThreadPoolExecutor(self.n, thread_name_prefix="process")
        self._own = threading.local()
        self._all: set[_Process] = set()
        self._lock = threading.Lock()
        self._failed_starts = 0
        self._broken = ""
        self._stopped = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function called with arguments that can be pickled, as it can be.

        Raises:
            BrokenExecutor: no process can be started.
            RuntimeError: it was shut down.
        """
        if self._broken:
            raise BrokenExecutor(self._broken)
        return self._threads.submit(self._do, (fn, args, kwargs))

    def stop(self) -> None:
        """Ask tasks that are running to end, see :func:`is_to_stop`; those that were not begun are not."""
        with self._lock:
            self._stopped = True
            for process in self._all:
                process.stop()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once all that was submitted is done."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._close()
        else:
            threading.Thread(target=self.shutdown).start()

    def _close(self) -> None:
        with self._lock:
            for process in self._all:
                process.end()
            self._all.clear()

    def _do(self, task: Any) -> Any:
        """Do a task in the process that belongs to this thread."""
        process = getattr(self._own, "process", None) or self._start()
        if self._stopped:
            raise Cancelled("Stopped before it began.")
        number = threading.get_ident()
        try:
            return process.do(task, lambda value: self.told.__setitem__(number, value))
        finally:
            self.told.pop(number, None)
            is_used_up = process.n_tasks == self._most_tasks
            if process.is_gone or is_used_up:
                self._own.process = None
                with self._lock:
                    self._all.discard(process)
            if is_used_up:
                process.end()

    def _start(self) -> _Process:
        if not hasattr(self._own, "start"):
            self._own.start = self._starts.get_nowait()  # a place for each thread
        try:
            process = _Process(self._own.start, self._sharing)
            with self._lock:
                self._all.add(process)
            process.wait_until_ready()
        except (ProcessDiedError, OSError) as error:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                self._broken = f"no process can be started ({error})"
            raise ProcessDiedError(str(error)) from error
        self._failed_starts = 0
        self._own.process = process
        return process


def _start_here(prepare: Callable[[int], None], n: int) -> tuple[Connection, Handle]:
    """Start a process on this machine, whose cores as many of them share."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, prepare, n), daemon=True)
    with _starting:  # what multiprocessing keeps of its processes is not for several threads at once
        process.start()
    theirs.close()
    return ours, process


_starting = threading.Lock()


class _Process:
    """A process, and this end of the line to it.

    Attributes:
        is_gone: whether it takes no more tasks.
        n_tasks: how many it was given.
    """

    def __init__(self, start: Start, n: int) -> None:
        self.is_gone = False
        self.n_tasks = 0
        self._sending = threading.Lock()
        self._line, self._process = start(n)

    def wait_until_ready(self) -> None:
        self._receive()

    def do(self, task: Any, tell: Callable[[Any], None]) -> Any:
        """Return what a task returns, or raise what it raises."""
        self.n_tasks += 1
        self._send(task)
        while True:
            what, value = self._receive()
            self.is_gone = self.is_gone or what == _GONE
            if what == _RETURNED:
                return value
            if what == _RAISED:
                raise value
            if what == _TOLD:
                tell(value)

    def stop(self) -> None:
        with suppress(ProcessDiedError):
            self._send(None)

    def end(self) -> None:
        """End it: it hears that nobody is at the other end."""
        self._line.close()
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
        self._process.join(_LAST_BREATH_SECONDS)
        code = self._process.exitcode or 0
        if code >= 0:
            return f"exit code {code}"
        name = signal.Signals(-code).name if -code in {int(each) for each in signal.Signals} else f"signal {-code}"
        return f"{name}: killed, or out of memory" if name == "SIGKILL" else name


class _Serving:
    """The other end of the line: what a process knows of whoever started it."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._is_busy = False
        self._is_ended = False

    def is_to_stop(self) -> bool:
        """Return whether a word came, or nobody is there any more."""
        try:
            return self._is_ended or self._line.poll()
        except OSError:
            return True

    def tell(self, value: Any) -> None:
        with suppress(OSError):
            self._line.send((_TOLD, value))

    def end(self, *_: Any) -> None:
        """Take it that the system ends the process: at once, or as soon as a task has heard of it."""
        self._is_ended = True
        if not self._is_busy:
            raise SystemExit(0)

    def serve(self) -> None:
        """Do tasks until nobody is there any more."""
        with suppress(EOFError, OSError):
            self._line.send((_READY, None))
            while not self._is_ended:
                task = self._line.recv()
                if task is not None:  # else a wish to stop what was done already
                    ended = self._done(*task)
                    if self._is_ended:
                        self._line.send((_GONE, None))
                    self._line.send(ended)

    def _done(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any]:
        self._is_busy = True
        try:
            return _RETURNED, function(*args, **kwargs)
        except Exception as error:
            return _RAISED, error
        finally:
            self._is_busy = False


_serving: _Serving | None = None


def serve(line: Connection, prepare: Callable[[int], None], n: int) -> None:
    """Do what comes along a line, in a process of its own."""
    global _serving  # noqa: PLW0603 - a process is one
    faulthandler.enable()
    _serving = _Serving(line)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides
    signal.signal(signal.SIGTERM, _serving.end)
    prepare(n)
    _serving.serve()


def is_to_stop() -> bool:
    """Return whether the task that this process is at is to end: asked for by :meth:`Processes.stop`, or nobody waits for it.

    Elsewhere than in one of :class:`Processes`, never.
    """
    return _serving is not None and _serving.is_to_stop()


def tell(value: Any) -> None:
    """Tell those who wait for the task that this process is at how far it is; elsewhere, nobody hears it."""
    if _serving is not None:
        _serving.tell(value)
