"""Sound as a browser plays it: slowed down, its frequencies limited, at a sample rate that browsers have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from dss_widgets.dataset.recordings.array_files import IN_MEMORY
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.dataset.recordings.resampling import resampled
from dss_widgets.panels.sound.sound import Sound

PIECE = 2**16
"""Samples that are sent at once."""

PLAYED_HZ = 48_000.0
_AS_IT_IS_HZ = (22_050.0, 96_000.0)
"""Sample rates that are played as they are. Below, browsers would make hiss of it; above, they need not play it at all."""

SLOWEST = 64


@dataclass(frozen=True)
class Playing:
    """How sound is played.

    Attributes:
        channel: of the sound.
        slowed: how many times slower than it was, and deeper.
        low_hz, high_hz: frequencies that are heard; 0 and the highest: all of them.
    """

    channel: int = 0
    slowed: float = 1.0
    low_hz: float = 0.0
    high_hz: float = math.inf


def played(sound: Sound, how: Playing) -> Recording:
    """Return what is to be played as a recording of one channel, at its own sample rate; its blocks fit seamlessly.

    Raises:
        DataError: its sample rate is too far from any that can be played.
        ValueError: there is no such channel or speed.
    """
    if not (0 <= how.channel < sound.n_channels and 1 <= how.slowed <= SLOWEST):
        raise ValueError(f"there is no channel {how.channel} or no speed of 1/{how.slowed}")
    rate = sound.samplerate_hz / how.slowed
    one = Recording(IN_MEMORY / "played", rate, sound.n_samples, 1, partial(_read_band, sound, how))
    return one if _AS_IT_IS_HZ[0] <= rate <= _AS_IT_IS_HZ[1] else resampled(one, PLAYED_HZ)


def _read_band(sound: Sound, how: Playing, start: int, stop: int) -> np.ndarray:
    """Return samples of the channel that is played, with the frequencies that are heard: ``[samples, 1]``."""
    from scipy.signal import sosfiltfilt  # imported late: 0.5 s that only playing needs

    sections, margin = _filter(sound.samplerate_hz, how.low_hz, how.high_hz)
    if sections is None:
        return sound.read(start, stop)[:, how.channel : how.channel + 1]
    first, last = max(0, start - margin), min(sound.n_samples, stop + margin)
    audio = sound.read(first, last)[:, how.channel].astype(np.float64)
    heard = sosfiltfilt(sections, audio, padtype=None)
    return heard[start - first : stop - first, None].astype(np.float32)


def _filter(samplerate_hz: float, low_hz: float, high_hz: float) -> tuple[np.ndarray | None, int]:
    """Return a band-pass (none: all is heard) and how many samples its answer to a click lasts to either side."""
    from scipy.signal import butter

    highest = samplerate_hz / 2
    low = low_hz if low_hz > highest / 1000 else 0.0
    high = high_hz if high_hz < 0.999 * highest else 0.0
    if (not low and not high) or low >= (high or highest):
        return None, 0
    edges, kind = ([low, high], "bandpass") if low and high else (low or high, "highpass" if low else "lowpass")
    narrowest = min([edge for edge in (low, high) if edge] + ([high - low] if low and high else []))
    return butter(4, edges, kind, fs=samplerate_hz, output="sos"), math.ceil(6 * samplerate_hz / narrowest)
