"""What networks make of a recording, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.network.ensemble import TrainedEnsemble, in_step
from dss_widgets.network.probabilities import fitting, probability_blocks
from dss_widgets.network.trained import TrainedNetwork


@dataclass(frozen=True)
class Computed:
    """What networks at one sample rate make of a stretch of a recording.

    Attributes:
        networks: them.
        blocks: the probabilities of each, ``[samples, its classes]``.
        start: first sample.
        n_samples: of the recording, at their rate.
        turn, n_turns: networks at one rate after the other go through the recording: which turn this is, of how many.
    """

    networks: Sequence[TrainedNetwork]
    blocks: Sequence[np.ndarray]
    start: int
    n_samples: int
    turn: int
    n_turns: int

    @property
    def stop(self) -> int:
        """The sample after the last."""
        return self.start + len(self.blocks[0])

    @property
    def is_last(self) -> bool:
        """Whether this is the end of the recording, for all networks."""
        return self.stop == self.n_samples and self.turn == self.n_turns - 1


def computed(ensemble: TrainedEnsemble, recording: Recording, on_notice: Callable[[str], None]) -> Iterator[Computed]:
    """Yield what networks make of a recording; those at one sample rate go through it side by side.

    What is odd about the recording is told once, though networks at several rates read the same file.

    Raises:
        DataError: it cannot be read, or has other channels than the networks know.
    """
    told: set[str] = set()

    def notice(words: str) -> None:
        if words not in told:
            told.add(words)
            on_notice(words)

    by_rate = list(ensemble.by_rate().values())
    for turn, networks in enumerate(by_rate):
        fitted = fitting(networks[0], recording, notice)
        streams = [probability_blocks(network, fitted.read, fitted.n_samples) for network in networks]
        for start, blocks in in_step(streams):
            yield Computed(networks, blocks, start, fitted.n_samples, turn, len(by_rate))
