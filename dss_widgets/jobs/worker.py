"""The worker: does one job in this process and writes what happens into the job's folder.

``python -P -m dss_widgets.jobs.worker FOLDER [LOCK]``; :func:`dss_widgets.jobs.start.launch` does that.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from dss_widgets.errors import Cancelled, DssWidgetsError, OptionsError
from dss_widgets.events import Event, OutcomeTold, Progressed, StateChanged, StepDone
from dss_widgets.jobs import lock
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.job import Job
from dss_widgets.jobs.kinds import Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.roots import refused_paths

LEAST_SECONDS = 0.2
"""Between two events of a kind that comes often."""


def work(job: Job, ending: Ending | None = None) -> int:
    """Do a job to its end, from where it was as far as its kind can, and record how it ended.

    Args:
        job: the job.
        ending: whether it is to end before its time; left out, as any job on this computer.

    Returns:
        An exit code: 0 finished or stopped, 1 failed.
    """
    began = time.time()
    teller, ending = _Teller(job), ending or Ending(job)
    signal.signal(signal.SIGTERM, lambda *_: ending.at_once())
    try:
        kind, options = job.kind, job.options()
        refused = refused_paths(options)
        if refused:
            raise OptionsError(refused)
        starts = sum(isinstance(event, StateChanged) and event.state == "starting" for event in job.events()[0])
        kind.work(
            Task(
                options,
                job.files,
                teller,
                ending.is_wanted,
                lambda: ending.is_now,
                told_before(job),
                began,
                is_resumed=starts > 1,
            )
        )
    except Cancelled:
        teller(ending.told())
        return 0
    except MemoryError:
        traceback.print_exc()
        return _failed(teller, "There is not enough memory. Use a smaller batch, shorter chunks or fewer filters.")
    except DssWidgetsError as error:
        print(error, file=sys.stderr)
        return _failed(teller, str(error))
    except Exception as error:
        traceback.print_exc()
        return _failed(teller, f"{type(error).__name__}: {next(iter(str(error).strip().splitlines()), 'no message')}")
    teller(ending.told() if ending.is_wanted() else StateChanged(state="finished"))
    return 0


def told_before(job: Job) -> JobStatus:
    """Return what earlier attempts at a job told; of what they came to, that of the last that came to anything.

    The word that an attempt begins takes back what the one before came to: that is still there to go on from.
    """
    outcome: dict[str, Any] = {}
    events, is_new = job.events()[0], True
    for event in events:
        if isinstance(event, StateChanged) and event.state in ("starting", "queued"):
            is_new = True
        elif isinstance(event, OutcomeTold):
            outcome = {**({} if is_new else outcome), **event.values}
            is_new = False
    return replace(job.new_status().after_all(events), outcome=outcome)


class Ending:
    """Whether a job is to end before its time: somebody wishes it, or the system ends its process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.is_now = False

    def at_once(self) -> None:
        """Take it that the process is to end."""
        self.is_now = True

    def is_wanted(self) -> bool:
        """Return whether the job is to end."""
        return self.is_now or self.job.files.stop.exists()

    def told(self) -> StateChanged:
        """Return the event that says so."""
        message = f"The system ended its process. {self.job.files.to_continue()}" if self.is_now else ""
        return StateChanged(state="stopped", message=message)


class _Teller:
    """Records a job's events; of those that come often, not every one."""

    def __init__(self, job: Job) -> None:
        self._path = job.files.events
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        passing = isinstance(event, StepDone) or (isinstance(event, Progressed) and event.done < event.total)
        now = time.monotonic()
        if passing and now - self._last < LEAST_SECONDS:
            return
        self._last = now if passing else self._last
        append_event(self._path, event)


def _failed(teller: _Teller, message: str) -> int:
    teller(StateChanged(state="failed", message=message))
    return 1


def main() -> int:
    """Do the job named on the command line, holding its lock: inherited as an open file, or taken here.

    Returns:
        An exit code, as :func:`work`; 1 also if somebody else is at it.
    """
    faulthandler.enable()  # where a library crashes, the log says in which line
    job = Job(Path(sys.argv[1]).resolve())
    held = os.fdopen(int(sys.argv[2]), "rb") if len(sys.argv) > 2 else lock.acquire(job.files.lock)
    if held is None:
        print(f"{job.name}: is running already.", file=sys.stderr)
        return 1
    with held:
        return work(job)


if __name__ == "__main__":
    sys.exit(main())
