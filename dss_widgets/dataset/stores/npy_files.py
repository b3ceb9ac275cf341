"""The files of a dataset folder: arrays written piece by piece, and attributes that are read without running code."""

from __future__ import annotations

import io
import json
import math
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError


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
    """Map an ``.npy`` file into memory, read-only; an empty array is simply read.

    Raises:
        DataError: it is not there, not an array, or holds objects.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        try:
            array = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            raise DataError(f"{path}: is not a readable array ({error}). Assemble the dataset anew.") from error
        if array.size:
            raise DataError(f"{path}: is not a readable array ({error}). Assemble the dataset anew.") from error
    return array


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
    """Read a dataset's attributes without running anything that its pickle may hold.

    Raises:
        DataError: there are none, or they hold more than plain values and NumPy scalars and arrays.
    """
    path = folder / "attrs.npy"
    try:
        with open(path, "rb") as file:
            value = _read_object_array(file, path)
    except FileNotFoundError:
        raise DataError(f"{folder}: is not a dataset (it has no attrs.npy). Choose a folder made by 'Assemble'.") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    if isinstance(value, np.ndarray) and value.shape == ():
        value = value.item()
    if not isinstance(value, Mapping):
        raise DataError(f"{path}: holds no names and values. Assemble the dataset anew.")
    return dict(plain(value))


def _read_object_array(file: IO[bytes], path: Path) -> Any:
    try:
        version = np.lib.format.read_magic(file)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        reader(file)
    except ValueError as error:
        raise DataError(f"{path}: is not a NumPy file ({error}). Assemble the dataset anew.") from error
    try:
        return _PlainUnpickler(file).load()
    except _NotPlain as error:
        raise DataError(
            f"{path}: refused, because it holds {error} and reading it could run somebody's code. "
            "Ask for attrs.json, or for the dataset made anew."
        ) from None
    except Exception as error:  # a damaged pickle raises nearly anything
        raise DataError(f"{path}: is damaged ({error}). Assemble the dataset anew.") from error


class _NotPlain(Exception):  # noqa: N818 - never leaves this file
    """The pickle asks for something that is not a plain value."""


_RECONSTRUCT = np.empty(()).__reduce__()[0]
"""NumPy's own maker of empty arrays, whatever the module's name in this version."""


class _Maker:
    """A function for pickles to call that no pickle can change: it has no attributes to set."""

    __slots__ = ()


class _Scalar(_Maker):
    """Makes NumPy scalars."""

    __slots__ = ()

    def __call__(self, dtype: np.dtype, data: bytes | str = b"") -> Any:
        if not isinstance(dtype, np.dtype) or dtype.hasobject:
            raise _NotPlain("a NumPy scalar of objects")
        raw = data.encode("latin1") if isinstance(data, str) else data
        return np.frombuffer(raw, dtype=dtype, count=1)[0]


class _FromBuffer(_Maker):
    """Makes arrays of bytes (pickle protocol 5)."""

    __slots__ = ()

    def __call__(self, data: bytes, dtype: np.dtype, shape: tuple[int, ...], order: Any = "C", *_axes: Any) -> np.ndarray:
        return np.frombuffer(data, dtype=dtype).reshape(shape, order=order)


class _Encode(_Maker):
    """Turns text into bytes, as pickles of old protocols need it."""

    __slots__ = ()

    def __call__(self, text: str, encoding: str = "latin1") -> bytes:
        if encoding not in ("latin1", "latin-1"):
            raise _NotPlain(f"an unusual encoding ({encoding})")
        return text.encode("latin1")


def _harmless(module: str, name: str) -> Any:
    return {
        ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
        ("numpy.core.multiarray", "scalar"): _Scalar(),
        ("numpy.core.numeric", "_frombuffer"): _FromBuffer(),
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("_codecs", "encode"): _Encode(),
        ("collections", "OrderedDict"): dict,
    }.get((module.replace("numpy._core", "numpy.core", 1), name))


class _PlainUnpickler(pickle.Unpickler):
    """Unpickles plain values, NumPy scalars and NumPy arrays, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        found = _harmless(module, name)
        if found is None:
            raise _NotPlain(f"{module}.{name}")
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise _NotPlain(f"a reference to something outside ({pid!r})")
