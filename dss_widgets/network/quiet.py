"""TensorFlow without its greetings, and with the GPU's memory shared; to be called before it is first imported."""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import sys
import tempfile


def quiet_tensorflow() -> None:
    """Import TensorFlow without its greetings, with Keras on top of it.

    Sets what both read from the environment; what the user set there is kept, but for the backend: the networks here are
    TensorFlow's. Which devices are seen and how they compute stays as it is. What TensorFlow says on standard error while it is
    imported is heard only if that fails: its C++ part greets before it looks at any log level.

    Raises:
        ImportError: TensorFlow cannot be imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        if "tensorflow" not in sys.modules:
            _import_in_silence()


def _import_in_silence() -> None:
    """Import TensorFlow with standard error kept back, which is told only if the import fails; a crash is told anyway."""
    sys.stderr.flush()
    handled = faulthandler.is_enabled()
    heard = os.dup(2)
    try:
        with tempfile.TemporaryFile() as said:
            faulthandler.enable(heard)
            os.dup2(said.fileno(), 2)
            try:
                importlib.import_module("tensorflow")
            except BaseException:
                said.seek(0)
                os.write(heard, said.read())
                raise
            finally:
                sys.stderr.flush()
                os.dup2(heard, 2)
                faulthandler.disable()
                if handled:
                    faulthandler.enable(2)  # a notebook's sys.stderr need not be a file
    finally:
        os.close(heard)
