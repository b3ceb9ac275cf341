"""HDF5 files that appear whole or not at all, also where the disk is full.

HDF5 does not get over a failed write: what it holds in memory cannot be written when the file is closed either, and closing,
or the next file that is opened, may crash the process. So room is reserved before anything is given to it.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import h5py
import numpy as np

from dss_widgets.whole_files import partial_path, remove_leftovers_of

_MARGIN_BYTES = 2**22
"""Room for what describes the data: names, attributes, the lists of pieces."""


class WholeH5File:
    """An HDF5 file that is written under a hidden name, and appears when all of it is.

    Args:
        path: the file; what was there is replaced, or stays if anything goes wrong.
        n_bytes: most that is written without :meth:`reserve`, beside names and attributes.

    Attributes:
        file: to write to.

    Raises:
        OSError: it cannot be written, as for want of room.

    Example:
        >>> with WholeH5File(Path("numbers.h5"), n_bytes=24) as whole:
        ...     whole.file["x"] = [1, 2, 3]
    """

    def __init__(self, path: Path, n_bytes: int = 0) -> None:
        self.path, self._partial = path, partial_path(path)
        remove_leftovers_of(path)
        try:
            with open(self._partial, "wb"):  # it is there before HDF5 looks for room for its first words
                reserve_room(self._partial, n_bytes + _MARGIN_BYTES)
            self.file = h5py.File(self._partial, "w")
            self.reserve(n_bytes)
        except BaseException:
            self._partial.unlink(missing_ok=True)
            raise

    def reserve(self, n_bytes: int) -> None:
        """Make sure of room for that many more bytes; raises OSError where there is none."""
        reserve_room(self._partial, self.file.id.get_filesize() + n_bytes + _MARGIN_BYTES)

    def write_text(self, name: str, text: str) -> None:
        """Keep a text as a dataset of fixed length: what is of variable length lies in a heap that HDF5 may not get out of."""
        self.file[name] = np.bytes_(text.encode())

    def appear(self) -> None:
        """End writing, and let the file appear."""
        try:
            self.file.flush()
            used = self.file.id.get_filesize()
            self.file.close()
            os.truncate(self._partial, used)
            os.replace(self._partial, self.path)
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove what was written; does nothing after :meth:`appear`."""
        self.file.close()
        with suppress(OSError):
            self._partial.unlink()

    def __enter__(self) -> WholeH5File:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if kind is None:
            self.appear()
        else:
            self.discard()


def reserve_room(path: Path, n_bytes: int) -> None:
    """Lengthen a file to so many bytes, so that writing them cannot fail; one that is as long stays as it is.

    Where the system cannot reserve room, it is asked how much there is.

    Raises:
        OSError: there is no room (the disk, or what one may use of it, is full).
    """
    missing = n_bytes - path.stat().st_size
    if missing <= 0:
        return
    if hasattr(os, "posix_fallocate"):
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), n_bytes - missing, missing)
    elif shutil.disk_usage(path.parent).free < missing:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
