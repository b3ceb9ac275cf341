"""``<stem>_no_song.json``: what a network finds in recordings in which nothing sings, where all of it is a false alarm."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.file_endings import NO_SONG_SUFFIX
from dss_widgets.results.json_files import read_json, write_json
from dss_widgets.results.stems import stem_of
from dss_widgets.results.threshold_curves import ThresholdCurves, nearest

_LARGEST_BYTES = 2**26
_HOUR = 3600.0


@dataclass(frozen=True)
class Rate:
    """How often a song type is found where there is none.

    Attributes:
        name: the song type.
        n: how often it was found.
        hours: in how much audio.
    """

    name: str
    n: int
    hours: float

    @property
    def per_hour(self) -> float:
        """False alarms per hour; 0 without audio."""
        return self.n / self.hours if self.hours else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the rate lies in 95 of 100 cases, per hour, if false alarms come independently (Garwood 1936)."""
        from scipy.stats import chi2  # imported late: 0.5 s that a dashboard need not spend

        if not self.hours:
            return 0.0, float("inf")
        low = chi2.ppf(0.025, 2 * self.n) / 2 if self.n else 0.0
        return float(low) / self.hours, float(chi2.ppf(0.975, 2 * self.n + 2)) / 2 / self.hours


@dataclass(frozen=True)
class NoSong:
    """What a network finds in recordings without song.

    Attributes:
        curves: what each threshold finds; nothing is annotated.
        thresholds: those in use when they were looked through, by kind (``events``, ``segments``).
        by_recording: what these find in each recording, by its path: its ``seconds``, and ``found`` by song type.
    """

    curves: ThresholdCurves
    thresholds: Mapping[str, float]
    by_recording: Mapping[str, Mapping[str, Any]]

    @property
    def hours(self) -> float:
        """Audio that was looked through."""
        return self.curves.seconds / _HOUR

    def rates(self, thresholds: Mapping[str, float] | None = None) -> list[Rate]:
        """Return how often each song type is found.

        Args:
            thresholds: by kind; those left out are the ones that were in use.
        """
        used = {**self.thresholds, **(thresholds or {})}
        return [
            Rate(name, curve.n_predicted[nearest(used.get(kind, 0.5))], self.hours)
            for kind in ("events", "segments")
            for name, curve in self.curves.of(kind).items()
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "thresholds": dict(self.thresholds),
            "recordings": {path: dict(told) for path, told in self.by_recording.items()},
            "curves": self.curves.as_dict(),
        }

    @classmethod
    def from_dict(cls, told: Any) -> NoSong:
        """Make one of what :meth:`as_dict` returned.

        Raises:
            ValueError: it is something else.
        """
        try:
            thresholds = {str(kind): told["thresholds"][kind] / 1.0 for kind in told["thresholds"]}
            if not all(0 <= value <= 1 for value in thresholds.values()):
                raise ValueError("its thresholds cannot be")
            recordings = {
                str(path): {"seconds": of["seconds"] / 1.0, "found": {str(n): int(c) for n, c in of["found"].items()}}
                for path, of in told["recordings"].items()
            }
            curves = ThresholdCurves.from_dict(told["curves"])
        except (AttributeError, LookupError, TypeError, OverflowError) as error:
            raise ValueError(f"what it tells does not fit ({type(error).__name__})") from error
        return cls(curves, thresholds, recordings)


def summed_curves(parts: Sequence[ThresholdCurves]) -> ThresholdCurves:
    """Return the curves of several recordings as one."""
    total = parts[0]
    for part in parts[1:]:
        total = total.plus(part)
    return total


def no_song_path(network: str | os.PathLike[str]) -> Path:
    """Return where it is kept for a network."""
    stem = stem_of(network)
    return stem.with_name(stem.name + NO_SONG_SUFFIX)


def read_no_song(network: str | os.PathLike[str]) -> NoSong | None:
    """Return what a network found in recordings without song; None where that was not tried.

    Raises:
        DataError: the file cannot be read, or is something else.
    """
    mend = f"Look again: dss-widgets false-alarms {stem_of(network)} RECORDING..."
    wrong = "does not tell what was found without song"
    return read_json(no_song_path(network), NoSong.from_dict, wrong, mend, most_bytes=_LARGEST_BYTES)


def write_no_song(network: str | os.PathLike[str], found: NoSong) -> Path:
    """Keep what a network found; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    return write_json(no_song_path(network), found.as_dict())
