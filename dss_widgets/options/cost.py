"""What a network costs: weights, memory while it learns, bytes on disk. Pure functions of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dss_widgets.options.network import DILATIONS, NetworkOptions

SEPARABLE_DEPTH = 4
"""Depth multiplier of the separable convolutions."""

_FLOAT = 4
_BASE_BYTES = 650_000_000
"""What the worker takes before it has learned anything: interpreter, libraries, compiled functions."""

_BATCHES_AHEAD = 6
"""Batches of audio and targets that are held at once."""


@dataclass(frozen=True)
class DataShape:
    """What the network's ends and the training's files depend on.

    Attributes:
        n_channels, n_classes: of the audio and of the targets, noise included.
        n_test: samples of the test split.
    """

    n_channels: int
    n_classes: int
    n_test: int = 0


def count_weights(options: NetworkOptions, n_channels: int, n_classes: int) -> int:
    """Return how many weights the network has (domain: *the network*)."""
    return weights_of(
        n_channels=n_channels, n_classes=n_classes, filters=options.filters, filter_duration=options.filter_duration,
        separable=options.separable_blocks, window=options.frontend_filter_duration if options.has_frontend else 0,
        lstm_units=options.lstm_units or 0,
    )  # fmt: skip


def weights_of(
    *,
    n_channels: int,
    n_classes: int,
    filters: int,
    filter_duration: int,
    separable: Sequence[bool],
    window: int,
    lstm_units: int,
) -> int:
    """Return how many weights a network of given parts has; ``window`` and ``lstm_units`` are 0 where there are none."""
    f, k = filters, filter_duration
    frequencies = window // 2 + 1 if window else 0
    total = 2 * window * frequencies + (frequencies or 1) * n_channels * f + f
    plain, separated = k * f * f + f, k * f * SEPARABLE_DEPTH + SEPARABLE_DEPTH * f * f + f
    for is_separable in separable:
        total += len(DILATIONS) * ((separated if is_separable else plain) + f * f + f)
    if lstm_units:
        total += 2 * 4 * ((f + lstm_units) * lstm_units + lstm_units)
        f = 2 * lstm_units
    return total + f * n_classes + n_classes


def activation_bytes(options: NetworkOptions, batch_size: int, shape: DataShape) -> int:
    """Return the least memory that one step of learning takes: what every layer keeps until the gradients are known.

    Of every residual layer that is the convolution's output, the normalised output, the skip and the sum.
    """
    frames = batch_size * -(-options.chunk_duration // options.hop)
    kept = 0
    for is_separable in options.separable_blocks:
        kept += len(DILATIONS) * options.filters * (4 + (SEPARABLE_DEPTH if is_separable else 0))
    if options.has_frontend:
        kept += 4 * (options.frontend_filter_duration // 2 + 1) * shape.n_channels
    kept += 8 * (options.lstm_units or 0) + 3 * shape.n_classes
    audio = batch_size * options.chunk_duration * shape.n_channels
    return _FLOAT * (frames * kept + audio)


def memory_bytes(options: NetworkOptions, batch_size: int, shape: DataShape) -> int:
    """Return about how much memory the worker takes at most while it learns.

    Beside the activations there are their gradients and the convolutions' work space, the weights with Adam's two moments,
    their gradients, the best weights so far, and the batches that are read ahead.
    """
    n_weights = count_weights(options, shape.n_channels, shape.n_classes)
    batch = batch_size * options.chunk_duration * (shape.n_channels + shape.n_classes) * _FLOAT
    return _BASE_BYTES + 2 * activation_bytes(options, batch_size, shape) + 6 * n_weights * _FLOAT + _BATCHES_AHEAD * batch


def disk_bytes(options: NetworkOptions, shape: DataShape) -> int:
    """Return about how much a run writes: the network twice, the checkpoint (weights, optimizer, best), the test's results."""
    n_weights = count_weights(options, shape.n_channels, shape.n_classes)
    results = shape.n_test * (2 * 2 * shape.n_classes + 2 * 2) // 2  # compressed to about half
    return (2 + 4) * n_weights * _FLOAT + results + 1_000_000
