"""What a folder holds, as a folder picker shows it: sub-folders with counts of recordings, datasets and runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.panels.style.words import count
from dss_widgets.roots import why_refused

MOST_FOLDERS = 200
"""Sub-folders that are listed; more are told of, and found by typing."""
_MOST_ENTRIES = 5000


@dataclass(frozen=True)
class Holding:
    """What lies in a folder, one level deep.

    Attributes:
        recordings: audio files.
        datasets: folders ending in ``.npy``.
        runs: folders ending in ``.run``.
        is_dataset: whether the folder itself is a dataset.
    """

    recordings: int = 0
    datasets: int = 0
    runs: int = 0
    is_dataset: bool = False

    def __str__(self) -> str:
        if self.is_dataset:
            return "a dataset"
        parts = [
            count(self.recordings, "recording") if self.recordings else "",
            count(self.datasets, "dataset") if self.datasets else "",
            count(self.runs, "run") if self.runs else "",
        ]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Listing:
    """A folder's sub-folders, sorted by name, and what it holds itself."""

    folder: Path
    holding: Holding
    folders: tuple[tuple[Path, Holding], ...]
    n_left_out: int = 0


def look_into(folder: Path) -> Holding:
    """Count what lies in a folder; one that cannot be read holds nothing."""
    counts = {"recordings": 0, "datasets": 0, "runs": 0}
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False):
                path = Path(entry.name)
                kind = {".npy": "datasets", RUN_SUFFIX: "runs"}.get(path.suffix)
                if kind and entry.is_dir():
                    counts[kind] += 1
                elif is_recording(path) and entry.is_file():
                    counts["recordings"] += 1
    except OSError:
        return Holding()
    return Holding(**counts, is_dataset=folder.suffix == ".npy" and (folder / "attrs.npy").is_file())


def list_folder(folder: Path) -> Listing:
    """List a folder's sub-folders; hidden ones and those that lie outside of the allowed folders are left out.

    Raises:
        DataError: the folder cannot be listed, or may not be.
    """
    refused = why_refused(folder)
    if refused:
        raise DataError(f"{folder} {refused}")
    try:
        names = sorted((p for p in folder.iterdir() if not p.name.startswith(".") and p.is_dir()), key=lambda p: p.name.lower())
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed ({error.strerror}). Open another folder.") from error
    inside = [path for path in names if not why_refused(path)]
    listed = tuple((path, look_into(path)) for path in inside[:MOST_FOLDERS])
    return Listing(folder, look_into(folder), listed, len(inside) - len(listed))
