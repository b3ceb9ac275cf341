"""How far annotating is, or how it ended, for people."""

from __future__ import annotations

from dss_widgets.errors import Problem
from dss_widgets.jobs.status import BatchStatus
from dss_widgets.panels.prediction.files import summary_table
from dss_widgets.panels.style.theme import meter
from dss_widgets.panels.style.words import count, problem_list, time_left, waiting
from dss_widgets.results.summary import summed


def progress_words(status: BatchStatus) -> str:
    """Return how far annotating is, or how it ended, as HTML."""
    told = problem_list(Problem(notice, severity="warning") for notice in status.warnings)
    if status.state == "queued":
        return waiting(status)
    if status.is_running:
        words = "Loading the network…" if status.share is None else f"Annotating: {status.share:.0%} "
        return meter(status.share or 0.0, f"{words}{time_left(status.seconds_left)}") + told
    summary = summary_table(summed(status.recordings.values())) if len(status.recordings) > 1 else ""
    if status.state == "finished":
        what = f"{count(len(status.files()), 'recording')}: look at the annotations, and save them."
        return f'<p><span class="dss-good">✓ Annotated</span> {what}</p>{summary}{told}'
    if status.state == "stopped":
        return f"<p>Cancelled. Recordings that were finished keep their annotations.</p>{summary}{told}"
    return problem_list(Problem(line) for line in status.message.splitlines()) + summary + told
