"""Sound to look at and to listen to, whatever holds it: read stretch by stretch, never as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from dss_widgets.dataset.recordings.array_files import IN_MEMORY
from dss_widgets.dataset.recordings.recording import Read, Recording
from dss_widgets.errors import DataError
from dss_widgets.roots import confined


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over the time of a sound, such as the targets of its samples.

    Attributes:
        title: what they are.
        names: of the lines.
        read: reads samples [start, stop) as ``[samples, names]``, from 0 to 1.
    """

    title: str
    names: tuple[str, ...]
    read: Read = field(repr=False)


@dataclass(frozen=True, eq=False)
class Sound:
    """Sound that is read as needed.

    Attributes:
        samplerate_hz: samples a second.
        n_samples, n_channels: how much there is.
        read: reads samples [start, stop) as float32 ``[samples, channels]``; raises DataError where it cannot.
        start_seconds: what the axis of time says at the first sample.
        axis: what the axis of time measures.
        curves: what is drawn below it, if anything.
    """

    samplerate_hz: float
    n_samples: int
    n_channels: int
    read: Read = field(repr=False)
    start_seconds: float = 0.0
    axis: str = "time (s)"
    curves: Curves | None = None

    @classmethod
    def of(cls, recording: Recording) -> Sound:
        """Return a recording's sound; where its file may be read is looked at every time."""
        read = recording.read if recording.path.is_relative_to(IN_MEMORY) else partial(_read_confined, recording)
        return cls(recording.samplerate_hz, recording.n_samples, recording.n_channels, read)

    @classmethod
    def of_array(cls, audio: np.ndarray, samplerate_hz: float, whence: str = "The dataset") -> Sound:
        """Return the sound of an array, which may be mapped into memory.

        Args:
            audio: ``[samples, channels]``.
            samplerate_hz: samples a second.
            whence: what holds it, where that cannot be read.
        """
        n_samples, n_channels = audio.shape
        return cls(samplerate_hz, n_samples, n_channels, partial(read_rows, audio, whence))

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.n_samples / self.samplerate_hz

    @property
    def stop_seconds(self) -> float:
        """What the axis of time says at the end."""
        return self.start_seconds + self.seconds

    def part(self, start: int, stop: int) -> Sound:
        """Return samples [start, stop) as a sound of their own, at the same times."""
        curves = self.curves and replace(self.curves, read=partial(_read_later, self.curves.read, start))
        return replace(
            self, n_samples=stop - start, read=partial(_read_later, self.read, start), curves=curves,
            start_seconds=self.start_seconds + start / self.samplerate_hz,
        )  # fmt: skip

    def top_decibels(self) -> float:
        """Return the level that is as loud as it gets: full scale, or above some loud stretches where that is far off.

        Raises:
            DataError: it cannot be read.
        """
        starts = np.linspace(0, max(0, self.n_samples - _GLANCE), _GLANCES).astype(int).tolist()
        peak = max((float(np.abs(self.read(s, min(self.n_samples, s + _GLANCE))).max(initial=0)) for s in starts), default=0.0)
        return 0.0 if peak == 0 or 1e-3 < peak <= 1 else 20 * math.log10(peak) + 12


_GLANCES, _GLANCE = 8, 4096


def read_rows(array: np.ndarray, whence: str, start: int, stop: int) -> np.ndarray:
    """Return rows [start, stop) of an array as float32.

    Raises:
        DataError: it lies in a file that cannot be read; ``whence`` says which.
    """
    try:
        return np.asarray(array[start:stop], dtype=np.float32)
    except OSError as error:
        raise DataError(f"{whence}: cannot be read ({error.strerror or error}). Is its disk still connected?") from error


def _read_confined(recording: Recording, start: int, stop: int) -> np.ndarray:
    confined(recording.path)
    return recording.read(start, stop)


def _read_later(read: Read, shift: int, start: int, stop: int) -> np.ndarray:
    return read(start + shift, stop + shift)
