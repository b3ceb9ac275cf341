"""Checking a folder as a whole: recordings that do not go together, that are there twice, and types that are rare."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.errors import DataError, Problem
from dss_widgets.roots import open_confined

_FEW = 3
"""A type that occurs less often cannot be in train, validation and test."""

_FEW_PLACES, _MANY_PLACES, _PROBE_BYTES = 3, 64, 4096

SAME_CHANNELS = "All recordings of a dataset need the same channels: convert it or leave it out."
"""What to do about recordings that differ in their channels; who makes no dataset of them need not mind."""

_HASHED_BYTES = 2**20
"""Bytes of a file that are read at a time."""

_MOST_TOLD = 10
"""Recordings with the same content that are told one by one."""


def folder_problems(
    recordings: Sequence[Recording], song_types: Sequence[SongType], names: Mapping[Path, str] | None = None
) -> Iterator[Problem]:
    """Yield what is wrong with the recordings and song types of a folder taken together; ``names`` is what they are called."""
    names = names or {recording.path: recording.path.name for recording in recordings}
    yield from _channel_problems(recordings, names)
    rates = Counter(recording.samplerate_hz for recording in recordings)
    if len(rates) > 1:
        told = ", ".join(f"{rate:.8g} Hz ({count} files)" for rate, count in sorted(rates.items()))
        yield Problem(
            f"The recordings have different sample rates: {told}.",
            "They will be resampled to one rate; see the option 'Sample rate'.",
            severity="warning",
        )
    yield from _twins(recordings, names)
    yield from _song_type_problems(song_types)


def _channel_problems(recordings: Sequence[Recording], names: Mapping[Path, str]) -> Iterator[Problem]:
    channels = Counter(recording.n_channels for recording in recordings)
    usual = max(channels, key=lambda n: (channels[n], n))
    yield from (
        Problem(
            f"has {recording.n_channels} channel(s), most others have {usual}.",
            SAME_CHANNELS,
            file=names[recording.path],
        )
        for recording in recordings
        if recording.n_channels != usual
    )


def _song_type_problems(song_types: Sequence[SongType]) -> Iterator[Problem]:
    rare = [song_type for song_type in song_types if 0 < song_type.count < _FEW]
    if rare:
        told = ", ".join(f"{song_type.name!r} ({song_type.count})" for song_type in rare)
        yield Problem(
            f"Too rare to be in train, validation and test: {told}.",
            "Annotate more of them, merge them with others, or leave them out.",
            severity="warning",
        )
    alike: dict[str, list[str]] = defaultdict(list)
    for song_type in song_types:
        alike[" ".join(song_type.name.split()).casefold()].append(song_type.name)
    for names in alike.values():
        if len(names) > 1:
            yield Problem(
                f"The song types {' and '.join(map(repr, names))} differ only in letter case or spaces.",
                "Rename one of them if they are meant to be the same.",
                severity="warning",
            )


def _twins(recordings: Sequence[Recording], names: Mapping[Path, str]) -> Iterator[Problem]:
    """Yield recordings with the same content as another: in different splits they would make scores too good."""
    twins: list[tuple[Path, Path]] = []
    for alike in _groups_by([recording.path for recording in recordings], _FEW_PLACES):
        for same in _groups_by(alike, _MANY_PLACES):
            twins += [(path, same[0]) for path in same[1:]]
    for path, other in twins[:_MOST_TOLD]:
        yield Problem(
            f"holds the same audio as {names[other]}.",
            "Remove one of the two: the same song in train and test makes the scores too good.",
            severity="warning",
            file=names[path],
        )
    if len(twins) > _MOST_TOLD:
        yield Problem(
            f"{len(twins) - _MOST_TOLD} more recordings hold the same audio as others.",
            "Remove one of each two.",
            severity="warning",
        )


def _groups_by(paths: Sequence[Path], places: int) -> Iterator[list[Path]]:
    """Yield files that are alike in size and in a few places, two or more each."""
    groups: dict[tuple[int, bytes], list[Path]] = defaultdict(list)
    for path in paths:
        try:
            groups[_probe(path, places)].append(path)
        except (OSError, DataError):
            continue  # not a file (audio in memory), gone, or a link that leads out by now: reading it will tell
    yield from (group for group in groups.values() if len(group) > 1)


def _probe(path: Path, places: int) -> tuple[int, bytes]:
    """Return a file's size and a digest of what is at so many places from its beginning to its end.

    Recordings that agree in all of many places are the same, and reading hours of audio through takes too long.
    """
    digest = hashlib.blake2b(digest_size=16)
    with open_confined(path) as file:
        size = os.fstat(file.fileno()).st_size
        for i in range(places):
            file.seek(max(0, size - _PROBE_BYTES) * i // (places - 1))
            digest.update(file.read(_PROBE_BYTES))
    return size, digest.digest()


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
        DataError: it lies outside of the allowed folders.
    """
    digest = hashlib.sha256()
    with open_confined(path) as file:
        while block := file.read(_HASHED_BYTES):
            digest.update(block)
    return digest.hexdigest()
