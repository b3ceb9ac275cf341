"""Datasets that DAS keeps in other containers than a folder of ``.npy`` files: HDF5 (``.h5``) and Zarr (``.zarr``)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.dataset.stores.h5_attributes import text_attributes
from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError, reason
from dss_widgets.plain_h5 import NUMBERS, holds, open_h5, plain_dataset, plain_group
from dss_widgets.roots import allowed_roots, confined, open_confined

H5_SUFFIXES = (".h5", ".hdf5")
ZARR_SUFFIX = ".zarr"

_HARMLESS_CODECS = {
    "blosc", "zlib", "gzip", "lz4", "zstd", "bz2", "lzma", "delta", "shuffle", "bytes", "transpose", "crc32c",
    "sharding_indexed", "default", "regular",
}  # fmt: skip
"""Codecs of Zarr that only pack numbers; others, such as pickle, may run what a file says."""

_METADATA = {".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json"}

_LARGEST_PIECE = 2**28
"""Bytes that are unpacked together, whatever part of them is wanted."""

_MOST_PACKED = 10_000
"""How many bytes one byte of the files may stand for: silence is packed well, and pieces of zeros are left out."""


class StoredArray:
    """An array in a container, to be indexed as one in memory: rows are read, and anything further is left to NumPy.

    Arrays of h5py and Zarr know only some of NumPy's ways to be indexed, and those of Zarr not even their own length.

    Args:
        array: of h5py or Zarr.
        name: of the container and the array, for messages.

    Attributes:
        shape, dtype: as of any array.
    """

    def __init__(self, array: Any, name: str) -> None:
        self._array, self._name = array, name
        self.shape: tuple[int, ...] = tuple(array.shape)
        self.dtype = np.dtype(array.dtype)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        rows, *others = key if isinstance(key, tuple) else (key,)
        if not isinstance(rows, slice):
            chosen: np.ndarray = np.asarray(self)[key]
            return chosen
        values = self._read(rows)
        return values[(slice(None), *others)] if others else values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._read(slice(None)), dtype=dtype)

    def _read(self, rows: slice) -> np.ndarray:
        try:
            return np.asarray(self._array[rows])
        except Exception as error:  # each library raises its own errors for damaged files
            raise DataError(
                f"{self._name}: cannot be read ({reason(error)}). Copy the dataset, or assemble it, again."
            ) from error


class GroupStore:
    """Attributes and arrays of a container with a group a split.

    Attributes:
        attrs: the attributes, plain values.
    """

    def __init__(self, attrs: dict[str, Any], find: Callable[[str, str], StoredArray | None]) -> None:
        self.attrs = attrs
        self._find = find

    def load(self, split: str, name: str) -> StoredArray | None:
        """Return an array of a split; None if there is none.

        Raises:
            DataError: it holds no numbers, or is damaged.
        """
        return self._find(split, name)


def open_group_store(path: Path) -> GroupStore:
    """Open an HDF5 or Zarr container.

    Raises:
        DataError: it cannot be read, holds something that reading could run, lies elsewhere, or zarr is not installed.
    """
    if path.suffix.lower() in H5_SUFFIXES:
        file = open_h5(path)
        return GroupStore(text_attributes(path), partial(_find_h5, path, file))
    with _told_of(path):
        group = _open_zarr(path)
        return GroupStore(json.loads(json.dumps(plain(dict(group.attrs)))), partial(_find_zarr, path, group))


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Tell whatever goes wrong as the package's own error."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # each library raises its own errors for damaged files
        raise DataError(f"{path}: is not a readable dataset ({reason(error)}). Assemble it again.") from error


def _find_h5(path: Path, file: h5py.File, split: str, name: str) -> StoredArray | None:
    with _told_of(path):
        if "/" in name or not holds(file, split):
            return None
        group = plain_group(path, file, split)
        return StoredArray(plain_dataset(path, group, name), f"{path}, {split}/{name}") if holds(group, name) else None


def _find_zarr(path: Path, root: Any, split: str, name: str) -> StoredArray | None:
    with _told_of(path):
        if "/" in name or split not in root or name not in root[split]:
            return None
        array = root[split][name]
        if not hasattr(array, "shape") or array.dtype.kind not in NUMBERS:
            raise DataError(f"{path}: {split}/{name} holds no numbers. Assemble the dataset again.")
        _check_pieces(confined(path / split / name), array)
        return StoredArray(array, f"{path}, {split}/{name}")


def _check_pieces(folder: Path, array: Any) -> None:
    """Raise ValueError where a Zarr array claims what its files do not hold.

    Blosc believes the sizes that a piece tells in its first 16 bytes, and reads and writes beyond its memory if they are wrong.
    """
    files = [file for file in folder.rglob("*") if file.is_file()]
    outer = getattr(array, "shards", None) or array.chunks
    n_pieces = math.prod(-(-length // piece) for length, piece in zip(array.shape, outer, strict=True))
    n_bytes, piece_bytes = (math.prod(shape) * array.dtype.itemsize for shape in (array.shape, outer))
    if piece_bytes > _LARGEST_PIECE:
        raise ValueError(f"{folder.name} is stored in pieces of {piece_bytes / 2**20:.0f} MB")
    if n_bytes > _MOST_PACKED * sum(file.stat().st_size for file in files) or n_pieces > 10 * len(files) + 100:
        raise ValueError(f"{folder.name} claims the shape {array.shape}, too much for its files")
    if not any("blosc" in type(codec).__name__.lower() for codec in array.compressors):
        return
    for file in files:
        if file.name not in _METADATA:
            with open_confined(file) as opened:
                header = opened.read(16)
            n_unpacked, n_block, n_packed = (int.from_bytes(header[at : at + 4], "little") for at in (4, 8, 12))
            if len(header) < 16 or n_packed != file.stat().st_size or not 0 < n_block <= n_unpacked <= 8 * piece_bytes:
                raise ValueError(f"{folder.name}/{file.name} is damaged")


def _open_zarr(path: Path) -> Any:
    try:
        zarr = import_module("zarr")
    except ImportError as error:
        raise DataError(f"{path}: needs the library zarr. Install it with: pip install zarr") from error
    link = next((file for file in [path, *path.rglob("*")] if file.is_symlink()), None) if allowed_roots() else None
    if link is not None:
        raise DataError(f"{link}: is a link. Put what it leads to in its place.")
    strange = sorted(set(_codecs(path)) - _HARMLESS_CODECS)
    if strange:
        raise DataError(f"{path}: refused, because it is packed by {strange[0]}, and reading it could run somebody's code.")
    return zarr.open_group(str(confined(path)), mode="r")


def _codecs(path: Path) -> Iterator[str]:
    """Yield the names of the codecs of all arrays, from their metadata of version 2 or 3."""
    for file in sorted(file for file in path.rglob("*") if file.name in _METADATA):
        with open_confined(file) as opened:
            yield from _named_codecs(json.loads(opened.read()))


def _named_codecs(value: Any, within: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named_codecs(item, within)
    elif isinstance(value, dict):
        name = (
            value.get("id") if within in ("compressor", "filters") else value.get("name") if within.endswith("codecs") else None
        )
        if name is not None:
            yield str(name)
        for key, item in value.items():
            yield from _named_codecs(item, key if key in ("compressor", "filters", "codecs", "index_codecs") else "")
    elif within and value is not None:
        yield str(value)
