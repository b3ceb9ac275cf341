"""Work in a thread of its own, with progress to look at and a way to cancel."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from dss_widgets.dataset.assembly.assemble import Progress
from dss_widgets.errors import Cancelled, DssWidgetsError


class BackgroundJob(ABC):
    """One attempt at some work; it only writes down how far it is, and whoever wants to know looks.

    Subclasses say in :meth:`do` what is done.

    Attributes:
        progress: how far it has come, or None before the first word.
        outcome: ``going``, ``done``, ``cancelled`` or ``failed``.
        message: what went wrong, for people.
    """

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.outcome = "going"
        self.message = ""
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @abstractmethod
    def do(self) -> None:
        """Do the work; call :meth:`note` as it goes on, and ask :meth:`cancelled`."""

    def _work(self) -> None:
        try:
            self.do()
            outcome = "done"
        except Cancelled:
            outcome = "cancelled"
        except DssWidgetsError as error:
            self.message, outcome = str(error), "failed"
        except Exception as error:  # shown to the user: a thread has nobody else to tell
            self.message, outcome = f"{type(error).__name__}: {error}", "failed"
        self.outcome = outcome

    def note(self, progress: Progress) -> None:
        """Keep how far it has come."""
        self.progress = progress

    def cancelled(self) -> bool:
        """Return whether it was asked to stop."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """Ask it to stop; nothing will be left behind."""
        self._cancel.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)
