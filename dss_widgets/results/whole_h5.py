"""HDF5 files that appear whole or not at all, also where the disk is full.

HDF5 does not get over a failed write: what it has in memory cannot be written when the file is closed, and closing, or the
next file that is opened, may crash the process. So it writes through a file that never fails: this one keeps the first
failure to itself, takes what comes after it for written, and says so to whoever asks.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import h5py

from dss_widgets.whole_files import partial_path


class _NeverFailing:
    """A file for HDF5 to write to, which keeps the first failure to itself."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        try:
            while rest and self.failure is None:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.failure = error
        return len(data)

    def truncate(self, size: int) -> int:
        try:
            self._file.truncate(size)
        except OSError as error:
            self.failure = self.failure or error
        return size

    def readinto(self, buffer: Any) -> int:
        """Read; what could not be written reads as zeros."""
        n_read = self._file.readinto(buffer)  # type: ignore[attr-defined] # unbuffered files have it
        buffer[n_read:] = bytes(len(buffer) - n_read)
        return len(buffer)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""


class WholeH5File:
    """An HDF5 file that is written under a hidden name, and appears when all of it is.

    Args:
        path: the file; what was there is replaced, or stays if anything goes wrong.

    Attributes:
        file: to write to.

    Raises:
        OSError: it cannot be written, or, at the end, could not be, as for want of space.

    Example:
        >>> with WholeH5File(Path("numbers.h5")) as whole:
        ...     whole.file["x"] = [1, 2, 3]
    """

    def __init__(self, path: Path) -> None:
        self.path, self._partial = path, partial_path(path)
        self._raw = open(self._partial, "w+b", buffering=0)  # noqa: SIM115 - closed by appear() and discard()
        self._sink = _NeverFailing(self._raw)
        self._is_open = True
        try:
            self.file = h5py.File(self._sink, "w")
        except BaseException:
            self._raw.close()
            self._partial.unlink(missing_ok=True)
            raise

    def check(self) -> None:
        """Raise OSError if something could not be written; to be called now and then while much is written."""
        if self._sink.failure is not None:
            raise self._sink.failure

    def appear(self) -> None:
        """End writing, and let the file appear."""
        try:
            self._close()
            self.check()
            os.replace(self._partial, self.path)
        finally:
            self.discard()

    def discard(self, because: BaseException | None = None) -> None:
        """Remove what was written; does nothing after :meth:`appear`.

        Args:
            because: why; if something could not be written before, that explains it, and is raised instead.
        """
        with suppress(OSError, RuntimeError, ValueError):  # it is thrown away: what HDF5 makes of it does not matter
            self._close()
        with suppress(OSError):
            self._partial.unlink()
        if isinstance(because, Exception):
            self.check()

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            try:
                self.file.close()
            finally:
                self._raw.close()

    def __enter__(self) -> WholeH5File:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.appear()
        else:
            self.discard(error)
