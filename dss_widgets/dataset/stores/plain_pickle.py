"""Pickles of plain values, NumPy scalars and NumPy arrays, read without running, or believing, what they say.

Nothing of NumPy is called with what a pickle holds: types, scalars and arrays are made here, of bytes whose length fits.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

_NUMERIC = "fiubSU"
"""Kinds of NumPy types that hold numbers and text."""

_LONGEST_CODE = 12
"""Characters of a NumPy type's code, such as ``U100``."""

_VALUES_PER_BYTE = 10
"""Values that a byte of a pickle may stand for: an object that it names again and again can stand for any number."""


class NotPlainError(Exception):
    """A pickle asks for something that is not a plain value."""


def unpickle_plain(pickled: bytes) -> Any:
    """Return the plain value that a pickle holds, NumPy's scalars and arrays as numbers and lists.

    Raises:
        NotPlainError: it holds anything else.
        Exception: it is damaged; damaged pickles raise nearly anything.
    """
    for opcode, argument, _position in pickletools.genops(pickled):
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > len(pickled):
            raise ValueError("it numbers more objects than it has bytes")  # for which memory would be taken
    value = _PlainUnpickler(io.BytesIO(pickled)).load()
    return _plain(value, iter(range(_VALUES_PER_BYTE * len(pickled) + 1000)))


def _plain(value: Any, left: Iterator[int]) -> Any:
    """Return a value without the classes of this file; ``left`` runs out where it holds more than its bytes can stand for."""
    if next(left, None) is None:
        raise ValueError("it holds far more than its size")
    if isinstance(value, _Array):
        return _plain(value.values, left)
    if isinstance(value, dict):
        return {str(_plain(key, left)): _plain(item, left) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, left) for item in value]
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # halves of surrogate pairs cannot be shown
    if value is None or isinstance(value, int | float):
        return value
    raise NotPlainError(f"a value of the type {type(value).__name__.strip('_')}")


class _Maker:
    """Something for pickles to call that no pickle can change: it has no attributes to set."""

    __slots__ = ()


class _Type:
    """A NumPy type: only its code is taken from the pickle, and its byte order."""

    __slots__ = ("dtype",)

    def __init__(self, code: str | bytes) -> None:
        name = code.decode("latin1") if isinstance(code, bytes) else code
        if not isinstance(name, str) or len(name) > _LONGEST_CODE:
            raise NotPlainError("a NumPy type that is put together")
        self.dtype = np.dtype(object) if name.startswith("O") else np.dtype(name)
        if self.dtype.kind not in _NUMERIC + "O":
            raise NotPlainError(f"a NumPy value of type {self.dtype}")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1].decode("latin1") if isinstance(state[1], bytes) else state[1]
        if order in ("<", ">"):
            self.dtype = self.dtype.newbyteorder("<" if order == "<" else ">")

    def numbers(self, data: bytes | bytearray | str) -> np.ndarray:
        """Return the numbers or texts that bytes stand for, ``[values]``."""
        if self.dtype.hasobject:
            raise NotPlainError("a NumPy scalar of objects")
        return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype=self.dtype)


class _MakeType(_Maker):
    __slots__ = ()

    def __call__(self, code: str | bytes, *_flags: Any) -> _Type:
        return _Type(code)


class _MakeScalar(_Maker):
    __slots__ = ()

    def __call__(self, kind: _Type, data: bytes | str = b"") -> Any:
        return kind.numbers(data)[0].item()


class _Array:
    """The values of an array, as nested lists; of an array without dimensions, its value."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: Any = []

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, kind, fortran, data = state
        if kind.dtype.hasobject:
            flat = np.empty(len(data), dtype=object)
            flat[:] = data
        else:
            flat = kind.numbers(data)
        self.values = _nested(flat, shape, "F" if fortran else "C")


def _nested(flat: np.ndarray, shape: tuple[int, ...], order: Literal["C", "F"]) -> Any:
    """Return values in their shape, as lists; an empty array of any shape is an empty list."""
    return flat.reshape(shape, order=order).tolist() if flat.size else []


class _MakeArray(_Maker):
    __slots__ = ()

    def __call__(self, *_kind: Any) -> _Array:
        return _Array()


class _ArrayOfBytes(_Maker):
    """Makes arrays of bytes (pickle protocol 5)."""

    __slots__ = ()

    def __call__(self, data: bytes, kind: _Type, shape: tuple[int, ...], order: Any = "C", *_axes: Any) -> Any:
        return _nested(kind.numbers(data), shape, "F" if order == "F" else "C")


class _Encode(_Maker):
    """Turns text into bytes, as pickles of old protocols need it."""

    __slots__ = ()

    def __call__(self, text: str, encoding: str = "latin1") -> bytes:
        if encoding not in ("latin1", "latin-1"):
            raise NotPlainError(f"an unusual encoding ({encoding})")
        return text.encode("latin1")


_HARMLESS: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _MakeArray(),
    ("numpy.core.multiarray", "scalar"): _MakeScalar(),
    ("numpy.core.numeric", "_frombuffer"): _ArrayOfBytes(),
    ("numpy", "ndarray"): _Maker(),
    ("numpy", "dtype"): _MakeType(),
    ("_codecs", "encode"): _Encode(),
    ("collections", "OrderedDict"): dict,
}


class _PlainUnpickler(pickle.Unpickler):
    """Unpickles plain values and what stands for NumPy's, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        found = _HARMLESS.get((module.replace("numpy._core", "numpy.core", 1), name))
        if found is None:
            raise NotPlainError(f"{module}.{name}")
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise NotPlainError(f"a reference to something outside ({pid!r})")
