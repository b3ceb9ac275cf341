"""Work beside the kernel's event loop: nothing that takes time may stop the other controls from answering."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from dss_widgets.panels.page import this_page


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the kernel's event loop, or None in a plain script or test."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


THREAD_NAME = "panel work"
_log = logging.getLogger("dss_widgets")


class Latest:
    """Runs functions in a thread and hands back what the newest returned; results of older ones are dropped.

    Without an event loop (a plain script or test), it runs them at once. Results arrive on the loop, so that panels are
    only ever changed from there, and not before the page is there that shows them.
    """

    def __init__(self) -> None:
        self._newest = 0
        self._turn = threading.Lock()

    def run(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Start work; ``done`` gets its result, ``failed`` its exception, unless something newer was started since."""
        self._newest += 1
        number = self._newest
        loop = running_loop()
        if loop is None:
            self._finish(number, *self._try(number, work), done, failed)
            return

        def in_thread() -> None:
            outcome = self._try(number, work)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(this_page().when_shown, partial(self._finish, number, *outcome, done, failed))

        threading.Thread(target=in_thread, name=THREAD_NAME, daemon=True).start()

    def drop(self) -> None:
        """Forget what is running: its result is not wanted any more."""
        self._newest += 1

    def _try(self, number: int, work: Callable[[], Any]) -> tuple[Any, Exception | None]:
        with self._turn:
            if number != self._newest:
                return None, None
            try:
                return work(), None
            except Exception as error:  # handed to the panel, which shows it
                return None, error

    def _finish(
        self,
        number: int,
        result: Any,
        error: Exception | None,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        if number == self._newest:
            if error is not None:
                failed(error)
            else:
                done(result)


class Ticker:
    """Calls a function again and again on the kernel's loop, for as long as it returns True; not before the page is there.

    An exception goes to the log, and the function is called again.
    Without an event loop it does nothing: a script or test calls the function itself.
    """

    def __init__(self, tick: Callable[[], bool], seconds: float = 0.25) -> None:
        self._tick, self._seconds = tick, seconds
        self._task: asyncio.Task[None] | None = None
        self._failure = ""

    def start(self) -> None:
        """Begin, unless it is going already."""
        loop = running_loop()
        if loop is not None and (self._task is None or self._task.done()):
            self._task = loop.create_task(self._go())

    def stop(self) -> None:
        """Stop after the present call."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _go(self) -> None:
        await this_page().shown()
        while self._goes_on():
            await asyncio.sleep(self._seconds)

    def _goes_on(self) -> bool:
        """Call the function; a folder that is away for a moment does not end what looks at it."""
        try:
            more, self._failure = self._tick(), ""
        except Exception as error:
            if self._failure != (failure := repr(error)):  # once in the log, not with every look
                _log.exception("What a panel shows could not be brought up to date; it is tried again.")
            more, self._failure = True, failure
        return more
