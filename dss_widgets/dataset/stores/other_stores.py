"""Datasets that DAS keeps in other containers than a folder of ``.npy`` files: HDF5 (``.h5``) and Zarr (``.zarr``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError

H5_SUFFIXES = (".h5", ".hdf5")
ZARR_SUFFIX = ".zarr"

_HARMLESS_CODECS = {
    "blosc", "zlib", "gzip", "lz4", "zstd", "bz2", "lzma", "delta", "shuffle", "bytes", "transpose", "crc32c",
    "sharding_indexed", "default", "regular",
}  # fmt: skip
"""Codecs of Zarr that only pack numbers; others, such as pickle, may run what a file says."""


class StoredArray:
    """An array in a container, to be indexed as one in memory: rows are read, and anything further is left to NumPy.

    Arrays of h5py and Zarr know only some of NumPy's ways to be indexed, and those of Zarr not even their own length.

    Attributes:
        shape, dtype: as of any array.
    """

    def __init__(self, array: Any) -> None:
        self._array = array
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
            return np.asarray(self)[key]
        values = np.asarray(self._array[rows])
        return values[(slice(None), *others)] if others else values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._array[:], dtype=dtype)


class GroupStore:
    """Attributes and arrays of a container with a group a split.

    Attributes:
        attrs: the attributes, plain values.
    """

    def __init__(self, group: Any) -> None:
        self._group = group
        self.attrs: dict[str, Any] = plain(dict(group.attrs))

    def load(self, split: str, name: str) -> StoredArray | None:
        """Return an array of a split; None if there is none."""
        if split not in self._group or name not in self._group[split]:
            return None
        array = self._group[split][name]
        if not hasattr(array, "shape") or array.dtype.hasobject:
            raise DataError(f"{split}/{name} holds no numbers. Assemble the dataset anew.")
        return StoredArray(array)


def open_group_store(path: Path) -> GroupStore:
    """Open an HDF5 or Zarr container.

    Raises:
        DataError: it cannot be read, holds something that reading could run, or zarr is not installed.
    """
    try:
        return GroupStore(h5py.File(path, "r") if path.suffix.lower() in H5_SUFFIXES else _open_zarr(path))
    except DataError:
        raise
    except Exception as error:  # each library raises its own errors for damaged files
        raise DataError(f"{path}: is not a readable dataset ({error}). Assemble it anew.") from error


def _open_zarr(path: Path) -> Any:
    try:
        zarr = import_module("zarr")
    except ImportError as error:
        raise DataError(f"{path}: needs the library zarr. Install it with: pip install zarr") from error
    strange = sorted(set(_codecs(path)) - _HARMLESS_CODECS)
    if strange:
        raise DataError(f"{path}: refused, because it is packed by {strange[0]}, and reading it could run somebody's code.")
    return zarr.open_group(str(path), mode="r")


def _codecs(path: Path) -> Iterator[str]:
    """Yield the names of the codecs of all arrays, from their metadata of version 2 or 3."""
    for file in sorted([*path.rglob(".zarray"), *path.rglob("zarr.json"), *path.rglob(".zmetadata")]):
        yield from _named_codecs(json.loads(file.read_text(encoding="utf-8")))


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
