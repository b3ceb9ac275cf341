"""Recordings kept as arrays: npz and h5 files, and arrays in memory."""

from __future__ import annotations

import threading
import zipfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from dss_widgets.dataset.recordings.recording import Recording, as_samplerate
from dss_widgets.errors import DataError

IN_MEMORY = Path("<memory>")
"""Where recordings that are in no file seem to be."""

_MOST_CHANNELS = 1024
"""More channels than this, and more than samples, can only be an array that lies on its side."""


def open_npz(path: Path) -> Recording:
    """Read the header of an npz file with the arrays ``data`` (``[samples, channels]`` or ``[samples]``) and ``samplerate``."""
    with zipfile.ZipFile(path) as archive:
        members = [name.removesuffix(".npy") for name in archive.namelist()]
        for name in ("data", "samplerate"):
            if name not in members:
                raise DataError(f"{path}: has no array {name!r}, only {', '.join(members) or 'nothing'}. Save it anew.")
        with archive.open("samplerate.npy") as file:
            samplerate = as_samplerate(path, np.lib.format.read_array(file, allow_pickle=False))
        info = archive.getinfo("data.npy")
        with archive.open(info) as file:
            shape, fortran_order, dtype = _read_header(file)
            offset = file.tell()
    n_samples, n_channels = two_dimensional(path, shape, dtype)
    if fortran_order and n_channels > 1:
        reader: Any = partial(_read_whole_npz, path)
    elif info.compress_type == zipfile.ZIP_STORED:
        reader = StoredRows(path, _data_offset(path, info) + offset, dtype, n_channels)
    else:
        reader = CompressedRows(path, offset, dtype, n_channels)
    return Recording(path, samplerate, n_samples, n_channels, reader)


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = np.lib.format.read_magic(file)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return reader(file)


def _data_offset(path: Path, info: zipfile.ZipInfo) -> int:
    """Return where an uncompressed member's bytes begin: after its own header, whose lengths may differ from the index's."""
    with open(path, "rb") as file:
        file.seek(info.header_offset + 26)
        name_length, extra_length = (int.from_bytes(file.read(2), "little") for _ in range(2))
    return info.header_offset + 30 + name_length + extra_length


def _read_whole_npz(path: Path, start: int, stop: int) -> np.ndarray:
    with np.load(path, allow_pickle=False) as archive:
        return np.asarray(archive["data"][start:stop])


@dataclass(frozen=True)
class StoredRows:
    """Rows of an array that lies uncompressed within a file, from an offset on."""

    path: Path
    offset: int
    dtype: np.dtype
    n_channels: int

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """Read rows [start, stop)."""
        with open(self.path, "rb") as file:
            file.seek(self.offset + start * self.n_channels * self.dtype.itemsize)
            values = np.fromfile(file, dtype=self.dtype, count=(stop - start) * self.n_channels)
        return values[: len(values) // self.n_channels * self.n_channels].reshape(-1, self.n_channels)


@dataclass
class CompressedRows:
    """Rows of an array in a compressed npz file, read in order without ever holding all of it.

    Going back means decompressing from the start again, so a few streams are kept where they are: one for each of those
    who read different parts at once.
    """

    path: Path
    offset: int
    dtype: np.dtype
    n_channels: int
    _streams: list[IO[bytes]] = field(default_factory=list, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def __call__(self, start: int, stop: int) -> np.ndarray:
        """Read rows [start, stop)."""
        row_bytes = self.n_channels * self.dtype.itemsize
        first = self.offset + start * row_bytes
        stream = self._take(first)
        stream.seek(first)
        data = stream.read((stop - start) * row_bytes)
        if len(data) == (stop - start) * row_bytes and data:
            with self._lock:
                self._streams.append(stream)
                surplus = self._streams[:-2]
                del self._streams[:-2]
            for old in surplus:
                old.close()
        else:
            stream.close()
        return np.frombuffer(data[: len(data) // row_bytes * row_bytes], dtype=self.dtype).reshape(-1, self.n_channels)

    def _take(self, position: int) -> IO[bytes]:
        """Return the stream that is nearest before a position, out of those that nobody uses, or a new one."""
        with self._lock:
            before = [stream for stream in self._streams if stream.tell() <= position]
            if before:
                nearest = max(before, key=lambda stream: stream.tell())
                self._streams.remove(nearest)
                return nearest
        with zipfile.ZipFile(self.path) as archive:  # the member's stream keeps the file open by itself
            return archive.open("data.npy")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_streams": [], "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())


def open_h5(path: Path) -> Recording:
    """Read the header of an h5 file with a dataset ``data`` and the attribute ``samplerate``, its own or the file's."""
    with h5py.File(path, "r") as file:
        if "data" not in file or not isinstance(file["data"], h5py.Dataset):
            raise DataError(f"{path}: has no dataset 'data', only {', '.join(file) or 'nothing'}. Save it anew.")
        data = file["data"]
        holder = next((attrs for attrs in (data.attrs, file.attrs) if "samplerate" in attrs), None)
        if holder is None:
            raise DataError(f"{path}: has no attribute 'samplerate'. Add it to the dataset 'data', in Hz.")
        samplerate = as_samplerate(path, holder["samplerate"])
        n_samples, n_channels = two_dimensional(path, data.shape, data.dtype)
    return Recording(path, samplerate, n_samples, n_channels, partial(_read_h5, path, n_channels))


def _read_h5(path: Path, n_channels: int, start: int, stop: int) -> np.ndarray:
    with h5py.File(path, "r") as file:
        block = np.asarray(file["data"][start:stop])
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
