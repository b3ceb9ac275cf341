"""A stretch of a recording that is worth looking at, and lists of them as files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from dss_widgets.errors import DataError, reason
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import write_whole_text


@dataclass(frozen=True)
class Stretch:
    """A stretch of a recording that is worth looking at.

    Attributes:
        recording: path of the recording.
        start_seconds, stop_seconds: where it lies.
        reason: why it is worth a look, for people.
        worth: what correcting it is likely worth, of the worthiest 1, of the others less.
    """

    recording: str
    start_seconds: float
    stop_seconds: float
    reason: str
    worth: float


def write_stretches(path: str | os.PathLike[str], stretches: Iterable[Stretch]) -> Path:
    """Write stretches as JSON, in their order; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    return write_whole_text(Path(path), json.dumps([asdict(s) for s in stretches], indent=1, ensure_ascii=False))


def read_stretches(path: str | os.PathLike[str]) -> list[Stretch]:
    """Read what :func:`write_stretches` wrote.

    Raises:
        DataError: it cannot be read, or is something else.
    """
    try:
        with open_confined(path) as file:
            rows = json.load(file)
        return [
            Stretch(
                str(row["recording"]), float(row["start_seconds"]), float(row["stop_seconds"]), str(row["reason"]),
                float(row["worth"]),
            )
            for row in rows
        ]  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path}: holds no list of stretches ({reason(error)}). Rank them again.") from error
