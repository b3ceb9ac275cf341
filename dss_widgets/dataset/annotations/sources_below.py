"""Annotated recordings in the folders below a folder: each folder is looked through by itself, and told with its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from dss_widgets.dataset.annotations.sources import Source, Sources
from dss_widgets.dataset.recordings.gathering import folders_below
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError, Problem

_MOST_TOLD = 3
"""Folders without annotations that are named."""

Look = Callable[[Path, Path | None], Sources]
"""Looks through a folder, with its own recordings or (where there is one) those of a second folder."""


def named_below(below: str, name: str) -> str:
    """Return a file's name with the folders in which it lies."""
    return f"{below}/{name}" if below else name


def with_folder(problems: Iterable[Problem], below: str) -> list[Problem]:
    """Return problems of files in a folder, with the folder in the files' names."""
    if not below:
        return list(problems)
    return [replace(problem, file=named_below(below, problem.file)) if problem.file else problem for problem in problems]


def sources_below(folder: Path, recordings: Path | None, look: Look, sources: Sources) -> None:
    """Add what is found in the folders below a folder to what was found in itself.

    A recording that a table further up names is that table's. Folders that hold recordings and nothing that annotates them
    are told together.

    Args:
        folder: the folder.
        recordings: the folder of the recordings, where ``folder`` holds their annotations alone: of the same folders below.
        look: looks through one folder.
        sources: takes what is found.
    """
    used = {source.audio for source in sources.found}
    bare: dict[str, int] = {}
    try:
        for place in folders_below(folder):
            below = place.relative_to(folder).as_posix()
            beside = None if recordings is None else recordings / below
            if n_recordings := _n_recordings(beside or place):
                found = look(place, beside)
                if found.found or found.bad_rows or any(problem.is_error for problem in found.problems):
                    _add(found, below, used, sources)
                else:
                    bare[below] = n_recordings
    except DataError as error:
        sources.problems.append(Problem(str(error)))
    if bare:
        told = ", ".join(f"{name} ({n})" for name, n in list(bare.items())[:_MOST_TOLD])
        more = f" and {len(bare) - _MOST_TOLD} more" if len(bare) > _MOST_TOLD else ""
        sources.problems.append(
            Problem(
                f"Folders below hold recordings that are not annotated, and are left out: {told}{more}.",
                "Nothing needs to be done if that is meant.", severity="warning",
            )
        )  # fmt: skip


def _add(found: Sources, below: str, used: set[Path], sources: Sources) -> None:
    taken = {path.name for path in used if path.parent.name == Path(below).name}
    twice = [source for source in found.found if source.audio in used]
    sources.found += [replace(source, below=below) for source in found.found if source.audio not in used]
    sources.bad_rows += with_folder(found.bad_rows, below)
    told = [problem for problem in found.problems if problem.is_error or problem.file not in taken]
    sources.problems += with_folder([*told, *map(_named_above, twice)], below)


def _named_above(source: Source) -> Problem:
    mend = "Keep one of the two."
    return Problem("is annotated by a table further up already: what lies beside it is not read.", mend, severity="warning",
                   file=source.audio.name)  # fmt: skip


def _n_recordings(folder: Path) -> int:
    try:
        return sum(is_recording(path) and path.name[0] != "." for path in folder.iterdir())
    except OSError:  # not ours to read; or annotations lie here that have no folder of recordings
        return 0
