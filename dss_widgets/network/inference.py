"""How a trained network is computed on a processor, where nothing is learned: by OpenVINO.

It takes less memory and time than TensorFlow, which is not imported for it, and computes the same to 1e-5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from dss_widgets.machine import own_cores
from dss_widgets.network.architecture import (
    FLOOR_DECIBEL,
    LEAST_MAGNITUDE,
    NORMALIZATION_OFFSET,
    Architecture,
    Weights,
)
from dss_widgets.options.network import DILATIONS

FRAMES_TOGETHER = 2048
"""Frames that a core computes at a time, of as many chunks as have so many: what it holds of them stays in its cache."""

Frames = Callable[[np.ndarray], np.ndarray]
"""From audio ``[chunks, samples, channels]`` to frames' probabilities ``[chunks, frames, classes]``; both float32."""


def halves_digits() -> bool:
    """Return whether this processor computes in bfloat16, with half the digits, and gains time by it."""
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def inference(architecture: Architecture, weights: Weights, n_samples: int, *, half_precision: bool = False) -> Frames:
    """Return what computes the probabilities of chunks.

    Chunks are computed side by side, one after the other on each core, in portions that do not depend on the number of cores:
    nor does the result.

    Args:
        architecture: of the network.
        weights: of its layers.
        n_samples: of a chunk.
        half_precision: whether all is computed in bfloat16, where the processor gains time by that.
    """
    n_cores = own_cores()
    compiled = openvino.Core().compile_model(
        _model(architecture, weights, n_samples),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "bf16" if half_precision and halves_digits() else "f32",  # left out, OpenVINO decides
            "NUM_STREAMS": n_cores,
            "INFERENCE_NUM_THREADS": n_cores,
            "ENABLE_CPU_PINNING": False,  # or processes that share the cores would all take the same one
        },
    )
    queue, one_call = openvino.AsyncInferQueue(compiled, n_cores), Lock()
    queue.set_callback(_keep)
    portion = max(1, FRAMES_TOGETHER * architecture.hop // n_samples)

    def frames(audio: np.ndarray) -> np.ndarray:
        parts = [audio[first : first + portion] for first in range(0, len(audio), portion)]
        found: list[np.ndarray] = [audio] * len(parts)
        with one_call:
            for place, part in enumerate(parts):
                queue.start_async({0: part}, (found, place), share_inputs=True)
            queue.wait_all()
        return np.concatenate(found)

    return frames


def _keep(request: Any, to: tuple[list[np.ndarray], int]) -> None:
    """Keep what was computed, in its place."""
    found, place = to
    found[place] = request.get_output_tensor().data.copy()


def _model(architecture: Architecture, weights: Weights, n_samples: int) -> openvino.Model:
    """Return the network as a graph; in it, values are ``[chunks, channels, frames]``."""
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
                convolved = _convolution(out, *of_dilated, dilation=dilation)
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
