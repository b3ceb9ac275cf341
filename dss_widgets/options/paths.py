"""Paths as people type them."""

from __future__ import annotations

import os
from pathlib import Path


def typed_path(text: str | os.PathLike[str]) -> Path:
    """Return the path that a text stands for, with ``~`` for the home folder; of an unknown user, the text as it is."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path
