"""What a page shows of a sound, in tiles: made as they are asked for, kept within bounds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from dss_widgets.panels.sound.pyramid import Pyramid
from dss_widgets.panels.sound.sound import Sound
from dss_widgets.panels.sound.spectrum import MOST_FOLDS, spectrum_tile

MOST_BYTES = 16 * 2**20
"""Tiles that are kept."""

_AT_ONCE = 2**21
"""Values that are read before a tile is answered; where it takes more, an estimate comes first."""

_MOST_LEVEL = 48


class Wanted(NamedTuple):
    """Names a tile.

    Attributes:
        kind: ``wave`` (extremes of a channel), ``power`` (its spectrogram) or ``curves`` (extremes of all curves).
        channel: of the sound; 0 for curves.
        level, number: which tile.
        fold: which band, of a spectrogram.
    """

    kind: str
    channel: int
    level: int
    number: int
    fold: int

    @classmethod
    def parse(cls, told: Any) -> Wanted:
        """Return what a page asks for.

        Raises:
            ValueError: it names no tile that there could be.
        """
        kind, *numbers = told
        if kind not in ("wave", "power", "curves") or len(numbers) != 4 or any(type(number) is not int for number in numbers):
            raise ValueError(f"{told!r} names no tile")
        found = cls(kind, *numbers)
        if min(numbers) < 0 or found.level > _MOST_LEVEL or found.fold > MOST_FOLDS:
            raise ValueError(f"{told!r} names no tile")
        return found


@dataclass(frozen=True, eq=False)
class Tile:
    """A tile as it is sent.

    Attributes:
        values: float32 ``[columns, lines, 2]`` least and greatest, or uint8 ``[rows, frames]`` decibels.
        is_estimate: whether the tile itself is still to come.
    """

    values: np.ndarray
    is_estimate: bool = False


class Tiles:
    """The tiles of a sound.

    Args:
        sound: what is shown.

    Attributes:
        sound: the same.
    """

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self._wave = Pyramid(sound.read, sound.n_samples, sound.n_channels)
        curves = sound.curves
        self._curves = Pyramid(curves.read, sound.n_samples, len(curves.names)) if curves else None
        self._kept: OrderedDict[Wanted, np.ndarray] = OrderedDict()

    @cached_property
    def top_decibels(self) -> float:
        """The level that is brightest; see :meth:`Sound.top_decibels`."""
        return self.sound.top_decibels()

    @property
    def n_bytes(self) -> int:
        """Memory that the kept tiles take."""
        return sum(values.nbytes for values in self._kept.values())

    def tile(self, wanted: Wanted) -> Tile:
        """Return a tile, or at first an estimate where making it means much reading: see :meth:`learn`.

        Raises:
            DataError: the sound cannot be read there.
            ValueError: there is no such tile.
        """
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return Tile(self._kept[wanted])
        if wanted.channel >= self.sound.n_channels:
            raise ValueError(f"there is no channel {wanted.channel}")
        if wanted.kind == "power":
            place = wanted.channel, wanted.level, wanted.number, wanted.fold
            return Tile(self._keep(wanted, spectrum_tile(self.sound, *place, top_decibels=self.top_decibels)))
        pyramid = self._pyramid(wanted)
        if pyramid.unread(wanted.level, wanted.number) > _AT_ONCE:
            return Tile(self._lines(wanted, pyramid.estimate(wanted.level, wanted.number)), is_estimate=True)
        return Tile(self._keep(wanted, self._lines(wanted, pyramid.tile(wanted.level, wanted.number))))

    def learn(self, wanted: Wanted) -> bool:
        """Read a little more of what a tile needs that was estimated; returns whether that is all, and it can be made.

        Raises:
            DataError: the sound cannot be read there.
        """
        pyramid = self._pyramid(wanted)
        missing = pyramid.missing(wanted.level, wanted.number)
        if missing:
            pyramid.learn(missing[0])
        return len(missing) <= 1

    def _pyramid(self, wanted: Wanted) -> Pyramid:
        if wanted.kind == "wave":
            return self._wave
        if self._curves is None:
            raise ValueError("there are no curves")
        return self._curves

    def _lines(self, wanted: Wanted, values: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(values if wanted.kind == "curves" else values[:, wanted.channel : wanted.channel + 1])

    def _keep(self, wanted: Wanted, values: np.ndarray) -> np.ndarray:
        self._kept[wanted] = values
        excess = self.n_bytes - MOST_BYTES
        while excess > 0:
            excess -= self._kept.popitem(last=False)[1].nbytes
        return values
