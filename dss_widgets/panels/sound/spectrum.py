"""Spectrograms in tiles: frames at equal distances, decibels as bytes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dss_widgets.panels.sound.sound import Sound

FRAMES = 256
"""Frames of a tile. Those of level n are 2 ** n samples apart."""

MOST_FOLDS = 7
STEP_DECIBELS = 0.5
"""Decibels a step of the bytes; 255 is the sound's top level."""

_FAST_HZ = 20_000
_DENSE = 16
"""Frames that are farther apart than so many windows are read one by one: what lies between is not looked at."""


class Grid(NamedTuple):
    """How a spectrogram is made at a level: its window and, padded with zeros, its transform's length, in samples."""

    window: int
    padded: int
    rows: int


def grid(samplerate_hz: float, level: int, fold: int) -> Grid:
    """Return how the spectrogram is made where frames are ``2 ** level`` samples apart.

    What is looked at closely comes fast: windows get shorter with the distance of the frames.

    Args:
        samplerate_hz: of the sound.
        level: of the frames.
        fold: the band is that up to the highest frequency, halved so many times. It has at least 128 rows.
    """
    window = min(512 if samplerate_hz > _FAST_HZ else 256, 32 << level)
    padded = window * 2 ** max(0, math.ceil(math.log2(256 * 2**fold / window)))
    return Grid(window, padded, padded >> (fold + 1))


def spectrum_tile(sound: Sound, channel: int, level: int, index: int, fold: int, *, top_decibels: float) -> np.ndarray:
    """Return a tile: uint8 ``[rows, frames]``, low pitch first; frames beyond the end are left out.

    Frame i is about the middle of the samples that belong to it, so that it is drawn where it is heard; beyond the sound's
    ends is silence. A sine of full scale has 0 dB.

    Args:
        sound: what it is of.
        channel: of the sound.
        level, index: which tile.
        fold: see :func:`grid`.
        top_decibels: what becomes 255.

    Raises:
        DataError: the sound cannot be read there.
    """
    hop, (window, padded, n_rows) = 1 << level, grid(sound.samplerate_hz, level, fold)
    first = index * FRAMES
    n_frames = min(FRAMES, -(-sound.n_samples // hop) - first)
    if index < 0 or n_frames < 1:
        raise ValueError(f"there is no tile {index} of level {level}")
    per_frame = min(4, max(1, hop // window)) if hop <= _DENSE * window else 1
    centres = ((first + (np.arange(n_frames * per_frame) + 0.5) / per_frame) * hop).astype(int)
    frames = _frames(sound, channel, centres - window // 2, window, one_by_one=hop > _DENSE * window)
    taper = np.hanning(window + 1)[:-1]
    power = np.abs(np.fft.rfft(frames * taper, padded, axis=1)[:, :n_rows] * (2 / taper.sum())) ** 2
    power = power.reshape(n_frames, per_frame, n_rows).mean(axis=1).T
    steps = (10 * np.log10(np.maximum(power, 1e-30)) - top_decibels) / STEP_DECIBELS
    return np.clip(np.rint(steps + 255), 0, 255).astype(np.uint8)


def _frames(sound: Sound, channel: int, starts: np.ndarray, window: int, *, one_by_one: bool) -> np.ndarray:
    if one_by_one:
        return np.stack([_padded(sound, channel, start, start + window) for start in starts.tolist()])
    block = _padded(sound, channel, int(starts[0]), int(starts[-1]) + window)
    return block[(starts - starts[0])[:, None] + np.arange(window)]


def _padded(sound: Sound, channel: int, start: int, stop: int) -> np.ndarray:
    """Return samples of a channel, with silence beyond the sound's ends."""
    first, last = (min(max(0, place), sound.n_samples) for place in (start, stop))
    heard = np.zeros(stop - start, dtype=np.float32)
    if first < last:
        heard[first - start : last - start] = sound.read(first, last)[:, channel]
    return heard
