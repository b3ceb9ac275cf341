"""Attributes of HDF5 files that somebody else wrote: texts of variable length, which HDF5 keeps in a heap.

Reading a damaged heap may never end, or take all memory, and nothing within the process can stop it: it is read in another one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from dss_widgets.dataset.stores import h5_child
from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined

_MOST_SECONDS = 60.0
"""For a machine that is very busy; the process itself ends after a few seconds of its own."""

_MOST_CHARACTERS = 2**27


def text_attributes(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the attributes of a file's root, plain values.

    Raises:
        DataError: it may not be read, or they cannot be read in reasonable time and memory.
    """
    try:
        with open_confined(path) as file:
            done = subprocess.run(
                [sys.executable, "-P", h5_child.__file__],
                stdin=file, capture_output=True, timeout=_MOST_SECONDS, check=True, cwd=Path(sys.executable).parent,
            )  # fmt: skip
        told = json.loads(done.stdout[:_MOST_CHARACTERS])
    except DataError:
        raise
    except Exception as error:  # ended by its limits, or with h5py's own error
        raise DataError(f"{path}: its attributes cannot be read. It is damaged: copy it again or move it away.") from error
    return dict(told)
