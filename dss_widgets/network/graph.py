"""A network as a graph of OpenVINO's operations, with its weights; values are ``[chunks, channels, frames]``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dss_widgets.network.architecture import FLOOR_DECIBEL, LEAST_MAGNITUDE, NORMALIZATION_OFFSET, Architecture, Weights
from dss_widgets.network.openvino_setup import openvino, ops
from dss_widgets.network.tiles import Half, Plan, takes_less_time, transform
from dss_widgets.options.network import DILATIONS


def graph_of(architecture: Architecture, weights: Weights, n_samples: int, *, exact: bool) -> openvino.Model:
    """Return the graph from audio ``[chunks, samples, channels]`` to frames' probabilities ``[chunks, frames, classes]``.

    Args:
        architecture: of the network.
        weights: of its layers.
        n_samples: of a chunk.
        exact: whether it is computed with all digits.
    """
    layers = iter(architecture.layers())
    audio = ops.parameter([-1, n_samples, architecture.n_channels], np.float32, name="audio")
    out = ops.transpose(audio, [0, 2, 1])
    if architecture.has_frontend:
        out = _spectrogram(out, weights[next(layers).name], architecture)
    out = start = _convolution(out, *weights[next(layers).name])
    for separable in architecture.separable:
        for dilation in DILATIONS:
            of_dilated, of_skip = weights[next(layers).name], weights[next(layers).name]
            if separable:
                depthwise, pointwise, bias = of_dilated
                convolved = _convolution(_each_channel(out, depthwise, dilation), pointwise, bias)
            else:
                kernel, bias = of_dilated
                n_taps, _, n_filters = kernel.shape
                if exact and takes_less_time(n_taps, n_filters, training=False):
                    convolved = ops.add(_spectral_convolution(out, kernel, dilation), _by_channel(bias))
                else:
                    convolved = _convolution(out, kernel, bias, dilation=dilation)
            out = ops.add(out, _convolution(_normalized(ops.relu(convolved)), *of_skip))
    out = ops.transpose(ops.relu(ops.subtract(out, start)), [0, 2, 1])  # the sum of all skips, by frames
    if architecture.lstm_units:
        out = _lstm(out, weights[next(layers).name], architecture.lstm_units)
    kernel, bias = weights[next(layers).name]
    logits = ops.add(ops.matmul(out, _constant(kernel), False, False), _constant(bias))
    return openvino.Model([ops.softmax(logits, -1)], [audio], "network")


def _constant(values: Any) -> Any:
    return ops.constant(np.ascontiguousarray(values, dtype=np.float32))


def _by_channel(bias: np.ndarray) -> Any:
    return _constant(bias[:, None])


def _convolution(values: Any, kernel: np.ndarray, bias: np.ndarray, *, dilation: int = 1) -> Any:
    """Return a convolution by a kernel ``[taps, channels, filters]``."""
    filters = _constant(kernel.transpose(2, 1, 0))
    return ops.add(ops.convolution(values, filters, [1], [0], [0], [dilation], "same_upper"), _by_channel(bias))


def _spectral_convolution(values: Any, kernel: np.ndarray, dilation: int) -> Any:
    """Return a convolution by a kernel ``[taps, channels, filters]``, see :mod:`~dss_widgets.network.tiles`."""
    (n_taps, n_channels, n_filters), n_frames = kernel.shape, values.output(0).partial_shape[2].get_length()
    plan = Plan.of(n_frames, n_taps, dilation)
    n_padded = plan.padded + plan.tile * dilation
    padded = ops.pad(
        _first(values, n_padded - plan.before),
        [0, 0, plan.before],
        [0, 0, max(0, n_padded - plan.before - n_frames)],
        "constant",
        0.0,
    )
    tiles = ops.reshape(padded, [-1, n_channels, plan.n_tiles + 1, plan.tile, dilation], False)
    tiles = ops.transpose(tiles, [0, 2, 4, 1, 3])  # chunks, tiles, dilation, channels, a tile's inputs
    one, following = (ops.slice(tiles, [i], [i + plan.n_tiles], [1], [1]) for i in (0, 1))
    taps = kernel[plan.first : plan.last]
    even, odd = transform(plan.tile, by_gauss=False)
    out = ops.add(_through(even, ops.add(one, following), taps), _through(odd, ops.subtract(one, following), taps))
    out = ops.reshape(out, [-1, plan.n_tiles, dilation, n_filters, plan.tile], False)
    out = ops.reshape(ops.transpose(out, [0, 3, 1, 4, 2]), [-1, n_filters, plan.padded], False)
    return _first(out, n_frames)


def _first(values: Any, n_frames: int) -> Any:
    return ops.slice(values, [0], [n_frames], [1], [2])


def _through(half: Half, tiles: Any, taps: np.ndarray) -> Any:
    """Return the share of half a spectrum in the outputs ``[all tiles, filters, tile]`` of tiles ``[..., channels, tile]``."""
    n_used, n_channels, n_filters = taps.shape
    parts, points, tile = half.inputs.shape
    spectrum = ops.matmul(tiles, _constant(half.inputs.reshape(-1, tile)), False, True)
    spectrum = ops.transpose(ops.reshape(spectrum, [-1, n_channels, parts, points], False), [3, 0, 2, 1])
    weights = np.einsum("apbk,kcf->pbcaf", half.taps[..., :n_used], taps, dtype=np.float64)
    weights = weights.reshape(points, parts * n_channels, parts * n_filters)
    product = ops.matmul(ops.reshape(spectrum, [points, -1, parts * n_channels], False), _constant(weights), False, False)
    product = ops.transpose(ops.reshape(product, [points, -1, parts, n_filters], False), [1, 3, 2, 0])
    product = ops.reshape(product, [-1, n_filters, parts * points], False)
    return ops.matmul(product, _constant(half.back.reshape(-1, tile)), False, False)


def _each_channel(values: Any, kernel: np.ndarray, dilation: int) -> Any:
    """Return a convolution of each channel by filters of its own ``[taps, channels, filters of a channel]``."""
    filters = _constant(kernel.transpose(1, 2, 0)[:, :, None])
    return ops.group_convolution(values, filters, [1], [0], [0], [dilation], "same_upper")


def _normalized(positive: Any) -> Any:
    """Return values, none of them negative, divided by the largest over channels plus a small number."""
    largest = ops.reduce_max(positive, [1], keep_dims=True)
    return ops.divide(positive, ops.add(largest, _constant(NORMALIZATION_OFFSET)))


def _spectrogram(audio: Any, weights: Sequence[np.ndarray], architecture: Architecture) -> Any:
    """Return the decibels of audio ``[chunks, channels, samples]``: features are by frequency, then by channel."""
    n_channels, n_frequencies = architecture.n_channels, architecture.window // 2 + 1
    filters = np.concatenate([kernel[:, 0, 0] for kernel in weights], axis=1).T[:, None]  # real and imaginary
    single = audio if n_channels == 1 else ops.reshape(audio, [-1, 1, audio.output(0).partial_shape[2].get_length()], False)
    both = ops.split(ops.convolution(single, _constant(filters), [architecture.hop], [0], [0], [1], "same_upper"), 1, 2)
    power = ops.add(*(ops.multiply(part, part) for part in both.outputs()))
    if n_channels > 1:
        n_frames = power.output(0).partial_shape[2].get_length()
        power = ops.reshape(power, [-1, n_channels, n_frequencies, n_frames], False)
        power = ops.reshape(ops.transpose(power, [0, 2, 1, 3]), [-1, n_frequencies * n_channels, n_frames], False)
    decibel = ops.multiply(ops.log(ops.maximum(power, _constant(LEAST_MAGNITUDE**2))), _constant(5 / math.log(10)))
    decibel = ops.subtract(decibel, ops.reduce_max(decibel, [1, 2], keep_dims=True))
    return ops.maximum(decibel, _constant(FLOOR_DECIBEL))


def _lstm(values: Any, weights: Sequence[np.ndarray], n_units: int) -> Any:
    """Return what an LSTM makes of values ``[chunks, frames, features]``, forward and backward in time."""
    # Keras: input, forget, cell, output; here: forget, input, cell, output
    gates = np.concatenate([np.arange(n_units) + place * n_units for place in (1, 0, 2, 3)])
    kernel, recurrent, bias = (_constant(np.stack([weights[i], weights[i + 3]])[..., gates].swapaxes(1, -1)) for i in range(3))
    n_chunks = ops.gather(ops.shape_of(values), [0], 0)
    zeros = ops.broadcast(_constant(0.0), ops.concat([n_chunks, [2, n_units]], 0))
    n_frames = values.output(0).partial_shape[1].get_length()
    lengths = ops.broadcast(ops.constant(n_frames, np.int32), n_chunks)
    both = ops.lstm_sequence(values, zeros, zeros, lengths, kernel, recurrent, bias, n_units, "bidirectional")
    by_frame = ops.transpose(both.output(0), [0, 2, 1, 3])
    return ops.reshape(by_frame, [-1, n_frames, 2 * n_units], False)
