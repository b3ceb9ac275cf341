"""A recording: its header, and its audio in blocks of ``[samples, channels]``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dss_widgets.errors import DataError

Read = Callable[[int, int], np.ndarray]
"""Reads samples [start, stop) as ``[samples, channels]``, integers or floats; picklable where other processes are to read."""

_FULL_SCALE_BITS = {1: 8, 2: 16, 4: 32, 8: 16}
"""Bits of full scale by bytes of an integer. Nobody records 64 bits: such integers are NumPy's default, and the floats they
become keep their precision whatever the scale, so that the most common one, 16 bits, is taken."""


@dataclass(frozen=True)
class Recording:
    """A recording whose header has been read and whose audio can be read in blocks.

    Attributes:
        path: the audio file.
        samplerate_hz: samples a second.
        n_samples: samples per channel.
        n_channels: channels.
        read_block: reads samples [start, stop) as ``[samples, channels]``, integers or floats.
        remark: what is odd about the file, as it follows its name in a sentence; '' for nothing.
    """

    path: Path
    samplerate_hz: float
    n_samples: int
    n_channels: int
    read_block: Read = field(repr=False, compare=False)
    remark: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The file's name without its extension: what its annotations are named after."""
        return self.path.stem

    @property
    def duration_seconds(self) -> float:
        """Duration in seconds."""
        return self.n_samples / self.samplerate_hz

    def read(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Read samples [start, stop).

        Integers are scaled to [-1, 1), so that they survive being stored as float16; floats stay as they are.

        Returns:
            Audio, float32 ``[samples, channels]``.

        Raises:
            DataError: the file cannot be read there, holds fewer samples than its header says, or NaN.
        """
        stop = self.n_samples if stop is None else stop
        if not 0 <= start <= stop <= self.n_samples:
            raise ValueError(f"samples {start} to {stop} are not within 0 to {self.n_samples}")
        try:
            block = np.asarray(self.read_block(start, stop))
        except DataError:
            raise
        except Exception as error:  # each library raises its own errors for damaged files
            raise DataError(
                f"{self.path}: samples {start} to {stop} cannot be read ({error}). Is the file damaged or gone?"
            ) from error
        if block.shape != (stop - start, self.n_channels):
            raise DataError(
                f"{self.path}: ends before sample {stop}, though its header says {self.n_samples}. Copy or convert it again."
            )
        audio = to_float32(block)
        finite = np.isfinite(audio)
        if not finite.all():
            first = start + int(np.argmin(finite.all(axis=1)))
            raise DataError(
                f"{self.path}: holds NaN or infinite values, first at {first / self.samplerate_hz:.3f} s. "
                "Replace them or leave the recording out."
            )
        return audio


def to_float32(audio: np.ndarray) -> np.ndarray:
    """Return audio as float32; integers are scaled to [-1, 1) by their type's full scale, unsigned ones about its middle.

    64-bit integers are scaled as 16-bit ones: what is beyond 16 bits becomes more than 1, and nothing is lost.
    """
    if np.issubdtype(audio.dtype, np.floating):
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is told as such by who reads
            return audio.astype(np.float32, copy=False)
    if audio.dtype == np.bool_:
        return audio.astype(np.float32)
    span = 2.0 ** (_FULL_SCALE_BITS[audio.dtype.itemsize] - 1)
    is_offset = audio.dtype.kind == "u" and audio.dtype.itemsize < 8
    return ((audio.astype(np.float64) - (span if is_offset else 0.0)) / span).astype(np.float32)


def as_samplerate(path: Path, value: object) -> float:
    """Return a sample rate in Hz that a file holds as a scalar or an array of one.

    Raises:
        DataError: it is not one number above 0.
    """
    values = np.ravel(np.asarray(value))
    try:
        rate = float(values[0]) if values.size == 1 else np.nan
    except (TypeError, ValueError):
        rate = np.nan
    if not np.isfinite(rate) or rate <= 0:
        raise DataError(f"{path}: its sample rate is {values.tolist()}, not a number of Hz above 0.")
    return rate
