"""Recordings in sound files: everything that libsndfile reads, and the ``.cbin`` files of evsonganaly."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.errors import DataError

SUFFIXES = (
    ".wav", ".wave", ".rf64", ".w64", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".caf", ".au",
    ".snd", ".sph", ".nist", ".voc", ".ircam", ".sf", ".avr", ".paf", ".pvf", ".8svx", ".htk", ".sds", ".sd2",
)  # fmt: skip
"""Endings of the formats of libsndfile (``.mat`` is left out: Matlab files hold anything)."""

_UNKNOWN_LENGTH = 2**60

_SIZES = r"^ *(?:data|SSND|Data Size|Riff size|riff) *: *(\d+) *\(should be (\d+)\)"
"""How libsndfile tells of a size in the header of a wav, aiff, au, RF64 or w64 file, and of what is there."""

_SLOPPY = 64
"""Bytes that programs miscount without anything missing."""

_STREAMED = 2**31 - 2**16
"""Sizes from here on are written by programs that do not know yet how long a recording will be."""


def open_sound(path: Path) -> Recording:
    """Read the header of a sound file."""
    with soundfile.SoundFile(path) as file:
        samplerate, n_samples, n_channels = file.samplerate, file.frames, file.channels
        remark = _cut_off(file.extra_info)
    if not 0 <= n_samples < _UNKNOWN_LENGTH:
        raise DataError(f"{path}: does not say how long it is. Convert it to wav.")
    return Recording(path, float(samplerate), int(n_samples), int(n_channels), partial(_read_sound, path), remark)


def _cut_off(log: str) -> str:
    """Return a remark on a file whose audio is shorter than its header says, from what libsndfile tells of opening it."""
    for told, there in re.findall(_SIZES, log, re.MULTILINE):
        if int(there) + _SLOPPY < int(told) < _STREAMED:
            return f"is cut off: {int(there) / int(told):.0%} of the audio that its header tells of is there."
    return ""


def _read_sound(path: Path, start: int, stop: int) -> np.ndarray:
    if start == stop:
        with soundfile.SoundFile(path) as file:
            return np.zeros((0, file.channels), dtype=np.float32)
    return soundfile.read(path, start=start, stop=stop, dtype="float32", always_2d=True)[0]


def open_cbin(path: Path) -> Recording:
    """Read what the ``.rec`` file beside a ``.cbin`` says of it: big-endian 16-bit integers, channel by channel in turn.

    Only the first channel is song; the others hold what the experiment recorded besides.
    """
    beside = path.with_suffix(".rec")
    try:
        text = beside.read_text(encoding="latin-1")
    except OSError as error:
        raise DataError(
            f"{path}: needs {beside.name} beside it, which says sample rate and channels ({error.strerror})."
        ) from error
    samplerate, channels = _number(beside, text, "ADFREQ"), int(_number(beside, text, "Chans"))
    if channels < 1:
        raise DataError(f"{beside}: says that there is less than one channel. Correct the line 'Chans = ...'.")
    n_samples = path.stat().st_size // (2 * channels)
    return Recording(path, samplerate, n_samples, 1, partial(_read_cbin, path, channels))


def _number(path: Path, text: str, name: str) -> float:
    found = re.search(rf"^\s*{name}\s*=\s*([0-9.eE+]+)", text, re.MULTILINE)
    if found is None or not float(found.group(1)) > 0:
        raise DataError(f"{path}: has no line '{name} = ...' with a number above 0.")
    return float(found.group(1))


def _read_cbin(path: Path, channels: int, start: int, stop: int) -> np.ndarray:
    with open(path, "rb") as file:
        file.seek(2 * channels * start)
        values = np.fromfile(file, dtype=">i2", count=(stop - start) * channels)
    return values[: len(values) // channels * channels].reshape(-1, channels)[:, :1]
