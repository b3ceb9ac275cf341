"""Sound files that can only be decoded from their beginning on: each is decoded once, however its blocks are asked for.

Libsndfile does not land where it is told to in Ogg Vorbis and MP3, and goes nowhere in GSM 6.10, G.721 and their like. Who
reads on, as assembling and predicting do, needs no more than what was decoded last. Once somebody goes to and fro, what is
decoded is kept in a temporary file without a name, which is gone with the process.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile

from dss_widgets.dataset.recordings.unfinished import Mended
from dss_widgets.roots import confined, open_confined

SEGMENT = 2**16
"""Samples that are decoded together."""

_IN_MEMORY = 8
"""Segments decoded last that are held in memory: blocks overlap."""

_READING_ON = 64
"""Segments that may be passed over without a word by who reads on."""

_FILES = 4
"""Files whose decoded audio is kept at a time."""

_MOST_BYTES = 2**32
"""Bytes of decoded audio that are kept of a file: six hours of one channel at 44.1 kHz."""

_SHARE_OF_DISK = 8
"""Of what is free on the disk, one part in so many is used for a file at most."""

Header = tuple[bytes, int]

NO_HEADER: Header = (b"", 0)
"""The header that the file itself has."""

_OPEN_FILES = "/dev/fd"
"""Where systems list a process's open files, so that they can be opened by a name."""

Open = Callable[[], AbstractContextManager[soundfile.SoundFile]]


class OneWayFile(soundfile.SoundFile):  # type: ignore[misc] # soundfile says nothing of its types
    """A sound file that is only read on: after each read, soundfile seeks where it is anyway, and in MP3 that goes wrong."""

    def seekable(self) -> bool:
        """Return that it is not to be sought in."""
        return False


@contextmanager
def opened_sound(
    path: Path, header: Header = NO_HEADER, kind: type[soundfile.SoundFile] = soundfile.SoundFile
) -> Iterator[soundfile.SoundFile]:
    """Open a sound file, such that what was checked is what is read; to be used in a ``with``.

    Args:
        path: the file.
        header: what it should begin with, and where in the file the rest follows, from
            :func:`~dss_widgets.dataset.recordings.unfinished.audit`.
        kind: what it is read with.

    Raises:
        DataError: it lies outside of the allowed folders.
        OSError, RuntimeError: it is not there, or libsndfile does not know what it is.
    """
    with open_confined(path) as file, sound_in(file, path, header, kind) as sound:
        yield sound


@contextmanager
def sound_in(
    file: IO[bytes], path: Path, header: Header = NO_HEADER, kind: type[soundfile.SoundFile] = soundfile.SoundFile
) -> Iterator[soundfile.SoundFile]:
    """Read sound from a file that is open, at its beginning; otherwise as :func:`opened_sound`."""
    if path.suffix.lower() == ".sd2":
        with _with_its_other_half(file, path) as place, kind(place) as sound:
            yield sound
        return
    if header[0] or os.name != "posix":  # elsewhere, libsndfile may number open files in its own way
        source: Any = Mended(file, *header)
    else:
        source = file.fileno()  # much faster than calls back into Python
        os.lseek(source, 0, os.SEEK_SET)  # wherever Python's own buffer has read to
    with kind(source, closefd=False) as sound:
        yield sound


@contextmanager
def _with_its_other_half(file: IO[bytes], path: Path) -> Iterator[Path]:
    """Give a name under which libsndfile finds a Sound Designer file and, by that name, the file beside it with its header.

    Links in a folder of our own lead to the very files that were opened and checked.
    """
    beside = (Path(f"._{path.name}"), Path(".AppleDouble", path.name))
    half = next((name for name in beside if (path.parent / name).is_file()), None)
    if half is None or not os.path.isdir(_OPEN_FILES):
        yield confined(path)
        return
    with tempfile.TemporaryDirectory() as folder, open_confined(path.parent / half) as other:
        for opened, name in ((file, Path(path.name)), (other, half)):
            Path(folder, name).parent.mkdir(exist_ok=True)
            Path(folder, name).symlink_to(f"{_OPEN_FILES}/{opened.fileno()}")
        yield Path(folder, path.name)


class Decoded:
    """The audio of one sound file, decoded as far as it was asked for. Threads may share it: they take turns.

    Where not all can be kept, what nobody asked for is decoded again when it is needed.

    Args:
        open_: opens the file at its beginning.
        most_bytes: decoded audio that is kept.
    """

    def __init__(self, open_: Open, most_bytes: int = _MOST_BYTES) -> None:
        self._open, self._most_bytes = open_, most_bytes
        self._lock = threading.Lock()
        self._opened, self._kept = ExitStack(), ExitStack()
        self._stream: soundfile.SoundFile | None = None
        self._store: IO[bytes] | None = None
        self._recent: OrderedDict[int, np.ndarray] = OrderedDict()
        self._slots: OrderedDict[int, int] = OrderedDict()  # where segments lie in the store, used last at the end
        self._most_slots, self._next, self._keeps = 0, 0, False
        self._n_samples: int | None = None

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return samples [start, stop), float32 ``[samples, channels]``; fewer where the audio ends before.

        Raises:
            OSError, RuntimeError: the file cannot be opened or decoded.
        """
        with self._lock:
            parts = [self._nothing()]
            for segment in range(start // SEGMENT, -(-stop // SEGMENT) if stop > start else 0):
                first = segment * SEGMENT
                parts.append(self._segment(segment)[max(0, start - first) : stop - first])
            return np.concatenate(parts)

    def n_samples(self) -> int:
        """Return how many samples there are: for that, all of them are decoded.

        Raises:
            OSError, RuntimeError: as :meth:`read`.
        """
        with self._lock:
            self._keeps = True
            while self._n_samples is None:
                self._decode()
            return self._n_samples

    def close(self) -> None:
        """Let go of the files; to be called once, at the end."""
        self._opened.close()
        self._kept.close()

    def __del__(self) -> None:
        self.close()

    def _segment(self, segment: int) -> np.ndarray:
        """Return a segment's samples ``[samples, channels]``, none of them behind the end."""
        if segment in self._recent:
            return self._recent[segment]
        if segment in self._slots:
            return self._load(segment)
        self._keeps = self._keeps or not self._next <= segment <= self._next + _READING_ON
        if segment < self._next:
            self._restart()
        while self._next <= segment and (self._n_samples is None or self._next * SEGMENT < self._n_samples):
            self._decode(wanted=segment)
        return self._recent.get(segment, self._nothing())

    def _nothing(self) -> np.ndarray:
        return np.zeros((0, self._ready().channels), dtype=np.float32)

    def _ready(self) -> soundfile.SoundFile:
        if self._stream is None:
            self._stream, self._next = self._opened.enter_context(self._open()), 0
        return self._stream

    def _restart(self) -> None:
        self._opened.close()
        self._stream, self._next = None, 0

    def _forget(self) -> None:
        self._slots.clear()
        self._store = None
        with suppress(OSError):  # a full disk is told of once more
            self._kept.close()

    def _decode(self, wanted: int = 0) -> None:
        """Decode the next segment; where segments are kept, it is if there is room or if it is wanted."""
        stream = self._ready()
        try:
            audio = stream.read(SEGMENT, dtype="float32", always_2d=True)
            if len(audio) < SEGMENT:
                self._n_samples = self._next * SEGMENT + len(audio)
            if self._keeps and self._next not in self._slots:
                self._keep(self._next, audio, is_wanted=self._next == wanted)
        except BaseException:  # also where somebody interrupts: where the decoder stands is not known then
            self._forget()
            self._restart()
            raise
        self._recent.pop(self._next, None)
        self._recent[self._next] = audio
        if len(self._recent) > _IN_MEMORY:
            self._recent.popitem(last=False)
        self._next += 1

    def _keep(self, segment: int, audio: np.ndarray, *, is_wanted: bool) -> None:
        n_bytes = SEGMENT * audio.shape[1] * audio.itemsize
        if self._store is None:
            folder = _roomy_folder()
            room = min(self._most_bytes, shutil.disk_usage(folder).free // _SHARE_OF_DISK)
            self._most_slots = max(1, room // n_bytes)
            self._store = self._kept.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
        if len(self._slots) < self._most_slots:
            slot = len(self._slots)
        elif is_wanted:
            slot = self._slots.popitem(last=False)[1]
        else:
            return
        try:
            self._store.seek(slot * n_bytes)
            self._store.write(audio.data)
            self._store.flush()
        except OSError:  # the disk is full: what is not kept is decoded again
            self._forget()
            self._keeps = False
        else:
            self._slots[segment] = slot

    def _load(self, segment: int) -> np.ndarray:
        assert self._store is not None
        n_channels, first = self._ready().channels, segment * SEGMENT
        n_samples = SEGMENT if self._n_samples is None else min(SEGMENT, self._n_samples - first)
        audio = np.empty((n_samples, n_channels), dtype=np.float32)
        self._slots.move_to_end(segment)
        self._store.seek(self._slots[segment] * SEGMENT * n_channels * audio.itemsize)
        if self._store.readinto(audio.data.cast("B")) < audio.nbytes:  # type: ignore[attr-defined]
            raise OSError("what was decoded of it is gone from the temporary folder")
        return audio


def decoded(path: Path, header: Header = NO_HEADER) -> Decoded:
    """Return a file's decoded audio, the same for all who read the file in this process.

    Args:
        path: the file.
        header: as in :func:`opened_sound`.

    Raises:
        DataError: it lies outside of the allowed folders.
        OSError: it is not there.
    """
    return _decoded(path, header, (*identity(path), os.getpid()))


def identity(path: Path) -> tuple[int, ...]:
    """Return what tells a file, as it is, from another and from what it is once it was written again.

    Raises:
        DataError: it lies outside of the allowed folders.
        OSError: it is not there.
    """
    with open_confined(path) as file:
        stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=_FILES)
def _decoded(path: Path, header: Header, which: tuple[int, ...]) -> Decoded:  # noqa: ARG001 - another file is decoded again
    return Decoded(partial(opened_sound, path, header, OneWayFile))


def _roomy_folder() -> str:
    """Return where large temporary files belong: not in memory, which is where ``/tmp`` often lies."""
    large = "/var/tmp"
    return large if "TMPDIR" not in os.environ and os.access(large, os.W_OK) else tempfile.gettempdir()
