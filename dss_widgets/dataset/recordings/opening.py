"""Recordings: whatever holds audio, opened by the reader that is registered for its ending."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dss_widgets.dataset.recordings.array_files import open_h5, open_npz
from dss_widgets.dataset.recordings.recording import Recording, to_float32
from dss_widgets.dataset.recordings.sound_files import SUFFIXES, open_cbin, open_sound
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PROBABILITIES_SUFFIX, REPLAY_SUFFIX, RESULTS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.roots import confined

__all__ = ["Recording", "is_recording", "open_recording", "register_recording_format", "to_float32"]

_FORMATS: dict[str, Callable[[Path], Recording]] = {
    **dict.fromkeys(SUFFIXES, open_sound),
    ".cbin": open_cbin,
    ".npz": open_npz,
    ".h5": open_h5,
    ".hdf5": open_h5,
}


def register_recording_format(suffix: str, opener: Callable[[Path], Recording]) -> None:
    """Teach the package another audio format.

    Args:
        suffix: the file names' ending, with its dot, such as ``.dat``; letter case does not matter.
        opener: reads a file's header and returns a :class:`Recording`. Where other processes are to assemble, the
            recording's ``read_block`` must be picklable: a function of a module, or a ``functools.partial`` of one.

    Raises:
        ValueError: the suffix is no ending.
    """
    if not suffix.startswith(".") or suffix == ".":
        raise ValueError(f"{suffix!r} is no file ending: it must begin with a dot, such as '.dat'")
    _FORMATS[suffix.lower()] = opener


_MADE_OF_RECORDINGS = (PROBABILITIES_SUFFIX, RESULTS_SUFFIX, REPLAY_SUFFIX, WEIGHTS_SUFFIX)
"""Endings of files that this program and DAS write, in formats that recordings may have, too."""


def is_recording(path: Path) -> bool:
    """Return whether a file's name is that of a recording."""
    name = path.name
    return os.path.splitext(name)[1].lower() in _FORMATS and not name.endswith(_MADE_OF_RECORDINGS)


def open_recording(path: str | os.PathLike[str]) -> Recording:
    """Read a recording's header.

    Raises:
        DataError: there is no such file, it lies outside of the allowed folders, its format is unknown, or its header
            cannot be read.
    """
    path = Path(path)
    opener = _FORMATS.get(path.suffix.lower())
    if opener is None:
        raise DataError(f"{path}: {path.suffix or 'no ending'} is no known audio format ({', '.join(sorted(_FORMATS))}).")
    confined(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file.")
    try:
        return opener(path)
    except DataError:
        raise
    except Exception as error:  # each library raises its own errors for damaged files
        reason = getattr(error, "error_string", error)  # what libsndfile says, without the path
        raise DataError(
            f"{path}: is not a readable {path.suffix.lower()[1:]} file ({reason}). Convert it again or move it away."
        ) from error
