"""Stretches of recordings that are worth a look."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """A stretch of a recording that somebody should look at.

    Attributes:
        recording: path of the audio file.
        start_seconds, stop_seconds: the stretch, in seconds of the recording.
        reason: why it is worth a look, in words.
        worth: how much a correction is likely to be worth; greater comes first.
    """

    recording: str
    start_seconds: float
    stop_seconds: float
    reason: str
    worth: float
