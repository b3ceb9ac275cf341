"""What recordings sound like: how loud they are and how loud their background is, from low sound to high."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

N_BANDS = 20
_MOST_STRETCHES = 64
_FRAME_SECONDS = 0.016
_FRAME_SAMPLES = (256, 1024)
"""Least and most samples of a frame."""

_LONGEST_STRETCH = 2**16
"""Samples: at high rates stretches are shorter than a second, so that looking at them takes no time."""

_FLOOR_DECIBEL = -120.0
_FULL_SCALE = 0.999
_CLIPPED_SAMPLES = 3
"""As many at full scale in a stretch are no chance."""


@dataclass(frozen=True)
class SoundProfile:
    """How loud recordings are, by bands of frequency, in decibels below full scale.

    Of each stretch of about a second, in frames of some 16 ms, the loudest and the quietest frames of a band are taken (95th
    and 20th percentile); of the stretches, the median and the 90th percentile. So ``loud`` tells of song where there is song
    in one stretch of ten, and ``background`` of what is there all the time.

    Attributes:
        samplerate_hz: of the audio as it was looked at.
        loud: the loud frames of the stretches with most of them, ``[bands]``.
        background: the quiet frames of the median stretch, ``[bands]``.
        most_background: those of the stretches with most of them, ``[bands]``.
        clipped: share of the stretches in which sound is cut off at full scale.
        seconds: how much was looked at.
    """

    samplerate_hz: float
    loud: np.ndarray
    background: np.ndarray
    most_background: np.ndarray
    clipped: float
    seconds: float

    @property
    def edges_hz(self) -> np.ndarray:
        """The bands' edges in Hz, ``[bands + 1]``: low bands are narrower than high ones."""
        return band_edges(self.samplerate_hz, len(self.loud))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        bands = {name: np.round(getattr(self, name), 1).tolist() for name in _BANDS}
        return {
            "samplerate_hz": self.samplerate_hz,
            **bands,
            "clipped": round(self.clipped, 4),
            "seconds": round(self.seconds, 3),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> SoundProfile:
        """Return the profile of plain values.

        Raises:
            ValueError: they are no profile.
        """
        try:
            loud, background, most_background = (np.asarray(told[name], dtype=float) for name in _BANDS)
            rate, clipped, seconds = (float(told[name]) for name in ("samplerate_hz", "clipped", "seconds"))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no profile of sound ({error})") from error
        fits = all(bands.shape == (N_BANDS,) and np.isfinite(bands).all() for bands in (loud, background, most_background))
        if not fits or not np.isfinite([rate, clipped, seconds]).all() or rate <= 0:
            raise ValueError("no profile of sound")
        return cls(rate, loud, background, most_background, clipped, seconds)


_BANDS = ("loud", "background", "most_background")


def band_edges(samplerate_hz: float, n_bands: int = N_BANDS) -> np.ndarray:
    """Return the edges of bands in Hz up to half the sample rate, ``[n_bands + 1]``; their widths grow with frequency."""
    edges: np.ndarray = samplerate_hz / 2 * np.linspace(0, 1, n_bands + 1) ** 1.5
    return edges


def sound_profile(
    read: Callable[[int, int], np.ndarray], n_samples: int, samplerate_hz: float, *, most_stretches: int = _MOST_STRETCHES
) -> SoundProfile:
    """Return what audio sounds like, from stretches all over it.

    Args:
        read: returns samples [start, stop) as float ``[samples, channels]``, full scale at 1.
        n_samples: length of the audio, at least 1.
        samplerate_hz: its samples a second.
        most_stretches: how many stretches are read, at most.

    Raises:
        DataError: the audio cannot be read.
    """
    length = min(n_samples, _LONGEST_STRETCH, max(1, round(samplerate_hz)))
    count = min(most_stretches, max(1, n_samples // length))
    starts = np.unique(np.linspace(0, n_samples - length, count).astype(int)).tolist()
    loud, background, clipped = [], [], 0
    for start in starts:
        audio = np.asarray(read(start, start + length), dtype=np.float32)
        audio = np.nan_to_num(audio, posinf=0.0, neginf=0.0)
        clipped += _is_clipped(audio)
        frames = _band_decibel(audio, samplerate_hz)
        loud.append(np.percentile(frames, 95, axis=0))
        background.append(np.percentile(frames, 20, axis=0))
    return SoundProfile(
        samplerate_hz=float(samplerate_hz),
        loud=np.percentile(loud, 90, axis=0),
        background=np.median(background, axis=0),
        most_background=np.percentile(background, 90, axis=0),
        clipped=clipped / len(starts),
        seconds=len(starts) * length / samplerate_hz,
    )


def _is_clipped(audio: np.ndarray) -> bool:
    """Return whether sound is cut off at full scale; of audio that was never scaled to it, nothing can be said."""
    sound = np.abs(audio)
    return bool(sound.max() <= 1 and (sound >= _FULL_SCALE).sum(axis=0).max() >= _CLIPPED_SAMPLES)


def _band_decibel(audio: np.ndarray, samplerate_hz: float) -> np.ndarray:
    """Return the power of frames by bands, ``[frames, bands]``: a sine at full scale has about -3 dB; channels are averaged."""
    size = int(np.clip(2 ** np.round(np.log2(_FRAME_SECONDS * samplerate_hz)), *_FRAME_SAMPLES))
    audio = np.pad(audio, ((0, max(0, size - len(audio))), (0, 0)))
    n_frames = len(audio) // size
    window = np.hanning(size).astype(np.float32)
    frames = audio[: n_frames * size].reshape(n_frames, size, -1)
    power = np.abs(np.fft.rfft(frames * window[:, None], axis=1)) ** 2
    power = 2 * power.mean(axis=2) / (size * float(np.sum(window**2)))
    bins = np.searchsorted(band_edges(samplerate_hz), np.fft.rfftfreq(size, 1 / samplerate_hz)[1:], side="right") - 1
    bands = power[:, 1:] @ np.eye(N_BANDS)[np.clip(bins, 0, N_BANDS - 1)]
    decibel: np.ndarray = np.maximum(10 * np.log10(bands + 1e-30), _FLOOR_DECIBEL)
    return decibel
