"""Rows of an array, read from its file: unlike rows of a memory map, they do not stay in the process's memory."""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined

BLOCK_ROWS = 2**18
"""Rows read at once where a whole array is gone through."""


class Rows:
    """Reads rows ``[start, stop)`` of an array.

    A memory map counts every page that was ever touched as the process's memory until the system takes it back; hours of
    song would fill it. Where the array is the map of a whole file, its rows are therefore read from the file.

    Args:
        array: ``[samples, columns]``, mapped or in memory.
    """

    def __init__(self, array: np.ndarray) -> None:
        self._array = array
        self.shape: tuple[int, ...] = array.shape
        self._file: Any = None
        self._path, self._offset, self._row_bytes = "", 0, 0
        if isinstance(array, np.memmap) and isinstance(array.base, mmap.mmap) and array.flags.c_contiguous and array.filename:
            self._path = str(array.filename)
            self._file = open_confined(self._path, buffering=0)  # closed with the reader
            self._offset = int(array.offset)
            self._row_bytes = array.dtype.itemsize * int(np.prod(array.shape[1:], dtype=np.int64))

    def __len__(self) -> int:
        return self.shape[0]

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return rows [start, stop), cut to those that there are, ``[rows, columns]``.

        Raises:
            DataError: the file cannot be read, or was cut short since it was opened.
        """
        start, stop = max(0, start), min(stop, len(self))
        if self._file is None or stop <= start:
            return self._indexed(start, max(start, stop))
        wanted = (stop - start) * self._row_bytes
        raw = bytearray(wanted)
        view, at = memoryview(raw), 0
        while at < wanted:
            try:
                got = os.preadv(self._file.fileno(), [view[at:]], self._offset + start * self._row_bytes + at)
            except OSError as error:
                raise DataError(
                    f"{self._path}: cannot be read ({error.strerror}). See that its disk is there, then resume."
                ) from error
            if got == 0:
                raise DataError(
                    f"{self._path}: was cut short while it was used: it ends before sample {stop} of {len(self)}. "
                    "Copy the dataset there again, or assemble it again with the same options, then resume."
                )
            at += got
        return np.frombuffer(raw, dtype=self._array.dtype).reshape(stop - start, *self.shape[1:])

    def _indexed(self, start: int, stop: int) -> np.ndarray:
        try:
            return np.asarray(self._array[start:stop])
        except (DataError, MemoryError):
            raise
        except Exception as error:  # each container's library raises its own errors
            raise DataError(
                f"Samples {start} to {stop} of the dataset cannot be read ({error}). "
                "Copy it there again, or assemble it again with the same options, then resume."
            ) from error

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def __del__(self) -> None:
        self.close()


class ConcatenatedRows(Rows):
    """Reads several stretches of an array as if they followed each other.

    Args:
        array: ``[samples, columns]``, mapped or in memory.
        spans: first and last (excluded) row of every stretch, in their order.
    """

    def __init__(self, array: np.ndarray, spans: Sequence[tuple[int, int]]) -> None:
        self._rows = Rows(array)
        self._spans = list(spans)
        self._ends = np.cumsum([stop - start for start, stop in self._spans], dtype=np.int64)
        self.shape = (int(self._ends[-1]) if len(self._ends) else 0, *array.shape[1:])
        self._empty = np.zeros((0, *array.shape[1:]), dtype=array.dtype)
        self._file = None

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return rows [start, stop) of the stretches joined together, cut to those that there are, ``[rows, columns]``."""
        start, stop = max(0, start), min(stop, len(self))
        parts = []
        span = int(np.searchsorted(self._ends, start, side="right"))
        while start < stop:
            first, last = self._spans[span]
            before = int(self._ends[span]) - (last - first)
            upto = min(stop, int(self._ends[span]))
            parts.append(self._rows.read(first + start - before, first + upto - before))
            start, span = upto, span + 1
        return parts[0] if len(parts) == 1 else np.concatenate([self._empty, *parts])
