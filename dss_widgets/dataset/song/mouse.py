"""Ultrasonic calls of mice: bouts of short sweeps between 45 and 100 kHz, some of them close to the noise.

The forms (up, down, chevron, step) are those of Scattoni et al. 2008, PLoS ONE 3.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from dss_widgets.dataset.song.noise import Noise
from dss_widgets.dataset.song.score import FloatArray, Score
from dss_widgets.dataset.song.sounds import Dice, Rustle, around, below, between, contour, envelope, phase

SAMPLERATE_HZ = 250_000

_BEDDING = Rustle(per_second=1.2, duration_seconds=(0.005, 0.05), level=(0.02, 0.25), smoothing=10)
_NOISE_LEVEL = 0.005
_LOWEST_HZ, _HIGHEST_HZ = 45_000, 100_000


@dataclass(frozen=True)
class Mouse:
    """What differs between mice."""

    centre_hz: float
    pace: float
    form_shares: tuple[float, ...]
    """How often this mouse calls each of ``FORMS``; adds up to 1."""

    @classmethod
    def meet(cls, rng: np.random.Generator) -> "Mouse":
        """Return a new mouse."""
        weights = [between(rng, 0.5, 1.5) for _ in FORMS]
        return cls(between(rng, 64_000, 76_000), around(rng, 1, 0.15), tuple(w / sum(weights) for w in weights))


FORMS: dict[str, tuple[float, ...]] = {
    "up": (-1.0, -0.8, -0.3, 0.4, 1.0),
    "down": (1.0, 0.5, -0.1, -0.6, -0.9),
    "chevron": (-1.0, 0.2, 0.8, 0.3, -0.9),
    "step": (-0.7, -0.5, -0.4, 0.9, 0.8, 0.7),
    "flat": (0.0, 0.1, 0.0, -0.1, 0.05),
}
"""The course of the frequency, from -1 (lowest) to 1 (highest), at even times; ``step`` jumps in its middle."""


def compose_mouse(n_samples: int, dice: Dice) -> Score:
    """Return a recording of one mouse. It starts with a bout, so a recording of one second holds calls."""
    noise = Noise(dice.background, _spectrum, SAMPLERATE_HZ, _NOISE_LEVEL)
    score = Score(SAMPLERATE_HZ, n_samples, noise)
    _BEDDING.scatter(score, dice.background)
    _Performance(score, dice.song, Mouse.meet(dice.individual), end=n_samples / SAMPLERATE_HZ - 0.02).sing()
    return score


@dataclass(frozen=True)
class _Performance:
    """A mouse that calls into a score, until ``end`` (seconds)."""

    score: Score
    rng: np.random.Generator
    mouse: Mouse
    end: float

    def sing(self) -> None:
        """Add bouts of calls, near or far from the microphone, with pauses."""
        now = between(self.rng, 0.05, 0.2)
        while now < self.end:
            nearness = between(self.rng, 0.4, 1.0)
            for _ in range(3 + below(self.rng, 8)):
                now = self._call(now, nearness) + self.mouse.pace * between(self.rng, 0.03, 0.16)
            now += between(self.rng, 0.2, 1.2)

    def _call(self, now: float, nearness: float) -> float:
        """Add a call at ``now`` if there is time for it; return when it ends (seconds)."""
        rng = self.rng
        place = np.searchsorted(np.cumsum(self.mouse.form_shares)[:-1], rng.random(), side="right")
        form = list(FORMS)[int(place)]
        seconds = between(rng, 0.010, 0.045) if rng.random() < 0.6 else between(rng, 0.045, 0.100)
        centre_hz, span_hz = around(rng, self.mouse.centre_hz, 0.12), between(rng, 5_000, 18_000)
        course = tuple(centre_hz + span_hz * (height + 0.3 * (rng.random() - 0.5)) for height in FORMS[form])
        loudness = nearness * 0.5 * 10 ** -between(rng, 0.0, 1.5)
        swell = tuple(height * between(rng, 0.4, 1.0) for height in (0.4, 1.0, 1.0, 1.0, 0.4))
        if now + seconds > self.end:
            return self.end
        n_samples = int(seconds * SAMPLERATE_HZ)
        waveform = partial(_whistle, course, form == "step", swell, loudness, n_samples)
        self.score.add_segment("usv", int(now * SAMPLERATE_HZ), n_samples, waveform)
        return now + seconds


def _whistle(
    course_hz: tuple[float, ...], jumps: bool, swell: tuple[float, ...], loudness: float, n_samples: int
) -> FloatArray:
    """Return a call, ``[samples, 1]``: a pure tone along ``course_hz``, in two parts without a glide if it ``jumps``."""
    if jumps:
        middle, half = len(course_hz) // 2, n_samples // 2
        parts = contour(course_hz[:middle], half), contour(course_hz[middle:], n_samples - half)
        frequency_hz = np.concatenate(parts)
    else:
        frequency_hz = contour(course_hz, n_samples)
    frequency_hz = np.clip(frequency_hz, _LOWEST_HZ, _HIGHEST_HZ)
    shape = envelope(n_samples, int(0.002 * SAMPLERATE_HZ), int(0.003 * SAMPLERATE_HZ))
    return (loudness * np.sin(phase(frequency_hz, SAMPLERATE_HZ)) * contour(swell, n_samples) * shape)[:, None]


def _spectrum(frequencies_hz: FloatArray) -> FloatArray:
    """An ultrasound microphone: hiss with a broad rise around 80 kHz, and rumble far below the calls."""
    return np.asarray(0.5 + 0.5 * np.exp(-(((frequencies_hz - 85_000) / 25_000) ** 2)) + 4 / (1 + frequencies_hz / 800))
