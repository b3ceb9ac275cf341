"""What there is on this machine for a process of ours."""

from __future__ import annotations

import os
from contextlib import suppress


def n_cores() -> int:
    """Return how many of the processor's cores this process may use, or shares with others like it."""
    return len(_shared) or len(_allowed())


def _allowed() -> list[int]:
    """Return the numbers of the cores that this process may use now."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


_sharing = [1]
"""Among how many processes like this one the cores are shared."""

_shared: list[int] = []
"""The cores that are shared, once this process keeps to its own of them."""


def share_cores(n_processes: int) -> None:
    """Take no more than this process's share of the cores; before anything is computed."""
    _sharing[0] = n_processes


def keep_to_own_cores(index: int, n_processes: int) -> None:
    """Share the cores, and run on those of this process alone: one that moves from core to core leaves its data behind.

    Where the cores cannot be shared evenly, or the system lets nobody choose, it runs on any.

    Args:
        index: which one of the processes this is.
        n_processes: that share them.
    """
    share_cores(n_processes)
    cores = _allowed()
    if hasattr(os, "sched_setaffinity") and len(cores) % n_processes == 0:
        n_own = len(cores) // n_processes
        with suppress(OSError):
            os.sched_setaffinity(0, cores[n_own * index : n_own * (index + 1)])
            _shared[:] = cores


def own_cores() -> int:
    """Return this process's share of the cores, at least one."""
    return max(1, n_cores() // _sharing[0])
