"""The temporal convolutional network (TCN) of DAS as a model of Keras, which is what learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import tensorflow as tf

from dss_widgets.network.architecture import LSTM, OUTPUT, SPECTROGRAM, Architecture, Names, Weights
from dss_widgets.network.cores import side_by_side
from dss_widgets.network.forward import Layers, ResidualLayer, logits, traced_by_length
from dss_widgets.network.gpu import share_memory
from dss_widgets.network.layers import Spectrogram, channel_normalization
from dss_widgets.options.cost import SEPARABLE_DEPTH
from dss_widgets.options.network import DILATIONS


@dataclass(frozen=True)
class Network:
    """A network: the model that is saved, and the layers that it consists of, which compute faster by ways of their own.

    Attributes:
        architecture: what it is made of.
        model: from audio ``[batch, samples, channels]`` to probabilities ``[batch, samples, classes]``.
        layers: the model's layers.
    """

    architecture: Architecture
    model: keras.Model
    layers: Layers

    @cached_property
    def predict_frames(self) -> Callable[[Any], Any]:
        """From audio ``[chunks, samples, channels]`` to frames' probabilities ``[chunks, frames, classes]``."""

        def frames(audio: Any) -> Any:
            return tf.nn.softmax(logits(self.layers, audio, training=False))

        of_part = traced_by_length(frames, self.architecture.n_channels)
        return lambda audio: tf.concat(side_by_side(of_part, audio), 0)

    @property
    def weights(self) -> Weights:
        """Its weights."""
        return {layer.name: self.model.get_layer(layer.name).get_weights() for layer in self.architecture.layers()}

    def set_weights(self, weights: Weights) -> None:
        """Give it the weights of a network of the same architecture."""
        for layer in self.architecture.layers():
            self.model.get_layer(layer.name).set_weights(weights[layer.name])

    @property
    def n_weights(self) -> int:
        """How many numbers are learned."""
        return int(sum(variable.shape.num_elements() for variable in self.model.trainable_variables))


def build_network(architecture: Architecture, *, seed: int | None = None) -> Network:
    """Build the network with random weights.

    Layers are made in the order and under the names of DAS (see the weights file). The length of the audio is free.

    Args:
        architecture: what to build.
        seed: fixes the first weights.
    """
    share_memory()
    if seed is not None:
        keras.utils.set_random_seed(seed)
    layers = _make_layers(architecture, Names())
    return Network(architecture, _whole(architecture, layers, Names()), layers)


def _make_layers(architecture: Architecture, names: Names) -> Layers:
    """Make the layers that have weights, in their order."""
    spectrogram = None
    if architecture.has_frontend:
        spectrogram = Spectrogram(architecture.window, architecture.hop, name=SPECTROGRAM)
    first = keras.layers.Conv1D(architecture.filters, 1, padding="same", name=names("conv1d"))
    residual = []
    for separable in architecture.separable:
        for dilation in DILATIONS:
            convolution = _dilated_convolution(dilation, separable, architecture, names)
            skip = keras.layers.Conv1D(architecture.filters, 1, padding="same", name=names("conv1d"))
            residual.append(ResidualLayer(convolution, dilation, skip))
    after = []
    if architecture.lstm_units:
        lstm = keras.layers.LSTM(architecture.lstm_units, return_sequences=True, name="lstm")
        after.append(keras.layers.Bidirectional(lstm, name=LSTM))
    output = keras.layers.Dense(architecture.n_classes, activation="softmax", name=OUTPUT)
    return Layers(spectrogram, first, residual, after, output)


def _whole(architecture: Architecture, layers: Layers, names: Names) -> keras.Model:
    """Put the layers together as DAS does, without its spatial dropout, whose rate is 0."""
    audio = keras.Input((None, architecture.n_channels), name="audio")
    out = audio
    if layers.spectrogram is not None:
        out = keras.layers.Reshape((-1, architecture.n_features), name=names("reshape"))(layers.spectrogram(out))
    out = layers.first(out)
    skips = []
    for residual in layers.residual:
        skip = keras.layers.ReLU(name=names("re_lu"))(residual.convolution(out))
        skip = keras.layers.Activation(channel_normalization, name=names("activation"))(skip)
        skip = residual.skip(skip)
        out = keras.layers.Add(name=names("add"))([out, skip])
        skips.append(skip)
    out = keras.layers.Add(name=names("add"))(skips)
    out = keras.layers.ReLU(name=names("re_lu"))(out)
    for layer in layers.after:
        out = layer(out)
    out = layers.output(out)
    if architecture.has_frontend:
        out = keras.layers.UpSampling1D(architecture.hop, name="up_sampling1d")(out)
    return keras.Model(audio, out, name="TCN")


def _dilated_convolution(
    dilation: int, separable: bool, architecture: Architecture, names: Names
) -> keras.layers.Conv1D | keras.layers.SeparableConv1D:
    """Make the convolution of a residual layer."""
    size = architecture.filter_duration
    if separable:
        return keras.layers.SeparableConv1D(
            architecture.filters, size, dilation_rate=dilation, depth_multiplier=SEPARABLE_DEPTH, padding="same",
            name=names("separable_conv1d"),
        )  # fmt: skip
    return keras.layers.Conv1D(architecture.filters, size, dilation_rate=dilation, padding="same", name=names("conv1d"))
