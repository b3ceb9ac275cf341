"""Which recordings are meant by what people name: recordings, folders with folders within, patterns, and lists in files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.roots import confined, open_confined, why_refused

_MAGIC = frozenset("*?[")

_NO_SONG = (RUN_SUFFIX, ".npy", ".zarr")
"""Endings of folders that this program makes: of jobs and of datasets."""


@dataclass(frozen=True)
class Gathered:
    """A recording that was meant.

    Attributes:
        path: the recording.
        below: the folders between the one that was named and the recording, ``.`` where there are none.
    """

    path: Path
    below: Path = Path()


def gathered(
    places: Iterable[str | os.PathLike[str]],
    list_file: str | os.PathLike[str] = "",
    relative_to: str | os.PathLike[str] = "",
) -> list[Gathered]:
    """Return the recordings that are meant, each once; those of a folder or pattern in the order of their names.

    Nothing is opened. A recording that is named and is not there is among them: whoever opens it tells so. Hidden files,
    datasets, jobs' folders and what lies behind links to folders are passed over.

    Args:
        places: recordings; folders, for every recording in them and below; or patterns, such as ``season/**/*.wav``.
        list_file: a file that names more of them, one a line, seen from its own folder; empty lines and those that begin with
            ``#`` are passed over.
        relative_to: the folder that ``below`` is told from, for recordings in it. Left out: a folder that was named, what
            stands before a pattern's first wildcard, or the list's folder.

    Raises:
        DataError: a place lies outside of the allowed folders, a folder or pattern has no recordings, or the list cannot be
            read.
    """
    base = Path(relative_to).expanduser().absolute() if str(relative_to) else None
    found: dict[Path, Gathered] = {}
    for place, listed_in in [*((Path(place).expanduser(), None) for place in places), *_listed(list_file)]:
        for path, own_base in _of_place(place):
            key = _normal(path)
            if key not in found:
                found[key] = Gathered(path, _below(key, base or listed_in or own_base))
    return list(found.values())


def home_of(place: str | os.PathLike[str]) -> Path:
    """Return the folder that a place belongs to: a folder itself, a recording's folder, or where a pattern begins."""
    path = Path(place).expanduser()
    if path.is_dir():
        return path
    return path.parent if path.exists() or not _is_pattern(path) else _split(path)[0]


def _listed(list_file: str | os.PathLike[str]) -> Iterator[tuple[Path, Path]]:
    """Yield the places that a list names, and its folder."""
    if not str(list_file):
        return
    path = Path(list_file).expanduser()
    try:
        with open_confined(path, "r", encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "it is no text in UTF-8"
        raise DataError(f"{path}: the list of recordings cannot be read ({reason}).") from error
    named = [(row, line.strip()) for row, line in enumerate(lines, 1)]
    named = [(row, line) for row, line in named if line and not line.startswith("#")]
    if not named:
        raise DataError(f"{path}: names no recordings. Write one path a line.")
    folder = path.absolute().parent
    for row, line in named:
        place = folder / Path(line).expanduser()
        refused = why_refused(place)
        if refused or "\0" in line:
            raise DataError(f"{path}, row {row}: {line!r} {refused or 'is no path.'}")
        yield place, folder


def _of_place(place: Path) -> Iterator[tuple[Path, Path | None]]:
    """Yield the recordings of a place, and the folder that they are told from."""
    confined(place)
    if place.is_dir():
        yield from _at_least_one(_walk(place), place, f"{place}: there are no recordings in this folder or below.")
    elif _is_pattern(place) and not place.exists():
        yield from _at_least_one(_matching(place), _split(place)[0], f"{place}: no recording has such a name.")
    else:
        yield place, None


def _at_least_one(paths: Iterable[Path], base: Path, if_none: str) -> Iterator[tuple[Path, Path]]:
    path = None
    for path in paths:
        yield path, base
    if path is None:
        raise DataError(if_none)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the recordings in a folder and below, in the order of names; a folder that cannot be read has none."""
    for where, folders, files in os.walk(folder):
        folders[:] = _with_song(folders)
        yield from _recordings(Path(where), sorted(files))


def folders_below(folder: Path) -> Iterator[Path]:
    """Yield the folders below a folder in which recordings may lie, in the order of names; see :func:`gathered`.

    Raises:
        DataError: one of them cannot be listed.
    """

    def refuse(error: OSError) -> None:
        raise DataError(f"{error.filename}: cannot be listed ({error.strerror}). Leave it out, or see who may read it.")

    for where, folders, _ in os.walk(confined(folder), onerror=refuse):
        folders[:] = _with_song(folders)
        if Path(where) != folder:
            yield Path(where)


def _with_song(folders: Iterable[str]) -> list[str]:
    """Return the names of folders that are neither hidden nor written by this program, in order."""
    return sorted(name for name in folders if not name.startswith(".") and not name.endswith(_NO_SONG))


def _recordings(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        path = folder / name
        if not name.startswith(".") and is_recording(path) and _is_file(path):
            yield path


def _is_file(path: Path) -> bool:
    """Return whether there is an ordinary file, or a link to one."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _matching(pattern: Path) -> Iterator[Path]:
    """Yield the recordings that a pattern matches, and those in folders that it matches, in the order of names."""
    base, rest = _split(pattern)
    if ".." in rest.parts:
        raise DataError(f"{pattern}: '..' cannot follow a wildcard. Name the folder.")
    try:
        matches = sorted(base.glob(str(rest)))
    except (OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"{pattern}: cannot be understood as a pattern ({error}).") from error
    for match in matches:
        within = match.relative_to(base)
        folders = [base / parent for parent in within.parents if parent.parts]
        if any(part.startswith(".") or part.endswith(_NO_SONG) for part in within.parts) or any(map(Path.is_symlink, folders)):
            continue
        if match.is_dir():
            yield from _walk(match) if rest.name != "**" and not match.is_symlink() else ()
        else:
            yield from _recordings(match.parent, [match.name])
    if rest.name == "**":
        yield from _walk(base)


def _is_pattern(place: Path) -> bool:
    return not _MAGIC.isdisjoint(str(place))


def _split(pattern: Path) -> tuple[Path, Path]:
    """Return the folder before the first wildcard, and the rest."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if not _MAGIC.isdisjoint(part))
    return Path(*parts[:first]), Path(*parts[first:])


def _below(path: Path, base: Path | None) -> Path:
    """Return the folders between a base and a recording; none where it does not lie below."""
    base = base and _normal(base)
    return path.parent.relative_to(base) if base is not None and path.is_relative_to(base) else Path()


def _normal(path: Path) -> Path:
    """Return a path without ``..``, so that what lies below another does so by its words."""
    return Path(os.path.normpath(path.absolute()))
