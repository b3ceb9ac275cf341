"""Dilated convolution by way of the spectrum, with its gradients: see :mod:`~dss_widgets.network.tiles`.

Time is the first axis throughout: samples that a dilation apart follow each other lie in planes of their own then, so that
nothing needs to be gathered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from dss_widgets.network.tiles import Half, Plan, transform

LEAST_TILE_TIMES_CHANNELS, LEAST_SAMPLES = 1024, 512
"""Sizes below which Gauss's trick takes less time: of a tile times its channels, and of a chunk."""


def spectral_convolution(inputs: Any, kernel: Any, dilation: int) -> Any:
    """Return the dilated convolution of inputs ``[time, batch, channels]``, as long as they are.

    Args:
        inputs: float32; the length is known when the graph is made.
        kernel: ``[taps, channels, filters]``.
        dilation: samples between taps.
    """
    plan = Plan.of(int(inputs.shape[0]), int(kernel.shape[0]), dilation)
    n_channels, n_filters = int(kernel.shape[1]), int(kernel.shape[2])
    is_large = plan.tile * min(n_channels, n_filters) >= LEAST_TILE_TIMES_CHANNELS and plan.n_samples >= LEAST_SAMPLES
    halves = transform(plan.tile, by_gauss=not is_large)
    back = np.concatenate([_rows(half.back) for half in halves])

    @tf.custom_gradient
    def convolution(x: Any, used: Any) -> tuple[Any, Any]:
        weights = [_weights(used, half) for half in halves]
        spectra = [
            _to_spectrum(values, half, n_channels) for values, half in zip(_sums_and_differences(x, plan), halves, strict=True)
        ]

        def gradient(upstream: Any) -> tuple[Any, Any]:
            tiles = _tiles(upstream, plan, 0, plan.n_tiles)
            of_values, of_used = [], []
            for spectrum, weight, half in zip(spectra, weights, halves, strict=True):
                of_product = tf.reshape(_rows(half.back) @ tiles, [half.parts, half.points, -1, n_filters])
                of_used.append(_from_weights(tf.matmul(spectrum[None], of_product, transpose_a=True), half))
                of_spectrum = tf.add_n(tf.unstack(tf.matmul(of_product, weight, transpose_b=True)))
                of_values.append(_from_spectrum(of_spectrum, half, n_channels))
            of_x = _from_sums_and_differences(of_values, plan, tf.shape(x)[1], n_channels)
            return of_x, tf.reshape(tf.add_n(of_used)[: plan.last - plan.first], tf.shape(used))

        products: list[Any] = []
        for spectrum, weight, half in zip(spectra, weights, halves, strict=True):
            products += [tf.reshape(tf.matmul(spectrum, of_part), [half.points, -1]) for of_part in tf.unstack(weight)]
        out = tf.reshape(tf.matmul(back, tf.concat(products, 0), transpose_a=True), [plan.tile, plan.n_tiles, -1])
        out = tf.reshape(tf.transpose(out, [1, 0, 2]), [plan.padded, -1, n_filters])
        return out[: plan.n_samples], gradient

    return convolution(inputs, kernel[plan.first : plan.last])


def _rows(table: np.ndarray) -> np.ndarray:
    """Return ``[all the others, last axis]``."""
    return table.reshape(-1, table.shape[-1])


def _weights(used: Any, half: Half) -> Any:
    """Return what the spectrum is multiplied by, ``[parts, points, parts * channels, filters]``, of the taps."""
    n_used, n_channels, n_filters = used.shape
    weights = _rows(half.taps[..., :n_used]) @ tf.reshape(used, [n_used, -1])
    return tf.reshape(weights, [half.parts, half.points, half.parts * n_channels, n_filters])


def _from_weights(of_weights: Any, half: Half) -> Any:
    """Return the gradient of ``2 m`` taps ``[taps, channels * filters]`` from that of what the spectrum is multiplied by."""
    return tf.matmul(_rows(half.taps), tf.reshape(of_weights, [len(_rows(half.taps)), -1]), transpose_a=True)


def _to_spectrum(values: Any, half: Half, n_channels: int) -> Any:
    """Return half a spectrum ``[points, tiles * dilation * batch, parts * channels]`` of ``[tile, ... * channels]``."""
    spectrum = tf.reshape(_rows(half.inputs) @ values, [half.parts, half.points, -1, n_channels])
    spectrum = tf.transpose(spectrum, [1, 2, 0, 3]) if half.parts > 1 else spectrum
    return tf.reshape(spectrum, [half.points, -1, half.parts * n_channels])


def _from_spectrum(of_spectrum: Any, half: Half, n_channels: int) -> Any:
    """Return the gradient of ``[tile, ... * channels]`` from that of half the spectrum."""
    if half.parts > 1:
        of_spectrum = tf.transpose(tf.reshape(of_spectrum, [half.points, -1, half.parts, n_channels]), [2, 0, 1, 3])
    return tf.matmul(_rows(half.inputs), tf.reshape(of_spectrum, [half.parts * half.points, -1]), transpose_a=True)


def _tiles(x: Any, plan: Plan, before: int, n_tiles: int) -> Any:
    """Return ``[tile, tiles * dilation * batch * channels]`` of values ``[time, batch, channels]``."""
    after = n_tiles * plan.tile * plan.dilation - before - plan.n_samples
    x = x[:after] if after < 0 else x
    x = tf.pad(x, [[before, max(0, after)], [0, 0], [0, 0]])
    tiles = tf.transpose(tf.reshape(x, [n_tiles, plan.tile, -1]), [1, 0, 2])
    return tf.reshape(tiles, [plan.tile, -1])


def _sums_and_differences(x: Any, plan: Plan) -> tuple[Any, Any]:
    """Return neighbouring tiles' sums and differences, each ``[tile, tiles * dilation * batch * channels]``."""
    tiles = tf.reshape(_tiles(x, plan, plan.before, plan.n_tiles + 1), [plan.tile, plan.n_tiles + 1, -1])
    one, next_one = tiles[:, :-1], tiles[:, 1:]
    return tf.reshape(one + next_one, [plan.tile, -1]), tf.reshape(one - next_one, [plan.tile, -1])


def _from_sums_and_differences(both: Sequence[Any], plan: Plan, batch: Any, n_channels: int) -> Any:
    """Return the gradient of the inputs ``[time, batch, channels]`` from that of tiles' sums and differences."""
    sums, differences = (tf.reshape(values, [plan.tile, plan.n_tiles, -1]) for values in both)
    tiles = tf.pad(sums + differences, [[0, 0], [0, 1], [0, 0]]) + tf.pad(sums - differences, [[0, 0], [1, 0], [0, 0]])
    length = (plan.n_tiles + 1) * plan.tile * plan.dilation
    of_x = tf.reshape(tf.transpose(tiles, [1, 0, 2]), [length, batch, n_channels])
    of_x = tf.pad(of_x, [[0, max(0, plan.before + plan.n_samples - length)], [0, 0], [0, 0]])
    return of_x[plan.before : plan.before + plan.n_samples]
