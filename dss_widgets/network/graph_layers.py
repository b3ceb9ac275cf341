"""A network's convolutions in OpenVINO, by two ways: as it computes them itself, and by way of the spectrum.

OpenVINO's own convolutions have values ``[chunks, channels, frames]``. By way of the spectrum they are ``[chunks, frames,
channels]`` throughout: so what a layer transposes are whole rows of channels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dss_widgets.network.architecture import NORMALIZATION_OFFSET, Architecture
from dss_widgets.network.openvino_setup import ops
from dss_widgets.network.tiles import Half, Plan, transform

_LEAST_TAPS, _LEAST_TAPS_TIMES_FILTERS, _LEAST_FRAMES = 8, 1024, 128
"""From which on the way by the spectrum takes less time than OpenVINO's convolutions: all three, the last of a chunk."""


def spectrum_takes_less_time(architecture: Architecture, n_frames: int) -> bool:
    """Return whether chunks of so many frames take less time by way of the spectrum."""
    n_taps, n_filters = architecture.filter_duration, architecture.filters
    is_large = n_taps >= _LEAST_TAPS and n_taps * n_filters >= _LEAST_TAPS_TIMES_FILTERS
    few_separable = 4 * sum(architecture.separable) < len(architecture.separable)  # values are turned around for these
    return is_large and n_frames >= _LEAST_FRAMES and few_separable


def constant(values: Any) -> Any:
    """Return numbers that are part of the graph, as float32."""
    return ops.constant(np.ascontiguousarray(values, dtype=np.float32))


def product(values: Any, kernel: np.ndarray, bias: np.ndarray) -> Any:
    """Return values ``[..., channels]`` times ``[channels, filters]``, plus a bias."""
    return ops.add(ops.matmul(values, constant(kernel), False, False), constant(bias))


class FramesLast:
    """Layers whose values are ``[chunks, channels, frames]``.

    Kernels are ``[taps, channels, filters]``, those of each channel by itself ``[taps, channels, filters of a channel]``.
    """

    channel_axis = 1

    def of_channels(self, values: Any) -> Any:
        """Return values ``[chunks, channels, frames]`` as these layers have them."""
        return values

    def to_frames(self, values: Any) -> Any:
        """Return values of these layers as ``[chunks, frames, channels]``."""
        return _swapped(values)

    def pointwise(self, values: Any, kernel: np.ndarray, bias: np.ndarray) -> Any:
        """Return a convolution by kernels of one tap."""
        return self.dilated(values, kernel, bias, dilation=1)

    def dilated(self, values: Any, kernel: np.ndarray, bias: np.ndarray, *, dilation: int) -> Any:
        """Return a dilated convolution."""
        filters = constant(kernel.transpose(2, 1, 0))
        return ops.add(ops.convolution(values, filters, [1], [0], [0], [dilation], "same_upper"), constant(bias[:, None]))

    def separable(self, values: Any, of_each: np.ndarray, pointwise: np.ndarray, bias: np.ndarray, *, dilation: int) -> Any:
        """Return a dilated convolution of each channel by itself, then one of all by kernels of one tap."""
        return self.pointwise(_each_channel(values, of_each, dilation), pointwise, bias)

    def normalized(self, positive: Any) -> Any:
        """Return values, none of them negative, divided by the largest over channels plus a small number."""
        largest = ops.reduce_max(positive, [self.channel_axis], keep_dims=True)
        return ops.divide(positive, ops.add(largest, constant(NORMALIZATION_OFFSET)))


class FramesFirst(FramesLast):
    """Layers whose values are ``[chunks, frames, channels]``; dilated convolutions go by way of the spectrum."""

    channel_axis = 2

    def of_channels(self, values: Any) -> Any:
        """Return values ``[chunks, channels, frames]`` as these layers have them."""
        return _swapped(values)

    def to_frames(self, values: Any) -> Any:
        """Return values of these layers as ``[chunks, frames, channels]``."""
        return values

    def pointwise(self, values: Any, kernel: np.ndarray, bias: np.ndarray) -> Any:
        """Return a convolution by kernels of one tap."""
        return product(values, kernel[0], bias)

    def dilated(self, values: Any, kernel: np.ndarray, bias: np.ndarray, *, dilation: int) -> Any:
        """Return a dilated convolution, see :mod:`~dss_widgets.network.tiles`."""
        (n_taps, n_channels, n_filters), n_frames = kernel.shape, values.output(0).partial_shape[1].get_length()
        plan = Plan.of(n_frames, n_taps, dilation)
        n_padded = plan.padded + plan.tile * dilation
        after = max(0, n_padded - plan.before - n_frames)
        padded = ops.pad(_first(values, n_padded - plan.before), [0, plan.before, 0], [0, after, 0], "constant", 0.0)
        tiles = ops.reshape(padded, [-1, plan.n_tiles + 1, plan.tile, dilation * n_channels], False)
        one, following = (ops.slice(tiles, [i], [i + plan.n_tiles], [1], [1]) for i in (0, 1))
        halves, taps = transform(plan.tile, by_gauss=False), kernel[plan.first : plan.last]
        pair = zip(halves, (ops.add(one, following), ops.subtract(one, following)), strict=True)
        spectra = ops.concat([_multiplied(half, values, taps, dilation) for half, values in pair], 2)
        back = np.concatenate([half.back.reshape(-1, plan.tile) for half in halves])
        out = ops.reshape(ops.matmul(constant(back.T), spectra, False, False), [-1, plan.padded, n_filters], False)
        return ops.add(_first(out, n_frames), constant(bias))

    def separable(self, values: Any, of_each: np.ndarray, pointwise: np.ndarray, bias: np.ndarray, *, dilation: int) -> Any:
        """Return a dilated convolution of each channel by itself, then one of all by kernels of one tap."""
        return self.pointwise(_swapped(_each_channel(_swapped(values), of_each, dilation)), pointwise, bias)


def _swapped(values: Any) -> Any:
    return ops.transpose(values, [0, 2, 1])


def _first(values: Any, n_frames: int) -> Any:
    return ops.slice(values, [0], [n_frames], [1], [1])


def _each_channel(values: Any, kernel: np.ndarray, dilation: int) -> Any:
    """Return a convolution of each channel of ``[chunks, channels, frames]`` by filters of its own."""
    filters = constant(kernel.transpose(1, 2, 0)[:, :, None])
    return ops.group_convolution(values, filters, [1], [0], [0], [dilation], "same_upper")


def _multiplied(half: Half, tiles: Any, taps: np.ndarray, dilation: int) -> Any:
    """Return half the spectrum of the outputs, ``[chunks, tiles, parts * points, dilation * filters]``.

    Args:
        half: which one.
        tiles: sums or differences of inputs, ``[chunks, tiles, tile, dilation * channels]``.
        taps: ``[taps, channels, filters]``.
        dilation: frames between taps.
    """
    n_used, n_channels, n_filters = taps.shape
    parts, points, tile = half.inputs.shape
    n_tiles = tiles.output(0).partial_shape[1].get_length()
    spectrum = ops.matmul(constant(half.inputs.reshape(-1, tile)), tiles, False, False)
    spectrum = ops.reshape(spectrum, [-1, n_tiles, parts, points, dilation, n_channels], False)
    by_point = ops.reshape(ops.transpose(spectrum, [3, 0, 1, 4, 2, 5]), [points, -1, parts * n_channels], False)
    weights = np.einsum("apbk,kcf->pbcaf", half.taps[..., :n_used], taps, dtype=np.float64)
    multiplied = ops.matmul(by_point, constant(weights.reshape(points, parts * n_channels, -1)), False, False)
    multiplied = ops.reshape(multiplied, [points, -1, n_tiles, dilation, parts, n_filters], False)
    return ops.reshape(
        ops.transpose(multiplied, [1, 2, 4, 0, 3, 5]), [-1, n_tiles, parts * points, dilation * n_filters], False
    )
