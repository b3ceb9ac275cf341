"""On what networks are computed: a GPU, or the processor."""

from __future__ import annotations

import ctypes
from functools import cache


@cache
def has_cuda() -> bool:
    """Return whether NVIDIA's driver knows a GPU that this process may use; asked without TensorFlow, which takes seconds."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")  # on Linux, where alone TensorFlow uses one
    except OSError:
        return False
    count = ctypes.c_int(0)
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


@cache
def computes_on_gpu() -> bool:
    """Return whether networks are computed on a GPU: NVIDIA's driver knows one, and so does TensorFlow."""
    if not has_cuda():
        return False
    from dss_widgets.network.gpu import gpus

    return bool(gpus())
