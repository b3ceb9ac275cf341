"""Work within a batch script of one's own: the job of Slurm that runs the script does it, and is queued again with it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from types import FrameType

from dss_widgets.errors import RunError
from dss_widgets.jobs.folder import append_only
from dss_widgets.jobs.job import Job
from dss_widgets.jobs.slurm.note import Note, read_note, user_number
from dss_widgets.jobs.start import environment, neutral_folder


def start_within(job: Job) -> subprocess.Popen[bytes]:
    """Start the worker of a job as part of the job of Slurm that this process belongs to, which warns it of its end.

    Args:
        job: one that has a folder; one that this job of Slurm has begun before goes on.

    Returns:
        The worker's process.

    Raises:
        RunError: this process belongs to no job of Slurm, the folder cannot be written, or the job is running elsewhere.
    """
    number = os.environ.get("SLURM_JOB_ID", "")
    if not number:
        raise RunError("This is no job of Slurm: --within-job is for scripts that sbatch runs.")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})  # it waits until the worker can take it
    try:
        token = _token(job, number)
        job.files.warned.unlink(missing_ok=True)
        with open(append_only(job.files.log), "ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "dss_widgets.jobs.slurm.worker", str(job.folder.resolve()), token],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=neutral_folder(), env=environment(),
            )  # fmt: skip
    except OSError as error:
        raise RunError(f"{job.folder}: cannot be written ({error.strerror}). Is the folder yours?") from error

    def hand_on(number: int, _frame: FrameType | None) -> None:
        worker.send_signal(number)

    signal.signal(signal.SIGUSR1, hand_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    signal.signal(signal.SIGTERM, hand_on)
    return worker


def _token(job: Job, number: str) -> str:
    """Return the word of the submission that this job of Slurm is."""
    note = read_note(job.files)
    if note is not None and note.number == number:
        return note.token
    if job.status().is_running:
        raise RunError(f"{job.name}: is running already.")
    job.files.stop.unlink(missing_ok=True)
    note = Note(secrets.token_hex(8), number, user_number(), time.time())
    note.write(job.files)
    return note.token
