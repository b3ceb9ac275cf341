"""The network's own layers: a trainable spectrogram, and normalisation over channels.

Each computes exactly what DAS's layer of the same place computes (Steinfath et al. 2021, doi 10.7554/eLife.68837; the
spectrogram follows kapre); only the way of computing differs. They go by DAS's names and are described in its words, so that
a saved network opens in DAS 0.33, which looks for ``<stem>_model.keras`` first, as one of its own.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dss_widgets.network.architecture import FLOOR_DECIBEL, LEAST_MAGNITUDE, NORMALIZATION_OFFSET

_AS_EVER = {
    "padding": "same", "power_spectrogram": 1.0, "return_decibel_spectrogram": True, "trainable_kernel": True,
    "image_data_format": "channels_last",
}  # fmt: skip
"""What DAS's layer of that name could do otherwise, and does in all of its networks."""


def stft_kernels(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the filters of a short-time Fourier transform of window ``n``.

    Returns:
        Real and imaginary filters ``[n, n/2 + 1]``: a periodic Hann window times cos(2 pi f t / n) and -sin(2 pi f t / n).
    """
    time = np.arange(n)
    phase = np.arange(n // 2 + 1) * 2 * np.pi / n * time[:, None]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * time / n)
    return (np.cos(phase) * window[:, None]).astype(np.float32), (-np.sin(phase) * window[:, None]).astype(np.float32)


class Spectrogram(keras.layers.Layer):
    """A spectrogram in decibels below the chunk's maximum, whose filters are learned and are the same for every channel.

    From audio ``[batch, samples, channels]`` to ``[batch, ceil(samples / hop), window / 2 + 1, channels]``. The gradient is
    finite everywhere, also for digital silence, where that of the square root alone is not.

    Args:
        n_dft: samples of the window, a power of two.
        n_hop: samples from one frame to the next.
        more: what a layer has; what else DAS says of its layer is the same in every network.
    """

    def __init__(self, n_dft: int, n_hop: int, **more: Any) -> None:
        super().__init__(**{name: value for name, value in more.items() if name not in _AS_EVER})
        self.n_dft = n_dft
        self.n_hop = n_hop

    def build(self, _input_shape: Any) -> None:
        """Make the filters, ``[window, 1, 1, window / 2 + 1]`` as in DAS's files."""
        for name, kernel in zip(("real_kernels", "imag_kernels"), stft_kernels(self.n_dft), strict=True):
            values = kernel[:, None, None, :]
            variable = self.add_weight(
                name=name, shape=values.shape, initializer=keras.initializers.Constant(0.0), trainable=True
            )
            variable.assign(values)
            setattr(self, name, variable)

    def call(self, audio: Any) -> Any:
        """Compute the spectrogram of audio ``[batch, samples, channels]``."""
        n_channels = audio.shape[-1]
        flat = self.features(audio)
        return tf.reshape(flat, [tf.shape(flat)[0], -1, self.n_dft // 2 + 1, n_channels])

    def features(self, audio: Any) -> Any:
        """Compute the spectrogram in one row a frame, ``[batch, frames, features]``: by frequency, then by channel."""
        n_samples, n_channels = audio.shape[1:]
        if n_channels > 1:
            audio = tf.reshape(tf.transpose(audio, [0, 2, 1]), [-1, n_samples or tf.shape(audio)[1], 1])
        filters = tf.concat([self.real_kernels[:, 0], self.imag_kernels[:, 0]], axis=-1)
        both = tf.nn.conv1d(audio, filters, stride=self.n_hop, padding="SAME")
        real, imaginary = tf.split(both, 2, axis=-1)
        # 10 log10(max(sqrt(power), least)) = 5 log10(max(power, least^2)): no square root, so no infinite gradient at 0;
        # the largest of all values is taken out of the gradient's way nowhere, as in DAS
        power = tf.maximum(tf.square(real) + tf.square(imaginary), LEAST_MAGNITUDE**2)
        if n_channels > 1:
            power = _channel_fastest(power, n_channels)
        decibel = (5 / math.log(10)) * tf.math.log(power)
        decibel -= tf.reduce_max(decibel, axis=(1, 2), keepdims=True)
        return tf.maximum(decibel, FLOOR_DECIBEL)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the spectrogram."""
        batch, samples, n_channels = input_shape
        return batch, None if samples is None else math.ceil(samples / self.n_hop), self.n_dft // 2 + 1, n_channels

    def get_config(self) -> dict[str, Any]:
        """Return what it takes to make the layer again, here or in DAS."""
        return {**super().get_config(), "n_dft": self.n_dft, "n_hop": self.n_hop, **_AS_EVER}


def _channel_fastest(power: Any, n_channels: int) -> Any:
    """Return ``[batch, frames, frequencies * channels]`` of values ``[batch * channels, frames, frequencies]``."""
    n_frames, n_frequencies = power.shape[1:]
    power = tf.reshape(power, [-1, n_channels, n_frames or tf.shape(power)[1], n_frequencies])
    power = tf.transpose(power, [0, 2, 3, 1])
    return tf.reshape(power, [-1, n_frames or tf.shape(power)[1], n_frequencies * n_channels])


@keras.saving.register_keras_serializable()
def channel_normalization(inputs: Any) -> Any:
    """Return ``[batch, time, channels]`` divided by the largest absolute value over channels, plus 1e-5."""
    return inputs / (tf.reduce_max(tf.abs(inputs), axis=-1, keepdims=True) + NORMALIZATION_OFFSET)


# a class that is registered in the usual way has a package before its name, which DAS's has not
keras.saving.get_custom_objects()[Spectrogram.__name__] = Spectrogram
