"""Following a run from any process, as long as it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator

from dss_widgets.runs.events import Event
from dss_widgets.runs.run import Run


def follow(run: Run, *, after: int = 0, interval_seconds: float = 0.2) -> Iterator[Event]:
    """Yield a run's events from its first on, then as they come, until the run has ended.

    Args:
        run: the run.
        after: a position in the events file (from :meth:`Run.events`) to begin at, in place of the first event.
        interval_seconds: how often the folder is looked at.
    """
    position = after
    while True:
        running = run.status().is_running
        events, position = run.events(position)
        yield from events
        if not running:
            return
        time.sleep(interval_seconds)
