"""Song of a small finch: bouts of introductory notes and of motifs made of six syllable types.

All individuals sing the same syllable types in the same order, each with a pitch, pace and timbre of its own. The types
are modelled on what zebra finches and Bengalese finches sing; no bird sings exactly this.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from dss_widgets.dataset.song.noise import Noise
from dss_widgets.dataset.song.score import FloatArray, Score
from dss_widgets.dataset.song.sounds import Dice, Rustle, around, below, between, contour, envelope, generator, phase

SAMPLERATE_HZ = 32_000

_HOPS = Rustle(per_second=0.6, duration_seconds=(0.01, 0.06), level=(0.03, 0.2), smoothing=6)
_FLUTTER = Rustle(per_second=0.2, duration_seconds=(0.1, 0.3), level=(0.02, 0.08), smoothing=40)
_NOISE_LEVEL = 0.006
_MOTIF = "abcdef"


@dataclass(frozen=True)
class Syllable:
    """One syllable type: a fundamental that moves, its harmonics, and a roughness."""

    seconds: float
    fundamental_hz: tuple[float, ...]
    """Evenly spaced points of the fundamental's contour."""
    n_harmonics: int
    level: float
    resonance_hz: float = 3500
    swell: tuple[float, ...] = (0.5, 1.0, 0.9, 0.5)
    """Evenly spaced points of the amplitude's course."""
    roughness: float = 0.0
    """How much the frequency jitters, as a fraction: 0 is a clear tone, 0.3 a rasp."""
    trill_hz: float = 0.0
    """Rate at which the amplitude beats; 0 for a steady one."""


SYLLABLES = {
    "i": Syllable(0.060, (480, 520, 500), 12, 0.15, resonance_hz=2800, roughness=0.12),
    "a": Syllable(0.090, (600, 640, 640, 630, 590), 12, 0.50, resonance_hz=3200),
    "b": Syllable(0.050, (3600, 2900, 2300, 1900), 3, 0.45),
    "c": Syllable(0.065, (1500, 1600, 2000, 2700, 3300), 3, 0.40),
    "d": Syllable(0.105, (1100, 1150, 1050), 7, 0.40, resonance_hz=4200, roughness=0.35, trill_hz=95),
    "e": Syllable(0.040, (5800, 6300, 6300, 6100), 1, 0.22, resonance_hz=6200),
    "f": Syllable(0.095, (520, 760, 900, 800, 560), 10, 0.45, resonance_hz=4000),
}


@dataclass(frozen=True)
class Bird:
    """What differs between birds: every syllable's form, the pace, and how sure the order is."""

    syllables: dict[str, Syllable]
    gap_seconds: float
    p_repeat: float
    p_omit: float

    @classmethod
    def meet(cls, rng: np.random.Generator) -> "Bird":
        """Return a new bird."""
        pitch, pace = around(rng, 1, 0.08), around(rng, 1, 0.12)
        syllables = {name: _own_version(rng, syllable, pitch, pace) for name, syllable in SYLLABLES.items()}
        return cls(syllables, 0.032 * pace, between(rng, 0.1, 0.25), between(rng, 0.03, 0.1))


def _own_version(rng: np.random.Generator, syllable: Syllable, pitch: float, pace: float) -> Syllable:
    return replace(
        syllable,
        seconds=syllable.seconds * pace * around(rng, 1, 0.08),
        fundamental_hz=tuple(pitch * around(rng, hz, 0.05) for hz in syllable.fundamental_hz),
        resonance_hz=around(rng, syllable.resonance_hz, 0.12),
        swell=tuple(height * between(rng, 0.6, 1.0) for height in syllable.swell),
        level=around(rng, syllable.level, 0.15),
    )


def compose_bird(n_samples: int, dice: Dice) -> Score:
    """Return a recording of one bird.

    The first bout starts at once with a whole motif, so a recording of three seconds holds every syllable type.
    """
    noise = Noise(dice.background, _spectrum, SAMPLERATE_HZ, _NOISE_LEVEL)
    score = Score(SAMPLERATE_HZ, n_samples, noise)
    _HOPS.scatter(score, dice.background)
    _FLUTTER.scatter(score, dice.background)
    _Performance(score, dice.song, Bird.meet(dice.individual), end=n_samples / SAMPLERATE_HZ - 0.05).sing()
    return score


@dataclass(frozen=True)
class _Performance:
    """A bird that sings into a score, until ``end`` (seconds)."""

    score: Score
    rng: np.random.Generator
    bird: Bird
    end: float

    def sing(self) -> None:
        """Add bouts of introductory notes and motifs, with pauses; the first motif is whole."""
        now = between(self.rng, 0.1, 0.4)
        motifs = [_MOTIF]
        while now < self.end:
            loudness = between(self.rng, 0.55, 1.0)
            motifs += [self._motif() for _ in range(1 + below(self.rng, 3))]
            for notes in ("i" * (2 + below(self.rng, 4)), *motifs):
                now = self._notes(notes, now, loudness) + between(self.rng, 0.02, 0.08)
            motifs = []
            now += between(self.rng, 0.5, 2.2)

    def _motif(self) -> str:
        """Return the motif as it is sung this time: now and then ``c`` or ``d`` is repeated, or a note is left out."""
        notes = ""
        for name in _MOTIF:
            repeats = name in "cd" and self.rng.random() < self.bird.p_repeat
            is_left_out = self.rng.random() < self.bird.p_omit
            notes += "" if is_left_out else name * (1 + repeats)
        return notes

    def _notes(self, notes: str, now: float, loudness: float) -> float:
        """Add notes from ``now`` on, one after the other, while there is time; return when they end (seconds)."""
        rng = self.rng
        for name in notes:
            syllable = self.bird.syllables[name]
            seconds = min(max(around(rng, syllable.seconds, 0.12), 0.03), 0.12)
            tuning, seed = around(rng, 1, 0.025), below(rng, 2**32)
            level = syllable.level * loudness * between(rng, 0.7, 1.0)
            gap = around(rng, self.bird.gap_seconds * (2 if name == "i" else 1), 0.3)
            if now + seconds > self.end:
                return self.end
            n_samples = int(seconds * SAMPLERATE_HZ)
            waveform = partial(_voice, syllable, n_samples, tuning, level, seed)
            self.score.add_segment(name, int(now * SAMPLERATE_HZ), n_samples, waveform)
            now += seconds + gap
        return now


def _voice(syllable: Syllable, n_samples: int, tuning: float, level: float, seed: int) -> FloatArray:
    """Return a syllable, ``[samples, 1]``: harmonics of the fundamental through the resonance of the beak."""
    fundamental = tuning * contour(syllable.fundamental_hz, n_samples)
    if syllable.roughness:
        jitter = generator(seed).random(n_samples // 12 + 2) - 0.5
        fundamental = fundamental * (1 + syllable.roughness * contour(jitter.tolist(), n_samples) * 2)
    angle = phase(fundamental, SAMPLERATE_HZ)
    corners = tuning * np.asarray(syllable.fundamental_hz)
    wave = np.zeros(n_samples)
    for harmonic in range(1, syllable.n_harmonics + 1):
        if harmonic * fundamental.max() > 0.45 * SAMPLERATE_HZ:
            break
        strengths = _resonance(harmonic * corners, syllable.resonance_hz) / harmonic**0.3
        wave += contour(strengths.tolist(), n_samples) * np.sin(harmonic * angle + 0.7 * harmonic**2)
    if syllable.trill_hz:
        wave *= 0.55 - 0.45 * np.cos(2 * np.pi * syllable.trill_hz * np.arange(n_samples) / SAMPLERATE_HZ)
    shape = envelope(n_samples, int(0.006 * SAMPLERATE_HZ), int(0.012 * SAMPLERATE_HZ))
    wave *= shape * contour(syllable.swell, n_samples)
    return np.asarray(level / np.abs(wave).max() * wave)[:, None]


def _resonance(frequencies_hz: FloatArray, centre_hz: float) -> FloatArray:
    return np.asarray(0.12 + np.exp(-(((frequencies_hz - centre_hz) / 2000) ** 2)))


def _spectrum(frequencies_hz: FloatArray) -> FloatArray:
    """A sound box: ventilation below some hundred hertz, a soft hiss above."""
    return np.asarray(0.06 + 1 / (1 + (frequencies_hz / 250) ** 2))
