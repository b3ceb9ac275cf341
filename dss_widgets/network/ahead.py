"""How much there is to annotate, told before every recording was opened."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class Ahead:
    """Counts samples that are done, and reckons how many there are in all.

    The length of a recording is known once it is opened; those that were not opened yet are taken to have as many samples a
    byte as those that were. So nothing has to be opened twice or held open, and at the end the number is exact.

    Args:
        paths: the recordings.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._bytes_left = sum(map(_n_bytes, paths))
        self._bytes_opened = 0
        self._samples_opened = 0
        self.done = 0

    def opened(self, path: Path, n_samples: int) -> None:
        """Take it that a recording has so many samples."""
        self._bytes_left -= _n_bytes(path)
        self._bytes_opened += _n_bytes(path)
        self._samples_opened += n_samples

    def left_out(self, path: Path, n_samples: int = 0) -> None:
        """Take it that a recording is not to be counted; ``n_samples`` where its length was told."""
        if n_samples:
            self._samples_opened -= n_samples
            self._bytes_opened -= _n_bytes(path)
        else:
            self._bytes_left -= _n_bytes(path)

    @property
    def total(self) -> int:
        """Samples of all recordings together, at the rate at which they are counted."""
        left = max(0, self._bytes_left)
        return self._samples_opened + (round(left * self._samples_opened / self._bytes_opened) if self._bytes_opened > 0 else 0)


def _n_bytes(path: Path) -> int:
    with suppress(OSError, ValueError):
        return max(1, os.stat(path).st_size)
    return 1
