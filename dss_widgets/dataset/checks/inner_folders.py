"""Folders within a folder of recordings: those that hold recordings of their own, which are not read."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import Problem
from dss_widgets.file_endings import RUN_SUFFIX

_MADE_HERE = (".npy", RUN_SUFFIX, ".res")
"""Endings of folders that this program writes."""

_LOOKED_INTO, _MOST_TOLD = 100, 3
"""Folders that are looked into at most (on a network drive each takes a while), and those that are named."""


def inner_folder_problems(folders: Sequence[Path], used: Collection[Path]) -> Iterator[Problem]:
    """Yield a warning that folders hold recordings that are not used.

    Args:
        folders: the folders that lie in the one that is looked through, none of them links.
        used: recordings that are used, since a table names them.
    """
    counts = {folder.name: n for folder in _ordinary(folders)[:_LOOKED_INTO] if (n := _n_recordings(folder, used))}
    if counts:
        told = ", ".join(f"{name} ({n})" for name, n in list(counts.items())[:_MOST_TOLD])
        more = f" and {len(counts) - _MOST_TOLD} more" if len(counts) > _MOST_TOLD else ""
        yield Problem(
            f"Folders within this one hold recordings that are not read: {told}{more}.",
            "Choose 'Folders below' (--folders-below) to read them too, or choose one of them.",
            severity="warning",
        )


def _ordinary(folders: Sequence[Path]) -> list[Path]:
    return [folder for folder in folders if not folder.name.endswith(_MADE_HERE)]


def _n_recordings(folder: Path, used: Collection[Path]) -> int:
    try:
        return sum(is_recording(path) and path not in used for path in map(folder.joinpath, os.listdir(folder)))
    except OSError:  # not ours to read, or gone
        return 0
