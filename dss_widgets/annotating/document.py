"""All labels of a recording, and changes of them that can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dss_widgets.annotating.labels import Label
from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.errors import EditError


@dataclass(frozen=True)
class Document:
    """The labels of a recording.

    Attributes:
        seconds: duration of the recording.
        least_seconds: no edit makes a segment shorter than that.
        labels: by their numbers.
        song_types: what labels may be called, with its category, in the order of their keys.
        declared: those of ``song_types`` that the recording's own file knows, whether they occur or not.
        next_id: the number of the next label that is made.
    """

    seconds: float
    least_seconds: float = 1e-4
    labels: Mapping[int, Label] = field(default_factory=dict)
    song_types: Mapping[str, Category] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    next_id: int = 1

    def chosen(self, ids: Iterable[int]) -> list[Label]:
        """Return labels in the order of time.

        Raises:
            EditError: none is named, or one is not there (any more).
        """
        found = [self.labels.get(number) for number in dict.fromkeys(ids)]
        if not found or None in found:
            raise EditError("Select a label first." if not found else "This label is not there any more.")
        return in_order(label for label in found if label is not None)

    def in_order(self) -> list[Label]:
        """Return all labels in the order of time."""
        return in_order(self.labels.values())

    def counting(self) -> list[Label]:
        """Return those that count as annotations, in the order of time."""
        return in_order(label for label in self.labels.values() if label.counts)

    def n_open(self) -> int:
        """Return how many proposals nobody has looked at."""
        return sum(label.state == "open" for label in self.labels.values())

    def annotations(self) -> Annotations:
        """Return the labels that count."""
        labels = self.counting()
        occurring = {label.name for label in labels}
        found = Annotations.of([(label.name, label.start_seconds, label.stop_seconds) for label in labels])
        unused = {name: kind for name, kind in self.song_types.items() if name in self.declared - occurring}
        return replace(found, declared=unused)

    def says_the_same(self, other: Document) -> bool:
        """Return whether another document has the same labels and song types."""
        return self.labels == other.labels and self.song_types == other.song_types and self.declared == other.declared


def in_order(labels: Iterable[Label]) -> list[Label]:
    """Return labels by onset, offset and name."""
    return sorted(labels, key=lambda label: (label.start_seconds, label.stop_seconds, label.name, label.id))


@dataclass(frozen=True)
class Change:
    """What an edit does to a document; taken back, the labels are the very same as before.

    Attributes:
        words: what it does, such as ``move 3 labels``.
        before: labels that are replaced or deleted, as they were.
        after: labels that take their places or are new.
        new_types: song types that become known.
    """

    words: str
    before: tuple[Label, ...] = ()
    after: tuple[Label, ...] = ()
    new_types: Mapping[str, Category] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether everything stays as it is."""
        return self.before == self.after and not self.new_types

    def of(self, document: Document) -> Document:
        """Return the document after the change."""
        labels = self._exchanged(document.labels, self.before, self.after)
        occurring = {label.name for label in self.after if label.counts}
        return replace(
            document, labels=labels, song_types={**document.song_types, **self.new_types},
            declared=document.declared | set(self.new_types) | (occurring & set(document.song_types)),
            next_id=max([document.next_id, *(label.id + 1 for label in self.after)]),
        )  # fmt: skip

    def taken_back(self, document: Document, before: Document) -> Document:
        """Return the document without the change.

        Args:
            document: as it is after the change.
            before: as it was before; only its song types are looked at.
        """
        labels = self._exchanged(document.labels, self.after, self.before)
        return replace(document, labels=labels, song_types=before.song_types, declared=before.declared)

    @staticmethod
    def _exchanged(labels: Mapping[int, Label], gone: Iterable[Label], come: Iterable[Label]) -> dict[int, Label]:
        exchanged = dict(labels)
        for label in gone:
            del exchanged[label.id]
        exchanged.update((label.id, label) for label in come)
        return exchanged


def categories(annotations: Annotations) -> dict[str, Category]:
    """Return the song types of annotations, sorted: events are those whose rows all stop where they start."""
    lasts: dict[str, bool] = {}
    lasting: np.ndarray = annotations.stop_seconds > annotations.start_seconds
    for name, this in zip(annotations.names.tolist(), lasting.tolist(), strict=True):
        lasts[name] = lasts.get(name, False) or this
    found: dict[str, Category] = {name: "segment" if is_long else "event" for name, is_long in lasts.items()}
    return dict(sorted({**annotations.declared, **found}.items()))
