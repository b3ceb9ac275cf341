"""How far a job is, as a panel tells it."""

from __future__ import annotations

from dss_widgets.errors import Problem
from dss_widgets.jobs import JobStatus
from dss_widgets.panels.style.theme import meter
from dss_widgets.panels.style.words import problem_list, time_left, waiting


def job_progress(status: JobStatus, *, starting: str, working: str, stopped: str, finished: str = "") -> str:
    """Return how far a job is, or how it ended, as HTML.

    Args:
        status: of the job.
        starting, working: words before it tells how far it is, and beside its share; text.
        stopped, finished: what stands there when it ended so; HTML.
    """
    if status.state == "queued":
        return waiting(status)
    if status.is_running:
        words = starting if status.share is None else f"{working}: {status.share:.0%} "
        return meter(status.share or 0.0, f"{words}{time_left(status.seconds_left)}")
    return {"finished": finished, "stopped": stopped}.get(status.state, problem_list([Problem(status.message)]))
