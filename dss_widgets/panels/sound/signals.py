"""Sound made small enough to be drawn: envelopes and spectrograms as pictures. Pure functions."""

from __future__ import annotations

import math
import struct
import zlib

import numpy as np

_ANCHORS = np.array(
    [(0, 0, 4), (40, 17, 89), (114, 31, 129), (183, 55, 121), (241, 96, 93), (254, 175, 119), (252, 253, 191)], dtype=float
)
"""Colours of the map *magma* (matplotlib, CC0) at equal steps: even in lightness, so that it reads in grey too."""


def envelope(audio: np.ndarray, columns: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return a signal as at most ``2 * columns`` points that keep every minimum and maximum.

    Args:
        audio: ``[samples]``.
        columns: pixels across.

    Returns:
        Positions in samples and values, both ``[points]``.
    """
    n = len(audio)
    if n == 1:  # a line has two ends
        return np.array([0.0, 1.0]), np.repeat(audio, 2).astype(float)
    if n <= 2 * columns:
        return np.arange(n, dtype=float), audio.astype(float)
    edges = np.linspace(0, n, columns + 1).astype(int)[:-1]
    both = np.stack([np.minimum.reduceat(audio, edges), np.maximum.reduceat(audio, edges)], axis=1)
    centres = edges + n / columns / 2
    return np.repeat(centres, 2), both.ravel().astype(float)


def spectrogram(
    audio: np.ndarray, *, window: int = 512, columns: int = 600, range_db: float = 70.0, share: float = 1.0
) -> np.ndarray:
    """Return a spectrogram in decibels below its maximum, cut at ``-range_db``: ``[frequencies, frames]``, low pitch first.

    Windows are centred on the middles of equal parts of the audio, so that drawn over the same axis of time both agree; beyond
    its ends is silence.

    Args:
        audio: ``[samples]``; none at all are drawn as silence.
        window: samples of the Hann window.
        columns: frames, at most.
        share: how much of the band is wanted, from 0 Hz on. Frequencies lie close enough for at least 128 of them.
    """
    audio = audio if len(audio) else np.zeros(1)
    n_frames = min(columns, len(audio))
    starts = ((np.arange(n_frames) + 0.5) * len(audio) / n_frames).astype(int)  # of windows in what is padded by half of one
    padded = np.pad(audio, window // 2)
    frames = padded[starts[:, None] + np.arange(window)] * np.hanning(window)
    n_padded = window * 2 ** max(0, math.ceil(math.log2(256 / (window * share))))
    power = np.abs(np.fft.rfft(frames, n_padded, axis=1)[:, : round(share * n_padded / 2) + 1]).T ** 2
    decibels = 10 * np.log10(np.maximum(power, 1e-12))
    return np.maximum(decibels - decibels.max(), -range_db)


def coloured(values: np.ndarray) -> np.ndarray:
    """Return values as colours from dark (the least) to light (the greatest): uint8 ``[rows, columns, 3]``."""
    low, high = float(values.min()), float(values.max())
    place = (values - low) / (high - low or 1.0) * (len(_ANCHORS) - 1)
    before = np.minimum(place.astype(int), len(_ANCHORS) - 2)
    share = (place - before)[..., None]
    return np.rint(_ANCHORS[before] * (1 - share) + _ANCHORS[before + 1] * share).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    """Return pixels, uint8 ``[rows, columns, 3 (red, green, blue) or 4 (and opacity)]``, top row first, as a PNG file."""
    rows, columns, depth = pixels.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, -1)], axis=1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", columns, rows, 8, {3: 2, 4: 6}[depth], 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)) + chunk(b"IEND", b"")
    )
