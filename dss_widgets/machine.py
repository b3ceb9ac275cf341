"""What there is on this machine for a process of ours."""

from __future__ import annotations

import os


def n_cores() -> int:
    """Return how many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
