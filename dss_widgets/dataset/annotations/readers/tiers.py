"""Tiers: what tools that annotate several layers at once call a layer, and which of them annotate the song."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.name_columns import OPTION
from dss_widgets.dataset.annotations.readers.columns import or_unnamed
from dss_widgets.errors import Problem

_SAME_SECONDS, _NEARLY_ALL = 1e-3, 0.9
"""Times that differ by less are one; stretches of two tiers that coincide to this share are the same song."""


@dataclass
class Tier:
    """A tier and what is named in it.

    Attributes:
        name: its name.
        details: the name of the tier that it says more about, or None: such a tier counts only if it is chosen.
        entries: name, start and stop in seconds of each annotation; points stop where they start.
        rows: the line of the file of each of them; 0 where a file has no lines.
    """

    name: str
    details: str | None = None
    entries: list[tuple[str, float, float]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def reading_of(file: AnnotationFile, tiers: Sequence[Tier]) -> Reading:
    """Return what tiers annotate: those that people chose, else all that say something of their own.

    A tier that divides the stretches of another one into parts, or names them in another way, would mark all song twice: of
    such tiers, the first is read. Tiers that are there for one song type each, and are called like it, are all read. Where
    there is a choice, a notice tells what was read.
    """
    named = [tier for tier in tiers if tier.entries]
    wanted = {name.strip().casefold() for name in file.choices.names_from}
    chosen = [tier for tier in named if tier.name.strip().casefold() in wanted]
    read = chosen or list(_of_their_own(named))
    names = or_unnamed([name for tier in read for name, _, _ in tier.entries])
    places = [(start, stop, row) for tier in read for (_, start, stop), row in zip(tier.entries, tier.rows, strict=True)]
    marks = Marks(file.name)
    for name, (start, stop, row) in zip(names, places, strict=True):
        marks.add(name, start, stop, row=row)
    return replace(marks.reading(), notices=tuple(_told(file, named, read, bool(chosen))))


def _of_their_own(tiers: Iterable[Tier]) -> Iterator[Tier]:
    kept = list[Tier]()
    for tier in tiers:
        if tier.details is None and (_is_of_one_type(tier) or not any(_mark_the_same(tier, other) for other in kept)):
            kept.append(tier)
            yield tier


def _is_of_one_type(tier: Tier) -> bool:
    """Return whether a tier is there for one song type: everything in it is called what the tier is called."""
    names = {name for name, _, _ in tier.entries}
    return len(names) == 1 and re.fullmatch(rf"{re.escape(min(names))}( \d+)?", tier.name) is not None


def _mark_the_same(one: Tier, other: Tier) -> bool:
    """Return whether nearly all stretches of the tier with fewer of them begin and end where some of the other do."""
    few, many = sorted((one, other), key=lambda tier: len(tier.entries))
    matches = []
    for end in (1, 2):
        among = np.sort([entry[end] for entry in many.entries])
        times = np.array([entry[end] for entry in few.entries])
        nearest = np.searchsorted(among, times - _SAME_SECONDS).clip(max=len(among) - 1)
        matches.append(np.abs(among[nearest] - times) <= _SAME_SECONDS)
    return bool(np.mean(matches[0] & matches[1]) > _NEARLY_ALL)


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
