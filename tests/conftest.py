"""What holds for all tests."""

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

# no deadline: a busy machine is no fault of the code; the same examples each time: what they find, the change at hand has made
settings.register_profile("usual", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)  # pytest --hypothesis-profile thorough
settings.load_profile("usual")

# as in a dashboard's server (leave_out_grammar in voila_settings.py): it spares the import of nbformat seconds
sys.modules.setdefault("rfc3987_syntax", None)

# what a shell's script starts in the background ignores SIGINT, what nohup starts SIGHUP; processes that tests start would, too
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# what a GPU computes is rounded otherwise; tests that are about GPUs say what there is
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

gc.disable()  # until all is collected: while TensorFlow and thousands of tests are loaded, nothing becomes garbage


def pytest_configure(config: pytest.Config) -> None:
    """Where Python is told to write no bytecode, write it into pytest's cache, beside no source, for all that tests start.

    Without bytecode each of the many processes compiles TensorFlow's thousands of files, which takes it longer than its work.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(config.rootpath / ".pytest_cache" / "bytecode")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where processes share the tests, begin with the files that take long, so that none of them is left for the end."""
    if hasattr(config, "workerinput"):
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: nothing of it is searched for garbage."""
    gc.freeze()
    gc.enable()
