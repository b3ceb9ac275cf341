"""The process boundary: a job's folder, its events, and how to start, stop, follow and resume it.

The folder is the only interface to a job, whatever its kind. Tab, kernel and server may die; the job goes on, and anybody
attaches again. To start one and watch it::

    job = start_job("predict", AnnotatingOptions(network="song.res/20261123_141500", recordings=["new.wav"]))
    for event in follow(job):
        print(event)
    job.status().state, job.outcome()
"""

from dss_widgets.jobs.find import find_job, find_run, list_jobs, list_runs
from dss_widgets.jobs.follow import follow
from dss_widgets.jobs.job import Job, Run, Watcher
from dss_widgets.jobs.script import save_script, training_script
from dss_widgets.jobs.start import create_job, launch, resume_job, start_job, start_run
from dss_widgets.jobs.status import JobStatus, RunStatus

__all__ = [
    "Job",
    "JobStatus",
    "Run",
    "RunStatus",
    "Watcher",
    "create_job",
    "find_job",
    "find_run",
    "follow",
    "launch",
    "list_jobs",
    "list_runs",
    "resume_job",
    "save_script",
    "start_job",
    "start_run",
    "training_script",
]
