"""Annotations: what occurs when in a recording, and what none can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dss_widgets.errors import DataError, Problem

Category = str
"""``event`` (a point in time) or ``segment`` (a stretch of time)."""

PROPOSALS = "_proposals"
"""Ending of song types' names in annotations that are meant for proof-reading."""


@dataclass(frozen=True, eq=False)
class Annotations:
    """What occurs when in one recording.

    Attributes:
        names: song type of every annotation, ``[annotations]``, text.
        start_seconds, stop_seconds: onset and offset, float64 ``[annotations]``; equal for events.
        rows: row of the file of every annotation, counted as a spreadsheet does, ``[annotations]``.
        declared: song types that exist without occurring, with their category.
        declared_rows: the row that declares each of them.
        file: name of the file they come from, or ''.
        files: where they come from several files, the name of each one's, ``[annotations]``.
        unsaid: those of ``declared`` that stand under the rows with empty cells and read like a sum or a remark.
    """

    names: np.ndarray
    start_seconds: np.ndarray
    stop_seconds: np.ndarray
    rows: np.ndarray
    declared: Mapping[str, Category] = field(default_factory=dict)
    declared_rows: Mapping[str, int] = field(default_factory=dict)
    file: str = ""
    files: np.ndarray | None = None
    unsaid: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(
        cls, entries: Iterable[tuple[str, float, float]], *, file: str = "", rows: Sequence[int] | None = None
    ) -> Annotations:
        """Make annotations of (name, start_seconds, stop_seconds), from these rows of a file (default: 2, 3 ...).

        Names that are numbers become text.

        Raises:
            DataError: a name is neither text nor a number, or a time is no number.
        """
        triples = list(entries)
        if not _are_plain(triples):
            triples = [_triple(file, i, entry) for i, entry in enumerate(triples, 1)]
        names, starts, stops = zip(*triples, strict=True) if triples else ((), (), ())
        return cls.of_columns(names, starts, stops, file=file, rows=range(2, len(triples) + 2) if rows is None else rows)

    @classmethod
    def of_columns(
        cls, names: Sequence[str], starts: Sequence[float], stops: Sequence[float], *, file: str, rows: Sequence[int]
    ) -> Annotations:
        """Make annotations of their names, times in seconds and rows of a file, each ``[annotations]``."""
        return cls(
            names=_text_array(names), start_seconds=np.array(starts, dtype=np.float64),
            stop_seconds=np.array(stops, dtype=np.float64), rows=np.array(rows, dtype=np.int64), file=file,
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[Annotations]) -> Annotations:
        """Return annotations from several files as one."""
        if len(parts) == 1:
            return parts[0]
        declared: dict[str, Category] = {}
        declared_rows: dict[str, int] = {}
        for part in reversed(parts):
            declared.update(part.declared)
            declared_rows.update(part.declared_rows)
        return cls(
            names=np.concatenate([part.names for part in parts]),
            start_seconds=np.concatenate([part.start_seconds for part in parts]),
            stop_seconds=np.concatenate([part.stop_seconds for part in parts]),
            rows=np.concatenate([part.rows for part in parts]),
            declared=declared,
            declared_rows=declared_rows,
            file=parts[0].file,
            files=np.repeat(np.array([part.file for part in parts], dtype=object), [len(part) for part in parts]),
            unsaid=frozenset().union(*(part.unsaid for part in parts)),
        )

    def select(self, keep: np.ndarray) -> Annotations:
        """Return those that a boolean mask or an index picks."""
        return replace(
            self, names=self.names[keep], start_seconds=self.start_seconds[keep], stop_seconds=self.stop_seconds[keep],
            rows=self.rows[keep], files=None if self.files is None else self.files[keep],
        )  # fmt: skip

    def with_names(self, new_names: Mapping[str, str]) -> Annotations:
        """Return the same with some names replaced by others."""

        def new(name: str) -> str:
            return new_names.get(name, name)

        return replace(
            self,
            names=_text_array([new(name) for name in self.names.tolist()]),
            declared={new(name): category for name, category in self.declared.items()},
            declared_rows={new(name): row for name, row in self.declared_rows.items()},
            unsaid=frozenset(map(new, self.unsaid)),
        )

    def file_of(self, i: int) -> str:
        """Return the name of the file that an annotation comes from."""
        return self.file if self.files is None else str(self.files[i])

    def song_types(self) -> list[str]:
        """Return the names that occur or are declared, sorted."""
        return sorted({*self.names.tolist(), *self.declared})


def _are_plain(entries: Sequence[object]) -> bool:
    """Return whether all entries are a name and two floats as they should be, which is quicker than looking at each."""
    if set(map(type, entries)) != {tuple} or set(map(len, entries)) != {3}:  # type: ignore[arg-type]
        return False
    names, starts, stops = zip(*entries, strict=True)
    return set(map(type, names)) == {str} and set(map(type, starts)) == {float} == set(map(type, stops))


def _triple(file: str, number: int, entry: Sequence[object]) -> tuple[str, float, float]:
    where = f"{file}: annotation {number}" if file else f"annotation {number}"
    try:
        name, start, stop = entry
        times = float(start), float(stop)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DataError(f"{where} is {entry!r}. Give a name, a start and a stop in seconds.") from None
    if not isinstance(name, str) and (isinstance(name, bool) or not isinstance(name, int | float | np.number)):
        raise DataError(f"{where} has the name {name!r}, which is neither text nor a number. Name it with text.")
    return str(name), *times


def _text_array(names: Sequence[str]) -> np.ndarray:
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return array


def set_aside_unusable(annotations: Annotations) -> tuple[Annotations, list[Problem]]:
    """Set aside what no recording can have, whatever read it: no name, the name ``noise``, times that are no numbers.

    Returns:
        The annotations that can be, and a problem for every other one.
    """
    starts, stops = annotations.start_seconds, annotations.stop_seconds
    wrong = ~(np.isfinite(starts) & np.isfinite(stops))
    if not wrong.any() and all(name_problem("", None, name) is None for name in _distinct(annotations.names)):
        return annotations, []
    problems = []
    for i, name in enumerate(annotations.names.tolist()):
        row = int(annotations.rows[i]) or None
        problem = name_problem(annotations.file_of(i), row, name)
        if problem is None and wrong[i]:
            problem = no_times(annotations.file_of(i), row, name, f"{starts[i]:g}", f"{stops[i]:g}")
        if problem is not None:
            problems.append(problem)
            wrong[i] = True
    return annotations.select(~wrong), problems


def _distinct(names: np.ndarray) -> Iterable[object]:
    try:
        return set(names.tolist())
    except TypeError:  # what cannot be a key is no name either
        return list(names.tolist())


def name_problem(file: str, row: int | None, name: object) -> Problem | None:
    """Return why a song type cannot have a name; None if it can."""
    if not isinstance(name, str):
        return Problem(f"has the name {name!r}, which is no text.", "Name its song type.", file=file, row=row)
    if not name.strip(" "):
        return Problem("has no name.", "Name its song type or delete the row.", file=file, row=row)
    if name.strip() == "noise":
        return Problem("'noise' is what is left when nothing sings.", "Rename this song type.", file=file, row=row)
    return None


def no_times(file: str, row: int | None, name: str, start: str, stop: str) -> Problem:
    """Return the problem of an annotation whose times are none; ``start`` and ``stop`` as they are to be told."""
    mend = "Give both times in seconds; an event stops where it starts."
    return Problem(f"{name!r} starts at {start} and stops at {stop}.", mend, file=file, row=row)
