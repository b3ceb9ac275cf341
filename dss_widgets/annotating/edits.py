"""Edits of labels: what each does to a document, or why it cannot be done."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dss_widgets.annotating.document import Change, Document, in_order
from dss_widgets.annotating.labels import Label, State, new_name
from dss_widgets.dataset.annotations.annotations import Category
from dss_widgets.errors import EditError

_DIGITS = 7
"""Of seconds: a tenth of a microsecond."""


class Edit(Protocol):
    """Something to do with labels."""

    def change(self, document: Document) -> Change:
        """Return what it does to a document; raises EditError where it cannot be."""


@dataclass(frozen=True)
class Make:
    """A person's new label; an event lies at its start."""

    name: str
    start_seconds: float
    stop_seconds: float

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        category = _category(document, self.name)
        start, stop = sorted(_rounded(_finite(edge), document.seconds) for edge in (self.start_seconds, self.stop_seconds))
        if category == "event":
            stop = start
        elif stop - start < document.least_seconds:
            raise EditError(f"‘{self.name}’ is a segment: drag from its onset to its offset, or select a longer stretch first.")
        return Change(f"add ‘{self.name}’", after=(Label(document.next_id, self.name, start, stop),))


@dataclass(frozen=True)
class Move:
    """Labels moved together, as far as there is sound."""

    ids: tuple[int, ...]
    by_seconds: float

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels = document.chosen(self.ids)
        earliest = -min(label.start_seconds for label in labels)
        latest = max(0.0, document.seconds - max(label.stop_seconds for label in labels))
        by = min(max(_finite(self.by_seconds), min(0.0, earliest)), latest)
        return _changed("move", labels, [_moved(label, by, document.seconds) for label in labels])


def _moved(label: Label, by: float, seconds: float) -> Label:
    latest = max(seconds, label.stop_seconds)
    start, stop = (_rounded(edge + by, latest) for edge in (label.start_seconds, label.stop_seconds))
    return replace(label, start_seconds=start, stop_seconds=stop)


@dataclass(frozen=True)
class Stretch:
    """Edges of segments moved, each segment's by as much; none becomes too short to be one, or leaves the recording."""

    ids: tuple[int, ...]
    start_by_seconds: float = 0.0
    stop_by_seconds: float = 0.0

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels = [label for label in document.chosen(self.ids) if label.seconds > 0]
        if not labels:
            raise EditError("An event has no edges. Move it instead.")
        start_by, stop_by = _finite(self.start_by_seconds), _finite(self.stop_by_seconds)
        return _changed("stretch", labels, [_stretched(label, start_by, stop_by, document) for label in labels])


def _stretched(label: Label, start_by: float, stop_by: float, document: Document) -> Label:
    least, latest = min(document.least_seconds, label.seconds), max(document.seconds, label.stop_seconds)
    start, stop = label.start_seconds, label.stop_seconds
    if start_by:
        start = _rounded(min(start + start_by, stop - least), latest)
    if stop_by:
        stop = _rounded(max(stop + stop_by, start + least), latest)
    return replace(label, start_seconds=start, stop_seconds=stop)


@dataclass(frozen=True)
class Split:
    """Segments cut in two where a time lies within them."""

    ids: tuple[int, ...]
    at_seconds: float

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        at = _rounded(_finite(self.at_seconds), document.seconds)
        labels = [
            label for label in document.chosen(self.ids)
            if label.start_seconds + document.least_seconds <= at <= label.stop_seconds - document.least_seconds
        ]  # fmt: skip
        if not labels:
            raise EditError("Put the cursor into a selected segment: it is split there.")
        left = [replace(label, stop_seconds=at) for label in labels]
        right = [replace(label, start_seconds=at, id=document.next_id + i) for i, label in enumerate(labels)]
        return Change(f"split {_words(labels)}", tuple(labels), (*map(_touched, left), *map(_touched, right)))


@dataclass(frozen=True)
class Merge:
    """Segments made one, from the first onset to the last offset, with the name of the first."""

    ids: tuple[int, ...]

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels = document.chosen(self.ids)
        if len(labels) < 2:
            raise EditError("Select two segments or more to merge them.")
        if any(_category(document, label.name) == "event" for label in labels):
            raise EditError("Events are points in time and cannot be merged. Delete those that are too many.")
        stop = max(label.stop_seconds for label in labels)
        one = replace(labels[0], stop_seconds=stop, probability=None)
        state: State = "changed" if any(label.is_proposal for label in labels) else "human"
        return Change(f"merge {_words(labels)}", tuple(labels), (replace(one, state=state),))


@dataclass(frozen=True)
class Relabel:
    """Labels given the name of another song type of the same category."""

    ids: tuple[int, ...]
    name: str

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels, category = document.chosen(self.ids), _category(document, self.name)
        for label in labels:
            if _category(document, label.name) != category:
                is_, was = ("an event", "a segment") if category == "event" else ("a segment", "an event")
                raise EditError(f"‘{self.name}’ is {is_} and ‘{label.name}’ {was}. Delete the label and make one anew.")
        return _changed(f"rename to ‘{self.name}’:", labels, [replace(label, name=self.name) for label in labels])


@dataclass(frozen=True)
class Delete:
    """Labels of people deleted; proposals are rejected, so that they are not proposed again."""

    ids: tuple[int, ...]

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels = document.chosen(self.ids)
        rejected = tuple(replace(label, state="rejected") for label in labels if label.is_proposal)
        return Change(f"delete {_words(labels)}", tuple(labels), rejected)


@dataclass(frozen=True)
class Approve:
    """Proposals that are right."""

    ids: tuple[int, ...]

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels = [label for label in document.chosen(self.ids) if label.state in ("open", "rejected")]
        if not labels:
            raise EditError("There is no open proposal among the selected labels.")
        return _approved(labels)


@dataclass(frozen=True)
class Reject:
    """Proposals that are wrong: they do not count, and are not proposed again."""

    ids: tuple[int, ...]

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        labels = [label for label in document.chosen(self.ids) if label.is_proposal]
        if not labels:
            raise EditError("There is no proposal among the selected labels. Delete removes labels that people made.")
        return Change(f"reject {_words(labels)}", tuple(labels), tuple(replace(label, state="rejected") for label in labels))


@dataclass(frozen=True)
class ApproveWithin:
    """All open proposals that lie in a stretch, at least partly, approved."""

    start_seconds: float
    stop_seconds: float

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        start, stop = _finite(self.start_seconds), _finite(self.stop_seconds)
        within = (label for label in _open(document) if label.stop_seconds >= start and label.start_seconds <= stop)
        return _approved_all(within, "There is no open proposal in view.")


@dataclass(frozen=True)
class ApproveAbove:
    """All open proposals of the recording with at least this probability approved."""

    probability: float

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        least = _finite(self.probability)
        surest = (label for label in _open(document) if label.probability is not None and label.probability >= least)
        return _approved_all(surest, f"There is no open proposal with a probability of {least:g} or more.")


@dataclass(frozen=True)
class AddType:
    """A song type made known."""

    name: str
    category: Category

    def change(self, document: Document) -> Change:
        """Return what it does to a document."""
        name = new_name(self.name)
        if self.category not in ("event", "segment"):
            raise EditError("A song type is an event (a point in time) or a segment (a stretch of time).")
        if name in document.song_types:
            raise EditError(f"There is a song type ‘{name}’ already.")
        return Change(f"add the song type ‘{name}’", new_types={name: self.category})


def _open(document: Document) -> list[Label]:
    return in_order(label for label in document.labels.values() if label.state == "open")


def _approved_all(labels: Iterable[Label], otherwise: str) -> Change:
    found = list(labels)
    if not found:
        raise EditError(otherwise)
    return _approved(found)


def _approved(labels: Sequence[Label]) -> Change:
    return Change(f"approve {_words(labels)}", tuple(labels), tuple(replace(label, state="approved") for label in labels))


def _changed(does: str, before: Sequence[Label], after: Sequence[Label]) -> Change:
    """Return a change of labels, without those that stay as they are."""
    pairs = [(was, is_) for was, is_ in zip(before, after, strict=True) if was != is_]
    return Change(f"{does} {_words(before)}", tuple(was for was, _ in pairs), tuple(_touched(is_) for _, is_ in pairs))


def _touched(label: Label) -> Label:
    return replace(label, state="changed") if label.is_proposal else label


def _words(labels: Sequence[Label]) -> str:
    return f"‘{labels[0].name}’" if len(labels) == 1 else f"{len(labels):,} labels"


def _category(document: Document, name: str) -> Category:
    if name not in document.song_types:
        raise EditError(f"There is no song type ‘{name}’. Add it first.")
    return document.song_types[name]


def _finite(seconds: float) -> float:
    if not math.isfinite(seconds):
        raise EditError("This is no time.")
    return seconds


def _rounded(seconds: float, latest: float) -> float:
    """Return a time within 0 and the latest one, without digits that nobody means."""
    return float(max(0.0, min(round(seconds, _DIGITS), latest)))
