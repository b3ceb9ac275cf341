"""A network as a graph of OpenVINO's operations, with its weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dss_widgets.network.architecture import FLOOR_DECIBEL, LEAST_MAGNITUDE, Architecture, Weights
from dss_widgets.network.graph_layers import FramesFirst, FramesLast, constant, product, spectrum_takes_less_time
from dss_widgets.network.openvino_setup import openvino, ops
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
    by_spectrum = exact and spectrum_takes_less_time(architecture, -(-n_samples // architecture.hop))
    ways = FramesFirst() if by_spectrum else FramesLast()
    audio = ops.parameter([-1, n_samples, architecture.n_channels], np.float32, name="audio")
    out = ops.transpose(audio, [0, 2, 1])
    if architecture.has_frontend:
        out = _spectrogram(out, weights[next(layers).name], architecture)
    out = start = ways.pointwise(ways.of_channels(out), *weights[next(layers).name])
    for separable in architecture.separable:
        for dilation in DILATIONS:
            of_dilated, of_skip = weights[next(layers).name], weights[next(layers).name]
            dilated = ways.separable if separable else ways.dilated
            convolved = dilated(out, *of_dilated, dilation=dilation)
            out = ops.add(out, ways.pointwise(ways.normalized(ops.relu(convolved)), *of_skip))
    out = ways.to_frames(ops.relu(ops.subtract(out, start)))  # the sum of all skips
    if architecture.lstm_units:
        out = _lstm(out, weights[next(layers).name], architecture.lstm_units)
    kernel, bias = weights[next(layers).name]
    return openvino.Model([ops.softmax(product(out, kernel, bias), -1)], [audio], "network")


def _spectrogram(audio: Any, weights: Sequence[np.ndarray], architecture: Architecture) -> Any:
    """Return the decibels of audio ``[chunks, channels, samples]``: features are by frequency, then by channel."""
    n_channels, n_frequencies = architecture.n_channels, architecture.window // 2 + 1
    filters = np.concatenate([kernel[:, 0, 0] for kernel in weights], axis=1).T[:, None]  # real and imaginary
    single = audio if n_channels == 1 else ops.reshape(audio, [-1, 1, audio.output(0).partial_shape[2].get_length()], False)
    both = ops.split(ops.convolution(single, constant(filters), [architecture.hop], [0], [0], [1], "same_upper"), 1, 2)
    power = ops.add(*(ops.multiply(part, part) for part in both.outputs()))
    if n_channels > 1:
        n_frames = power.output(0).partial_shape[2].get_length()
        power = ops.reshape(power, [-1, n_channels, n_frequencies, n_frames], False)
        power = ops.reshape(ops.transpose(power, [0, 2, 1, 3]), [-1, n_frequencies * n_channels, n_frames], False)
    decibel = ops.multiply(ops.log(ops.maximum(power, constant(LEAST_MAGNITUDE**2))), constant(5 / math.log(10)))
    decibel = ops.subtract(decibel, ops.reduce_max(decibel, [1, 2], keep_dims=True))
    return ops.maximum(decibel, constant(FLOOR_DECIBEL))


def _lstm(values: Any, weights: Sequence[np.ndarray], n_units: int) -> Any:
    """Return what an LSTM makes of values ``[chunks, frames, features]``, forward and backward in time."""
    # Keras: input, forget, cell, output; here: forget, input, cell, output
    gates = np.concatenate([np.arange(n_units) + place * n_units for place in (1, 0, 2, 3)])
    kernel, recurrent, bias = (constant(np.stack([weights[i], weights[i + 3]])[..., gates].swapaxes(1, -1)) for i in range(3))
    n_chunks = ops.gather(ops.shape_of(values), [0], 0)
    zeros = ops.broadcast(constant(0.0), ops.concat([n_chunks, [2, n_units]], 0))
    n_frames = values.output(0).partial_shape[1].get_length()
    lengths = ops.broadcast(ops.constant(n_frames, np.int32), n_chunks)
    both = ops.lstm_sequence(values, zeros, zeros, lengths, kernel, recurrent, bias, n_units, "bidirectional")
    by_frame = ops.transpose(both.output(0), [0, 2, 1, 3])
    return ops.reshape(by_frame, [-1, n_frames, 2 * n_units], False)
