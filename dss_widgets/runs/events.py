"""A run's events: one JSON object a line, appended by the worker, read by anybody from where they left off."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def append_event(path: Path, event: Mapping[str, Any]) -> None:
    """Append an event with the time, as one line in one write. NaN and infinity are written as null."""
    line = json.dumps({"time": round(time.time(), 3), **_finite(event)}, ensure_ascii=False, allow_nan=False)
    with open(path, "ab+") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
            line = "\n" + line  # a writer was killed in the middle of its line
        file.write((line + "\n").encode())


def read_events(path: Path, after: int = 0) -> tuple[list[Event], int]:
    """Read the events after a position in the file.

    Args:
        path: the events file; that there is none yet is no error.
        after: where the last reading ended, in bytes.

    Returns:
        The complete events since then, and where this reading ended. A line that is still being written is left for the
        next reading; a line that is damaged is passed over.
    """
    try:
        with open(path, "rb") as file:
            file.seek(after)
            data = file.read()
    except FileNotFoundError:
        return [], after
    complete, newline, _ = data.rpartition(b"\n")
    events = []
    for line in complete.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events, after + len(complete) + len(newline)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
