"""The package's own errors, and problems as data: what is wrong, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with options or data, told the same way in a form, a terminal and an exception.

    Attributes:
        message: what is wrong, as a sentence, with the value that was met.
        mend: what to do about it, as a sentence.
        severity: an ``error`` stops the next step, a ``warning`` does not.
        field: the option's name, for problems with options.
        file: the file's name, for problems with data.
        row: the row of the file as a text editor or spreadsheet counts it (the header is row 1).
    """

    message: str
    mend: str = ""
    severity: Severity = "error"
    field: str | None = None
    file: str | None = None
    row: int | None = None

    @property
    def is_error(self) -> bool:
        """Whether this stops the next step."""
        return self.severity == "error"

    def as_dict(self) -> dict[str, str | int | None]:
        """Plain values, for tables and JSON."""
        return asdict(self)

    def __str__(self) -> str:
        where = ", ".join(
            part for part in (self.file, None if self.row is None else f"row {self.row}", self.field) if part is not None
        )
        return f"{where + ': ' if where else ''}{self.message}{' ' + self.mend if self.mend else ''}"


def summed_up(problems: Iterable[Problem], most: int = 3) -> list[Problem]:
    """Return problems for people to read: of more than ``most`` of a kind, the first and how many more there are, and where.

    Of a kind are those that differ in nothing but numbers, quoted text, file and row.
    """
    kinds: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        message = problem.message.replace(problem.file.rpartition(".")[0], "") if problem.file else problem.message
        key = (problem.severity, problem.field or "", problem.mend, _VARYING.sub("", message))
        kinds.setdefault(key, []).append(problem)
    told = []
    for alike in kinds.values():
        n_told = len(alike) if len(alike) <= most + 1 else most
        told += alike[:n_told]
        if alike[n_told:]:
            told.append(_more(alike[n_told:]))
    return told


_VARYING = re.compile(r"'[^']*'|\d[\d.]*")
"""What differs between problems of a kind."""


def _more(problems: Sequence[Problem]) -> Problem:
    files, rows = sorted({problem.file or "" for problem in problems}), [problem.row for problem in problems if problem.row]
    where = f"in {files[0]}" if len(files) == 1 else f"in {len(files)} files"
    if len(files) == 1 and rows:
        where += f", rows {min(rows)} to {max(rows)}"
    return Problem(f"{len(problems)} more of this kind{f', {where}' if any(files) else ''}.", severity=problems[0].severity)


class WithProblems:
    """What carries problems: those that are errors stop the next step.

    Attributes:
        problems: everything that is wrong.
    """

    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the next step."""
        return tuple(problem for problem in self.problems if problem.is_error)

    def check(self) -> None:
        """Raise :class:`DataProblemsError` if there are errors."""
        if self.errors:
            raise DataProblemsError(self.errors)


class DssWidgetsError(Exception):
    """Base of everything this package raises on purpose: the message is meant for the user as it is."""


class ProblemsError(DssWidgetsError):
    """One or more problems, kept as data in ``problems``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OptionsError(ProblemsError):
    """Options that cannot be: each problem names its field."""


class DataError(DssWidgetsError):
    """A recording, an annotation file, a dataset or a folder that cannot be used; the message says which and why."""


class DataProblemsError(ProblemsError, DataError):
    """Recordings and annotations with problems that stop the next step: each names its file and row."""


class RunError(DssWidgetsError):
    """A run that cannot be started, found, stopped or read."""


class EditError(DssWidgetsError):
    """An edit of labels that cannot be; the labels are as they were."""


class Cancelled(DssWidgetsError):  # noqa: N818 - the user's wish, not a fault
    """The user cancelled the work; nothing was left half-written."""


def reason(error: BaseException) -> str:
    """Return what a library's error says, on one short line; its kind, where it says nothing."""
    said = " ".join(str(error).split())
    return (said if len(said) <= 200 else said[:197] + "...") or type(error).__name__
