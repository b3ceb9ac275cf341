"""What a network is made of: its parts, and the weights that they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from dss_widgets.options.cost import SEPARABLE_DEPTH, weights_of
from dss_widgets.options.network import DILATIONS, NetworkOptions

Weights = Mapping[str, Sequence[np.ndarray]]
"""The weights of every layer by its name, float32, in the order of :meth:`Architecture.layers`."""

SPECTROGRAM, LSTM, OUTPUT = "trainable_stft", "bidirectional", "dense"
"""Names of the layers of which there is one."""

FLOOR_DECIBEL = -80.0
"""Least value of the spectrogram, below the chunk's maximum."""

LEAST_MAGNITUDE = 1e-10
"""Least magnitude of which the spectrogram takes the logarithm."""

NORMALIZATION_OFFSET = 1e-5
"""Added to the largest value that channels are divided by."""


@dataclass(frozen=True)
class Layer:
    """A layer that has weights.

    Attributes:
        name: as Keras names it in a fresh process: ``conv1d``, ``conv1d_1`` ...
        shapes: of its weights, by their names, in their order; those of the two ways of an LSTM are ``forward/kernel`` ...
    """

    name: str
    shapes: Mapping[str, tuple[int, ...]]


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
    """

    n_channels: int
    n_classes: int
    filters: int
    filter_duration: int
    separable: tuple[bool, ...]
    window: int = 0
    hop: int = 1
    lstm_units: int = 0

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

    @property
    def n_features(self) -> int:
        """Values a frame that the first convolution sees: frequencies times channels, or channels."""
        return self.n_channels * (self.window // 2 + 1 if self.has_frontend else 1)

    @property
    def n_weights(self) -> int:
        """How many numbers the network has, known without building it."""
        parts = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "hop"}
        return weights_of(**parts)

    def layers(self) -> list[Layer]:
        """Return the layers that have weights, in the order in which DAS makes them."""
        names = Names()
        f, found = self.filters, []
        if self.has_frontend:
            shape = (self.window, 1, 1, self.window // 2 + 1)
            found.append(Layer(SPECTROGRAM, {"real_kernels": shape, "imag_kernels": shape}))
        found.append(Layer(names("conv1d"), {"kernel": (1, self.n_features, f), "bias": (f,)}))
        for separable in self.separable:
            for _ in DILATIONS:
                found.append(self._dilated(names, separable=separable))
                found.append(Layer(names("conv1d"), {"kernel": (1, f, f), "bias": (f,)}))
        if self.lstm_units:
            found.append(Layer(LSTM, dict(_of_lstm(f, self.lstm_units))))
        n_outputs = 2 * self.lstm_units or f
        found.append(Layer(OUTPUT, {"kernel": (n_outputs, self.n_classes), "bias": (self.n_classes,)}))
        return found

    def _dilated(self, names: Names, *, separable: bool) -> Layer:
        f, duration = self.filters, self.filter_duration
        if separable:
            of_depth = {"depthwise_kernel": (duration, f, SEPARABLE_DEPTH), "pointwise_kernel": (1, f * SEPARABLE_DEPTH, f)}
            return Layer(names("separable_conv1d"), {**of_depth, "bias": (f,)})
        return Layer(names("conv1d"), {"kernel": (duration, f, f), "bias": (f,)})


def _of_lstm(n_inputs: int, n_units: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for way in ("forward", "backward"):
        yield f"{way}/kernel", (n_inputs, 4 * n_units)
        yield f"{way}/recurrent_kernel", (n_units, 4 * n_units)
        yield f"{way}/bias", (4 * n_units,)


class Names:
    """Layer names as Keras gives them in a fresh process."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def __call__(self, stem: str) -> str:
        """Return the next name of a kind."""
        count = self._counts.get(stem, 0)
        self._counts[stem] = count + 1
        return f"{stem}_{count}" if count else stem
