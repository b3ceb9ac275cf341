"""What there is on this machine for a process of ours."""

from __future__ import annotations

import os


def n_cores() -> int:
    """Return how many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_sharing = [1]
"""Among how many processes like this one the cores are shared."""


def share_cores(n_processes: int) -> None:
    """Take no more than this process's share of the cores; before anything is computed."""
    _sharing[0] = n_processes


def own_cores() -> int:
    """Return this process's share of the cores, at least one."""
    return max(1, n_cores() // _sharing[0])
