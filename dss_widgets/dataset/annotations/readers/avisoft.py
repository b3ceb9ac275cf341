"""Labels that Avisoft SASLab Pro keeps within the wav file that they are about.

They stand in a chunk ``LBL`` of records of 65 bytes: a time in seconds, the end of a section (or, for a point, its frequency),
the text and a letter, between tabs. The first record is the file's title
(https://www.avisoft.com/Help/SASLab/menu_spectrogram_tools_labels.htm).
"""

from __future__ import annotations

import struct
from typing import IO

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.bounded import MOST_BYTES
from dss_widgets.dataset.annotations.readers.tiers import Tier, reading_of
from dss_widgets.errors import DataError

_RECORD = 65
_MOST_CHUNKS = 256
_LAYERS = {"M": "layer 1", "N": "layer 2", "O": "layer 3", "P": "total"}
_POINTS = "points"


def _has_labels(file: AnnotationFile) -> bool:
    """Return whether a wav file has labels of Avisoft in it; looks at the heads of its chunks only."""
    try:
        with file.open() as opened:
            return _labels_chunk(opened) > _RECORD
    except (OSError, DataError):
        return False


def _tiers(file: AnnotationFile) -> list[Tier]:
    """Read the labels within a wav file: sections, by the layer on which they are drawn, and points.

    Raises:
        DataError: the file cannot be read, or its labels are damaged.
    """
    with file.open() as opened:
        n_bytes = min(_labels_chunk(opened), MOST_BYTES)
        records = opened.read(n_bytes)
    if len(records) < n_bytes:
        raise DataError(f"{file.path}: its labels end too early. Copy the file again.")
    tiers = {name: Tier(name) for name in (*_LAYERS.values(), _POINTS)}
    for i in range(1, len(records) // _RECORD):
        cells = records[i * _RECORD : (i + 1) * _RECORD].decode("cp1252", "replace").split("\t")
        try:
            start, second = (float(cell.strip(" \0")) for cell in cells[:2])
            text, letter = (cell.strip(" \0\r\n") for cell in cells[2:])
        except ValueError:
            raise DataError(f"{file.path}: its label {i} is damaged. Save the file again in Avisoft SASLab.") from None
        tier = tiers[_LAYERS.get(letter, _POINTS)]
        tier.entries.append((text, start, second if letter in _LAYERS else start))
        tier.rows.append(0)
    return [tier for tier in tiers.values() if tier.entries]


def _labels_chunk(file: IO[bytes]) -> int:
    """Go to the content of the chunk of labels, and return how many bytes it has; 0 if there is no such chunk."""
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        return 0
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return 0
        name, size = struct.unpack("<4sI", head)
        if name == b"LBL ":
            return int(size)
        file.seek(size + size % 2, 1)
    return 0


AVISOFT = AnnotationFormat(
    "Avisoft labels", (".wav",), lambda file: reading_of(file, _tiers(file)), _has_labels, within_recording=True
)
