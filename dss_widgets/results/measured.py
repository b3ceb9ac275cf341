"""How long a training takes, as a few of its batches told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a few batches told.

    Attributes:
        step_seconds: of one step of learning.
        epoch_seconds: of an epoch, validation included.
        start_seconds: from the start of the process to its first step.
        peak_bytes: the most memory that it took; None where the system does not tell.
    """

    step_seconds: float
    epoch_seconds: float
    start_seconds: float
    peak_bytes: int | None = None
