"""TensorFlow without its start-up messages, and a worker process set up for nothing but training and predicting."""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import logging
import os
import sys
import tempfile
from contextlib import suppress

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""What ``mallopt`` sets, as ``malloc.h`` numbers it."""


def import_tensorflow_quietly() -> None:
    """Import TensorFlow, with Keras on top of it, without its start-up messages.

    Sets what both read from the environment; what the user set there is kept, but for the backend: the networks here are
    TensorFlow's. Which devices are seen and how they compute stays as it is. What TensorFlow says on standard error while it is
    imported is shown only if that fails: its C++ part writes before it reads any log level.

    Raises:
        ImportError: TensorFlow cannot be imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        if "tensorflow" not in sys.modules:
            _import_silently()


def _import_silently() -> None:
    """Import TensorFlow with standard error held back: it is shown only if the import fails; a crash is always shown."""
    sys.stderr.flush()
    handled = faulthandler.is_enabled()
    stderr = os.dup(2)
    try:
        with tempfile.TemporaryFile() as written:
            faulthandler.enable(stderr)
            os.dup2(written.fileno(), 2)
            try:
                importlib.import_module("tensorflow")
            except BaseException:
                written.seek(0)
                os.write(stderr, written.read())
                raise
            finally:
                sys.stderr.flush()
                os.dup2(stderr, 2)
                faulthandler.disable()
                if handled:
                    faulthandler.enable(2)  # a notebook's sys.stderr need not be a file
    finally:
        os.close(stderr)


def set_up_worker_process() -> None:
    """Import TensorFlow quietly, with its threads and the process's memory set up for training and predicting.

    Operations run on a core each, since all cores get parts of a batch (:mod:`~dss_widgets.network.cores`); and memory that was
    freed is kept for the next step, where the C library is glibc: to ask the system for it again takes a fifth of a step.
    Not for a process that others share, such as a notebook's: both affect everything in it.

    Raises:
        ImportError: TensorFlow cannot be imported.
    """
    import_tensorflow_quietly()
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
