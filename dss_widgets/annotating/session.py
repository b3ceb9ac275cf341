"""A recording's labels at work: edited, undone, and kept in files after every change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dss_widgets.annotating.beside import digest, keep, one_at_a_time, remove, why_read_only, write
from dss_widgets.annotating.definitions_file import DefinitionsFile
from dss_widgets.annotating.document import Change, Document, in_order
from dss_widgets.annotating.edits import Edit
from dss_widgets.annotating.history import History
from dss_widgets.annotating.proposals import Proposals, TakeProposals
from dss_widgets.annotating.reading import Files, Stamps, definitions_path, load, review_path, stamps, table_path
from dss_widgets.annotating.review_file import Review
from dss_widgets.dataset.annotations.annotations import Category
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.errors import DataError, EditError
from dss_widgets.whole_files import remove_leftovers_of


@dataclass(frozen=True)
class Conflict:
    """The files were changed elsewhere, beside edits made here: one of the two has to be chosen.

    Attributes:
        theirs: the labels as they are in the files; None: those cannot be read.
        kept: where the labels of here are kept until then.
        words: what has happened.
    """

    theirs: Document | None
    kept: Path | None
    words: str


class Session:
    """Edits the labels of a recording; after each edit they lie in the files beside it.

    ``<recording>_annotations.csv`` holds the labels that count, as DAS has them; ``<recording>_annotations.review.json`` the
    proposals with their states. Whatever somebody else wrote is kept beside as ``NAME.kept-N`` before it is replaced for the
    first time, and is never replaced where it came while the labels were open here. The recording itself is only read.

    Args:
        recording: the audio file.
        song_types: what labels may be called besides the types that occur, in the order of their keys.

    Raises:
        DataError: the recording or its labels cannot be read.

    Attributes:
        recording: the recording.
        document: its labels.
        history: what can be undone and done again.
        conflict: what has to be chosen before anything else; None: nothing.
        loaded: the labels as they were read last.
        kept: the file that holds what somebody else wrote, as it was before it was replaced here; None: nothing was.

    Example:
        >>> from dss_widgets.annotating.edits import Make
        >>> session = Session("new_recordings/bird-A_01.wav", {"whine": "segment"})
        >>> session.do(Make("whine", 0.5, 0.6)).words
        'add ‘whine’'
        >>> session.undo().words
        'add ‘whine’'
    """

    def __init__(self, recording: str | os.PathLike[str], song_types: Mapping[str, Category] | None = None) -> None:
        self.recording = open_recording(recording)
        self._path = self.recording.path
        self._offered = dict(song_types or {})
        self.conflict: Conflict | None = None
        self.kept: Path | None = None
        remove_leftovers_of(self.table, review_path(self._path))
        self._load()

    def _load(self) -> None:
        seen = stamps(self._path)  # before anything is read: what comes while it is read is something else to look at
        loaded = load(self.recording, self._offered)
        self.loaded, self.document, self.history, self.conflict = loaded, loaded.document, History(), None
        self._known, self._source = loaded.files, loaded.review.source
        self._ours = {loaded.review.table} - {""}
        self._definitions = DefinitionsFile(definitions_path(self._path))
        self._seen: Stamps | None = seen

    # --- what may be done

    @property
    def table(self) -> Path:
        """Where the labels are kept."""
        return table_path(self._path)

    def why_not(self) -> str:
        """Return why nothing can be edited, as a sentence; '' if it can."""
        if self.conflict is not None:
            return self.conflict.words
        if not self._path.is_file():
            return f"{self._path.name} is not there any more. Its labels stay as they are in {self.table.name}."
        return why_read_only(self.table)

    # --- what is done

    def do(self, edit: Edit) -> Change:
        """Do an edit and keep what comes of it.

        Raises:
            EditError: it cannot be done, or nothing can be edited; the labels are as they were.
            DataError: the files cannot be written; the labels are as they were.
        """
        self._check()
        change = edit.change(self.document)
        if not change.is_empty:
            after = change.of(self.document)
            self._keep(after)
            self.history.record(change, self.document)
            self.document = after
        return change

    def take_proposals(self, proposals: Proposals) -> Change:
        """Put a network's proposals beside the labels; raises as :meth:`do`."""
        before, self._source = self._source, proposals.source
        try:
            return self.do(TakeProposals(proposals))
        except (EditError, DataError):
            self._source = before
            raise

    def undo(self) -> Change:
        """Undo the last edit; raises as :meth:`do`."""
        self._check()
        change = self.history.undo
        if change is None:
            raise EditError("There is nothing to undo.")
        before = self.history.before(self.document)
        self._keep(before)
        self.history.undone()
        self.document = before
        return change

    def redo(self) -> Change:
        """Do again what was undone last; raises as :meth:`do`."""
        self._check()
        change = self.history.redo
        if change is None:
            raise EditError("There is nothing to do again.")
        after = change.of(self.document)
        self._keep(after)
        self.history.redone()
        self.document = after
        return change

    def _check(self) -> None:
        why = self.why_not()
        if why:
            raise EditError(why)

    # --- files

    def _keep(self, document: Document) -> None:
        """Write what a document holds, if the files are as they were left."""
        with one_at_a_time(self._path.parent):
            there = Files.of(self._path)
            if there != self._known:
                self._met(there)
                raise EditError(self.why_not())
            self._write(document)

    def _write(self, document: Document) -> None:
        """Write what a document holds over what is known to be there; the lock is held."""
        before, after = self._known, self._contents(document)
        if before.table != after.table:
            if before.table is not None and digest(before.table) not in self._ours:
                self.kept = keep(self.table, before.table)
            _put(self.table, after.table)
            self._ours.add(digest(after.table))
        self._known = replace(before, table=after.table)
        if before.review != after.review:
            _put(review_path(self._path), after.review)
        self._known = after
        self._define(document)
        self._seen = None  # a stamp taken here could be of what others have written since

    def _contents(self, document: Document) -> Files:
        """Return what the files hold of a document; of that which was read, the very bytes that were read."""
        if document.says_the_same(self.loaded.document):
            return self.loaded.files
        table: bytes | None = self.loaded.cells.text(document, self.loaded.row_of).encode()
        if table == _EMPTY and self.loaded.files.table is None:
            table = None
        proposals = tuple(in_order(label for label in document.labels.values() if label.is_proposal))
        return Files(table, Review(proposals, digest(table), self._source).content())

    def _define(self, document: Document) -> None:
        """Tell the categories of types that were added, where there is a file for them."""
        new = [name for name in document.song_types if name in document.declared - self.loaded.document.declared]
        self._definitions.add({name: document.song_types[name] for name in new})

    # --- others

    def look(self) -> bool:
        """Look whether the files were changed elsewhere; returns whether there is something else to show.

        Where nothing was edited here, what is there is taken; else a choice has to be made.
        """
        seen = stamps(self._path)
        if self.conflict is not None or seen == self._seen:
            return False
        try:
            there = Files.of(self._path)
            if there == self._known:
                self._seen = seen
                return False
            if self.history.undo is None and self.history.redo is None:
                self._load()
                return True
        except DataError:
            return False
        self._met(there)
        return True

    def _met(self, there: Files) -> None:
        """Take it that others have changed the files; what they replaced is kept."""
        kept = None
        with suppress(DataError):
            if self._known.table is not None and self._known.table != there.table:
                kept = keep(self.table, self._known.table)
            if self._known.review is not None and self._known.review != there.review:
                keep(review_path(self._path), self._known.review)
        try:
            theirs = load(self.recording, self._offered).document
        except DataError:
            theirs = None
        what = "was deleted" if there.table is None and self._known.table is not None else "was changed"
        words = f"{self.table.name} {what} elsewhere while it was open here: choose which of the two goes on."
        self.conflict = Conflict(theirs, kept, words)

    def keep_mine(self) -> Path | None:
        """Go on with the labels of here; returns where those from elsewhere are kept.

        Raises:
            DataError: the files cannot be written.
        """
        with one_at_a_time(self._path.parent):
            there = Files.of(self._path)
            kept = None
            if there.table is not None and there.table != self._known.table:
                kept = keep(self.table, there.table)
            if there.review is not None and there.review != self._known.review:
                keep(review_path(self._path), there.review)
            self._known = there
            self._ours.add(digest(there.table))
            self._write(self.document)
            self.conflict = None
        return kept

    def take_theirs(self) -> Path | None:
        """Go on with the labels from elsewhere; returns where those of here are kept.

        Raises:
            DataError: they cannot be read.
        """
        kept = self.conflict.kept if self.conflict is not None else None
        self._load()
        return kept


_EMPTY = b"name,start_seconds,stop_seconds\n"


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        remove(path)
    else:
        write(path, content)
