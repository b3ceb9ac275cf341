"""Song types: which there are, and whether each is an event or a segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.errors import Problem

NOISE = "noise"
"""The name of class 0: no song."""

Definitions = Mapping[str, Mapping[str, tuple[Category, int]]]
"""By file name, then song type: category and row."""


_ByName = Sequence[tuple[Annotations, Sequence[tuple[str, np.ndarray]]]]
"""Annotations, each with the indices of those of every name."""


@dataclass(frozen=True)
class SongType:
    """A song type and how much of it there is.

    Attributes:
        name: its name.
        category: ``event`` or ``segment``.
        count: annotations of it in all recordings.
        seconds: their duration together (0 for events).
        n_files: recordings in which it occurs.
    """

    name: str
    category: Category
    count: int = 0
    seconds: float = 0.0
    n_files: int = 0


@dataclass(frozen=True)
class _Say:
    """What one file says about a type's category."""

    file: str
    row: int
    category: Category


def decide_song_types(
    annotations: Sequence[Annotations], definitions: Definitions
) -> tuple[tuple[SongType, ...], list[Problem]]:
    """Decide every song type's category, from the definitions if there are any for it, else from the rows of all files.

    A type is an event type when every one of its rows has start == stop; files that disagree are an error that names
    them. The order of the files does not matter.

    Returns:
        The song types, sorted by name, and the problems.
    """
    problems: list[Problem] = []
    song_types = []
    names = sorted({name for a in annotations for name in a.song_types()} | {name for d in definitions.values() for name in d})
    by_name = [(a, list(_by_name(a))) for a in annotations]
    says_by_name = _all_says(by_name)
    amounts = _amounts(by_name)
    for name in names:
        defined = [_Say(file, d[name][1], d[name][0]) for file, d in sorted(definitions.items()) if name in d]
        says = says_by_name.get(name, [])
        if defined:
            category = defined[0].category
            problems += _disagreements(name, defined)
            problems += _lasting_events(name, category, annotations)
        else:
            category = says[0].category if says else "segment"
            problems += _disagreements(name, says)
        if category == "segment":
            problems += _momentary_segments(name, annotations)
        count, seconds, n_files = amounts.get(name, (0, 0.0, 0))
        song_types.append(SongType(name, category, count, 0.0 if category == "event" else seconds, n_files))
    return tuple(song_types), problems


def _all_says(by_name: _ByName) -> dict[str, list[_Say]]:
    """Collect what every file's rows say: first those of rows with times, else of rows that only declare."""
    occurring: dict[str, list[_Say]] = {}
    declaring: dict[str, list[_Say]] = {}
    for a, of_names in sorted(by_name, key=lambda found: found[0].file):
        lasting = a.start_seconds != a.stop_seconds
        for name, index in of_names:
            is_event = not lasting[index].any()
            first = index[0] if is_event else index[np.argmax(lasting[index])]
            occurring.setdefault(name, []).append(
                _Say(a.file_of(first), int(a.rows[first]), "event" if is_event else "segment")
            )
        for name, category in a.declared.items():
            declaring.setdefault(name, []).append(_Say(a.file, a.declared_rows.get(name, 0), category))
    return {name: occurring.get(name) or declaring[name] for name in {**declaring, **occurring}}


def _by_name(annotations: Annotations) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every name with the indices of its annotations."""
    indices: dict[str, list[int]] = {}
    for i, name in enumerate(annotations.names.tolist()):
        indices.setdefault(name, []).append(i)
    for name, index in indices.items():
        yield name, np.array(index)


def _amounts(by_name: _ByName) -> dict[str, tuple[int, float, int]]:
    amounts: dict[str, tuple[int, float, int]] = {}
    for a, of_names in by_name:
        for name, index in of_names:
            count, seconds, n_files = amounts.get(name, (0, 0.0, 0))
            lasted = float((a.stop_seconds[index] - a.start_seconds[index]).sum())
            amounts[name] = (count + len(index), seconds + lasted, n_files + 1)
    return amounts


def _disagreements(name: str, says: Sequence[_Say]) -> Iterator[Problem]:
    first_of = {say.category: say for say in reversed(says)}
    if len(first_of) > 1:
        event, segment = first_of["event"], first_of["segment"]
        yield Problem(
            f"{name!r} is a segment here (it lasts) but an event in {event.file}, row {event.row} (it starts and stops at "
            "the same time).",
            "Correct the times, rename one of the two, or say which it is in a definitions file.",
            file=segment.file,
            row=segment.row,
        )


def _lasting_events(name: str, category: Category, annotations: Sequence[Annotations]) -> Iterator[Problem]:
    if category != "event":
        return
    for a in annotations:
        lasting = np.flatnonzero((a.names == name) & (a.start_seconds != a.stop_seconds))
        if len(lasting):
            i = lasting[0]
            yield Problem(
                f"{name!r} is defined as an event but lasts from {a.start_seconds[i]:g} to {a.stop_seconds[i]:g} s "
                f"({len(lasting)} such rows).",
                "Define it as a segment, or let the rows stop where they start.",
                file=a.file_of(i),
                row=int(a.rows[i]) or None,
            )


def _momentary_segments(name: str, annotations: Sequence[Annotations]) -> Iterator[Problem]:
    for a in annotations:
        momentary = np.flatnonzero((a.names == name) & (a.start_seconds == a.stop_seconds))
        if len(momentary):
            yield Problem(
                f"{name!r} is a segment but stops where it starts, at {a.start_seconds[momentary[0]]:g} s "
                f"({len(momentary)} such rows): it becomes one sample.",
                "Correct the times or delete the row.",
                severity="warning",
                file=a.file_of(momentary[0]),
                row=int(a.rows[momentary[0]]) or None,
            )
