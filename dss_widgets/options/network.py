"""The options of the network's architecture, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from traitlets import Bool, Enum, Int, List

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options

DILATIONS = (1, 2, 4, 8, 16)
"""Dilations of the five residual layers in every TCN block."""

_FACTORS = {factor: ("1 (none)" if factor == 1 else str(factor)) for factor in (1, 2, 4, 8, 16, 32, 64, 128)}


def power_of_two(n_samples: float) -> int:
    """Return the power of two that is nearest on a logarithmic scale."""
    return int(2 ** round(math.log2(max(1.0, n_samples))))


class NetworkOptions(Options):
    """The temporal convolutional network (domain: *the network*)."""

    frontend = Enum(["stft", "none"], "stft").tag(
        label="Downsampling frontend", group="Network", words={"stft": "STFT", "none": "none"},
        help_text="A trainable spectrogram that lowers the rate at which the network works: for song whose frequencies matter "
        "(birds, mice). 'none' works on the waveform itself: for fly song. Each channel has its own spectrogram.",
    )  # fmt: skip
    frontend_filter_duration = Int(64, min=2, max=4096).tag(
        label="Filter duration (frontend)", unit="samples", das="pre_nb_dft", group="Network",
        help_text="Window N of the spectrogram, a power of two; it has N/2 + 1 filters.",
    )  # fmt: skip
    downsample_factor = Enum(list(_FACTORS), 16).tag(
        label="Downsample factor", das="nb_pre_conv", group="Network", words=_FACTORS,
        help_text="How many samples the frontend turns into one frame: the time resolution of the predictions.",
    )  # fmt: skip
    chunk_duration = Int(4096, min=2, max=2**24).tag(
        label="Chunk duration", unit="samples", das="nb_hist", group="Network",
        help_text="Samples the network sees at once: the longest context it can use.",
    )  # fmt: skip
    ignore_boundaries = Bool(True).tag(
        label="Ignore boundaries", das="ignore_boundaries", group="Network",
        help_text="Leave the ends of every chunk, where the network lacks context, out of the loss; chunks overlap by as much.",
    )  # fmt: skip
    filters = Int(32, min=1, max=4096).tag(
        label="Number of filters", das="nb_filters", group="Network",
        help_text="Filters of every convolution: more can tell more song types apart, and take longer.",
    )  # fmt: skip
    filter_duration = Int(16, min=1, max=4096).tag(
        label="Filter duration", unit="samples after downsampling", das="kernel_size", group="Network",
        help_text="Duration of the filters, at the rate after downsampling.",
    )  # fmt: skip
    blocks = Int(3, min=1, max=64).tag(
        label="Number of TCN blocks", das="nb_conv", group="Network",
        help_text="How many blocks of five dilated convolutions: a deeper network sees more context.",
    )  # fmt: skip
    separable = List(Bool()).tag(
        label="Separable TCN blocks", das="use_separable", group="Network", placeholder="none",
        help_text="One True or False per block, such as: True True False. In separable blocks every channel has filters of its "
        "own first: for recordings with several channels.",
    )  # fmt: skip
    lstm_units = Int(None, allow_none=True, min=1, max=4096).tag(
        label="LSTM units", das="nb_lstm_units", group="Network", placeholder="none",
        help_text="Units of a bidirectional LSTM before the output. Seldom needed, and slow.",
    )  # fmt: skip

    @property
    def has_frontend(self) -> bool:
        """Whether there is a downsampling frontend: a factor of 1 is none."""
        return self.frontend == "stft" and self.downsample_factor > 1

    @property
    def hop(self) -> int:
        """Samples a frame: the downsampling factor, or 1 without frontend."""
        return int(self.downsample_factor) if self.has_frontend else 1

    def whole_chunk(self, n_samples: float) -> int:
        """Return the nearest duration in samples that a chunk can have: a multiple of the downsampling factor."""
        return max(1, round(n_samples / self.hop)) * self.hop

    @property
    def boundary(self) -> int:
        """Samples at each end of a chunk that count nothing (DAS: ``data_padding``)."""
        return math.ceil(self.filter_duration * self.blocks) if self.ignore_boundaries else 0

    @property
    def chunk_stride(self) -> int:
        """Samples from the start of one chunk to that of the next (DAS: ``nb_hist - 2 * data_padding``)."""
        return int(self.chunk_duration) - 2 * self.boundary

    @property
    def receptive_field(self) -> int:
        """Samples of audio that one output can depend on, chunk borders aside."""
        frames = 1 + self.blocks * sum(DILATIONS) * (self.filter_duration - 1)
        return frames * self.hop + (self.frontend_filter_duration - self.hop if self.has_frontend else 0)

    @property
    def separable_blocks(self) -> list[bool]:
        """One flag a block; all False where none were chosen."""
        return list(self.separable) or [False] * self.blocks

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be: rules between the architecture's options."""
        if self.chunk_stride <= 0:
            yield Problem(
                f"must be longer than twice the ignored boundary (2 x {self.boundary} samples), not {self.chunk_duration}.",
                "Use longer chunks, shorter filters or fewer blocks, or keep the boundaries.",
                field="chunk_duration",
            )
        if self.separable and len(self.separable) != self.blocks:
            yield Problem(
                f"has {len(self.separable)} entries for {self.blocks} blocks.",
                "Give one True or False for every block, or none at all.",
                field="separable",
            )
        if self.has_frontend:
            yield from self._frontend_problems()

    def _frontend_problems(self) -> Iterator[Problem]:
        window = self.frontend_filter_duration
        if window & (window - 1):
            yield Problem(
                f"must be a power of two, not {window} samples.", f"Try {power_of_two(window)} samples.",
                field="frontend_filter_duration",
            )  # fmt: skip
        if window > self.chunk_duration:
            yield Problem(
                f"is {window} samples, longer than a chunk of {self.chunk_duration}.", "Use longer chunks or shorter filters.",
                field="frontend_filter_duration",
            )  # fmt: skip
        if self.chunk_duration % self.hop:
            whole = math.ceil(self.chunk_duration / self.hop) * self.hop
            yield Problem(
                f"must be a multiple of the downsample factor ({self.hop}), not {self.chunk_duration} samples.",
                f"Try {whole} samples.", field="chunk_duration",
            )  # fmt: skip
