"""A score: which sound starts at which sample, over which noise. It is rendered block by block.

Sounds are kept as recipes and rendered when their block comes, so a recording of hours needs no more memory than one of
seconds. All arithmetic is in float64 and is rounded to 16 bit at the very end: the last bit of a sine differs between
processors and NumPy versions, the rounded sample does not.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dss_widgets.dataset.song.noise import BLOCK_SAMPLES, Noise

FloatArray = npt.NDArray[np.float64]
FULL_SCALE = 32768
"""What libsndfile divides 16-bit samples by when it reads them as floats."""


class Annotation(NamedTuple):
    """One row of an annotations file; for an event, ``start_seconds == stop_seconds``."""

    name: str
    start_seconds: float
    stop_seconds: float


@dataclass(frozen=True)
class Sound:
    """A sound and where it starts; ``waveform()`` renders it, ``[samples, channels]``, always to the same values."""

    start: int
    waveform: Callable[[], FloatArray]


@dataclass
class Score:
    """What is heard in one recording: annotated song, clutter (other sounds, not annotated) and steady noise."""

    samplerate_hz: int
    n_samples: int
    noise: Noise
    song: list[Sound] = field(default_factory=list)
    clutter: list[Sound] = field(default_factory=list)
    marks: list[tuple[str, int, int]] = field(default_factory=list)
    """Name, first sample and stop sample (not included; the same as the first for an event) of every annotation."""

    def add_segment(self, name: str, start: int, n_samples: int, waveform: Callable[[], FloatArray]) -> None:
        """Add a segment that sounds exactly in the samples ``[start, start + n_samples)``."""
        self.song.append(Sound(start, waveform))
        self.marks.append((name, start, start + n_samples))

    def add_event(self, name: str, peak: int, n_before: int, waveform: Callable[[], FloatArray]) -> None:
        """Add an event whose largest sample, ``n_before`` samples into the waveform, lies at the sample ``peak``."""
        self.song.append(Sound(peak - n_before, waveform))
        self.marks.append((name, peak, peak))

    def annotations(self) -> list[Annotation]:
        """Return the annotations in seconds, sorted by onset; every time is a whole number of samples."""
        rate = self.samplerate_hz
        return [Annotation(name, start / rate, stop / rate) for name, start, stop in sorted(self.marks, key=_onset)]

    def blocks(self, *, background: bool = True) -> Iterator[npt.NDArray[np.int16]]:
        """Yield the recording from its start, in 16-bit blocks ``[samples, channels]``.

        ``background=False`` leaves out clutter and noise, so that only annotated song is heard.
        """
        sounds = self.song + self.clutter if background else self.song
        waiting = deque(sorted(sounds, key=lambda sound: sound.start))
        sounding: list[tuple[int, FloatArray]] = []
        for start in range(0, self.n_samples, BLOCK_SAMPLES):
            stop = min(start + BLOCK_SAMPLES, self.n_samples)
            block = self.noise.block(start, stop) if background else np.zeros((stop - start, self.noise.n_channels))
            while waiting and waiting[0].start < stop:
                sound = waiting.popleft()
                sounding.append((sound.start, sound.waveform()))
            for sound_start, wave in sounding:
                _mix(block, wave, sound_start - start)
            sounding = [(at, wave) for at, wave in sounding if at + len(wave) > stop]
            yield _to_16_bit(block)

    def audio(self, *, background: bool = True) -> npt.NDArray[np.float32]:
        """Return the whole recording, ``[samples, channels]``: the values that reading the written file gives."""
        pieces = [block.astype(np.float32) / FULL_SCALE for block in self.blocks(background=background)]
        return np.concatenate(pieces, dtype=np.float32)


def _onset(mark: tuple[str, int, int]) -> int:
    return mark[1]


def _mix(block: FloatArray, wave: FloatArray, offset: int) -> None:
    """Add the part of ``wave`` that falls into ``block``; ``offset`` is where the wave starts, in samples of the block."""
    first, last = max(offset, 0), min(offset + len(wave), len(block))
    if first < last:
        block[first:last] += wave[first - offset : last - offset]


def _to_16_bit(block: FloatArray) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(block * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
