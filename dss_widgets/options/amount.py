"""How fast and how long to learn: rates, steps of learning, and the rounds through the data they come to. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

SPECTROGRAM_RATE, WAVEFORM_RATE = 0.003, 0.001
"""Learning rates, at their highest, behind a spectrogram, and without: pulses of flies were found less surely with more."""

STEPS = 1000
"""Steps of learning after which these networks have learned what they can."""

LEAST_STEPS = 250
"""Steps below which they have hardly begun: with 48, a network for pulses of flies found none; with 500, most."""

MOST_EPOCHS = 200

_LEAST_STEPS_AN_EPOCH = 8


def steps_an_epoch(train_samples: int, batch_samples: int) -> int:
    """Return the steps of a round through ``train_samples``, with ``batch_samples`` in each."""
    return max(1, math.ceil(train_samples / batch_samples))


def batch_for(batch_size: int, chunk_duration: int, train_samples: int) -> int:
    """Return a batch size with which an epoch has eight steps at least, where data is little: at most ``batch_size``."""
    return max(1, min(batch_size, train_samples // (_LEAST_STEPS_AN_EPOCH * chunk_duration)))


def for_little_data(values: Mapping[str, Any], train_samples: int) -> dict[str, int]:
    """Return the batch size and number of epochs with which so little data is learned from for long enough.

    Args:
        values: of the options; ``batch_size``, ``chunk_duration`` and ``epochs`` are read.
        train_samples: in the train split.

    Returns:
        What is to be changed, nothing where there is data enough.
    """
    batch, chunk, epochs = values["batch_size"], values["chunk_duration"], values["epochs"]
    if train_samples == 0 or epochs * steps_an_epoch(train_samples, batch * chunk) >= 2 * LEAST_STEPS:
        return {}
    smaller = batch_for(batch, chunk, train_samples)
    more = min(MOST_EPOCHS, math.ceil(STEPS / steps_an_epoch(train_samples, smaller * chunk)))
    changed = {"batch_size": smaller, "epochs": max(epochs, more)}
    return {name: value for name, value in changed.items() if value != values[name]}
