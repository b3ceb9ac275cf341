"""Following a job from any process, as long as it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator

from dss_widgets.events import Event
from dss_widgets.jobs.job import Job, Watcher


def follow(job: Job, *, interval_seconds: float = 0.2) -> Iterator[Event]:
    """Yield a job's events from its first on, then as they come, until it has ended.

    Args:
        job: the job.
        interval_seconds: how often the folder is looked at.
    """
    watcher = Watcher(job)
    while True:
        yield from watcher.look()
        if not watcher.status.is_running:
            return
        time.sleep(interval_seconds)
