"""Last-used values: what was chosen for a folder comes back with it, in a small file in the user's own state folder."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dss_widgets.errors import OptionsError
from dss_widgets.options import Options
from dss_widgets.roots import why_refused

_MOST = 50

PLACES = "places"
"""The kind of entries that are folders which were picked."""


def memory_file() -> Path:
    """Return where last-used values are kept: ``$XDG_STATE_HOME``, else the system's usual place."""
    base = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".local" / "state"
    return Path(base) / "dss_widgets" / "last_used.json"


def _read() -> dict[str, Any]:
    try:
        values = json.loads(memory_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def remember(kind: str, folder: str, options: Options, *, left_out: Iterable[str] = (), kept: Iterable[str] = ()) -> None:
    """Keep the options that were used with a folder. Not being able to is no reason to stop anybody.

    Args:
        kind: of the options.
        folder: what they were used with.
        options: of which those that differ from their defaults are kept.
        left_out: names of those that are not, because they follow from the folder.
        kept: names of those that are in any case, because they were chosen.
    """
    values, unwanted, chosen = options.as_dict(), set(left_out), set(kept)
    names = (set(options.as_dict(changed_only=True)) - unwanted) | chosen
    _keep(kind, folder, {name: value for name, value in values.items() if name in names})


def remember_place(folder: str) -> None:
    """Keep the folder that was picked last."""
    _keep(PLACES, folder, {})


def _keep(kind: str, folder: str, entry: dict[str, Any]) -> None:
    """Keep an entry as the latest of its kind.

    The file is read again and replaced whole, so that two tabs never leave it broken; the later one wins, folder by folder.
    """
    values = _read()
    kept = values.get(kind)
    entries: dict[str, Any] = kept if isinstance(kept, dict) else {}
    entries.pop(folder, None)
    entries[folder] = entry
    values[kind] = dict(list(entries.items())[-_MOST:])
    path = memory_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file)
        os.replace(partial, path)
    except OSError:
        return


def last_folder(kind: str) -> str:
    """Return the folder that was used last, of those that may be used here, or ''."""
    entries = _read().get(kind)
    folders = reversed(entries) if isinstance(entries, dict) else iter(())
    return next((folder for folder in folders if not why_refused(folder)), "")


def recall(kind: str, options: Options, folder: str) -> tuple[str, ...]:
    """Fill options with what was used with a folder last; values that are options no more are left out.

    Returns:
        Names of the options that were filled in.
    """
    recalled = []
    entries = _read().get(kind)
    values = entries.get(folder) if isinstance(entries, dict) else None
    for name, value in values.items() if isinstance(values, dict) else ():
        try:
            options.update({name: value})
        except OptionsError:
            continue
        recalled.append(name)
    return tuple(recalled)
