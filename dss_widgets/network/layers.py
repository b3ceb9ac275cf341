"""The network's own layers: a trainable spectrogram, and normalisation over channels.

Each computes exactly what DAS's layer of the same place computes (Steinfath et al. 2021, doi 10.7554/eLife.68837; the
spectrogram follows kapre); only the way of computing differs. All are registered with Keras, so that a saved network
loads without running code from its file.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

PACKAGE = "dss_widgets"
"""Name under which Keras knows these layers."""

FLOOR_DECIBEL = -80.0
"""Least value of the spectrogram, below the chunk's maximum."""

_LEAST_MAGNITUDE = 1e-10

NORMALIZATION_OFFSET = 1e-5
"""Added to the largest value that channels are divided by."""


def stft_kernels(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the filters of a short-time Fourier transform of window ``n``.

    Returns:
        Real and imaginary filters ``[n, n/2 + 1]``: a periodic Hann window times cos(2 pi f t / n) and -sin(2 pi f t / n).
    """
    time = np.arange(n)
    phase = np.arange(n // 2 + 1) * 2 * np.pi / n * time[:, None]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * time / n)
    return (np.cos(phase) * window[:, None]).astype(np.float32), (-np.sin(phase) * window[:, None]).astype(np.float32)


@keras.saving.register_keras_serializable(PACKAGE)
class TrainableSTFT(keras.layers.Layer):
    """A spectrogram in decibels below the chunk's maximum, whose filters are learned.

    From audio ``[batch, samples, 1]`` to ``[batch, ceil(samples / hop), window / 2 + 1]``. The gradient is finite
    everywhere, also for digital silence, where that of the square root alone is not.
    """

    def __init__(self, window: int, hop: int, **more: Any) -> None:
        super().__init__(**more)
        self.window = window
        self.hop = hop

    def build(self, _input_shape: Any) -> None:
        """Make the filters, ``[window, 1, 1, window / 2 + 1]`` as in DAS's files."""
        for name, kernel in zip(("real_kernels", "imag_kernels"), stft_kernels(self.window), strict=True):
            values = kernel[:, None, None, :]
            variable = self.add_weight(
                name=name, shape=values.shape, initializer=keras.initializers.Constant(0.0), trainable=True
            )
            variable.assign(values)
            setattr(self, name, variable)

    def call(self, audio: Any) -> Any:
        """Compute the spectrogram of audio ``[batch, samples, 1]``."""
        filters = tf.concat([self.real_kernels[:, 0], self.imag_kernels[:, 0]], axis=-1)
        both = tf.nn.conv1d(audio, filters, stride=self.hop, padding="SAME")
        real, imaginary = tf.split(both, 2, axis=-1)
        # 10 log10(max(sqrt(power), least)) = 5 log10(max(power, least^2)): no square root, so no infinite gradient at 0;
        # the largest of all values is taken out of the gradient's way nowhere, as in DAS
        power = tf.maximum(tf.square(real) + tf.square(imaginary), _LEAST_MAGNITUDE**2)
        decibel = (5 / math.log(10)) * tf.math.log(power)
        decibel -= tf.reduce_max(decibel, axis=(1, 2), keepdims=True)
        return tf.maximum(decibel, FLOOR_DECIBEL)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the spectrogram."""
        batch, samples, _ = input_shape
        return batch, None if samples is None else math.ceil(samples / self.hop), self.window // 2 + 1

    def get_config(self) -> dict[str, Any]:
        """Return what it takes to make the layer again."""
        return {**super().get_config(), "window": self.window, "hop": self.hop}


@keras.saving.register_keras_serializable(PACKAGE)
class ChannelNormalization(keras.layers.Layer):
    """Division by the largest absolute value over channels, plus 1e-5."""

    def call(self, inputs: Any) -> Any:
        """Normalise ``[batch, time, channels]``."""
        return inputs / (tf.reduce_max(tf.abs(inputs), axis=-1, keepdims=True) + NORMALIZATION_OFFSET)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the input's shape."""
        return input_shape
