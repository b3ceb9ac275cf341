"""How many jobs one user's servers may have going at a time: a slot is a lock that a worker holds for as long as it lives."""

from __future__ import annotations

import os
from typing import IO

import platformdirs

from dss_widgets.errors import RunError
from dss_widgets.jobs import lock

VARIABLE = "DSS_WIDGETS_MAX_JOBS"
"""Environment variable with the number of jobs that may run at a time; unset: any number."""


def most_jobs() -> int | None:
    """Return how many jobs may run at a time; None: any number. What is no number allows one."""
    value = os.environ.get(VARIABLE, "").strip()
    if not value:
        return None
    return max(1, int(value)) if value.isdigit() else 1


def take() -> IO[bytes] | None:
    """Take a slot for a worker, which inherits the open file that is returned; None where there is no limit.

    Raises:
        RunError: all slots are taken.
        OSError: the slots' folder cannot be written.
    """
    most = most_jobs()
    if most is None:
        return None
    folder = platformdirs.user_state_path("dss_widgets") / "slots"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(most):
        held = lock.acquire(folder / str(number))
        if held is not None:
            return held
    going = "jobs are" if most > 1 else "job is"
    raise RunError(f"{most} {going} running already, as many as may at a time here. Wait until one has ended.")
