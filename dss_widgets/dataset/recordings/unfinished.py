"""Sound files that were never closed: their headers, written first, do not tell how much audio follows."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

_MOST_CHUNKS = 4096

_SLOPPY = 64
"""Bytes behind the audio that are not worth a word."""

_LONGEST_HEADER = 2**24
"""Bytes in front of the audio."""

_UNKNOWN = b"\xff" * 4


class Mended:
    """A file, read as if it began with another header. It is only read, and offers what soundfile asks of a file.

    Args:
        file: the file.
        header: what it is to begin with.
        rest: where in the file what follows the header begins.
    """

    def __init__(self, file: IO[bytes], header: bytes = b"", rest: int = 0) -> None:
        self._file, self._header, self._rest = file, header, rest
        self._position = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as in any file."""
        if whence == os.SEEK_END:
            offset += self._file.seek(0, os.SEEK_END) - self._rest + len(self._header)
        elif whence == os.SEEK_CUR:
            offset += self._position
        self._position = offset
        return offset

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._position

    def read(self, size: int) -> bytes:
        """Return so many of the next bytes, fewer at the end."""
        start = self._position
        data = self._header[start : start + size]
        if len(data) < size:
            self._file.seek(max(0, start - len(self._header)) + self._rest)
            data += self._file.read(size - len(data))
        self._position += len(data)
        return data


class Audit(NamedTuple):
    """What a header fails to tell of.

    Attributes:
        header: what the file should begin with; empty where it tells of its audio.
        rest: where in the file what follows that header begins.
        n_untold: bytes behind the audio that are nothing known.
    """

    header: bytes = b""
    rest: int = 0
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
        found = _audit_chunk(file, ">4sI", 12, b"SSND", end)
    elif head[:4] == b"caff":
        found = _audit_chunk(file, ">4sq", 8, b"data", end)
    elif head[:4] == b".snd" and head[8:12] == bytes(4) and int.from_bytes(head[4:8], "big") < end:
        found = Audit(head[:8] + _UNKNOWN, 12)
    file.seek(0)
    return found


def _audit_riff(file: IO[bytes], head: bytes, end: int) -> Audit:
    for name, at, size in _chunks(file, "<4sI", 12, end):
        if name != b"data":
            continue
        is_long = head[12:16] == b"ds64" and len(head) == 36
        told = int.from_bytes(head[28:36], "little") if is_long and size in (0, 2**32 - 1) else size
        there = end - at
        if told >= there or _are_chunks(file, at + told + told % 2, end):
            return Audit()
        wrapped = told + (there - told >> 32 << 32)  # what is longer than 4 GB is told of without its whole 4 GB
        if told in (0, 2**32 - 1):
            return _riff_header(file, at, there, is_long=is_long)
        if wrapped > told and (wrapped + 1 >= there or _are_chunks(file, at + wrapped + wrapped % 2, end)):
            return _riff_header(file, at, wrapped, is_long=is_long)
        return Audit(n_untold=max(0, there - told - _SLOPPY))
    return Audit()


def _riff_header(file: IO[bytes], at: int, n_bytes: int, *, is_long: bool) -> Audit:
    """Return a header of so many bytes of audio, as a long (RF64) one where they are too many for another."""
    file.seek(0)
    header = file.read(min(at, _LONGEST_HEADER))
    if len(header) < at:
        return Audit()
    if is_long:
        header = header[:28] + struct.pack("<Q", n_bytes) + header[36:-4] + _UNKNOWN
    elif n_bytes < 2**32 - 1:
        header = header[:-4] + struct.pack("<I", n_bytes)
    else:
        sizes = struct.pack("<4sIQQQI", b"ds64", 28, n_bytes + at, n_bytes, 0, 0)
        header = b"RF64" + _UNKNOWN + b"WAVE" + sizes + header[12:-4] + _UNKNOWN
    return Audit(header, at)


def _audit_chunk(file: IO[bytes], layout: str, first: int, wanted: bytes, end: int) -> Audit:
    """Audit a file whose chunk of audio begins with a few bytes of its own, which are all that an unfinished one tells of."""
    for name, at, size in _chunks(file, layout, first, end):
        if name == wanted:
            n_own, there, size_at = (8 if wanted == b"SSND" else 4), end - at, at - struct.calcsize(layout) + 4
            if size > n_own or there <= n_own or size_at > _LONGEST_HEADER:
                return Audit()
            if size >= 0 and _are_chunks(file, at + size, end, layout):
                return Audit()
            file.seek(0)
            return Audit(file.read(size_at) + struct.pack(layout[0] + layout[-1], there), at)
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
