"""What of a save folder's files DAS would take for something else."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.file_endings import KERAS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.roots import open_confined

_DESCRIPTION, _LARGEST_BYTES = "config.json", 2**24
"""Name in the zip of what describes the network, and the most that is read of it."""

_UNKNOWN_TO_DAS = b"dss_widgets>TrainableSTFT"
"""How dss_widgets 0.1 described its spectrogram, whose weights DAS 0.33 leaves out: it predicts with random ones then."""


def files_to_rename(save_folder: Path) -> Iterator[Problem]:
    """Yield, for every network of a save folder that DAS 0.33 would load wrongly, what to rename; nothing where all is well.

    DAS 0.33 takes ``STEM_model.keras`` before ``STEM_model.h5``. Those that dss_widgets 0.1 wrote of networks with a
    spectrogram are not DAS's; all others are, or have all their weights where DAS looks for them.
    """
    for path in sorted(Path(save_folder).expanduser().glob(f"*{KERAS_SUFFIX}")):
        weights = path.with_name(path.name.removesuffix(KERAS_SUFFIX) + WEIGHTS_SUFFIX)
        if not _is_unknown_to_das(path):
            continue
        other = path.with_name(path.name.removesuffix(KERAS_SUFFIX) + "_network.keras")
        mend = f"Before you use the network there, rename it to {other.name}: DAS then takes {weights.name}."
        if not weights.is_file():
            mend = f"Train again for DAS: {weights.name}, which DAS could take, is gone."
        yield Problem(
            "was written by dss_widgets 0.1. DAS 0.33 would take it for its own and predict with random weights.", mend,
            severity="warning", file=path.name,
        )  # fmt: skip


def _is_unknown_to_das(path: Path) -> bool:
    """Return whether a file describes a spectrogram that DAS does not know; damaged files do not."""
    try:
        with open_confined(path) as opened, zipfile.ZipFile(opened) as archive:
            entry = archive.getinfo(_DESCRIPTION)
            with archive.open(entry) as member:
                return _UNKNOWN_TO_DAS in member.read(min(entry.file_size, _LARGEST_BYTES))
    except (OSError, DataError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, EOFError):
        return False
