"""The files of a dataset folder: arrays written piece by piece, and attributes that are read without running code."""

from __future__ import annotations

import io
import json
import math
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from dss_widgets.dataset.stores.plain_pickle import NotPlainError, unpickle_plain
from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError, reason
from dss_widgets.roots import open_confined

_HEADER_BYTES = 2**16
"""More than the header of an array of numbers ever has."""

MOST_ATTRIBUTE_BYTES = 2**27
"""Attributes tell of every stretch of every recording: 10 s blocks of a thousand hours are 40 MB."""


def npy_header(shape: tuple[int, ...], dtype: np.dtype) -> bytes:
    """Return the header of an ``.npy`` file, version 1.0, C order."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    )
    return header.getvalue()


class ArrayFile:
    """An ``.npy`` file of a known shape whose rows are written in any order, without ever being mapped into memory.

    Args:
        path: the file, which must not exist.
        shape: ``(rows, ...)``.
        dtype: type of the values.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.path, self.shape, self.dtype = path, shape, dtype
        header = npy_header(shape, dtype)
        self._offset = len(header)
        self._row_bytes = int(dtype.itemsize * math.prod(shape[1:]))
        with open(path, "xb") as file:
            file.write(header)
            file.truncate(self._offset + shape[0] * self._row_bytes)

    def write(self, row: int, values: np.ndarray) -> None:
        """Write values ``[rows, ...]`` from a row on; safe from several threads and processes at once."""
        with open(self.path, "r+b", buffering=0) as file:
            file.seek(self._offset + row * self._row_bytes)
            data = np.ascontiguousarray(values, dtype=self.dtype).reshape(-1).view(np.uint8).data
            while data:
                data = data[file.write(data) :]


def load_array(path: Path) -> np.ndarray:
    """Map an ``.npy`` file of numbers into memory, read-only; an empty array is in no file.

    Raises:
        DataError: it may not be read, is not an array of numbers, or is shorter than it says.
    """
    try:
        with open_confined(path) as file:
            shape, fortran, dtype, offset = _read_header(file)
            if dtype.kind not in "fiub":
                raise ValueError(f"it holds {dtype}, not numbers")
            n_bytes = math.prod(shape) * dtype.itemsize
            there = os.fstat(file.fileno()).st_size - offset
            if n_bytes > there:
                raise ValueError(f"it ends early: {there} bytes for an array {shape} of {dtype}")
            if not n_bytes:
                return np.zeros(shape, dtype=dtype)
            return np.memmap(file, dtype, "r", offset, shape, "F" if fortran else "C")
    except DataError:
        raise
    except Exception as error:  # a damaged header raises nearly anything
        raise DataError(f"{path}: is not a readable array ({reason(error)}). Assemble the dataset again.") from error


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return shape, whether it is in Fortran's order, type, and where the data begin.

    A header tells its own length, up to 4 GB: no more is read than an honest one can have.
    """
    head = io.BytesIO(file.read(_HEADER_BYTES))
    version = np.lib.format.read_magic(head)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = reader(head)
    if min(shape, default=0) < 0:
        raise ValueError(f"an array cannot have the shape {shape}")
    return shape, fortran, dtype, head.tell()


def write_attributes(folder: Path, attributes: Mapping[str, Any]) -> None:
    """Write ``attrs.npy`` (for DAS) and ``attrs.json`` (for everybody else).

    The pickle names NumPy's modules as every NumPy since 1.0 knows them, so that DAS reads it with an older NumPy, and its
    bytes do not depend on the NumPy that writes it.
    """
    text = json.dumps(plain(attributes), indent=1, ensure_ascii=False)
    (folder / "attrs.json").write_text(text + "\n", encoding="utf-8")
    holder = np.empty((), dtype=object)
    holder[()] = json.loads(text)  # plain values with no shared objects: the same pickle every time
    pickled = pickle.dumps(holder, protocol=3).replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    (folder / "attrs.npy").write_bytes(npy_header((), np.dtype(object)) + pickled)


def read_attributes(folder: Path) -> dict[str, Any]:
    """Read a dataset's attributes without running anything that their pickle may hold.

    Raises:
        DataError: there are none, they may not be read, or hold more than plain values and NumPy scalars and arrays.
    """
    path = folder / "attrs.npy"
    try:
        with open_confined(path) as file:
            if os.fstat(file.fileno()).st_size > MOST_ATTRIBUTE_BYTES:
                raise ValueError(f"it is larger than {MOST_ATTRIBUTE_BYTES / 2**20:.0f} MB")
            *_, offset = _read_header(file)
            file.seek(offset)
            value = unpickle_plain(file.read())
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{folder}: is not a dataset (it has no attrs.npy). Choose a folder made by 'Assemble'.") from None
    except NotPlainError as error:
        raise DataError(
            f"{path}: refused, because it holds {error} and reading it could run somebody's code. "
            "Ask for attrs.json, or for the dataset made again."
        ) from None
    except Exception as error:  # a damaged pickle raises nearly anything
        raise DataError(f"{path}: is damaged or cannot be read ({reason(error)}). Assemble the dataset again.") from error
    if not isinstance(value, dict):
        raise DataError(f"{path}: holds no names and values. Assemble the dataset again.")
    return value
