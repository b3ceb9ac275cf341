"""Tiers: what tools that annotate several layers at once call a layer, and which of them annotate the song."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.name_columns import OPTION
from dss_widgets.dataset.annotations.readers.columns import or_unnamed
from dss_widgets.errors import Problem


@dataclass
class Tier:
    """A tier and what is named in it.

    Attributes:
        name: its name.
        details: the name of the tier that it says more about, or None: such a tier counts only if it is chosen.
        entries: name, start and stop in seconds of each annotation; points stop where they start.
        rows: the line of the file of each of them.
    """

    name: str
    details: str | None = None
    entries: list[tuple[str, float, float]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def reading_of(file: AnnotationFile, tiers: Sequence[Tier]) -> Reading:
    """Return what tiers annotate: those that people chose, else all that say no more about another tier.

    Where there is a choice, a warning tells what was read.
    """
    named = [tier for tier in tiers if tier.entries]
    wanted = {name.strip().casefold() for name in file.choices.names_from}
    chosen = [tier for tier in named if tier.name.strip().casefold() in wanted]
    read = chosen or [tier for tier in named if tier.details is None]
    names = or_unnamed([name for tier in read for name, _, _ in tier.entries])
    places = [(start, stop, row) for tier in read for (_, start, stop), row in zip(tier.entries, tier.rows, strict=True)]
    marks = Marks(file.name)
    for name, (start, stop, row) in zip(names, places, strict=True):
        marks.add(name, start, stop, row=row)
    return marks.reading(list(_told(file, named, read, bool(chosen))))


def _told(file: AnnotationFile, named: Sequence[Tier], read: Sequence[Tier], is_chosen: bool) -> Iterator[Problem]:
    left = [tier.name for tier in named if tier not in read]
    if is_chosen or (len(named) < 2 and not file.choices.names_from):
        return
    told = f"has the tiers {_list(tier.name for tier in named)}"
    if file.choices.names_from:
        told = f"has no tier {_list(file.choices.names_from)}"
    taken = f"taken {'is' if len(read) == 1 else 'are'} {_list(tier.name for tier in read)}"
    yield Problem(
        f"{told}: {taken}{f', not {_list(left)}' if left else ''}.",
        f"If that is not right, choose another under '{OPTION}'.",
        severity="warning",
        file=file.name,
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names)) or "none"
