"""Which column of a table holds the names of song types: found by itself, or chosen, and told where it is not plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dss_widgets.dataset.annotations.headings import NAMES, REMARKS, Heading
from dss_widgets.dataset.annotations.time_cells import is_time
from dss_widgets.errors import Problem

OPTION = "Column with the names"

_MANY_NUMBERS = 0.5
"""A column under an unknown heading holds codes, not counts, if it repeats at least so much of its numbers."""


@dataclass(frozen=True)
class NameColumn:
    """The column with the names.

    Attributes:
        index: which it is; None: what is marked has no names.
        notices: what to tell about it, without file.
    """

    index: int | None
    notices: tuple[Problem, ...] = ()


def name_column(
    header: Sequence[str], headings: Sequence[Heading], rows: Sequence[Sequence[str]], chosen: Sequence[str], *, plain: bool
) -> NameColumn:
    """Find the column with the names.

    Every column may be it that has words in it and no other meaning. Of several, one with a heading that is known for names
    comes first, then the one further left; columns with remarks come last.

    Args:
        header: the headings, as they are written.
        headings: the same, taken apart.
        headings: the same, taken apart.
        rows: all other rows, as long as the header.
        chosen: headings that people chose, the first that occurs counts.
        plain: the format says that its names are under ``label``; nothing else is looked for.
    """
    for wanted in chosen:
        for i, text in enumerate(header):
            if text.strip().casefold() == wanted.strip().casefold():
                return NameColumn(i)
    if plain:
        found = [i for i, heading in enumerate(headings) if heading.words == "label"]
    else:
        found = sorted(_candidates(headings, rows), key=lambda i: _rank(headings[i]))
    index = found[0] if found else None
    notices = []
    if chosen and not plain:
        told = "there are no names" if index is None else f"its names are those under {header[index]!r}"
        notices.append(_notice(f"has no column {' or '.join(map(repr, chosen))}: {told}."))
    elif len(found) > 1:
        others = ", ".join(repr(header[i]) for i in found[1:])
        notices.append(_notice(f"has several columns that can be names: taken is {header[found[0]]!r}, not {others}."))
    elif index is not None and headings[index].words not in NAMES:
        notices.append(_notice(f"has its names, it seems, under {header[index]!r}."))
    elif index is None and not plain:
        codes = [header[i] for i in _columns_of_codes(headings, rows)]
        if codes:
            told = ", ".join(map(repr, codes))
            notices.append(_notice(f"has no names; the numbers under {told} may stand for some."))
    return NameColumn(index, tuple(notices))


def _notice(message: str) -> Problem:
    return Problem(message, f"If that is not right, choose another under '{OPTION}'.", severity="warning")


def _rank(heading: Heading) -> tuple[int, int]:
    if heading.words in NAMES:
        return 0, NAMES.index(heading.words)
    return (2, 0) if heading.words in REMARKS else (1, 0)


def _cells(rows: Sequence[Sequence[str]], i: int) -> list[str]:
    return [cell for row in rows if (cell := row[i].strip())]


def _candidates(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> list[int]:
    found = []
    for i, heading in enumerate(headings):
        if heading.may_be_names:
            cells = _cells(rows, i)
            if cells and (heading.words in NAMES or not all(map(is_time, set(cells)))):
                found.append(i)
    return found


def _columns_of_codes(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return columns of whole numbers that repeat, under headings that are not known."""
    found = []
    known = [heading.words for heading in headings]
    for i, heading in enumerate(headings):
        cells = _cells(rows, i) if heading.may_be_names and heading.words and known.index(heading.words) == i else []
        if 1 < len(set(cells)) <= _MANY_NUMBERS * len(cells) and all(cell.isdecimal() for cell in cells):
            found.append(i)
    return found
