"""Building blocks that several kinds of song share: random choices, contours, envelopes, clicks and rustles.

Every random number comes from uniform ones, the part of NumPy's generators that is least likely to change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from dss_widgets.dataset.song.score import FloatArray, Score, Sound


@dataclass(frozen=True)
class Dice:
    """The sources of randomness of one recording.

    They are apart so that what changes in one (a longer recording, another background) leaves the others as they are:
    ``individual`` is the same in all recordings of one animal, ``song`` and ``background`` belong to one recording.
    """

    individual: np.random.Generator
    song: np.random.Generator
    background: np.random.Generator


def around(rng: np.random.Generator, value: float, spread: float) -> float:
    """Return a number within ``value * (1 ± spread)``, most often close to ``value`` (triangular)."""
    return value * (1 + spread * (rng.random() - rng.random()))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number in ``[low, high)``, all equally likely."""
    return low + (high - low) * rng.random()


def below(rng: np.random.Generator, n: int) -> int:
    """Return a whole number in ``[0, n)``."""
    return int(n * rng.random())


def contour(values: Sequence[float], n_samples: int) -> FloatArray:
    """Return a smooth curve through evenly spaced values (at least two), ``[samples]``: a Catmull-Rom spline."""
    points = np.array([values[0], *values, values[-1]], dtype=np.float64)
    place = np.linspace(0, len(values) - 1, n_samples)
    left = np.minimum(place.astype(np.int64), len(values) - 2)
    u = place - left
    before, here, there, after = (points[left + shift] for shift in range(4))
    bend = 2 * before - 5 * here + 4 * there - after + u * (3 * (here - there) + after - before)
    return np.asarray(here + 0.5 * u * (there - before + u * bend))


def phase(frequency_hz: FloatArray, samplerate_hz: int) -> FloatArray:
    """Return the phase (radians, ``[samples]``) of a tone whose frequency follows ``frequency_hz``, without jumps."""
    return 2 * np.pi * np.cumsum(frequency_hz) / samplerate_hz


def envelope(n_samples: int, n_attack: int, n_release: int) -> FloatArray:
    """Return 1 with a raised-cosine rise and fall, ``[samples]``; never 0, so that a sound fills its samples."""
    shape = np.ones(n_samples)
    n_attack, n_release = min(n_attack, n_samples // 2), min(n_release, n_samples // 2)
    shape[:n_attack] *= np.sin(np.pi / 2 * (np.arange(n_attack) + 0.5) / max(n_attack, 1)) ** 2
    shape[n_samples - n_release :] *= np.cos(np.pi / 2 * (np.arange(n_release) + 0.5) / max(n_release, 1)) ** 2
    return shape


def generator(seed: int) -> np.random.Generator:
    """Return a generator of its own for one sound, so that it sounds the same whenever it is rendered."""
    return np.random.Generator(np.random.PCG64(seed))


def click(seed: int, n_samples: int, decay_samples: float, smoothing: int, gains: tuple[float, ...]) -> FloatArray:
    """Return a knock or rustle: noise that dies away, ``[samples, channels]``.

    ``smoothing`` is the length of the moving average in samples: the longer, the duller.
    """
    white = generator(seed).random(n_samples + smoothing - 1) - 0.5
    dull = np.convolve(white, np.full(smoothing, 1 / np.sqrt(smoothing)), mode="valid")
    dull -= dull.mean()
    wave = dull * np.exp(-np.arange(n_samples) / decay_samples) * envelope(n_samples, 8, n_samples // 4)
    return np.outer(wave, gains)


@dataclass(frozen=True)
class Rustle:
    """How often and how something other than song is heard: perch hops, steps, bedding."""

    per_second: float
    duration_seconds: tuple[float, float]
    level: tuple[float, float]
    smoothing: int

    def scatter(self, score: Score, rng: np.random.Generator) -> None:
        """Add such sounds to the score's clutter, anywhere, more or less strong on each channel."""
        seconds = score.n_samples / score.samplerate_hz
        for _ in range(int(self.per_second * seconds + rng.random())):
            n_samples = int(between(rng, *self.duration_seconds) * score.samplerate_hz)
            gains = tuple(between(rng, *self.level) for _ in range(score.noise.n_channels))
            seed = below(rng, 2**32)
            start = below(rng, max(score.n_samples - n_samples, 1))
            score.clutter.append(Sound(start, partial(click, seed, n_samples, n_samples / 4, self.smoothing, gains)))
