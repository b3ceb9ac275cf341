"""Which file of a folder annotates which recording: DAS's own tables first, then other tools' formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dss_widgets.dataset.annotations.formats import find_collection, find_reader
from dss_widgets.dataset.annotations.table import DEFINITIONS_SUFFIX, SUFFIX, Annotations, read_annotations
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError, Problem, Severity

ReadAnnotations = Callable[[], tuple[Annotations, list[Problem]]]


@dataclass(frozen=True)
class Source:
    """A recording's file and what annotates it.

    Attributes:
        audio: the recording's file.
        file: the file that annotates it.
        read: reads the annotations, with the problems of its rows.
        definitions: the ``*_definitions.csv`` beside it, if there is one.
    """

    audio: Path
    file: Path
    read: ReadAnnotations
    definitions: Path | None = None


def find_sources(files: Sequence[Path]) -> tuple[list[Source], list[Problem]]:
    """Find which of a folder's files annotates which recording.

    Returns:
        A source for every annotated recording, in the order of their names, and a problem for every file without a partner.
    """
    problems: list[Problem] = [_unreadable_name(path) for path in files if not _is_text(path.name)]
    files = [path for path in files if _is_text(path.name)]
    problems += [_no_file(path) for path in files if _waits(path)]
    files = [path for path in files if not _waits(path)]
    collected = dict(_from_collections(files, problems))
    audio = _recordings(files, problems)
    tables = {path.name[: -len(SUFFIX)]: path for path in files if path.name.lower().endswith(SUFFIX)}
    definitions = {p.name[: -len(DEFINITIONS_SUFFIX)]: p for p in files if p.name.lower().endswith(DEFINITIONS_SUFFIX)}
    others = _other_formats(files)
    sources: dict[Path, Source] = dict(collected)
    second: set[Path] = set()
    for base, paths in audio.items():
        readers = [partial(read_annotations, tables[base])] if base in tables else []
        for path in paths:
            found = [(tables[base], readers[0])] if readers else others.get(path.name.lower()) or others.get(base.lower()) or []
            if found:
                sources[path] = Source(path, *found[0], definitions.get(base))
                problems += [_second_choice(other, found[0][0]) for other, _ in found[1:]]
                second.update(other for other, _ in found[1:])
        problems += _names_taken_twice([path for path in paths if path in sources])
        problems += [_not_annotated(path) for path in paths if path not in sources]
    used = {source.file for source in sources.values()}
    stray = [*tables.values(), *(path for found in others.values() for path, _ in found)]
    problems += [_no_recording(path) for path in stray if path not in used and path not in second]
    return [sources[path] for path in sorted(sources, key=lambda path: (path.name, str(path)))], problems


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _waits(path: Path) -> bool:
    """Return whether reading may wait for ever: it is a pipe, a socket or a device."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _no_file(path: Path) -> Problem:
    return Problem("is a pipe or a device, and is left out.", "Move it away.", severity="warning", file=path.name)


def _unreadable_name(path: Path) -> Problem:
    shown = path.name.encode("utf-8", "replace").decode()
    severity: Severity = "error" if is_recording(path) or path.name.endswith(SUFFIX) else "warning"
    return Problem("has a name that is no text in UTF-8.", "Rename it.", severity=severity, file=shown)


def _recordings(files: Iterable[Path], problems: list[Problem]) -> dict[str, list[Path]]:
    audio: dict[str, list[Path]] = {}
    for path in files:
        if is_recording(path) and path.is_file():
            audio.setdefault(path.stem, []).append(path)
        elif is_recording(path) and path.is_symlink():
            problems.append(
                Problem(
                    "is a link to a file that is not there.", "Copy the recording here.", severity="warning", file=path.name
                )
            )
    return audio


def _other_formats(files: Iterable[Path]) -> dict[str, list[tuple[Path, ReadAnnotations]]]:
    """Return annotation files of other formats by what they may annotate: a recording's name, or its base, in lower case."""
    found: dict[str, list[tuple[Path, ReadAnnotations]]] = {}
    for path in files:
        if path.name.lower().endswith((SUFFIX, DEFINITIONS_SUFFIX)) or is_recording(path):
            continue
        known = find_reader(path)
        if known is not None:
            base, reader = known
            found.setdefault(base.lower(), []).append((path, partial(_read, reader, path)))
    return found


def _from_collections(files: Iterable[Path], problems: list[Problem]) -> Iterator[tuple[Path, Source]]:
    """Yield the sources that files about many recordings hold, for those recordings that are there."""
    for path in files:
        reader = None if path.name.lower().endswith((SUFFIX, DEFINITIONS_SUFFIX)) else find_collection(path)
        if reader is None:
            continue
        try:
            by_recording = reader(path)
        except DataError as error:
            problems.append(Problem(str(error).removeprefix(f"{path}").lstrip(":, "), file=path.name))
            continue
        missing = 0
        for audio, found in by_recording.items():
            if audio.is_file():
                yield audio, Source(audio, path, partial(_known, found))
            else:
                missing += 1
        if missing:
            problems.append(
                Problem(
                    f"names {len(by_recording)} recordings, of which {missing} are not here.",
                    "Put them where the file says, or ignore this.", severity="warning", file=path.name,
                )
            )  # fmt: skip


def _read(reader: Callable[[Path], Annotations], path: Path) -> tuple[Annotations, list[Problem]]:
    try:
        return reader(path), []
    except DataError:
        raise
    except Exception as error:  # a reader may be the user's own and raise anything
        raise DataError(f"{path}: cannot be read ({type(error).__name__}: {error}). Is it of this format?") from error


def _known(annotations: Annotations) -> tuple[Annotations, list[Problem]]:
    return annotations, []


def _names_taken_twice(paths: Sequence[Path]) -> Iterator[Problem]:
    for path in paths[1:]:
        yield Problem(
            f"has the same name as {paths[0].name}, so both would have the same annotations.",
            "Rename or remove one of the two.",
            file=path.name,
        )


def _not_annotated(path: Path) -> Problem:
    return Problem(
        f"has no annotations ({path.stem}{SUFFIX}) and is left out.", "Annotate it, or ignore this.",
        severity="warning", file=path.name,
    )  # fmt: skip


def _no_recording(path: Path) -> Problem:
    return Problem(
        "has no recording of that name and is left out.", "Put the recording beside it.", severity="warning", file=path.name
    )


def _second_choice(path: Path, first: Path) -> Problem:
    return Problem(
        f"is not read: {first.name} annotates the same recording.", "Keep the one that is right.",
        severity="warning", file=path.name,
    )  # fmt: skip
