"""Dilated convolution by way of the spectrum: the same sums in a third of the multiplications.

A convolution's taps and its inputs are taken to the frequency domain, multiplied there, and taken back, all by products of
matrices, which is what processors do best. Time is the first axis throughout: samples that a dilation apart follow each other
lie in planes of their own then, so that nothing needs to be gathered.

A tile of ``m`` outputs depends on two neighbouring tiles of inputs, ``t0`` and ``t1``. The transform of both together, of
length ``2 m``, is that of ``t0 + t1`` at even frequencies and that of ``t0 - t1`` at odd ones. A product of complex numbers
takes three products of real ones (Gauss's trick), whose sums are part of the matrices, so all of it is real.

Rounding errors are a ten-millionth of the largest value in a tile, not of each value: enough for 1e-5 in the probabilities of a
network that has learned, but beside loud sound they show in perfect silence as long as all biases are exactly 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class Transform:
    """The matrices of a correlation ``y[i] = sum_k taps[k] x[i + k]`` with at most ``m + 1`` taps, ``m`` outputs at once.

    ``y = back @ ((taps_in @ taps) * concatenate([even @ (t0 + t1), odd @ (t0 - t1)]))``

    Attributes:
        even, odd: of the inputs, ``[points, m]``.
        taps_in: of the taps, ``[points, 2 m]``; the points of ``even`` come first.
        back: to the outputs, ``[m, points]``.
    """

    even: np.ndarray
    odd: np.ndarray
    taps_in: np.ndarray
    back: np.ndarray


@cache
def transform(m: int) -> Transform:
    """Return the matrices for tiles of ``m`` samples; float32, computed in float64."""
    n = np.arange(2 * m)
    inputs, taps, back = [], [], []
    n_even = 0
    for frequency in (*range(0, m + 1, 2), *range(1, m + 1, 2)):
        cosine, sine = np.cos(np.pi * frequency * n / m), np.sin(np.pi * frequency * n / m)
        if frequency in (0, m):  # real there
            points = [(cosine, cosine, cosine / (2 * m))]
        else:  # (cosine - i sine) of the inputs times (cosine + i sine) of the taps
            points = [
                (cosine - sine, cosine, (cosine - sine) / m),
                (cosine, sine - cosine, -sine / m),
                (-sine, cosine + sine, -cosine / m),
            ]
        for of_input, of_taps, of_output in points:
            inputs.append(of_input[:m])
            taps.append(of_taps)
            back.append(of_output[:m])
        n_even += len(points) * (frequency % 2 == 0)
    rows = np.array(inputs, dtype=np.float32)
    outputs = np.ascontiguousarray(np.array(back, dtype=np.float32).T)
    return Transform(rows[:n_even], rows[n_even:], np.array(taps, dtype=np.float32), outputs)


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


def spectral_convolution(inputs: Any, kernel: Any, dilation: int) -> Any:
    """Return the dilated convolution of inputs ``[time, batch, channels]``, as long as they are.

    Args:
        inputs: float32; the length is known when the graph is made.
        kernel: ``[taps, channels, filters]``.
        dilation: samples between taps.
    """
    plan = Plan.of(int(inputs.shape[0]), int(kernel.shape[0]), dilation)
    tables = transform(plan.tile)
    n_channels, n_filters = int(kernel.shape[1]), int(kernel.shape[2])
    n_used = plan.last - plan.first
    taps_in = tables.taps_in[:, :n_used]

    @tf.custom_gradient
    def convolution(x: Any, used: Any) -> tuple[Any, Any]:
        weights = tf.reshape(taps_in @ tf.reshape(used, [n_used, -1]), [-1, n_channels, n_filters])
        spectrum = _to_spectrum(x, plan, tables, n_channels)

        def gradient(upstream: Any) -> tuple[Any, Any]:
            tiles = _tiles(upstream, plan, 0, plan.n_tiles)
            of_product = tf.reshape(tf.matmul(tables.back, tiles, transpose_a=True), [len(taps_in), -1, n_filters])
            of_weights = tf.matmul(spectrum, of_product, transpose_a=True)
            of_taps = tf.matmul(taps_in, tf.reshape(of_weights, [len(taps_in), -1]), transpose_a=True)
            of_spectrum = tf.matmul(of_product, weights, transpose_b=True)
            of_x = _from_spectrum_of_inputs(of_spectrum, plan, tables, tf.shape(x)[1], n_channels)
            return of_x, tf.reshape(of_taps, [n_used, n_channels, n_filters])

        product = tf.matmul(spectrum, weights)
        out = tf.reshape(tables.back @ tf.reshape(product, [len(taps_in), -1]), [plan.tile, plan.n_tiles, -1])
        out = tf.reshape(tf.transpose(out, [1, 0, 2]), [plan.padded, -1, n_filters])
        return out[: plan.n_samples], gradient

    return convolution(inputs, kernel[plan.first : plan.last])


def _tiles(x: Any, plan: Plan, before: int, n_tiles: int) -> Any:
    """Return ``[tile, tiles * dilation * batch * channels]`` of values ``[time, batch, channels]``."""
    after = n_tiles * plan.tile * plan.dilation - before - plan.n_samples
    x = x[:after] if after < 0 else x
    x = tf.pad(x, [[before, max(0, after)], [0, 0], [0, 0]])
    tiles = tf.transpose(tf.reshape(x, [n_tiles, plan.tile, -1]), [1, 0, 2])
    return tf.reshape(tiles, [plan.tile, -1])


def _to_spectrum(x: Any, plan: Plan, tables: Transform, n_channels: int) -> Any:
    """Return the inputs' spectrum, ``[points, tiles * dilation * batch, channels]``."""
    tiles = tf.reshape(_tiles(x, plan, plan.before, plan.n_tiles + 1), [plan.tile, plan.n_tiles + 1, -1])
    one, next_one = tiles[:, :-1], tiles[:, 1:]
    sums, differences = (tf.reshape(both, [plan.tile, -1]) for both in (one + next_one, one - next_one))
    spectrum = tf.concat([tables.even @ sums, tables.odd @ differences], 0)
    return tf.reshape(spectrum, [len(tables.taps_in), -1, n_channels])


def _from_spectrum_of_inputs(of_spectrum: Any, plan: Plan, tables: Transform, batch: Any, n_channels: int) -> Any:
    """Return the gradient of the inputs ``[time, batch, channels]`` from that of their spectrum."""
    n_even = len(tables.even)
    flat = tf.reshape(of_spectrum, [len(tables.taps_in), -1])
    shape = [plan.tile, plan.n_tiles, -1]
    sums = tf.reshape(tf.matmul(tables.even, flat[:n_even], transpose_a=True), shape)
    differences = tf.reshape(tf.matmul(tables.odd, flat[n_even:], transpose_a=True), shape)
    tiles = tf.pad(sums + differences, [[0, 0], [0, 1], [0, 0]]) + tf.pad(sums - differences, [[0, 0], [1, 0], [0, 0]])
    length = (plan.n_tiles + 1) * plan.tile * plan.dilation
    of_x = tf.reshape(tf.transpose(tiles, [1, 0, 2]), [length, batch, n_channels])
    of_x = tf.pad(of_x, [[0, max(0, plan.before + plan.n_samples - length)], [0, 0], [0, 0]])
    return of_x[plan.before : plan.before + plan.n_samples]
