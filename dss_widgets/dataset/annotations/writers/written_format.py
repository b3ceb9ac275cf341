"""What a format that can be written declares about itself, and what its writer gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, Category


@dataclass(frozen=True)
class Labelled:
    """A recording's annotations, to be written.

    Attributes:
        recording: the recording's file name, with its extension.
        base: what the file that annotates it is called, without ending.
        samplerate_hz, duration_seconds: of the recording.
        annotations: in the order of time.
        categories: ``event`` or ``segment`` of every song type.
    """

    recording: str
    base: str
    samplerate_hz: float
    duration_seconds: float
    annotations: Annotations
    categories: Mapping[str, Category]

    def rows(self) -> list[tuple[str, float, float]]:
        """Return name, start and stop in seconds of every annotation."""
        found = self.annotations
        return list(zip(found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), strict=True))


Files = Mapping[str, str]
"""The text of every file, by its name."""


@dataclass(frozen=True)
class WrittenFormat:
    """A format in which annotations can be written.

    Attributes:
        name: what people call it.
        files: returns the files that hold the annotations of recordings.
        why_not: returns what a song type's name has that the format cannot hold, as the end of a sentence; None if nothing.
    """

    name: str
    files: Callable[[Sequence[Labelled]], Files]
    why_not: Callable[[str], str | None]


def one_each(ending: str, text_of: Callable[[Labelled], str]) -> Callable[[Sequence[Labelled]], Files]:
    """Return what makes a file for every recording, named after it."""
    return lambda recordings: {f"{labelled.base}{ending}": text_of(labelled) for labelled in recordings}


def seconds_text(seconds: float) -> str:
    """Return a time to the nanosecond, without an exponent, which not every program reads."""
    return str(np.format_float_positional(round(seconds, 9), trim="0"))


def space_around(name: str) -> str | None:
    """Return that a name has spaces at an end, which readers cut off; None if it has none."""
    return "begins or ends with a space" if name != name.strip() else None


def not_on_one_line(name: str) -> str | None:
    """Return what a name has that cannot stand between tabs on a line; None if it has nothing of that kind."""
    if any(ord(sign) < 32 for sign in name):
        return "holds a tab or the end of a line"
    return space_around(name)
