"""Recordings kept as arrays: npz and h5 files, and arrays in memory."""

from __future__ import annotations

import io
import math
import os
import threading
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from dss_widgets import plain_h5
from dss_widgets.dataset.recordings.recording import Recording, as_samplerate
from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined

IN_MEMORY = Path("<memory>")
"""Where recordings that are in no file seem to be."""

_MOST_CHANNELS = 1024
"""More channels than this, and more than samples, can only be an array that lies on its side."""

_MOST_TOLD = 10
"""Names of what a file holds that are told at most."""

_LARGEST_RATE = 1024
"""Bytes of a sample rate, as a number or as text."""

_LONGEST_HEADER = 10_000
"""Bytes of an array's header, as in NumPy itself."""

_MOST_PER_BYTE = 1032
"""Bytes that one byte of deflated data can at most become."""

_READERS = 2
"""How many may read different parts of a compressed file at once without decompressing it again."""


def open_npz(path: Path) -> Recording:
    """Read the header of an npz file with the arrays ``data`` (``[samples, channels]`` or ``[samples]``) and ``samplerate``.

    Raises:
        DataError: an array is missing, is no audio, is packed in a way that NumPy does not write, or claims to be larger than
            the file has room for.
    """
    with open_confined(path) as source, zipfile.ZipFile(source) as archive:
        n_bytes = os.fstat(source.fileno()).st_size
        members = [name.removesuffix(".npy") for name in archive.namelist()]
        for name in ("data", "samplerate"):
            if name not in members:
                raise DataError(f"{path}: has no array {name!r}, only {_told(members)}. Save it again.")
        samplerate = as_samplerate(path, _read_rate(path, archive, n_bytes))
        info = archive.getinfo("data.npy")
        shape, fortran_order, dtype, offset = _read_header(path, archive, info, n_bytes)
        if info.compress_type == zipfile.ZIP_STORED:
            offset += _data_offset(source, info)
    n_samples, n_channels = two_dimensional(path, shape, dtype)
    kind = StoredRows if info.compress_type == zipfile.ZIP_STORED else CompressedRows
    return Recording(
        path, samplerate, n_samples, n_channels, kind(path, offset, dtype, n_channels, n_samples if fortran_order else 0)
    )


def _told(names: Iterable[str]) -> str:
    return ", ".join(islice(names, _MOST_TOLD)) or "nothing"


def _read_rate(path: Path, archive: zipfile.ZipFile, n_bytes: int) -> np.ndarray:
    info = archive.getinfo("samplerate.npy")
    shape, _, dtype, offset = _read_header(path, archive, info, n_bytes)
    if math.prod(shape) * dtype.itemsize > _LARGEST_RATE:
        raise DataError(f"{path}: its sample rate has the shape {shape}. It should be one number, in Hz.")
    with archive.open(info) as file:
        file.seek(offset)
        return np.frombuffer(file.read(math.prod(shape) * dtype.itemsize), dtype=dtype)


def _read_header(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, n_bytes: int
) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return shape, order, type and place within the member of an array that the file has room for."""
    share = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: _MOST_PER_BYTE}.get(info.compress_type)
    if share is None:
        raise DataError(f"{path}: is packed in a way that NumPy does not write. Save it again with numpy.savez.")
    with archive.open(info) as file:
        head = file.read(12)
        n_head = int.from_bytes(head[8:10] if head[6:7] == b"\1" else head[8:12], "little")
        if n_head > _LONGEST_HEADER:
            raise DataError(f"{path}: the header of its array {info.filename} is {n_head} bytes long. Save it again.")
        rest = io.BytesIO(head + file.read(n_head))
    version = np.lib.format.read_magic(rest)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = reader(rest)
    needed = rest.tell() + math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or needed > info.file_size or info.file_size > n_bytes * share:
        raise DataError(
            f"{path}: its {info.filename} claims to be of shape {shape}, more than the file has room for. Save it again."
        )
    return shape, fortran_order, dtype, rest.tell()


def _data_offset(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Return where an uncompressed member's bytes begin: after its own header, whose lengths may differ from the index's."""
    file.seek(info.header_offset + 26)
    name_length, extra_length = (int.from_bytes(file.read(2), "little") for _ in range(2))
    return info.header_offset + 30 + name_length + extra_length


@dataclass
class _Rows:
    """Rows of an array that lies within a file, from an offset on.

    Attributes:
        path: the file.
        offset: where the array's values begin.
        dtype: type of a value.
        n_channels: values of a row.
        n_by_channel: rows, if they lie channel after channel (Fortran's order); else 0.
    """

    path: Path
    offset: int
    dtype: np.dtype
    n_channels: int
    n_by_channel: int = 0

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """Read rows [start, stop)."""
        size = self.dtype.itemsize
        if self.n_by_channel:
            firsts = [self.offset + (channel * self.n_by_channel + start) * size for channel in range(self.n_channels)]
            pieces = [self._values(first, (stop - start) * size) for first in firsts]
            return np.column_stack([piece[: min(map(len, pieces))] for piece in pieces])
        values = self._values(self.offset + start * self.n_channels * size, (stop - start) * self.n_channels * size)
        return values[: len(values) // self.n_channels * self.n_channels].reshape(-1, self.n_channels)

    def _values(self, first: int, n_bytes: int) -> np.ndarray:
        data = self._bytes(first, n_bytes)
        return np.frombuffer(data[: len(data) // self.dtype.itemsize * self.dtype.itemsize], dtype=self.dtype)

    def _bytes(self, first: int, n_bytes: int) -> bytes:
        raise NotImplementedError


class StoredRows(_Rows):
    """Rows of an array that lies uncompressed within a file."""

    def _bytes(self, first: int, n_bytes: int) -> bytes:
        with open_confined(self.path) as file:
            file.seek(first)
            content: bytes = file.read(n_bytes)
            return content


@dataclass
class CompressedRows(_Rows):
    """Rows of an array in a compressed npz file, read in order without ever holding all of it.

    Going back means decompressing from the start again, so a few streams are kept where they are: for each of those who
    read different parts at once, one, or one a channel where these lie after each other.
    """

    _streams: list[_Stream] = field(default_factory=list, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def _bytes(self, first: int, n_bytes: int) -> bytes:
        stream = self._take(first)
        stream.file.seek(first)
        data = stream.file.read(n_bytes)
        kept = _READERS * (self.n_channels if self.n_by_channel else 1)
        with self._lock:
            self._streams.append(stream)
            surplus = self._streams[:-kept]
            del self._streams[:-kept]
        for old in surplus:
            old.close()
        return data

    def _take(self, position: int) -> _Stream:
        """Return the stream that is nearest before a position, out of those that nobody uses, or a new one."""
        with self._lock:
            before = [stream for stream in self._streams if stream.file.tell() <= position]
            if before:
                nearest = max(before, key=lambda stream: stream.file.tell())
                self._streams.remove(nearest)
                return nearest
        return _Stream(self.path)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_streams": [], "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())


class _Stream:
    """The member ``data.npy`` of an npz file, being decompressed.

    Attributes:
        file: the decompressed bytes.
    """

    def __init__(self, path: Path) -> None:
        with ExitStack() as opened:
            archive = opened.enter_context(zipfile.ZipFile(opened.enter_context(open_confined(path))))
            self.file = opened.enter_context(archive.open("data.npy"))
            self.close = opened.pop_all().close


def open_h5(path: Path) -> Recording:
    """Read the header of an h5 file with a dataset ``data`` and the attribute ``samplerate``, its own or the file's.

    Raises:
        DataError: either is missing, is no audio, or lies outside of the file.
    """
    with plain_h5.open_h5(path) as file:
        if not plain_h5.holds(file, "data"):
            raise DataError(f"{path}: has no dataset 'data', only {_told(file)}. Save it again.")
        data = plain_h5.plain_dataset(path, file, "data")
        rates = (plain_h5.plain_attribute(path, holder, "samplerate") for holder in (data, file))
        rate = next((rate for rate in rates if rate is not None), None)
        if rate is None:
            raise DataError(f"{path}: has no attribute 'samplerate'. Add it to the dataset 'data', in Hz.")
        n_samples, n_channels = two_dimensional(path, data.shape, data.dtype)
    return Recording(path, as_samplerate(path, rate), n_samples, n_channels, partial(_read_h5, path, n_channels))


def _read_h5(path: Path, n_channels: int, start: int, stop: int) -> np.ndarray:
    with plain_h5.open_h5(path) as file:
        block = np.asarray(plain_h5.plain_dataset(path, file, "data")[start:stop])
    return block.reshape(len(block), n_channels)


def recording_of(data: np.ndarray, samplerate_hz: float, name: str) -> Recording:
    """Return audio that is in memory as a recording.

    Args:
        data: ``[samples, channels]`` or ``[samples]``.
        samplerate_hz: samples a second.
        name: the name it goes by, as if it were a file's.

    Raises:
        DataError: the array or the rate cannot be audio.
    """
    data, path = np.asarray(data), IN_MEMORY / name
    n_samples, n_channels = two_dimensional(path, data.shape, data.dtype)
    rate = as_samplerate(path, samplerate_hz)
    return Recording(path, rate, n_samples, n_channels, partial(_read_array, data.reshape(n_samples, n_channels)))


def _read_array(data: np.ndarray, start: int, stop: int) -> np.ndarray:
    return data[start:stop]


def two_dimensional(path: Path, shape: tuple[int, ...], dtype: np.dtype) -> tuple[int, int]:
    """Return samples and channels of an array of audio.

    Raises:
        DataError: it has another number of dimensions, holds no real numbers, or lies on its side.
    """
    if dtype.kind not in "fiub":
        raise DataError(f"{path}: its audio is of type {dtype}, not numbers.")
    if len(shape) not in (1, 2):
        raise DataError(f"{path}: its audio has the shape {shape}, not [samples] or [samples, channels].")
    n_samples, n_channels = int(shape[0]), int(shape[1]) if len(shape) == 2 else 1
    if n_channels > max(n_samples, _MOST_CHANNELS):
        raise DataError(f"{path}: its audio has the shape {shape}; [samples, channels] was expected. Transpose it.")
    return n_samples, n_channels
