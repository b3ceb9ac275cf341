"""The names of what a run leaves: a stem, and what follows it."""

from __future__ import annotations

import os
from pathlib import Path

RUN_SUFFIX = ".run"
"""Ending of the run's own folder."""

CHECKPOINT = "checkpoint.npz"
"""Name of the file in a run's folder from which a training goes on."""

ENDINGS = ("_model.keras", "_model.h5", "_params.yaml", "_results.h5", RUN_SUFFIX)
"""What follows the stem in the names of a run's files."""


def stem_of(text: str | os.PathLike[str]) -> Path:
    """Return the stem that a run's folder, one of its files, or the stem itself stands for."""
    path = Path(os.path.abspath(Path(text).expanduser()))
    for ending in ENDINGS:
        if path.name.endswith(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path
