"""A process that does tasks for another: the end of the line of :class:`~dss_widgets.network.processes.Processes`."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from dss_widgets.machine import keep_to_own_cores

READY, TOLD, GONE, RETURNED, RAISED = "ready", "told", "gone", "returned", "raised"
"""What travels back: that it can begin, how far a task is, that no more are taken, what a task returned, what it raised."""


class _Serving:
    """What a process knows of whoever gives it tasks."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._is_busy = False
        self.is_ended = False

    def is_to_stop(self) -> bool:
        """Return whether a word came, or nobody is there any more."""
        try:
            return self.is_ended or self._line.poll()
        except OSError:
            return True

    def tell(self, value: Any) -> None:
        with suppress(OSError):
            self._line.send((TOLD, value))

    def end(self, *_: Any) -> None:
        """Take it that the system ends the process: at once, or as soon as a task has heard of it."""
        self.is_ended = True
        if not self._is_busy:
            raise SystemExit(0)

    def serve(self) -> None:
        """Do tasks until nobody is there any more."""
        with suppress(EOFError, OSError):
            self._line.send((READY, None))
            while not self.is_ended:
                task = self._line.recv()
                if task is not None:  # else a wish to stop what was done already
                    ended = self._done(*task)
                    if self.is_ended:
                        self._line.send((GONE, None))
                    self._line.send(ended)

    def _done(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any]:
        self._is_busy = True
        try:
            return RETURNED, function(*args, **kwargs)
        except Exception as error:
            return RAISED, error
        finally:
            self._is_busy = False


_serving: _Serving | None = None


def serve(line: Connection, prepare: Callable[[int], None], n: int, index: int | None = None) -> bool:
    """Do what comes along a line, in a process of its own.

    Args:
        line: to whoever gives the tasks.
        prepare: called first.
        n: what it is called with: how many such processes share the machine's cores.
        index: which of them this is, and keeps to its own cores; None: it runs on any.

    Returns:
        Whether others may be served: the system does not want the process to end.
    """
    global _serving  # noqa: PLW0603 - a process is one
    faulthandler.enable()
    _serving = _Serving(line)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides
    signal.signal(signal.SIGTERM, _serving.end)
    if index is not None:
        keep_to_own_cores(index, n)
    prepare(n)
    _serving.serve()
    return not _serving.is_ended


def is_to_stop() -> bool:
    """Return whether the task that this process is at is to end: asked for, or nobody waits for it.

    Elsewhere than in a process of :class:`~dss_widgets.network.processes.Processes`, never.
    """
    return _serving is not None and _serving.is_to_stop()


def tell(value: Any) -> None:
    """Tell those who wait for the task that this process is at how far it is; elsewhere, nobody hears it."""
    if _serving is not None:
        _serving.tell(value)
