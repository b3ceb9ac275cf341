"""A job's events in its folder: one JSON object a line, appended by the worker, read by anybody from where they left off."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

from dss_widgets.events import Event, event_of
from dss_widgets.jobs.folder import append_only
from dss_widgets.roots import open_confined

LONGEST_LINE = 2**22
"""Bytes of a line beyond which it is passed over: no event is that long."""


def append_event(path: Path, event: Event) -> None:
    """Append an event with the time, as one line in one write, so that it arrives whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    stamped = replace(event, time=round(time.time(), 3))
    line = json.dumps(stamped.as_dict(), ensure_ascii=False, allow_nan=False, default=str)
    with open(append_only(path), "ab+", buffering=0) as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n":
            line = "\n" + line  # a writer was killed in the middle of its line
        file.write((line + "\n").encode("utf-8", "replace"))


def read_events(path: Path, after: int = 0) -> tuple[list[Event], int]:
    """Read the events after a position in the file.

    Args:
        path: the events file; that there is none yet is no error.
        after: where the last reading ended, in bytes.

    Returns:
        The complete events since then, and where this reading ended. A line that is still being written is left for the
        next reading; one that is damaged, unknown or does not fit is passed over.

    Raises:
        OSError: there is such a file, and it cannot be read.
        DataError: it lies outside of the folders that may be used.
    """
    try:
        file = open_confined(path)
    except FileNotFoundError:
        return [], after
    found: list[Event] = []
    with file:
        file.seek(after)
        while True:
            line = file.readline(LONGEST_LINE)
            if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                return found, after  # the end, or a line that is still being written
            event = _event_in(line)
            if event is not None:
                found.append(event)
            after += len(line)


def _event_in(line: bytes) -> Event | None:
    try:
        return event_of(json.loads(line))
    except (ValueError, RecursionError):
        return None
