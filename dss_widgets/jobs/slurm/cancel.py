"""Ending a job by way of Slurm."""

from __future__ import annotations

from dss_widgets.events import StateChanged
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.note import read_json, read_note
from dss_widgets.jobs.slurm.queue import QUEUE
from dss_widgets.jobs.slurm.tools import SlurmRefusedError, ask


def take_out(files: JobFolder) -> None:
    """Take a job out of the queue; one that Slurm has started meanwhile is not touched: it finds the wish to stop itself.

    Raises:
        SlurmSilentError: Slurm does not answer; once it starts the job, that ends by itself.
    """
    number = _number(files)
    if not number:
        return
    try:
        ask("scancel", "--state=PENDING", number)
    except SlurmRefusedError:  # it has ended
        return
    finally:
        QUEUE.forget()
    if not _runs(number):
        append_event(files.events, StateChanged(state="stopped"))


def _runs(number: str) -> bool:
    states = "--states=RUNNING,COMPLETING,CONFIGURING"
    try:
        return bool(ask("squeue", "--noheader", states, "--format=%i", f"--jobs={number}").strip())
    except SlurmRefusedError:  # it knows no such job
        return False


def end(files: JobFolder) -> None:
    """End a job at once, wherever it is.

    Raises:
        SlurmSilentError: Slurm does not answer.
    """
    number = _number(files)
    try:
        if number:
            ask("scancel", number)
    except SlurmRefusedError:
        return
    finally:
        QUEUE.forget()


def _number(files: JobFolder) -> str:
    note = read_note(files)
    return (note.number if note is not None else "") or str(read_json(files.worker).get("number") or "")
