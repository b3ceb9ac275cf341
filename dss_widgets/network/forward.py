"""How the network's layers are computed: what their Keras model computes, in less time.

Keras holds the layers, their weights and the saved file; this module goes through them by other ways with the same result:
convolutions by way of the spectrum, normalisation in one piece, and the sum of all skips as what the residual path has gained.
A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import keras
import tensorflow as tf

from dss_widgets.network.architecture import NORMALIZATION_OFFSET
from dss_widgets.network.gpu import fused, gpus
from dss_widgets.network.layers import Spectrogram
from dss_widgets.network.spectral import spectral_convolution
from dss_widgets.network.tiles import takes_less_time


@dataclass(frozen=True)
class ResidualLayer:
    """One residual layer: a dilated convolution, and the 1x1 convolution that makes its skip."""

    convolution: keras.layers.Layer
    dilation: int
    skip: keras.layers.Layer

    @property
    def is_separable(self) -> bool:
        """Whether the dilated convolution is a depthwise-separable one."""
        return isinstance(self.convolution, keras.layers.SeparableConv1D)


@dataclass(frozen=True)
class Layers:
    """The network's layers, in the order in which they compute.

    Attributes:
        spectrogram: if there is one.
        first: the first 1x1 convolution.
        residual: the residual layers of all blocks.
        after: the LSTM, if there is one.
        output: the dense layer with the softmax.
    """

    spectrogram: Spectrogram | None
    first: keras.layers.Conv1D
    residual: Sequence[ResidualLayer]
    after: Sequence[keras.layers.Layer]
    output: keras.layers.Dense


def features(layers: Layers, audio: Any, *, training: bool, half_precision: bool = False) -> Any:
    """Return what the output layer sees, ``[batch, frames, features]``, of audio ``[batch, samples, channels]``.

    Args:
        layers: of the network.
        audio: one value a sample and channel.
        training: whether gradients are to be computed.
        half_precision: whether dilated convolutions are computed in bfloat16; all else, and all weights, stay float32.
    """
    out = layers.first(audio if layers.spectrogram is None else layers.spectrogram.features(audio))
    through_spectrum = not half_precision and _through_spectrum(layers, training=training)
    time_first = through_spectrum and out.shape[1] is not None
    if time_first:
        out = _swapped(out)
    start = out
    for residual in layers.residual:
        out = _residual(residual, out, time_first=time_first, half_precision=half_precision)
    out = tf.nn.relu(out - start)
    if time_first:
        out = _swapped(out)
    for layer in layers.after:
        out = layer(out, training=training)
    return out


def logits(layers: Layers, audio: Any, *, training: bool, half_precision: bool = False) -> Any:
    """Return the output layer's values before the softmax, ``[batch, frames, classes]``; see :func:`features`."""
    kernel, bias = (tf.convert_to_tensor(weight) for weight in (layers.output.kernel, layers.output.bias))
    return _dense(features(layers, audio, training=training, half_precision=half_precision), kernel) + bias


def _through_spectrum(layers: Layers, *, training: bool) -> bool:
    shapes = [layer.convolution.kernel.shape for layer in layers.residual if not layer.is_separable]
    if not shapes or gpus():  # a GPU's library has ways of its own
        return False
    n_taps, _, n_filters = shapes[0]
    return takes_less_time(n_taps, n_filters, training=training)


def _residual(layer: ResidualLayer, inputs: Any, *, time_first: bool, half_precision: bool) -> Any:
    """Return inputs plus the layer's skip."""
    kernel, bias = (tf.convert_to_tensor(weight) for weight in (layer.skip.kernel, layer.skip.bias))
    convolved = _rows(_convolved(layer, inputs, time_first=time_first, half_precision=half_precision))
    # product, bias and sum follow each other without a change of shape: so TensorFlow computes them as one operation
    out = _rows(inputs) + tf.nn.bias_add(convolved @ kernel[0], bias)
    return tf.reshape(out, tf.shape(inputs))


def _convolved(layer: ResidualLayer, inputs: Any, *, time_first: bool, half_precision: bool) -> Any:
    """Return what the dilated convolution makes of inputs, positive and normalised."""
    convolution = layer.convolution
    if layer.is_separable:
        out = tf.nn.relu(convolution(_swapped(inputs) if time_first else inputs))
        return _divided(_swapped(out) if time_first else out)
    kernel, bias = (tf.convert_to_tensor(weight) for weight in (convolution.kernel, convolution.bias))
    if time_first:
        return normalized(spectral_convolution(inputs, kernel, layer.dilation), bias)
    dtype = tf.bfloat16 if half_precision else tf.float32
    # of two dimensions, since TensorFlow computes only these, their bias and what is positive as one operation
    inputs, kernel = (tf.cast(values, dtype) for values in (inputs[:, None], kernel[None]))
    out = tf.cast(tf.nn.conv2d(inputs, kernel, strides=1, padding="SAME", dilations=[1, layer.dilation]), tf.float32)
    return tf.squeeze(_divided(tf.nn.relu(tf.nn.bias_add(out, bias))), 1)


def _rows(inputs: Any) -> Any:
    """Return inputs ``[..., channels]`` as ``[all the others, channels]``."""
    return tf.reshape(inputs, [-1, tf.shape(inputs)[-1]])


def _dense(inputs: Any, kernel: Any) -> Any:
    """Return ``[..., channels] @ [channels, filters]``."""
    shape = tf.shape(inputs)
    return tf.reshape(_rows(inputs) @ kernel, [shape[0], shape[1], -1])


def _swapped(values: Any) -> Any:
    """Return values with batch and time exchanged."""
    return tf.transpose(values, [1, 0, 2])


@fused
def _divided(positive: Any) -> Any:
    """Return values, none of them negative, divided by their maximum over channels plus a small number."""
    # a product in double precision is as exact as the division that it stands for, and faster
    scale = 1 / tf.cast(tf.reduce_max(positive, axis=-1, keepdims=True) + NORMALIZATION_OFFSET, tf.float64)
    return tf.cast(tf.cast(positive, tf.float64) * scale, tf.float32)


@tf.custom_gradient
def normalized(values: Any, bias: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any]]]:
    """Return ``relu(values + bias)``, divided by its maximum over channels plus a small number."""
    return _normalized(values, bias), lambda upstream: _normalized_gradient(values, bias, upstream)


@fused
def _normalized(values: Any, bias: Any) -> Any:
    return _divided(tf.nn.relu(values + bias))


@fused
def _normalized_gradient(values: Any, bias: Any, upstream: Any) -> tuple[Any, Any]:
    """Return the gradients of values ``[..., channels]`` and bias ``[channels]``; made again, which costs less than to keep."""
    positive = tf.nn.relu(values + bias)
    largest = tf.reduce_max(positive, axis=-1, keepdims=True)
    scale = 1 / (largest + NORMALIZATION_OFFSET)
    of_largest = tf.reduce_sum(upstream * positive, axis=-1, keepdims=True) * scale
    of_values = tf.where(tf.equal(positive, largest), upstream - of_largest, upstream) * scale
    of_values = tf.where(positive > 0, of_values, 0.0)
    return of_values, tf.reduce_sum(of_values, axis=(0, 1))


def traced_by_length(function: Callable[..., Any], *last_axes: int | None) -> Callable[..., Any]:
    """Return a function of arrays ``[chunks, time, channels]`` that is traced once for every length of the first one.

    It may be called from several threads at once. The first call with arrays of a shape has no other beside it: operations are
    compiled then, and what TensorFlow prepares at an operation's first call is not safe from a second one.

    Args:
        function: of one array for each of ``last_axes``.
        last_axes: sizes of the arrays' last axes, None for an array ``[chunks, time]``.
    """
    traced: dict[int, Callable[..., Any]] = {}
    called: set[tuple[int, ...]] = set()
    lock = Lock()

    def first_call(shape: tuple[int, ...], arrays: Sequence[Any]) -> Any:
        length = shape[1]
        if length not in traced:
            sizes = [(size,) if size else () for size in last_axes]
            shapes = [(None, array.shape[1], *size) for array, size in zip(arrays, sizes, strict=True)]
            signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
            # nothing here depends on values: to look for what does would take longer than all the rest of tracing
            traced[length] = tf.function(function, input_signature=signature, autograph=False)
        found = traced[length](*arrays)
        called.add(shape)
        return found

    def call(*arrays: Any) -> Any:
        shape = tuple(int(n) for n in arrays[0].shape)
        if shape not in called:
            with lock:
                if shape not in called:
                    return first_call(shape, arrays)
        return traced[shape[1]](*arrays)

    return call
