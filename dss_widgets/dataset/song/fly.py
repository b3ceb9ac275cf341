"""Courtship song of *Drosophila melanogaster*: trains of pulses and stretches of sine song.

The figures (pulse interval, carrier frequencies, the two shapes of pulses) follow Clemens et al. 2018, Curr. Biol. 28
(slow, symmetrical and fast, asymmetrical pulses) and Arthur et al. 2013, BMC Biology 11.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from dss_widgets.dataset.song.noise import Noise
from dss_widgets.dataset.song.score import FloatArray, Score
from dss_widgets.dataset.song.sounds import Dice, Rustle, around, below, between, contour, envelope, phase

SAMPLERATE_HZ = 10_000
ONE_MICROPHONE = np.array([[0.5, 0.5]])
THREE_MICROPHONES = np.array([[0.1, 0.2], [0.5, 0.8], [0.9, 0.2]])

_STEPS = Rustle(per_second=0.3, duration_seconds=(0.03, 0.12), level=(0.02, 0.12), smoothing=12)
_NOISE_LEVEL = 0.005
_PULSE_LEVEL = 0.6
_SINE_LEVEL = 0.13


@dataclass(frozen=True)
class PulseShape:
    """A wavelet: a carrier under a Gaussian of the standard deviation ``width_seconds``."""

    carrier_hz: float
    width_seconds: float
    phase: float

    def wave(self) -> FloatArray:
        """Return the wavelet, ``[samples]``, its largest sample +1 or -1."""
        n_half = int(4 * self.width_seconds * SAMPLERATE_HZ)
        seconds = np.arange(-n_half, n_half + 1) / SAMPLERATE_HZ
        carrier = np.cos(2 * np.pi * self.carrier_hz * seconds + self.phase)
        wave = carrier * np.exp(-0.5 * (seconds / self.width_seconds) ** 2)
        return np.asarray(wave / np.abs(wave).max())


@dataclass(frozen=True)
class Fly:
    """What differs between flies."""

    pulse_interval_seconds: float
    sine_hz: float
    shapes: tuple[PulseShape, PulseShape]

    @classmethod
    def meet(cls, rng: np.random.Generator) -> "Fly":
        """Return a new fly."""
        slow = PulseShape(around(rng, 215, 0.08), around(rng, 0.0032, 0.1), phase=0.0)
        fast = PulseShape(around(rng, 330, 0.08), around(rng, 0.0024, 0.1), phase=0.9)
        return cls(around(rng, 0.036, 0.06), around(rng, 150, 0.08), (slow, fast))


class Walk:
    """Where the fly is in its chamber (a square of side 1), and so how loud it is at every microphone."""

    def __init__(self, rng: np.random.Generator, seconds: float, microphones: npt.NDArray[np.float64]) -> None:
        """Draw a place for every 1.5 s; in between, the fly walks straight."""
        self._microphones = microphones
        self._places = rng.random((int(seconds / 1.5) + 2, 2))

    def gains(self, seconds: float) -> FloatArray:
        """Return the amplitude at every microphone, ``[channels]``, 1 when the fly sits on it."""
        times = 1.5 * np.arange(len(self._places))
        place = np.array([np.interp(seconds, times, self._places[:, axis]) for axis in (0, 1)])
        squared_distances = ((self._microphones - place) ** 2).sum(axis=1)
        return np.asarray(1 / (1 + squared_distances / 0.2))


def compose_fly(n_samples: int, dice: Dice, microphones: npt.NDArray[np.float64] = ONE_MICROPHONE) -> Score:
    """Return a recording of one fly with as many channels as ``microphones`` (``[channels, 2]``, places in the chamber).

    The first bout starts at once and has both song modes, so a recording of four seconds holds both.
    """
    noise = Noise(dice.background, _spectrum, SAMPLERATE_HZ, _NOISE_LEVEL, len(microphones))
    score = Score(SAMPLERATE_HZ, n_samples, noise)
    _STEPS.scatter(score, dice.background)
    seconds = n_samples / SAMPLERATE_HZ
    walk = Walk(dice.song, seconds, microphones)
    _Performance(score, dice.song, Fly.meet(dice.individual), walk, end=seconds - 0.1).sing()
    return score


@dataclass(frozen=True)
class _Performance:
    """A fly that sings into a score, until ``end`` (seconds)."""

    score: Score
    rng: np.random.Generator
    fly: Fly
    walk: Walk
    end: float

    def sing(self) -> None:
        """Add bouts of pulse trains with sine song between them, with pauses."""
        now = between(self.rng, 0.15, 0.5)
        p_sine = 1.0
        while now < self.end:
            for _ in range(2 + below(self.rng, 4)):
                now = self._pulse_train(now) + between(self.rng, 0.03, 0.15)
                if self.rng.random() < p_sine:
                    now = self._sine(now) + between(self.rng, 0.04, 0.2)
                p_sine = 0.6
            now += between(self.rng, 0.4, 2.5)

    def _pulse_train(self, now: float) -> float:
        """Add a train from ``now`` on that gets louder; return when it ends (seconds)."""
        rng = self.rng
        p_fast = 0.85 if rng.random() < 0.5 else 0.1
        for number in range(5 + below(rng, 18)):
            if now + 0.03 > self.end:
                break
            shape = self.fly.shapes[rng.random() < p_fast]
            growth = 0.45 + 0.55 * min(1.0, number / 8)
            gains = _PULSE_LEVEL * growth * between(rng, 0.75, 1) * self.walk.gains(now)
            n_before = int(np.abs(shape.wave()).argmax())
            self.score.add_event("pulse", int((now + 0.012) * SAMPLERATE_HZ), n_before, partial(_pulse, shape, gains))
            now += around(rng, self.fly.pulse_interval_seconds, 0.18)
        return now

    def _sine(self, now: float) -> float:
        """Add sine song from ``now`` on if there is time for it; return when it ends (seconds)."""
        seconds = 0.3 + 1.2 * self.rng.random() * self.rng.random()
        frequencies_hz = tuple(self.fly.sine_hz * between(self.rng, 0.94, 1.06) for _ in range(3))
        swell = tuple(between(self.rng, 0.6, 1.0) for _ in range(5))
        if now + seconds > self.end:
            return now
        start, n_samples = int(now * SAMPLERATE_HZ), int(seconds * SAMPLERATE_HZ)
        gains = _SINE_LEVEL * np.linspace(self.walk.gains(now), self.walk.gains(now + seconds), n_samples)
        self.score.add_segment("sine", start, n_samples, partial(_hum, frequencies_hz, swell, gains))
        return now + seconds


def _pulse(shape: PulseShape, gains: FloatArray) -> FloatArray:
    return np.outer(shape.wave(), gains)


def _hum(frequencies_hz: tuple[float, ...], swell: tuple[float, ...], gains: FloatArray) -> FloatArray:
    """Return sine song with a weak second harmonic; ``gains`` and the result are ``[samples, channels]``."""
    n_samples = len(gains)
    angle = phase(contour(frequencies_hz, n_samples), SAMPLERATE_HZ)
    wave = (np.sin(angle) + 0.12 * np.sin(2 * angle)) * contour(swell, n_samples)
    return (wave * envelope(n_samples, 300, 300))[:, None] * gains


def _spectrum(frequencies_hz: FloatArray) -> FloatArray:
    """Rooms and shakers: much below 60 Hz, a little of everything, and mains hum."""
    hum = 4 * np.exp(-(((frequencies_hz - 50) / 1.0) ** 2)) + 1.5 * np.exp(-(((frequencies_hz - 100) / 1.0) ** 2))
    return np.asarray(0.2 + 1 / (1 + (frequencies_hz / 50) ** 2) + hum)
