"""Random variations of training audio, so that the network learns what does not matter.

All are drawn from the seed and the number of the step, so a run that is resumed draws the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

GAIN_DECIBEL = 20.0
"""Largest gain or attenuation."""

SNR_DECIBEL = (-5.0, 30.0)
"""Least and largest ratio of a chunk's power to that of the noise that is added."""

MIX = (0.0, 1.0)
"""Least and largest factor of noise from other chunks."""

TONE_DECIBEL = 10.0
"""Largest gain or attenuation of a band of frequencies."""

_OCTAVES = 8
"""Below half the sample rate, each with a gain of its own; what lies lower has that of the lowest."""

DROP_SHARE = 0.2
"""Share of the channels that is silenced, where a chunk has others."""

Variation = Callable[[Any, Any, Any], Any]


def _uniform(audio: Any, seed: Any, low: float, high: float, *, by_channel: bool = False) -> Any:
    """Return a random number a chunk ``[chunks, 1, 1]``, or one a channel."""
    shape = tf.shape(audio)
    return tf.random.stateless_uniform([shape[0], 1, shape[2] if by_channel else 1], seed, low, high)


def _another(seed: Any, number: int) -> Any:
    return seed + tf.constant([0, number])


def _gain(audio: Any, _targets: Any, seed: Any) -> Any:
    return audio * 10 ** (_uniform(audio, seed, -GAIN_DECIBEL, GAIN_DECIBEL) / 20)


def _noise(audio: Any, _targets: Any, seed: Any) -> Any:
    """Add white noise to every other chunk, at a random ratio."""
    power = tf.reduce_mean(tf.square(audio), axis=(1, 2), keepdims=True)
    scale = tf.sqrt(power) * 10 ** (-_uniform(audio, seed, *SNR_DECIBEL) / 20)
    scale *= tf.cast(_uniform(audio, _another(seed, 1), 0, 1) < 0.5, tf.float32)
    return audio + scale * tf.random.stateless_normal(tf.shape(audio), _another(seed, 2))


def _microphone(audio: Any, _targets: Any, seed: Any) -> Any:
    """Colour every other chunk as another microphone or room would: a random gain for each octave, smooth in between."""
    n = tf.shape(audio)[1]
    size = n + n % 2
    spectrum = tf.signal.rfft(tf.transpose(audio, [0, 2, 1]), [size])
    share = tf.linspace(0.0, 1.0, size // 2 + 1)
    octave = tf.clip_by_value(_OCTAVES + tf.math.log(tf.maximum(share, 1e-9)) / tf.math.log(2.0), 0.0, float(_OCTAVES))
    nearness = tf.maximum(0.0, 1 - tf.abs(octave[None] - tf.range(_OCTAVES + 1.0)[:, None]))
    decibel = tf.random.stateless_uniform([tf.shape(audio)[0], _OCTAVES + 1], seed, -TONE_DECIBEL, TONE_DECIBEL)
    decibel *= tf.cast(_uniform(audio, _another(seed, 1), 0, 1)[:, 0] < 0.5, tf.float32)
    gain = 10 ** (tf.matmul(decibel, nearness) / 20)
    coloured = tf.signal.irfft(spectrum * tf.cast(gain[:, None], tf.complex64), [size])
    return tf.transpose(coloured, [0, 2, 1])[:, :n]


def _polarity(audio: Any, _targets: Any, seed: Any) -> Any:
    return audio * tf.sign(_uniform(audio, seed, -1, 1))


def _channel_drop(audio: Any, _targets: Any, seed: Any) -> Any:
    """Silence channels, but never all of a chunk: there would be annotated song without sound."""
    drawn = _uniform(audio, seed, 0, 1, by_channel=True)
    least = tf.minimum(tf.reduce_max(drawn, axis=2, keepdims=True), DROP_SHARE)
    return audio * tf.cast(drawn >= least, tf.float32)


def _mix_noise(audio: Any, targets: Any, seed: Any) -> Any:
    """Add what another chunk of the batch holds where nothing sings in it, at a random level; to a chunk alone, nothing.

    Its own noise would become louder and its song not: the edges of the annotations could be heard.
    """
    is_noise = tf.cast(targets[..., :1] > 0.99, tf.float32)
    hop = tf.shape(audio)[1] // tf.shape(targets)[1]
    mask = tf.repeat(is_noise, hop, axis=1)
    is_another = tf.cast(tf.shape(audio)[0] > 1, tf.float32)
    return audio + tf.roll(audio * mask, 1, axis=0) * _uniform(audio, seed, *MIX) * is_another


_VARIATIONS: dict[str, Variation] = {
    "mix_noise": _mix_noise,
    "noise": _noise,
    "gain": _gain,
    "polarity": _polarity,
    "channel_drop": _channel_drop,
    "microphone": _microphone,
}
"""In the order in which they are applied. ``time_shift`` moves the chunks themselves, where they are read."""


def vary(names: Sequence[str], seed: int) -> Variation | None:
    """Return a function that varies a batch.

    Args:
        names: of the variations to apply.
        seed: of the run.

    Returns:
        A function of audio ``[chunks, samples, channels]``, targets ``[chunks, frames, classes]`` and the number of the step,
        that returns audio of the same shape; a chunk may get sound of others of its batch. None: nothing is varied.
    """
    chosen = [(i, variation) for i, (name, variation) in enumerate(_VARIATIONS.items()) if name in names]
    if not chosen:
        return None

    def varied(audio: Any, targets: Any, step: Any) -> Any:
        for i, variation in chosen:
            audio = variation(audio, targets, tf.stack([seed, 8 * step + 1_000_003 * i]))
        return audio

    return varied
