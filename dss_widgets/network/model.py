"""The temporal convolutional network (TCN) of DAS, built from the options' architecture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import keras
import tensorflow as tf

from dss_widgets.network.layers import ChannelNormalization, TrainableSTFT
from dss_widgets.options.network import DILATIONS, NetworkOptions

DEPTH_MULTIPLIER = 4
"""Filters per channel in a separable convolution."""


@dataclass(frozen=True)
class Architecture:
    """What the network is made of; all that is needed to build it.

    Attributes:
        n_channels: audio channels.
        n_classes: outputs, noise included.
        filters, filter_duration: of every convolution; the duration in frames.
        separable: whether a block's convolutions are separable, one flag a block.
        window, hop: of the spectrogram, in samples; ``window`` 0 and ``hop`` 1 without one.
        lstm_units: of a bidirectional LSTM before the output, or 0.
        dropout: rate of the spatial dropout in training.
    """

    n_channels: int
    n_classes: int
    filters: int
    filter_duration: int
    separable: tuple[bool, ...]
    window: int = 0
    hop: int = 1
    lstm_units: int = 0
    dropout: float = 0.0

    @classmethod
    def of(cls, options: NetworkOptions, *, n_channels: int, n_classes: int) -> Architecture:
        """Return the architecture that options describe."""
        return cls(
            n_channels=n_channels,
            n_classes=n_classes,
            filters=options.filters,
            filter_duration=options.filter_duration,
            separable=tuple(options.separable_blocks),
            window=options.frontend_filter_duration if options.has_frontend else 0,
            hop=options.hop,
            lstm_units=options.lstm_units or 0,
        )

    @property
    def has_frontend(self) -> bool:
        """Whether there is a spectrogram."""
        return self.hop > 1


@dataclass(frozen=True)
class Network:
    """A network in the two forms that are needed; both share their weights.

    Attributes:
        architecture: what it is made of.
        model: from audio ``[batch, samples, channels]`` to probabilities ``[batch, samples, classes]``.
        frames: the same before it is repeated to the audio's rate: ``[batch, frames, classes]``.
        features: what the output layer sees, ``[batch, frames, features]``; the loss is computed from there.
    """

    architecture: Architecture
    model: keras.Model
    frames: keras.Model
    features: keras.Model

    @property
    def output_layer(self) -> keras.layers.Dense:
        """The dense layer with the softmax."""
        return self.model.get_layer("dense")

    @cached_property
    def predict_frames(self) -> Callable[[Any], Any]:
        """From audio ``[chunks, samples, channels]`` to frames' probabilities, traced once for all lengths."""
        signature = [tf.TensorSpec((None, None, self.architecture.n_channels), tf.float32)]
        return tf.function(lambda audio: self.frames(audio, training=False), input_signature=signature)

    @property
    def n_weights(self) -> int:
        """How many numbers are learned."""
        return int(sum(variable.shape.num_elements() for variable in self.model.trainable_variables))


class _Names:
    """Layer names as Keras gives them in a fresh process: ``conv1d``, ``conv1d_1`` ..."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def __call__(self, stem: str) -> str:
        count = self._counts.get(stem, 0)
        self._counts[stem] = count + 1
        return f"{stem}_{count}" if count else stem


@cache
def share_gpu_memory() -> None:
    """Let TensorFlow take memory of the GPUs as it needs it, rather than all of it; only before it first uses one."""
    with suppress(RuntimeError, ValueError):  # in use, or divided, already: whoever did so decided
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)


def build_network(architecture: Architecture, *, seed: int | None = None) -> Network:
    """Build the network with random weights.

    Layers are made in the order and under the names of DAS (see the weights file). The length of the audio is free.

    Args:
        architecture: what to build.
        seed: fixes the first weights and the dropout.
    """
    share_gpu_memory()
    if seed is not None:
        keras.utils.set_random_seed(seed)
    names = _Names()
    audio = keras.Input((None, architecture.n_channels), name="audio")
    out = audio
    if architecture.has_frontend:
        out = TrainableSTFT(architecture.window, architecture.hop, name="trainable_stft")(out)
    out = keras.layers.Conv1D(architecture.filters, 1, padding="same", name=names("conv1d"))(out)
    skips = []
    for separable in architecture.separable:
        for dilation in DILATIONS:
            skip = _residual_layer(out, dilation, separable, architecture, names)
            out = keras.layers.Add(name=names("add"))([out, skip])
            skips.append(skip)
    out = keras.layers.Add(name=names("add"))(skips)
    features = keras.layers.ReLU(name=names("re_lu"))(out)
    if architecture.lstm_units:
        lstm = keras.layers.LSTM(architecture.lstm_units, return_sequences=True, name="lstm")
        features = keras.layers.Bidirectional(lstm, name="bidirectional")(features)
    frames = keras.layers.Dense(architecture.n_classes, activation="softmax", name="dense")(features)
    output = frames
    if architecture.has_frontend:
        output = keras.layers.UpSampling1D(architecture.hop, name="up_sampling1d")(frames)
    return Network(
        architecture,
        model=keras.Model(audio, output, name="TCN"),
        frames=keras.Model(audio, frames, name="frames"),
        features=keras.Model(audio, features, name="features"),
    )


def _residual_layer(inputs: Any, dilation: int, separable: bool, architecture: Architecture, names: _Names) -> Any:
    """Return the skip of one residual layer: dilated convolution, normalised ReLU, dropout, 1x1 convolution."""
    size = architecture.filter_duration
    if separable:
        convolution = keras.layers.SeparableConv1D(
            architecture.filters, size, dilation_rate=dilation, depth_multiplier=DEPTH_MULTIPLIER, padding="same",
            name=names("separable_conv1d"),
        )  # fmt: skip
    else:
        convolution = keras.layers.Conv1D(
            architecture.filters, size, dilation_rate=dilation, padding="same", name=names("conv1d")
        )
    out = keras.layers.ReLU(name=names("re_lu"))(convolution(inputs))
    out = ChannelNormalization(name=names("channel_normalization"))(out)
    out = keras.layers.SpatialDropout1D(architecture.dropout, name=names("spatial_dropout1d"))(out)
    return keras.layers.Conv1D(architecture.filters, 1, padding="same", name=names("conv1d"))(out)
