"""A process of our own, which trains or predicts and does nothing else, is set up for just that."""

from __future__ import annotations

import ctypes
from contextlib import suppress

from dss_widgets.network.quiet import quiet_tensorflow

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""What ``mallopt`` sets, as ``malloc.h`` numbers it."""


def set_up_own_process() -> None:
    """Import TensorFlow quietly, with its threads and the process's memory set up for training and predicting.

    Operations run on a core each, since all cores get parts of a batch (:mod:`~dss_widgets.network.cores`); and memory that was
    freed is kept for the next step, where the C library is glibc: to ask the system for it again takes a fifth of a step.
    Not for a process that others share, such as a notebook's: both hold for all that goes on in it.

    Raises:
        ImportError: TensorFlow cannot be imported.
    """
    quiet_tensorflow()
    import tensorflow as tf

    from dss_widgets.network.cores import threads

    within, between = threads()
    with suppress(RuntimeError):  # it computes already
        tf.config.threading.set_intra_op_parallelism_threads(within)
        tf.config.threading.set_inter_op_parallelism_threads(between)
    tf.config.experimental.enable_tensor_float_32_execution(False)  # a GPU computes the same probabilities as a CPU
    with suppress(OSError, AttributeError, TypeError):  # no glibc
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, n_bytes in ((_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 2**26), (_MMAP_THRESHOLD, 2**25)):
            mallopt(parameter, n_bytes)
