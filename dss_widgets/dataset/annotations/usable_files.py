"""Which files of a folder can be looked at: ordinary ones, with a name that can be told."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import Problem, Severity
from dss_widgets.roots import why_refused


def usable(files: Iterable[Path], problems: list[Problem]) -> Iterator[Path]:
    """Yield ordinary files that have a readable name and, if they are recordings, lie where they may be read."""
    for path in files:
        told: Problem | None = None
        kind = _kind(path)
        if not _is_text(path.name):
            told = _unreadable_name(path)
        elif kind is None and is_recording(path) and path.is_symlink():
            mend = "Copy the recording here."
            told = Problem("is a link to a file that is not there.", mend, severity="warning", file=path.name)
        elif kind is not None and not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):  # reading it may wait for ever
            told = Problem("is a pipe or a device, and is left out.", "Move it away.", severity="warning", file=path.name)
        elif kind is not None and stat.S_ISREG(kind):
            refused = why_refused(path) if is_recording(path) else None
            if not refused:
                yield path
                continue
            told = Problem(refused, "Copy the recording here.", file=path.name)
        if told is not None:
            problems.append(told)


def _kind(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except OSError:
        return None


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _unreadable_name(path: Path) -> Problem:
    shown = path.name.encode("utf-8", "replace").decode()
    severity: Severity = "error" if is_recording(path) or path.name.endswith(SUFFIX) else "warning"
    return Problem("has a name that is no text in UTF-8.", "Rename it.", severity=severity, file=shown)
