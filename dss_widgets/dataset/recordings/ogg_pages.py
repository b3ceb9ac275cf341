"""Whether an Ogg file is whole: libsndfile passes over damaged pages, so that what follows them moves up, without a word."""

from __future__ import annotations

import os
import zlib
from typing import IO, NamedTuple

_HEADER = 27
"""Bytes of a page's header in front of the lengths of its segments (RFC 3533)."""

_FIRST = 2
"""Flag of the first page of a stream."""

_LAST = 4
"""Flag of its last page."""

_BLOCK = 2**20

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class OggPages(NamedTuple):
    """What is odd about the pages of an Ogg file, as how far into the file it is, from 0 to 1; None if it is nowhere.

    Attributes:
        damaged: the first page that is damaged or missing though others follow.
        joined: the first page of another stream behind the first one; libsndfile reads the first only.
        is_closed: whether some page says that it is the last one.
    """

    damaged: float | None = None
    joined: float | None = None
    is_closed: bool = True


def ogg_pages(file: IO[bytes]) -> OggPages:
    """Check the pages of an Ogg file up to the first that is odd; leaves the file at its beginning."""
    end, position, has_audio = file.seek(0, os.SEEK_END), 0, False
    numbers: dict[bytes, int] = {}
    found = OggPages(is_closed=False)
    file.seek(0)
    while len(header := file.read(_HEADER)) == _HEADER:
        lengths = file.read(header[26])
        page = header + lengths + file.read(sum(lengths))
        serial, number, is_first = header[14:18], int.from_bytes(header[18:22], "little"), header[5] & _FIRST
        is_whole = header[:4] == b"OggS" and len(page) == _HEADER + len(lengths) + sum(lengths)
        if not is_whole or _checksum(page) != header[22:26]:
            file.seek(position + 1)
            if any(b"OggS" in block for block in iter(lambda: file.read(_BLOCK), b"")):
                found = OggPages(damaged=position / end)
            break
        if is_first and has_audio:
            found = OggPages(joined=position / end)
            break
        if not is_first and number != numbers.get(serial, number - 1) + 1:
            found = OggPages(damaged=position / end)
            break
        numbers[serial], has_audio = number, not is_first
        found = OggPages(is_closed=found.is_closed or bool(header[5] & _LAST))
        position += len(page)
    file.seek(0)
    return found


def _checksum(page: bytes) -> bytes:
    """Return the checksum that a page should have: as of zlib, but with the bits the other way round, and nothing inverted."""
    blank = page[:22] + bytes(4) + page[26:]
    mirrored = zlib.crc32(blank.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2).to_bytes(4, "little")
