"""What there is on this machine for a process of ours."""

from __future__ import annotations

import ctypes
import os
from functools import cache


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


@cache
def has_cuda() -> bool:
    """Return whether NVIDIA's driver knows a GPU that this process may use; asked without TensorFlow, which takes seconds."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")  # on Linux, where alone TensorFlow uses one
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
