"""The kinds of demo song, and each as a pure function from length and seed to audio and annotations."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from dss_widgets.dataset.song import bird, fly, mouse
from dss_widgets.dataset.song.score import Annotation, Score
from dss_widgets.dataset.song.sounds import Dice

Song = tuple[npt.NDArray[np.float32], list[Annotation]]
RECORDINGS_PER_INDIVIDUAL = 2


@dataclass(frozen=True)
class Kind:
    """A kind of demo song."""

    description: str
    samplerate_hz: int
    n_channels: int
    song_types: dict[str, str]
    """Name of every song type -> ``event`` or ``segment``; every recording has all of them."""
    n_files: int
    """Number of recordings unless told otherwise."""
    seconds: float
    """Length of each recording unless told otherwise."""
    min_seconds: float
    """Shorter recordings may not hold every song type."""
    compose: Callable[[int, Dice], Score]
    """Make the score from the number of samples and the sources of randomness."""


_FLY_TYPES = {"pulse": "event", "sine": "segment"}

KINDS = {
    "fly": Kind(
        description="courtship song of a fruit fly: pulses and sine song",
        samplerate_hz=fly.SAMPLERATE_HZ,
        n_channels=1,
        song_types=_FLY_TYPES,
        n_files=5,
        seconds=20.0,
        min_seconds=4.0,
        compose=fly.compose_fly,
    ),
    "bird": Kind(
        description="song of a finch: introductory notes and motifs of six syllables",
        samplerate_hz=bird.SAMPLERATE_HZ,
        n_channels=1,
        song_types=dict.fromkeys(sorted(bird.SYLLABLES), "segment"),
        n_files=5,
        seconds=10.0,
        min_seconds=3.0,
        compose=bird.compose_bird,
    ),
    "mouse": Kind(
        description="ultrasonic calls of a mouse",
        samplerate_hz=mouse.SAMPLERATE_HZ,
        n_channels=1,
        song_types={"usv": "segment"},
        n_files=5,
        seconds=5.0,
        min_seconds=1.0,
        compose=mouse.compose_mouse,
    ),
    "multichannel": Kind(
        description="courtship song of a fruit fly that walks between three microphones",
        samplerate_hz=fly.SAMPLERATE_HZ,
        n_channels=len(fly.THREE_MICROPHONES),
        song_types=_FLY_TYPES,
        n_files=5,
        seconds=20.0,
        min_seconds=4.0,
        compose=partial(fly.compose_fly, microphones=fly.THREE_MICROPHONES),
    ),
}
"""Every kind of demo song by its name."""


def compose(kind: str, seconds: float, seed: int, index: int) -> Score:
    """Return the score of the recording number ``index`` (from 0) of a seed, whatever other recordings are made."""
    entropy = (zlib.crc32(kind.encode()), index // RECORDINGS_PER_INDIVIDUAL, index)
    numbers = {"individual": entropy[:2], "song": entropy, "background": (*entropy, 1)}
    dice = Dice(
        **{
            name: np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
            for name, key in numbers.items()
        }
    )
    return KINDS[kind].compose(round(seconds * KINDS[kind].samplerate_hz), dice)


def fly_song(seconds: float = 20.0, seed: int = 0, index: int = 0, *, background: bool = True) -> Song:
    """Return fly song and its annotations.

    The audio is ``[samples, 1]``, float32 in [-1, 1], 10 kHz, and equals what ``make_song`` writes as its recording number
    ``index`` (from 0). ``background=False`` leaves out everything that is not annotated. At least 4 s hold all song types.
    """
    return _song("fly", seconds, seed, index, background)


def bird_song(seconds: float = 10.0, seed: int = 0, index: int = 0, *, background: bool = True) -> Song:
    """Return bird song and its annotations: as ``fly_song``, 32 kHz; at least 3 s hold all song types."""
    return _song("bird", seconds, seed, index, background)


def mouse_song(seconds: float = 5.0, seed: int = 0, index: int = 0, *, background: bool = True) -> Song:
    """Return mouse calls and their annotations: as ``fly_song``, 250 kHz; at least 1 s hold calls."""
    return _song("mouse", seconds, seed, index, background)


def multichannel_song(seconds: float = 20.0, seed: int = 0, index: int = 0, *, background: bool = True) -> Song:
    """Return fly song on three microphones and its annotations: as ``fly_song``, ``[samples, 3]``."""
    return _song("multichannel", seconds, seed, index, background)


def _song(kind: str, seconds: float, seed: int, index: int, background: bool) -> Song:
    score = compose(kind, seconds, seed, index)
    return score.audio(background=background), score.annotations()
