"""Whether recordings sound like those that a network learned from.

Another microphone, room or distance is the commonest reason for bad labels.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.dataset.recordings.resampling import resampled
from dss_widgets.dataset.recordings.sound_profile import SoundProfile, sound_profile
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of

Kind = Literal["unreadable", "channels", "rate", "level", "weak", "missing", "background", "clipped"]

MOST_RECORDINGS = 24
"""As many are listened to, spread over all there are."""

_STRETCHES = 12
"""Of about a second, of each recording."""

_NOTABLE_DECIBEL = 10.0
_WEAK_DECIBEL = 15.0
"""The level of song varies by more than that of a microphone."""

_EMPTY_DECIBEL = 20.0
"""Bands in which all, the background too, is so much weaker hold nothing: where there is no song, networks go by that, too."""

_NOTABLE_GAIN_DECIBEL = 20.0
"""For networks that learned from sound made louder and softer at random."""

_SONG_DECIBEL = 20.0
"""Bands as loud as this below the loudest are what a network goes by."""

_HEARD_DECIBEL = 35.0
"""Background that is softer than this below the loudest band changes nothing."""

_CLEAR_DECIBEL = 10.0
_CLIPPED_SHARE = 0.25


_TO_DO = "Look at what it finds in a few of them before you rely on it, correct these, and learn on from them."


@dataclass(frozen=True)
class Difference:
    """Something in which recordings differ from what a network learned from.

    Attributes:
        kind: what it is.
        words: what it is, what it can do and how to mend it, in sentences that go on after ``3 of 20 recordings:``.
        recordings: those that differ so.
    """

    kind: Kind
    words: str
    recordings: tuple[Path, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": self.kind, "words": self.words, "recordings": [str(path) for path in self.recordings]}


@dataclass(frozen=True)
class SoundCheck:
    """How recordings sound beside those that a network learned from.

    Attributes:
        learned_from: what the network learned from; None where its files do not tell.
        heard: the median of the recordings that were listened to; None where none could be.
        listened: the recordings that were listened to.
        n_recordings: how many there are.
        differences: what differs, the weightiest first.
    """

    learned_from: SoundProfile | None
    heard: SoundProfile | None
    listened: tuple[Path, ...]
    n_recordings: int
    differences: tuple[Difference, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing was found that differs."""
        return not self.differences

    def sentences(self) -> list[str]:
        """Return what was found, a difference in each entry; last, what to make of it."""
        told = [self._sentence(difference) for difference in self.differences]
        if self.learned_from is None:
            unknown = "Only channels and sample rate were compared: the network's files do not tell what it learned from."
            return [*told, unknown]
        if told:
            return [
                *told,
                _TO_DO,
            ]
        n_listened = len(self.listened)
        among = "" if n_listened == self.n_recordings else f" {n_listened} of the {self.n_recordings:,}"
        return [f"Level, background and spectrum of{among or ' all'} recordings are as in those that the network learned from."]

    def warnings(self) -> list[str]:
        """Return what differs, but for what keeps recordings from being annotated at all: they fail, and that is told."""
        telling = [d for d in self.differences if d.kind not in ("unreadable", "channels")]
        return [f"Sound: {self._sentence(difference)}" for difference in telling]

    def _sentence(self, difference: Difference) -> str:
        n, n_listened = len(difference.recordings), len(self.listened)
        which = "" if n == n_listened else f"{n} of {n_listened}: " if n > 1 else f"{difference.recordings[0].name}: "
        return f"{which}{difference.words}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        profiles = {"learned_from": self.learned_from, "heard": self.heard}
        return {
            "fits": self.fits,
            "recordings": self.n_recordings,
            "listened": [str(path) for path in self.listened],
            "differences": [difference.as_dict() for difference in self.differences],
            "words": self.sentences(),
            **{name: profile.as_dict() if profile else None for name, profile in profiles.items()},
        }


def check_sound(
    network: str | os.PathLike[str],
    recordings: Iterable[str | os.PathLike[str]],
    *,
    should_stop: Callable[[], bool] | None = None,
) -> SoundCheck:
    """Compare what recordings sound like with what a network learned from; the network itself is not needed.

    Args:
        network: path of its files without their endings, or one of them.
        recordings: audio files, however many: a few seconds of some of them are read.
        should_stop: is asked before every recording.

    Raises:
        DataError: the network's params cannot be read.
        Cancelled: ``should_stop`` said so.
    """
    ear = _Ear.of(read_params(stem_of(network)))
    paths = [Path(path) for path in recordings]
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, min(len(paths), MOST_RECORDINGS)).astype(int))]
    found: list[tuple[Path, _Found]] = []
    profiles: list[SoundProfile] = []
    for path in chosen:
        if should_stop is not None and should_stop():
            raise Cancelled("Listening was stopped.")
        for one in ear.listen(path, profiles.append):
            found.append((path, one))
    heard = _median(profiles) if profiles else None
    return SoundCheck(ear.known, heard, tuple(chosen), len(paths), tuple(_together(found)))


@dataclass(frozen=True)
class _Found:
    """Something in which one recording differs; ``amount`` and ``band_hz`` are what its words take."""

    kind: Kind
    amount: float = 0.0
    band_hz: tuple[float, float] = (0.0, 0.0)
    words: str = ""


@dataclass(frozen=True)
class _Ear:
    """What a network's params say of the sound that it knows.

    Attributes:
        samplerate_hz, n_channels: of the audio.
        known: what it learned from; None where that is not told.
        hears_level: whether louder sound is something else to it: to a spectrogram, all is relative to the loudest.
        tolerance: of the level, in decibels.
    """

    samplerate_hz: float
    n_channels: int
    known: SoundProfile | None
    hears_level: bool
    tolerance: float

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> _Ear:
        try:
            rate = float(params["samplerate_x_Hz"])
            n_channels = int(params.get("nb_freq") or params.get("nb_channels") or 1)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"The network's params do not tell the sound that it knows ({error}). Copy them again.") from error
        own = params.get("dss_widgets")
        try:
            known = SoundProfile.from_dict(own["sound"]) if isinstance(own, Mapping) else None
        except (KeyError, TypeError, ValueError):
            known = None
        varied = "gain" in (params.get("augmentations") or ())
        tolerance = _NOTABLE_GAIN_DECIBEL if varied else _NOTABLE_DECIBEL
        return cls(rate, n_channels, known, not params.get("nb_pre_conv"), tolerance)

    def listen(self, path: Path, keep: Callable[[SoundProfile], None]) -> Iterator[_Found]:
        """Yield in what a recording differs; ``keep`` takes its profile."""
        try:
            recording = open_recording(path)
            if recording.n_samples == 0:
                raise DataError(f"{path}: is empty: it has no samples.")
            audio = resampled(recording, self.samplerate_hz)
            profile = sound_profile(audio.read, audio.n_samples, audio.samplerate_hz, most_stretches=_STRETCHES)
        except (DataError, MemoryError) as error:
            yield _Found("unreadable", words=str(error) or "there is not enough memory for it.")
            return
        if recording.n_channels != self.n_channels:
            yield _Found("channels", recording.n_channels, words=f"the network knows {self.n_channels}")
        keep(profile)
        if recording.samplerate_hz < 0.99 * self.samplerate_hz and self._hears_above(recording.samplerate_hz / 2):
            yield _Found("rate", recording.samplerate_hz / 1000, (0, self.samplerate_hz / 1000))
        if self.known is not None:
            yield from self._differences(self.known, profile)

    def _hears_above(self, hertz: float) -> bool:
        """Return whether the network knows sound above a frequency; where nothing is told of it, it may."""
        if self.known is None:
            return True
        is_above = self.known.edges_hz[1:] > 1.05 * hertz
        return bool((_song_bands(self.known) & is_above).any())

    def _differences(self, known: SoundProfile, heard: SoundProfile) -> Iterator[_Found]:
        song, edges = _song_bands(known), known.edges_hz
        clear = song & (known.loud - known.background >= _CLEAR_DECIBEL)
        clear = clear if clear.any() else song
        louder, noisier = heard.loud - known.loud, heard.background - known.background
        gain = float(np.median(louder[clear]))
        background = float(np.median(noisier[clear]))
        elsewhere = min(0.0, float(np.percentile(noisier, 75)))  # what all would have lost by a lower level alone
        lost = max(gain, background) < elsewhere - _NOTABLE_DECIBEL
        if not lost and gain < -_WEAK_DECIBEL and background > gain / 2:
            yield _Found("weak", -gain)
        elif not lost and self.hears_level and abs(gain) > self.tolerance:
            yield _Found("level", gain)
        usual = elsewhere if lost else gain
        empty = np.maximum(louder, noisier) < usual - _EMPTY_DECIBEL
        weaker = (song & (louder < usual - _NOTABLE_DECIBEL)) | empty
        if weaker.any():
            yield _Found("missing", float(np.median((usual - louder)[weaker])), _span(edges, weaker))
        shift = gain if not self.hears_level and gain > 0 else 0.0
        level = heard.background - shift
        more = level - known.most_background
        noisy = (more > _NOTABLE_DECIBEL) & (level > known.loud.max() - _HEARD_DECIBEL)
        if noisy.any():
            yield _Found("background", float(np.median(more[noisy])), _span(edges, noisy))
        if heard.clipped > _CLIPPED_SHARE + known.clipped:
            yield _Found("clipped", heard.clipped)


def _song_bands(known: SoundProfile) -> np.ndarray:
    bands: np.ndarray = known.loud >= known.loud.max() - _SONG_DECIBEL
    return bands


def _span(edges: np.ndarray, chosen: np.ndarray) -> tuple[float, float]:
    """Return from where to where the bands lie that were chosen, in Hz."""
    at = np.flatnonzero(chosen)
    return float(edges[at[0]]), float(edges[at[-1] + 1])


def _median(profiles: Sequence[SoundProfile]) -> SoundProfile:
    """Return the median of profiles at one sample rate."""
    bands = {
        name: np.median([getattr(profile, name) for profile in profiles], axis=0)
        for name in ("loud", "background", "most_background")
    }
    clipped, seconds = np.mean([p.clipped for p in profiles]), sum(p.seconds for p in profiles)
    return replace(profiles[0], **bands, clipped=float(clipped), seconds=float(seconds))


_ORDER: tuple[Kind, ...] = ("channels", "unreadable", "rate", "missing", "background", "level", "weak", "clipped")


def _together(found: Sequence[tuple[Path, _Found]]) -> Iterator[Difference]:
    """Yield what several recordings have in common as one difference."""
    for kind in _ORDER:
        alike = [(path, one) for path, one in found if one.kind == kind]
        if alike:
            yield Difference(kind, _words(kind, [one for _, one in alike]), tuple(path for path, _ in alike))


def _words(kind: Kind, found: Sequence[_Found]) -> str:
    """Return what recordings have in common, by the medians of how much and where."""
    first = found[0].words
    if kind == "unreadable":
        return first if len(found) == 1 else f"they cannot be read; the first: {first}"
    amount = float(np.median([one.amount for one in found]))
    low, high = (float(np.median([one.band_hz[side] for one in found])) for side in (0, 1))
    return _WORDS[kind].format(
        amount=amount, half=amount / 2, decibel=f"{abs(amount):.0f} dB", way="louder" if amount > 0 else "quieter",
        band=_band_words(low, high), known=high, first=first,
    )  # fmt: skip


_WORDS: Mapping[Kind, str] = {
    "channels": "{amount:.0f} channels, but {first}: these cannot be annotated with it.",
    "rate": "sampled at {amount:g} kHz, but the network learned at {known:g} kHz: of the sound that it knows, all above "
    "{half:g} kHz is missing.",
    "missing": "sound {band} is {decibel} weaker than in what the network learned from: another microphone, a filter, or files "
    "that were compressed with loss? The augmentation ‘as if by other microphones’ makes networks mind it less.",
    "background": "the background {band} is {decibel} louder than in what the network learned from: wind, hum, a fan, or "
    "another room? Filter it out, or annotate some of these and learn on.",
    "level": "{decibel} {way} than what the network learned from, and it goes by loudness: scale them alike, or train with the "
    "augmentation ‘louder and softer’.",
    "weak": "the loudest sound is {decibel} weaker, the background is not: animals farther away, or hardly any song in here?",
    "clipped": "sound is cut off at full scale in {amount:.0%} of the stretches: record with less gain.",
}


def _band_words(low: float, high: float) -> str:
    def words(hertz: float) -> str:
        return f"{hertz / 1000:.2g}" if hertz < 10_000 else f"{hertz / 1000:.0f}"

    return f"below {words(high)} kHz" if low <= 0 else f"from {words(low)} to {words(high)} kHz"
