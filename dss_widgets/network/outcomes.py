"""What becomes of recordings that are annotated, however many and wherever: told at once, and remembered where they failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.errors import DataError
from dss_widgets.events import RecordingDone

OnRecording = Callable[[RecordingDone], None]

_MOST_TOLD = 20
"""Failures that an error's message tells of; each was told when it happened."""


@dataclass(frozen=True)
class Target:
    """A recording that is to be annotated.

    Attributes:
        recording: its path.
        file: where its annotations go.
    """

    recording: Path
    file: Path


class Outcomes:
    """Tells what became of recordings, in whichever order they end, and keeps which were written and which failed.

    Args:
        targets: all recordings, in their order.
        on_recording: takes the outcomes.
    """

    def __init__(self, targets: Sequence[Target], on_recording: OnRecording | None) -> None:
        self._tell: OnRecording = on_recording or (lambda _done: None)
        self._order = {target.recording: number for number, target in enumerate(targets)}
        self._written: list[Target] = []
        self._failures: dict[Path, str] = {}

    @property
    def written(self) -> list[Target]:
        """Those that were annotated, in the order of the recordings."""
        return sorted(self._written, key=lambda target: self._order[target.recording])

    def kept(self, target: Target) -> None:
        """Tell that a recording is left out, since there are annotations of it."""
        self._tell(told_of_kept(target))

    def done(self, target: Target, told: RecordingDone) -> None:
        """Tell that a recording was annotated."""
        self._written.append(target)
        self._tell(told)

    def failed(self, target: Target, message: str) -> None:
        """Tell that a recording failed, and why."""
        self._failures[target.recording] = message
        self._tell(RecordingDone(recording=str(target.recording), outcome="failed", message=message))

    def raise_failures(self) -> None:
        """Raise DataError that tells of failures, if there were any."""
        if self._failures:
            first = sorted(self._failures, key=lambda recording: self._order[recording])[:_MOST_TOLD]
            more = len(self._failures) - len(first)
            others = ["The other recordings were annotated."] if self._written else []
            messages = [self._failures[recording] for recording in first]
            raise DataError("\n".join([*messages, *([f"... and {more} more."] if more else []), *others]))


def why_failed(recording: Path, error: DataError | MemoryError) -> str:
    """Return what is told of a recording that cannot be annotated."""
    return str(error) if isinstance(error, DataError) else f"{recording}: there is not enough memory for it."


def told_of(path: Path, file: Path, found: Annotations, *, seconds: float | None) -> RecordingDone:
    """Return what is told of a recording that has annotations: how much of each song type stands in them."""
    counts: dict[str, int] = {}
    lasting: dict[str, float] = {}
    for name, duration in zip(found.names.tolist(), (found.stop_seconds - found.start_seconds).tolist(), strict=True):
        counts[name] = counts.get(name, 0) + 1
        lasting[name] = lasting.get(name, 0.0) + duration
    rounded = {name: round(total, 6) for name, total in lasting.items()}
    return RecordingDone(recording=str(path), file=str(file), seconds=seconds, counts=counts, song_seconds=rounded)


def told_of_kept(target: Target) -> RecordingDone:
    """Return what is told of a recording that is left out since there are annotations of it."""
    message = "There are annotations of it already; they were kept."
    try:
        found, _ = read_annotations(target.file)
    except DataError as error:
        found, message = Annotations.of([]), f"{message} They cannot be read: {error}"
    return replace(told_of(target.recording, target.file, found, seconds=None), outcome="skipped", message=message)
