"""Recordings in sound files: everything that libsndfile reads, and the ``.cbin`` files of evsonganaly."""

from __future__ import annotations

import os
import re
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from dss_widgets.dataset.recordings.mp3_frames import mp3_length
from dss_widgets.dataset.recordings.ogg_pages import ogg_pages
from dss_widgets.dataset.recordings.one_way import Header, decoded, identity, opened_sound, sound_in
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.dataset.recordings.unfinished import audit
from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined

SUFFIXES = (
    ".wav", ".wave", ".rf64", ".w64", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".caf", ".au",
    ".snd", ".sph", ".nist", ".voc", ".ircam", ".sf", ".avr", ".paf", ".pvf", ".8svx", ".htk", ".sds", ".sd2",
)  # fmt: skip
"""Endings of the formats of libsndfile (``.mat`` is left out: Matlab files hold anything)."""

_SOUGHT_RIGHT = {
    "PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM", "ALAC_16",
    "ALAC_20", "ALAC_24", "ALAC_32",
}  # fmt: skip
"""Encodings in which libsndfile lands where it is told to (those of FLAC files are called PCM)."""

_IN_BLOCKS = {
    "IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32", "G723_24", "G723_40", "NMS_ADPCM_16", "NMS_ADPCM_24", "NMS_ADPCM_32",
}  # fmt: skip
"""Encodings that fill their last block up."""

_UNKNOWN_LENGTH = 2**60

_MOST_SAMPLES_PER_BYTE = 2**14
"""No format packs silence tighter."""

_SIZES = r"^ *(?:data|SSND|Data Size|Riff size|riff) *: *(\d+) *\(should be (\d+)\)"
"""How libsndfile tells of a size in the header of a wav, aiff, au, RF64 or w64 file, and of what is there."""

_FACT = r"^ *fact *: *\d+\s+frames *: *(\d+)$"
"""How it tells of the samples that were recorded, without what fills up the last block."""

_SAMPLES_PER_BLOCK = r"^ *Samples/Block *: *(\d+)$"

_SHORT_BLOCK = 256
"""Samples of a block at most, where none are told."""

_WORTH_A_WORD = 0.01
"""Part of a file behind its audio that is more than tags."""

_SLOPPY = 64
"""Bytes that programs miscount without anything missing."""

_STREAMED = 2**31 - 2**16
"""Sizes from here on are written by programs that do not know yet how long a recording will be."""


_REMEMBERED = 4096
"""Files that are not read through again for their length each time they are opened, as for each page that is shown."""

CBIN_HEADER = ".rec"
"""Ending of the file beside a ``.cbin`` that says how it was recorded."""

_LONGEST_REC = 2**20
"""Characters of a ``.rec`` file that are read."""

_UNFINISHED = "was not closed by what recorded it: its header does not say how long it is, and it was read to its end."


def open_sound(path: Path) -> Recording:
    """Read the header of a sound file; where that does not tell how long it is, the file itself.

    Raises:
        DataError: it claims more samples than it has room for, or lies outside of the allowed folders.
        OSError, RuntimeError: it cannot be read.
    """
    with open_confined(path) as file:
        n_bytes, told = os.fstat(file.fileno()).st_size, audit(file)
        header = (told.header, told.rest)
        with sound_in(file, path, header) as sound:
            samplerate, n_samples, n_channels = float(sound.samplerate), int(sound.frames), int(sound.channels)
            kind, encoding, log = sound.format, sound.subtype, sound.extra_info
    is_unknown = n_samples >= _UNKNOWN_LENGTH
    is_sought_right = encoding in _SOUGHT_RIGHT and (kind, encoding) != ("PAF", "PCM_24") and not is_unknown
    remark = _UNFINISHED if told.header or is_unknown else _cut_off(log) or _untold(told.n_untold / n_bytes)
    if kind == "OGG":  # before 1.2.2, libsndfile does not know the length of one that was cut
        remark = _odd_pages(path, identity(path))
    if kind == "MP3":
        n_samples, remark = _length_of_mp3(path, n_samples, identity(path))
    elif is_unknown or encoding.startswith("MPEG"):
        n_samples = decoded(path, header).n_samples()
    elif encoding in _IN_BLOCKS:
        n_samples = _without_filling(n_samples, log)
    if not 0 <= n_samples <= n_bytes * _MOST_SAMPLES_PER_BYTE:
        raise DataError(f"{path}: claims to be {n_samples} samples long, more than it has room for. Copy or convert it again.")
    reader = partial(_read_sought if is_sought_right else _read_decoded, path, header)
    return Recording(path, samplerate, n_samples, n_channels, reader, remark)


@lru_cache(maxsize=_REMEMBERED)
def _length_of_mp3(path: Path, n_samples: int, which: tuple[int, ...]) -> tuple[int, str]:  # noqa: ARG001 - as in decoded
    """Return an MP3 file's samples, and a remark on what its tag tells otherwise."""
    with open_confined(path) as file:
        length = mp3_length(file)
    if length.n_told is None and length.is_clean and length.is_beginning:
        return length.n_frames * length.frame_samples, ""
    if not length.n_told or length.n_frames < length.n_told:
        n_samples = decoded(path).n_samples()
    if not length.n_told:
        return n_samples, ""
    share = length.n_frames / length.n_told
    if share < 1 and length.n_told - length.n_frames > 1:
        if length.is_clean or length.is_cut:
            return n_samples, f"is cut off: {share:.0%} of the audio that its header promises is there."
        return n_samples, "is damaged: sound is missing somewhere in it, and what follows comes too early."
    return n_samples, _untold(1 - 1 / share) if share > 1 else ""


@lru_cache(maxsize=_REMEMBERED)
def _odd_pages(path: Path, which: tuple[int, ...]) -> str:  # noqa: ARG001 - as in decoded
    """Return a remark on an Ogg file whose pages are damaged or more than one stream."""
    with open_confined(path) as file:
        pages = ogg_pages(file)
    if pages.damaged is not None:
        return f"is damaged at {pages.damaged:.0%} of its length: sound is missing there, and what follows comes too early."
    if pages.joined is not None:
        return _untold(1 - pages.joined)
    return "" if pages.is_closed else "ends without its last page: it is cut off, or was never closed."


def _cut_off(log: str) -> str:
    """Return a remark on a file whose audio is shorter than its header says, from what libsndfile tells of opening it."""
    for told, there in re.findall(_SIZES, log, re.MULTILINE):
        if int(there) + _SLOPPY < int(told) < _STREAMED:
            return f"is cut off: {int(there) / int(told):.0%} of the audio that its header promises is there."
    return ""


def _untold(share: float) -> str:
    """Return a remark on what lies behind the audio that a header tells of."""
    if share < _WORTH_A_WORD:
        return ""
    return f"holds more than its header says, which is not read: {share:.0%} of the file. Is it several files joined?"


def _without_filling(n_samples: int, log: str) -> int:
    """Return how many samples were recorded, without what fills up the last block."""
    fact, block = re.search(_FACT, log, re.MULTILINE), re.search(_SAMPLES_PER_BLOCK, log, re.MULTILINE)
    recorded = int(fact.group(1)) if fact else 0
    filling = n_samples - recorded
    return recorded if recorded and 0 < filling < 2 * (int(block.group(1)) if block else _SHORT_BLOCK) else n_samples


def _read_sought(path: Path, header: Header, start: int, stop: int) -> np.ndarray:
    with opened_sound(path, header) as sound:
        if start == stop:
            return np.zeros((0, sound.channels), dtype=np.float32)
        sound.seek(start)
        block: np.ndarray = sound.read(stop - start, dtype="float32", always_2d=True)
        return block


def _read_decoded(path: Path, header: Header, start: int, stop: int) -> np.ndarray:
    return decoded(path, header).read(start, stop)


def open_cbin(path: Path) -> Recording:
    """Read what the ``.rec`` file beside a ``.cbin`` says of it: big-endian 16-bit integers, channel by channel in turn.

    Only the first channel is song; the others hold what the experiment recorded besides.
    """
    beside = path.with_suffix(CBIN_HEADER)
    try:
        with open_confined(beside, "r", encoding="latin-1") as file:
            text = file.read(_LONGEST_REC)
    except OSError as error:
        raise DataError(
            f"{path}: needs {beside.name} beside it, which says sample rate and channels ({error.strerror})."
        ) from error
    samplerate, channels = _number(beside, text, "ADFREQ"), int(_number(beside, text, "Chans"))
    if channels < 1:
        raise DataError(f"{beside}: says that there is less than one channel. Correct the line 'Chans = ...'.")
    with open_confined(path) as file:
        n_samples = os.fstat(file.fileno()).st_size // (2 * channels)
    return Recording(path, samplerate, n_samples, 1, partial(_read_cbin, path, channels))


def _number(path: Path, text: str, name: str) -> float:
    found = re.search(rf"^\s*{name}\s*=\s*([0-9.eE+]+)", text, re.MULTILINE)
    if found is None or not float(found.group(1)) > 0:
        raise DataError(f"{path}: has no line '{name} = ...' with a number above 0.")
    return float(found.group(1))


def _read_cbin(path: Path, channels: int, start: int, stop: int) -> np.ndarray:
    with open_confined(path) as file:
        file.seek(2 * channels * start)
        values = np.fromfile(file, dtype=">i2", count=(stop - start) * channels)
    return values[: len(values) // channels * channels].reshape(-1, channels)[:, :1]
