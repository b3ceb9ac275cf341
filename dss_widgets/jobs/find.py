"""Finding jobs: in a folder, or by what somebody typed."""

from __future__ import annotations

import os
from pathlib import Path

from dss_widgets.errors import RunError
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.job import Job, Run, job_in
from dss_widgets.results.stems import stem_of

_STAMP = len("YYYYMMDD_hhmmss")


def list_jobs(folder: str | os.PathLike[str]) -> list[Job]:
    """Return the jobs of every kind that lie in a folder, newest first; none if there is no such folder."""
    folder = Path(folder).expanduser()
    try:
        found = [Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(SUFFIX) and entry.is_dir()]
    except OSError:
        return []
    return [job_in(path) for path in sorted(found, key=_newest_last, reverse=True)]


def list_runs(folder: str | os.PathLike[str]) -> list[Run]:
    """Return the trainings that lie in a folder, newest first; none if there is no such folder."""
    return [job for job in list_jobs(folder) if isinstance(job, Run)]


def _newest_last(path: Path) -> tuple[str, str]:
    name = path.name.removesuffix(SUFFIX)
    return name[-_STAMP:], name


def find_job(text: str | os.PathLike[str]) -> Job:
    """Return the job that a folder, one of a training's files, or a stem stands for.

    Raises:
        RunError: there is none; the message lists what is there instead.
    """
    if not str(text):
        raise RunError("The run has no name. Name its folder, one of its files, or their stem.")
    stem = stem_of(text)
    folder = stem.with_name(stem.name + SUFFIX)
    if folder.is_dir():
        return job_in(folder)
    if stem.is_dir():
        newest = [job.name for job in list_jobs(stem)][:3]
        told = f" It holds the runs {', '.join(newest)}." if newest else ""
        raise RunError(f"{text}: is a folder, not a run.{told} Name a run, such as {stem / (newest[0] if newest else '...')}.")
    near = [job.name for job in list_jobs(stem.parent)][:3]
    told = f" Nearby: {', '.join(near)}." if near else " 'dss-widgets runs FOLDER' lists those of a folder."
    raise RunError(f"{text}: there is no such run.{told}")


def find_run(text: str | os.PathLike[str]) -> Run:
    """Return the training that a folder, one of its files, or a stem stands for.

    Raises:
        RunError: there is none, or it is work of another kind.
    """
    job = find_job(text)
    if not isinstance(job, Run):
        raise RunError(f"{job.name}: is no training ({job.kind.label}). Name a training.")
    return job
