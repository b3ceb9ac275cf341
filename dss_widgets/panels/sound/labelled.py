"""A recording and the file with what was found in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, eq=False)
class Labelled:
    """A recording and its labels.

    Attributes:
        recording: the audio file.
        labels: the file with what was found.
    """

    recording: Path
    labels: Path
