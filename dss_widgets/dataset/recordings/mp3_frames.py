"""How long an MP3 file is: counted from its frames' headers, since libsndfile only guesses where no tag tells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, NamedTuple

_BLOCK = 2**20

_RATES = (44100, 48000, 32000)

_KILOBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Rates by version (2 stands for 2.5 too) and layer, as their numbers from 1 on in a frame's header (ISO 11172-3, 13818-3)."""

_VERSIONS = {0b11: (1, 1), 0b10: (2, 2), 0b00: (2, 4)}
"""By the header's bits: which table of rates, and what the sample rates are divided by."""

_ENDINGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")
"""How tags begin that may follow the audio."""


def _frame_lengths() -> Iterator[tuple[bytes, int]]:
    """Yield the second and third byte of every header there can be, and the length of its frame in bytes."""
    for second in range(0xE0, 0x100):
        version, layer = _VERSIONS.get(second >> 3 & 3), 4 - (second >> 1 & 3)
        for third in range(0x100):
            rate, kilobits, is_padded = third >> 2 & 3, third >> 4, third >> 1 & 1
            if version and layer < 4 and rate < 3 and 0 < kilobits < 15:
                bits = 1000 * _KILOBITS[version[0], layer][kilobits - 1]
                hertz = _RATES[rate] // version[1]
                if layer == 1:
                    yield bytes((second, third)), (12 * bits // hertz + is_padded) * 4
                else:
                    halved = layer == 3 and version[0] == 2
                    yield bytes((second, third)), (72 if halved else 144) * bits // hertz + is_padded


_LENGTHS = dict(_frame_lengths())


class Mp3Length(NamedTuple):
    """What the headers of an MP3 file's frames tell.

    Attributes:
        n_frames: frames of audio, one after another.
        frame_samples: samples of a frame.
        n_told: frames that the tag in front tells of; None: there is no tag.
        is_clean: whether after the frames the file ends, or only tags follow.
        is_cut: whether the file ends within a frame.
        is_beginning: whether the first frame needs nothing of frames before it, as one does that was cut out of a longer file:
            then a decoder may leave out more than it.
    """

    n_frames: int
    frame_samples: int
    n_told: int | None
    is_clean: bool
    is_cut: bool
    is_beginning: bool


def mp3_length(file: IO[bytes]) -> Mp3Length:
    """Count the frames of an MP3 file; leaves the file at its beginning.

    The count ends where something else than a frame follows, also where a decoder would find its way again.
    """
    position, n_frames, first = _after_id3(file), 0, b""
    file.seek(position)
    while len(block := file.read(_BLOCK)) >= 4:
        first = first or block[:4096]
        i, n_bytes, n_before = 0, len(block), n_frames
        while i + 4 <= n_bytes and block[i] == 0xFF:
            length = _LENGTHS.get(block[i + 1 : i + 3])
            if length is None:
                break
            i += length
            n_frames += 1
        position += i
        file.seek(position)
        if n_frames == n_before:
            break
    end = file.seek(0, os.SEEK_END)
    is_cut = position > end
    file.seek(position)
    rest = b"" if is_cut else file.read(16)
    file.seek(0)
    n_told = _told_by_tag(first)
    n_audio = n_frames - is_cut - (n_told is not None)
    is_clean = not rest.strip(b"\0") or rest.startswith(_ENDINGS)
    return Mp3Length(n_audio, _frame_samples(first), n_told, is_clean, is_cut, not _bytes_before(first))


def _after_id3(file: IO[bytes]) -> int:
    """Return where the tags in front of the audio end."""
    position = 0
    while True:
        file.seek(position)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return position
        size = 0
        for part in head[6:]:
            size = size << 7 | part & 127
        position += 10 + size + (10 if head[5] & 16 else 0)


def _frame_samples(frame: bytes) -> int:
    if len(frame) < 2:
        return 0
    layer, is_first_version = 4 - (frame[1] >> 1 & 3), frame[1] >> 3 & 3 == 3
    return {1: 384, 2: 1152}.get(layer, 1152 if is_first_version else 576)


def _bytes_before(frame: bytes) -> int:
    """Return how many bytes of the frames before it a frame of layer 3 needs."""
    if len(frame) < 8 or frame[1] >> 1 & 3 != 1:
        return 0
    is_first_version, has_check = frame[1] >> 3 & 3 == 3, not frame[1] & 1
    at = 6 if has_check else 4
    return frame[at] << 1 | frame[at + 1] >> 7 if is_first_version else frame[at]


def _told_by_tag(frame: bytes) -> int | None:
    """Return the frames that a file's first frame tells of, where that is a tag (of Xing or LAME) instead of audio."""
    if len(frame) < 4:
        return None
    is_mono, is_first_version, has_check = frame[3] >> 6 == 3, frame[1] >> 3 & 3 == 3, not frame[1] & 1
    side = (17 if is_mono else 32) if is_first_version else (9 if is_mono else 17)
    for at in (4 + side, 6 + side) if has_check else (4 + side,):
        if frame[at : at + 4] in (b"Xing", b"Info"):
            has_count = int.from_bytes(frame[at + 4 : at + 8], "big") & 1
            return int.from_bytes(frame[at + 8 : at + 12], "big") if has_count else 0
    return None
