"""How a dilated convolution is divided into tiles, and the matrices that take a tile to its spectrum and back.

A convolution's taps and its inputs are taken to the frequency domain, multiplied there, and taken back, all by products of
matrices, which is what processors do best: the same sums in a third of the multiplications.

A tile of ``m`` outputs depends on two neighbouring tiles of inputs, ``t0`` and ``t1``. The transform of both together, of
length ``2 m``, is that of ``t0 + t1`` at even frequencies and that of ``t0 - t1`` at odd ones: two halves, of which each goes
its way to the outputs. All of it is real: complex numbers are pairs of real ones, and a product of two is that of a pair with a
matrix of two by two; or, with few channels, three products of real numbers (Gauss's trick), whose sums are part of the
matrices. These take fewer multiplications, but half as much memory again, which is what many channels wait for.

Rounding errors are a ten-millionth of the largest value in a tile, not of each value: enough for 1e-5 in the probabilities of a
network that has learned, but beside loud sound they show in perfect silence as long as all biases are exactly 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

_LEAST_TAPS = 8
"""Taps from which on this takes less time in learning."""

_LEAST_TAPS_TIMES_FILTERS = 1024
"""... and taps times filters from which on it does where no gradients are computed."""


def takes_less_time(n_taps: int, n_filters: int, *, training: bool) -> bool:
    """Return whether a convolution takes less time by way of the spectrum."""
    return n_taps >= _LEAST_TAPS and (training or n_taps * n_filters >= _LEAST_TAPS_TIMES_FILTERS)


@dataclass(frozen=True)
class Half:
    """The matrices of half a spectrum, that of even or odd frequencies, for a correlation ``y[i] = sum_k taps[k] x[i + k]``.

    It has ``points``, of ``parts`` real numbers each; those of the inputs are multiplied by a matrix ``[parts, parts]`` that is
    made of the taps. There are at most ``m + 1`` taps, and ``m`` outputs at once.

    Attributes:
        inputs: of the inputs ``t0 + t1`` or ``t0 - t1``, ``[parts, points, m]``.
        taps: of the taps, ``[parts of the product, points, parts of the inputs, 2 m]``.
        back: from the product to its share of the outputs, ``[parts, points, m]``.
    """

    inputs: np.ndarray
    taps: np.ndarray
    back: np.ndarray

    @property
    def parts(self) -> int:
        """Real numbers of a point."""
        return int(self.inputs.shape[0])

    @property
    def points(self) -> int:
        """Points of this half."""
        return int(self.inputs.shape[1])


@cache
def transform(m: int, *, by_gauss: bool) -> tuple[Half, Half]:
    """Return the matrices for tiles of ``m`` samples, with or without Gauss's trick; float32, computed in float64."""
    even, odd = (_half(range(first, m + 1, 2), m, by_gauss=by_gauss) for first in (0, 1))
    return even, odd


def _half(frequencies: range, m: int, *, by_gauss: bool) -> Half:
    n = np.arange(2 * m)
    inputs: list[list[np.ndarray]] = []
    taps: list[list[list[np.ndarray]]] = []
    back: list[list[np.ndarray]] = []
    for frequency in frequencies:
        cosine, sine = np.cos(np.pi * frequency * n / m), np.sin(np.pi * frequency * n / m)
        weight = 1 / (2 * m) if frequency in (0, m) else 1 / m
        # (cosine - i sine) of the inputs times (cosine + i sine) of the taps
        if not by_gauss:
            points = [([cosine, -sine], [[cosine, -sine], [sine, cosine]], [cosine, -sine])]
        elif frequency in (0, m):  # real there
            points = [([cosine], [[cosine]], [cosine])]
        else:
            points = [
                ([cosine - sine], [[cosine]], [cosine - sine]),
                ([cosine], [[sine - cosine]], [-sine]),
                ([-sine], [[cosine + sine]], [-cosine]),
            ]
        for of_inputs, of_taps, of_outputs in points:
            inputs.append([part[:m] for part in of_inputs])
            taps.append(of_taps)
            back.append([weight * part[:m] for part in of_outputs])
    return Half(*(np.ascontiguousarray(np.swapaxes(np.array(v, dtype=np.float32), 0, 1)) for v in (inputs, taps, back)))


@dataclass(frozen=True)
class Plan:
    """How a convolution of given size is divided into tiles.

    Attributes:
        n_samples: of the input and the output.
        dilation: samples between taps.
        first, last: taps (last excluded) that reach the audio at all; the others meet only zeros.
        before: zeros before the first sample.
        tile: outputs of a tile, a dilation apart.
        n_tiles: tiles of outputs; of inputs, there is one more.
    """

    n_samples: int
    dilation: int
    first: int
    last: int
    before: int
    tile: int
    n_tiles: int

    @classmethod
    def of(cls, n_samples: int, n_taps: int, dilation: int) -> Plan:
        """Return the plan of a convolution that keeps the length (``same`` padding, as TensorFlow does it)."""
        before = (n_taps - 1) * dilation // 2
        first = min(max(0, (before - n_samples) // dilation + 1), before // dilation)
        last = max(first + 1, min(n_taps, -(-(before + n_samples) // dilation)))
        length, n_used = -(-n_samples // dilation), last - first
        tile = n_used if length >= n_used else -(-(length + n_used - 1) // 2)
        return cls(n_samples, dilation, first, last, before - first * dilation, max(1, tile), -(-length // max(1, tile)))

    @property
    def padded(self) -> int:
        """Samples of the output's tiles together."""
        return self.n_tiles * self.tile * self.dilation
