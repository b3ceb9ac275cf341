"""What a job's folder keeps of its place in Slurm: the submission that holds, Slurm's last word, and how the process ended."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from dss_widgets.errors import DssWidgetsError, OptionsError
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.options.place import SLURM, PlaceOptions
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

_MOST_BYTES = 50_000


@dataclass(frozen=True)
class Note:
    """The submission that holds; an earlier one whose job Slurm starts all the same does nothing.

    Attributes:
        token: the submission's own word, which its job has to know.
        number: of Slurm's job; '' as long as sbatch has not told it.
        user: the number of the user who submitted it.
        submitted: when, unix seconds.
        place: what was asked for, as plain values.
    """

    token: str
    number: str = ""
    user: str = ""
    submitted: float = 0.0
    place: Mapping[str, Any] = field(default_factory=dict)

    def write(self, files: JobFolder) -> None:
        """Write it into a job's folder, in place of the one that is there.

        Raises:
            OSError: it cannot be written.
        """
        write_json(files.slurm, asdict(self))

    def numbered(self, number: str) -> Self:
        """Return it with the number of Slurm's job."""
        return replace(self, number=number)

    def options(self) -> PlaceOptions:
        """Return what was asked for; what is no option any more is left out."""
        options = PlaceOptions(on=SLURM)
        for name, value in self.place.items():
            try:
                options.update({name: value})
            except OptionsError:
                continue
        return options


def user_number() -> str:
    """Return the number of the user whose process this is: names may be set to anything by the environment."""
    return str(os.getuid()) if os.name == "posix" else ""


def read_note(files: JobFolder) -> Note | None:
    """Return the note of a job that was submitted to Slurm; None for any other."""
    told = read_json(files.slurm)
    token, number, user = (told.get(name, "") for name in ("token", "number", "user"))
    if not token or not all(isinstance(text, str) for text in (token, number, user)):
        return None
    place, submitted = told.get("place"), told.get("submitted")
    return Note(
        token,
        number,
        user,
        submitted=float(submitted) if isinstance(submitted, int | float) else time.time(),
        place=place if isinstance(place, dict) else {},
    )


def read_json(path: Path) -> dict[str, Any]:
    """Return the names and values of a small file of a job; none where there is none, or it cannot be read."""
    try:
        with open_confined(path) as file:
            told = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError, DssWidgetsError):
        return {}
    return told if isinstance(told, dict) else {}


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write names and values, whole or not at all.

    Raises:
        OSError: they cannot be written.
    """
    with appearing_whole(path) as partial:
        partial.write_text(json.dumps(values, indent=1), encoding="utf-8")
