"""TensorFlow without its start-up messages, and worker processes set up for nothing but training networks, or using them."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import importlib
import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path

from dss_widgets.machine import share_cores
from dss_widgets.network.device import has_cuda

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""What ``mallopt`` sets, as ``malloc.h`` numbers it."""

_YNN_OPTION = "xla_cpu_experimental_ynn_fusion_type"
_LIBRARIES = ("libtensorflow_framework*", "python/_pywrap_tensorflow_common*")
"""Where its options are: on Linux and macOS, on Windows."""


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


@contextmanager
def without(module: str) -> Iterator[None]:
    """Have an import of a module fail in a block, as if it was not installed, unless it is imported already."""
    is_new = module not in sys.modules
    if is_new:
        sys.modules[module] = None  # type: ignore[assignment]  # importing it is then an ImportError
    try:
        yield
    finally:
        if is_new:
            del sys.modules[module]


def keep_compiled_reductions_apart() -> None:
    """Let compiled sums and maxima be TensorFlow's own, if nobody chose otherwise; to be called before anything is compiled.

    TensorFlow 2.21 hands them to another library (YNNPACK), and what it prepares for that at an operation's first calls is not
    safe from threads that call it at once: now and then the process crashed (``literals.push_back`` in XLA's
    ``backends/cpu/ynn_emitter.cc``, without a lock). An option that a TensorFlow does not know ends the process: so it is
    looked for in the library first.
    """
    chosen = os.environ.get("XLA_FLAGS", "")
    if _YNN_OPTION not in chosen and _knows_ynn():
        os.environ["XLA_FLAGS"] = f"{chosen} --{_YNN_OPTION}=".strip()


def _knows_ynn() -> bool:
    """Return whether this TensorFlow has the option."""
    found = importlib.util.find_spec("tensorflow")
    folders = [Path(folder) for folder in (found.submodule_search_locations or [])] if found else []
    for path in chain.from_iterable(folder.glob(pattern) for folder in folders for pattern in _LIBRARIES):
        with suppress(OSError, ValueError), open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as library:
            if library.find(_YNN_OPTION.encode()) >= 0:
                return True
    return False


def set_up_worker_process(n_processes: int = 1) -> None:
    """Import TensorFlow quietly, with its threads and the process's memory set up for training.

    What is imported stays until the process ends, so Python is told not to search it for what could be freed: its searches,
    while it is imported and at the end, take nearly as long as all else about importing it. Pandas, of which Keras takes tables
    if it is there, is not imported along: nobody gives it any.

    Operations run on a core each, since all cores get parts of a batch (:mod:`~dss_widgets.network.cores`); and memory that was
    freed is kept for the next step, where the C library is glibc: to ask the system for it again takes a fifth of a step.
    Not for a process that others share, such as a notebook's: this affects everything in it.

    Args:
        n_processes: how many such processes share the machine's cores.

    Raises:
        ImportError: TensorFlow cannot be imported.
    """
    gc.disable()
    try:
        with without("pandas"):
            import_tensorflow_quietly()
        gc.freeze()
    finally:
        gc.enable()
    import tensorflow as tf

    from dss_widgets.network.cores import threads

    share_cores(n_processes)
    within, between = threads()
    with suppress(RuntimeError):  # it computes already
        tf.config.threading.set_intra_op_parallelism_threads(within)
        tf.config.threading.set_inter_op_parallelism_threads(between)
    tf.config.experimental.enable_tensor_float_32_execution(False)  # a GPU computes the same probabilities as a CPU
    _keep_freed_memory()


def set_up_inference(n_processes: int = 1) -> None:
    """Set a process up for using networks, not for training them: without TensorFlow, but where it may compute on a GPU.

    Args:
        n_processes: how many such processes share the machine's cores.

    Raises:
        ImportError: TensorFlow is needed and cannot be imported.
    """
    if has_cuda():
        set_up_worker_process(n_processes)
    else:
        share_cores(n_processes)
        _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let the C library, if it is glibc, keep what is freed rather than give it back to the system and ask for it again."""
    with suppress(OSError, AttributeError, TypeError):  # no glibc
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, n_bytes in ((_TRIM_THRESHOLD, 2**31 - 1), (_TOP_PAD, 2**26), (_MMAP_THRESHOLD, 2**25)):
            mallopt(parameter, n_bytes)
