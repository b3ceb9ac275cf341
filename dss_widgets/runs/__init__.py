"""The process boundary: a run's folder, its events, and how to start, stop and follow it.

The folder is the only interface to a run. Tab, kernel and server may die; the run goes on, and anybody attaches again.
"""

from dss_widgets.runs.follow import follow
from dss_widgets.runs.run import Run, RunStatus, find_run, list_runs, stem_of
from dss_widgets.runs.script import save_script, training_script
from dss_widgets.runs.start import create_run, launch, resume_run, start_run

__all__ = [
    "Run",
    "RunStatus",
    "create_run",
    "find_run",
    "follow",
    "launch",
    "list_runs",
    "resume_run",
    "save_script",
    "start_run",
    "stem_of",
    "training_script",
]
