"""The worker of a job of Slurm: as any, but warned before its time is up, whereupon it has itself queued again.

``python -P -m dss_widgets.jobs.slurm.worker FOLDER TOKEN``, by the batch script of
:func:`dss_widgets.jobs.slurm.submit.submit`.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from pathlib import Path

from dss_widgets.errors import RunError
from dss_widgets.events import StateChanged
from dss_widgets.jobs import worker
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.job import Job, job_in
from dss_widgets.jobs.slurm.claim import Claim
from dss_widgets.jobs.slurm.note import read_note
from dss_widgets.jobs.slurm.tools import ask
from dss_widgets.jobs.status import ENDED_WELL, JobStatus

_TRIES = 3
"""How often Slurm is asked to queue it again."""

_IN_VAIN = 3
"""Attempts, one after the other, that come to nothing: more would not either."""

_AGAIN = "Its time was nearly up. It is queued again and goes on where it was."


class Leaving(worker.Ending):
    """Whether a job is to end before its time: also where Slurm warns that its time is nearly up."""

    def __init__(self, job: Job, before: JobStatus, claim: Claim) -> None:
        super().__init__(job)
        self._before, self._claim = before, claim
        self._warned = self.goes_on = False

    def warn(self) -> None:
        """Take it that the time is nearly up."""
        self._warned = self.is_now = True

    def told(self) -> StateChanged:
        """Return the event that says so: it is queued again, unless that would never end."""
        if not self._warned or self.job.files.stop.exists():
            return super().told()
        came_further = self.job.kind.came_further(self._before, self.job.told_status())
        self.goes_on = self._claim.tell(came_further=came_further) < _IN_VAIN
        if self.goes_on:
            return StateChanged(state="queued", message=_AGAIN)
        return StateChanged(
            state="failed",
            message=f"Its time was up {_IN_VAIN} times before anything was done that it could go on from. Give it more: "
            f"dss-widgets resume {self.job.folder} --time-limit ...",
        )


def main() -> int:
    """Do the job named on the command line, if its submission still holds.

    Returns:
        An exit code: 0 done, stopped, queued again, or nothing to do; 1 failed.
    """
    faulthandler.enable()
    job, token = job_in(Path(sys.argv[1]).resolve()), sys.argv[2]
    before = job.told_status()
    claim = Claim(job.files, token)
    leaving = Leaving(job, before, claim)
    signal.signal(signal.SIGUSR1, lambda *_: leaving.warn())
    signal.signal(signal.SIGTERM, lambda *_: leaving.at_once())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    if job.files.warned.exists():
        leaving.warn()
    note = read_note(job.files)
    if note is None or note.token != token:
        print(f"{job.name}: was started in another way since it was submitted here; nothing is to be done.")
        return 0
    if before.state == "finished":
        print(f"{job.name}: has finished already.")
        return 0
    if job.files.stop.exists():
        append_event(job.files.events, StateChanged(state="stopped"))
        return 0
    held = claim.take(may_live=before.state not in (*ENDED_WELL, "failed", "queued"))
    if held is None:
        print(f"{job.name}: is running already.", file=sys.stderr)
        return 1
    with held:
        for old in (job.files.slurm_end, job.files.exit):
            old.unlink(missing_ok=True)
        append_event(job.files.events, StateChanged(state="starting"))
        code = worker.work(job, leaving)
        if leaving.goes_on:
            queue_again(job)
        return code


def queue_again(job: Job) -> None:
    """Have Slurm queue this very job again; where it does not, say so."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it ends what runs before it queues it again
    why = ""
    for attempt in range(_TRIES):
        try:
            ask("scontrol", "requeue", os.environ.get("SLURM_JOB_ID", ""))
            return
        except RunError as error:
            why = str(error)
            time.sleep(attempt)
    message = f"Its time was up, and Slurm could not queue it again ({why}). {job.files.to_continue()}"
    append_event(job.files.events, StateChanged(state="stopped", message=message))


if __name__ == "__main__":
    sys.exit(main())
