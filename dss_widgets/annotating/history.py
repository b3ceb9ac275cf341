"""What was done to a document, to be undone and done again without limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dss_widgets.annotating.document import Change, Document
from dss_widgets.dataset.annotations.annotations import Category


@dataclass(frozen=True)
class _Done:
    change: Change
    song_types: Mapping[str, Category]
    declared: frozenset[str]


class History:
    """Keeps changes, not documents: a long day of edits takes little memory.

    A document that is reached is only taken (:meth:`record`, :meth:`undone`, :meth:`redone`) once it has been kept in its file.
    """

    def __init__(self) -> None:
        self._done: list[_Done] = []
        self._undone: list[_Done] = []

    def record(self, change: Change, before: Document) -> None:
        """Take a change that was made; what was undone before is forgotten."""
        self._done.append(_Done(change, before.song_types, before.declared))
        self._undone.clear()

    @property
    def undo(self) -> Change | None:
        """What would be undone; None: nothing."""
        return self._done[-1].change if self._done else None

    @property
    def redo(self) -> Change | None:
        """What would be done again; None: nothing."""
        return self._undone[-1].change if self._undone else None

    def before(self, document: Document) -> Document:
        """Return the document without the last change; there is one."""
        last = self._done[-1]
        return last.change.taken_back(document, replace(document, song_types=last.song_types, declared=last.declared))

    def undone(self) -> None:
        """Take it that the last change was undone."""
        self._undone.append(self._done.pop())

    def redone(self) -> None:
        """Take it that the last change that was undone was made again."""
        self._done.append(self._undone.pop())
