"""Where chunks lie in audio, and which samples of each count."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ChunkGrid:
    """Chunks that cover audio of a given length, each sample counted in exactly one of them.

    The grid is DAS's: chunk ``i`` starts at ``i * stride``, and its inner samples, without ``boundary`` at both ends,
    count. So every counted sample has context on both sides (the first and last of the audio, what there is), and the
    result does not depend on how many chunks are computed together.

    Attributes:
        n_samples: length of the audio.
        duration: samples of a chunk.
        boundary: samples at each end of a chunk that do not count.
    """

    n_samples: int
    duration: int
    boundary: int

    @property
    def stride(self) -> int:
        """Samples from one chunk's start to the next."""
        return self.duration - 2 * self.boundary

    def __len__(self) -> int:
        if self.n_samples == 0:
            return 0
        return max(1, math.ceil((self.n_samples - self.boundary) / self.stride))

    def start(self, chunk: int) -> int:
        """Return a chunk's first sample."""
        return chunk * self.stride

    def counted(self, chunk: int) -> tuple[int, int]:
        """Return the first sample that counts, and the first after those that do."""
        start = self.start(chunk)
        first = 0 if chunk == 0 else start + self.boundary
        last = self.n_samples if chunk == len(self) - 1 else start + self.boundary + self.stride
        return first, min(last, self.n_samples)


def training_starts(n_samples: int, duration: int, stride: int) -> np.ndarray:
    """Return where the chunks to train on start, int64 ``[chunks]``.

    They advance by ``stride``; what is left at the end is covered by one more chunk that ends with the audio. Audio that is
    shorter than a chunk makes one.
    """
    if n_samples == 0:
        return np.zeros(0, dtype=np.int64)
    last = n_samples - duration
    if last <= 0:
        return np.zeros(1, dtype=np.int64)
    starts = np.arange(0, last + 1, stride, dtype=np.int64)
    return starts if starts[-1] == last else np.append(starts, last)
