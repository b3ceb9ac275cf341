"""Numbers and texts of MATLAB's files, of level 4 and 5 (``-v4``, ``-v6``, ``-v7``).

They are read here and not by scipy's ``loadmat``, since that can end the process where a file is damaged (seen with scipy
1.17.1). The layout is that of MathWorks' *MAT-File Format* (level 5: elements with a tag of type and size; level 4: a matrix
after the other with a header of five numbers).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterator

import numpy as np

_MAX_BYTES = 2**26
"""What a packed element may hold: far more than labels and times of a recording."""

_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Types of elements that hold numbers, as NumPy names them."""

_TEXTS = {16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_CHARS = 4
_NUMERIC = range(6, 16)
_COMPLEX = 0x0800
_LEVEL_4_TYPES = ("f8", "f4", "i4", "i2", "u2", "u1")


def read_mat(content: bytes, names: Collection[str]) -> dict[str, np.ndarray]:
    """Read variables of a file.

    Args:
        content: of the file.
        names: of the variables that are wanted.

    Returns:
        Those that are there and hold numbers or text, flattened as MATLAB stores them (columns first); text as its
        characters' codes.

    Raises:
        ValueError: it is no such file, or is damaged.
    """
    if len(content) >= 128 and content[126:128] in (b"IM", b"MI"):
        order = "<" if content[126:128] == b"IM" else ">"
        variables = _level_5(content[128:], order)
    else:
        variables = _level_4(content)
    return {name: values for name, values in variables if name in names}


def _level_5(content: bytes, order: str) -> Iterator[tuple[str, np.ndarray]]:
    for kind, data in _elements(content, order):
        if kind == _COMPRESSED:
            for inner, matrix in _elements(_unpacked(data), order):
                if inner == _MATRIX:
                    yield from _variable(matrix, order)
        elif kind == _MATRIX:
            yield from _variable(data, order)


def _unpacked(data: bytes) -> bytes:
    packed = zlib.decompressobj()
    try:
        content = packed.decompress(data, _MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"a variable cannot be unpacked: {error}") from error
    if packed.unconsumed_tail:
        raise ValueError("a variable is far too large")
    return content


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield type and data of the elements of which some content is made."""
    start = 0
    while start + 8 <= len(content):
        first, second = struct.unpack_from(f"{order}II", content, start)
        small = first >> 16
        kind, n_bytes, data = (first & 0xFFFF, small, start + 4) if small else (first, second, start + 8)
        if data + n_bytes > len(content) or (small and n_bytes > 4):
            raise ValueError("it ends within a variable")
        yield kind, content[data : data + n_bytes]
        start = start + 8 if small else data + n_bytes
        if not small and kind != _COMPRESSED:
            start += -n_bytes % 8


def _variable(matrix: bytes, order: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and values of a matrix, if it holds real numbers or text."""
    parts = _elements(matrix, order)
    try:
        (_, flags), _dimensions, (_, name), (kind, data) = next(parts), next(parts), next(parts), next(parts)
        (word,) = struct.unpack_from(f"{order}I", flags)
    except (StopIteration, struct.error):
        return  # empty, or of a kind that is built otherwise
    kind_of_array = word & 0xFF
    if word & _COMPLEX or (kind_of_array != _CHARS and kind_of_array not in _NUMERIC):
        return
    if kind in _TEXTS:
        text = data.decode(_TEXTS[kind] if kind == 16 else f"{_TEXTS[kind]}-{'le' if order == '<' else 'be'}")
        yield name.decode("latin-1"), np.array([ord(sign) for sign in text], dtype=np.uint32)
    elif kind in _NUMBERS:
        yield name.decode("latin-1"), np.frombuffer(data, dtype=order + _NUMBERS[kind])


def _level_4(content: bytes) -> Iterator[tuple[str, np.ndarray]]:
    start = 0
    while start + 20 <= len(content):
        order = "<" if struct.unpack_from("<I", content, start)[0] < 5000 else ">"
        what, rows, columns, is_complex, n_name = struct.unpack_from(f"{order}IIIII", content, start)
        precision, kind = what // 10 % 10, what % 10
        if what >= 5000 or precision >= len(_LEVEL_4_TYPES) or kind > 1 or is_complex > 1 or not n_name:
            raise ValueError("it is no MATLAB file of level 4 or 5")
        dtype = np.dtype(order + _LEVEL_4_TYPES[precision])
        data = start + 20 + n_name
        end = data + rows * columns * dtype.itemsize * (1 + is_complex)
        if end > len(content):
            raise ValueError("it ends within a variable")
        if not is_complex:
            name = content[start + 20 : data].rstrip(b"\0").decode("latin-1")
            yield name, np.frombuffer(content[data:end], dtype=dtype)
        start = end
    if start != len(content) or not content:
        raise ValueError("it is no MATLAB file of level 4 or 5, or it was cut short")
