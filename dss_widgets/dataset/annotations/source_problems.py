"""What is told of annotation files that are not used as they stand, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dss_widgets.dataset.annotations.annotation_file import Reading
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.named_recordings import one_form
from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import DataError, Problem

if TYPE_CHECKING:
    from dss_widgets.dataset.annotations.sources import Part, Source

_ROW = re.compile(r"row (\d+): ")
"""How an error that names a row begins, behind the file."""


NO_RECORDING = "has no recording of that name and is left out."
"""What is told of a file of annotations whose recording is not here."""


def told_once(notices: Iterable[Problem]) -> Iterator[Problem]:
    """Yield one of notices that are alike, with how many more files it is about."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for notice in notices:
        alike.setdefault((notice.message, notice.mend), []).append(notice)
    for first, *others in alike.values():
        more = f" So do {len(others)} more files, such as {others[0].file}." if others else ""
        yield replace(first, message=first.message + more)


def may_count_on(path: Path, second: Annotations) -> Problem:
    """Return the error that times may count over several recordings."""
    return Problem(
        "has times that seem to count on from one recording to the next, and do not say where each begins.",
        "Export it with the column 'File Offset (s)', or write times within each recording.",
        file=path.name, row=first_row(second),
    )  # fmt: skip


def problem_of(error: DataError, path: Path) -> Problem:
    """Return an error about a file as a problem that names it."""
    message = str(error).removeprefix(str(path)).removeprefix(path.name).lstrip(":, ")
    row = _ROW.match(message)
    if row is None:
        return Problem(message, file=path.name)
    return Problem(message[row.end() :], file=path.name, row=int(row.group(1)))


def first_row(annotations: Annotations) -> int | None:
    """Return the first row of annotations; None where rows are not known."""
    return int(annotations.rows.min()) or None if len(annotations) else None


def not_here(path: Path, reading: Reading, missing: Sequence[str], named: Sequence[Path]) -> Problem:
    """Return what to tell of recordings that a file names and that are not here."""
    if list(missing) == [""] and len(reading.by_recording) == 1:
        mend = "Put the recording beside it, or begin this file's name with that of its recording."
        return Problem(NO_RECORDING, mend, severity="warning", file=path.name)
    row = min((row for name in missing if (row := first_row(reading.by_recording[name])) is not None), default=None)
    if named:
        told = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
        return Problem(
            f"is named after {named[0].name}, but its rows are about {told}, which is not here.",
            f"Put that recording here; or, if {named[0].name} is that recording, write its name in the table.",
            file=path.name, row=row,
        )  # fmt: skip
    if "" in missing:
        return Problem(
            "does not say which recording its rows from here on are about, and no recording has the file's name.",
            "Name the recording in every row.", file=path.name, row=first_row(reading.by_recording[""]),
        )  # fmt: skip
    return Problem(
        f"names {len(reading.by_recording)} recordings, of which {len(missing)} are not here.",
        "Put them where the file says, or ignore this.", severity="warning", file=path.name, row=row,
    )  # fmt: skip


def several_of_a_name(path: Path, audio: Path, references: Sequence[str], reading: Reading) -> Problem:
    """Return the error that a file is about several recordings of one name."""
    rows = [first_row(reading.by_recording[reference]) for reference in references]
    return Problem(
        f"is about several recordings called {audio.name} ({', '.join(references[:3])}), of which one is here: it is "
        "unclear whose song is whose, and none of it is used.",
        "Give every recording a name of its own, in the table too.",
        file=path.name,
        row=min((row for row in rows if row), default=None),
    )


def not_annotated(path: Path, beside: Sequence[str] = ()) -> Problem:
    """Return the warning that nothing annotates a recording, though files of its name, which no format fits, lie beside it."""
    message = f"has no annotations ({path.stem}{SUFFIX}) and is left out."
    mend = "Annotate it, or ignore this."
    if beside:
        told = ", ".join(beside[:3]) + (" ..." if len(beside) > 3 else "")
        message += f" {told} beside it {'is' if len(beside) == 1 else 'are'} in no format that is read."
        mend = "If that is its annotation, save it as CSV, or export it as text; else ignore this."
    return Problem(message, mend, severity="warning", file=path.name)


def second_choice(path: Path, first: Path, audio: Path) -> Problem:
    """Return the warning that a file is not read, since another annotates its recording."""
    return Problem(
        f"is not read: {first.name} annotates the same recording, {audio.name}.", "Keep the one that is right.",
        severity="warning", file=path.name,
    )  # fmt: skip


def two_forms(sources: Iterable[Source]) -> Iterator[Problem]:
    """Yield a warning that files and recordings have one name in two Unicode forms, once."""
    pairs = [
        (source.audio, part.file)
        for source in sources
        for part in source.parts
        if not source.audio.stem.isascii()
        and not part.file.name.startswith(source.audio.stem)
        and one_form(part.file.name).startswith(one_form(source.audio.stem))
    ]
    if pairs:
        more = f" So are {len(pairs) - 1} more." if len(pairs) > 1 else ""
        yield Problem(
            f"has its recording's name in another Unicode form, and is taken for that of {pairs[0][0].name}.{more}",
            "Nothing needs to be done.", severity="warning", file=pairs[0][1].name,
        )  # fmt: skip


def names_taken_twice(paths: Sequence[Path], parts: dict[Path, list[Part]]) -> Iterator[Problem]:
    """Yield an error for every recording that one file annotates together with another one, by the name of both."""
    for path in paths[1:]:
        if {part.file for part in parts[path]} & {part.file for part in parts[paths[0]]}:
            yield Problem(
                f"has the same name as {paths[0].name}, so both would have the same annotations.",
                "Rename or remove one of the two.",
                file=path.name,
            )


def read_together(audio: Path, parts: Sequence[Part]) -> Problem:
    """Return the warning that several files annotate a recording together."""
    return Problem(
        f"is annotated by {len(parts)} files together: {', '.join(part.file.name for part in parts)}.",
        "Keep only those that are right, if some are older versions of others.",
        severity="warning", file=audio.name,
    )  # fmt: skip
