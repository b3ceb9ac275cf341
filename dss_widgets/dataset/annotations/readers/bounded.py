"""Files read whole, up to a size, and their beginnings: what annotates a recording is small, what is not is something else."""

from __future__ import annotations

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.errors import DataError

MOST_BYTES = 64 * 2**20
"""Larger files are refused: a label every 10 ms for an hour, in the wordiest of the formats, takes half of it."""


def bounded_content(file: AnnotationFile) -> bytes:
    """Return what a file holds.

    Raises:
        DataError: it cannot be read, or is larger than 64 MB.
    """
    try:
        n_bytes = file.path.stat().st_size
    except OSError as error:
        raise DataError(f"{file.path}: cannot be read ({error.strerror}).") from error
    if n_bytes > MOST_BYTES:
        raise DataError(f"{file.path}: is larger than {MOST_BYTES // 2**20} MB. Divide it, or export it again.")
    return file.content


def beginning_of(file: AnnotationFile, n_bytes: int = 4096) -> bytes:
    """Return the first bytes of a file, to see of what kind it is; none if it cannot be read."""
    try:
        with file.open() as opened:
            return opened.read(n_bytes)
    except (OSError, DataError):
        return b""
