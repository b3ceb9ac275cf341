"""Sound files that were never closed: their headers, written first, do not tell how much audio follows."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

_MOST_CHUNKS = 4096

_SLOPPY = 64
"""Bytes behind the audio that are not worth a word."""

_UNKNOWN = b"\xff" * 4


class Mended:
    """A file, read as if some of its bytes were others.

    It is only read, and offers what soundfile asks of a file.
    """

    def __init__(self, file: IO[bytes], patches: Mapping[int, bytes]) -> None:
        self._file, self._patches = file, patches

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as in any file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        start = self._file.tell()
        data = bytearray(self._file.read(size))
        for offset, patch in self._patches.items():
            for position, value in enumerate(patch, offset - start):
                if 0 <= position < len(data):
                    data[position] = value
        return bytes(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Audit(NamedTuple):
    """What a header fails to tell of.

    Attributes:
        patches: bytes that the header should hold instead, by place; none where it tells of audio.
        n_untold: bytes behind the audio that are nothing known.
    """

    patches: Mapping[int, bytes] = {}
    n_untold: int = 0


def audit(file: IO[bytes]) -> Audit:
    """Return what the header of a wav, RF64, aiff, caf or au file fails to tell of; leaves the file at its beginning."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(36)
    found = Audit()
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        found = _audit_riff(file, head, end)
    elif head[:4] == b"FORM" and head[8:11] == b"AIF":
        found = _audit_chunk(file, ">4sI", 12, b"SSND", end, header=8)
    elif head[:4] == b"caff":
        found = _audit_chunk(file, ">4sq", 8, b"data", end, header=4)
    elif head[:4] == b".snd" and head[8:12] == bytes(4) and int.from_bytes(head[4:8], "big") < end:
        found = Audit({8: _UNKNOWN})
    file.seek(0)
    return found


def _audit_riff(file: IO[bytes], head: bytes, end: int) -> Audit:
    for name, at, size in _chunks(file, "<4sI", 12, end):
        if name != b"data":
            continue
        is_long = head[12:16] == b"ds64" and len(head) == 36
        told = int.from_bytes(head[28:36], "little") if is_long and size in (0, 2**32 - 1) else size
        if not told < end - at or _are_chunks(file, at + told + told % 2, end):
            return Audit()
        if told:
            return Audit(n_untold=max(0, end - at - told - _SLOPPY))
        return Audit({at - 4: _UNKNOWN, **({28: struct.pack("<Q", end - at)} if is_long else {})})
    return Audit()


def _audit_chunk(file: IO[bytes], layout: str, first: int, wanted: bytes, end: int, *, header: int) -> Audit:
    """Audit a file whose chunk of audio begins with a header of its own, which is all that it tells of."""
    for name, at, size in _chunks(file, layout, first, end):
        if name == wanted:
            field = layout[0] + layout[-1]
            is_told = size > header or end - at <= header or _are_chunks(file, at + max(size, 0), end, layout)
            return Audit() if is_told else Audit({at - struct.calcsize(field): struct.pack(field, end - at)})
    return Audit()


def _chunks(file: IO[bytes], layout: str, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and size of the chunks of a file."""
    n_bytes = struct.calcsize(layout)
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        header = file.read(n_bytes)
        if len(header) < n_bytes:
            return
        name, size = struct.unpack(layout, header)
        yield name, position + n_bytes, size
        position += n_bytes + max(0, size) + (size % 2 if n_bytes == 8 else 0)
        if position >= end:
            return


def _are_chunks(file: IO[bytes], position: int, end: int, layout: str = "<4sI") -> bool:
    """Return whether the rest of a file is chunks, as far as to its end, and no audio."""
    reached = position
    for name, at, size in _chunks(file, layout, position, end):
        if not (name.isascii() and name.decode().isprintable()) or not 0 <= size <= end - at:
            return False
        reached = at + size
    return reached >= end - 1
