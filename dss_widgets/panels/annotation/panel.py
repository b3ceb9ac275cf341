"""The annotation panel: recordings to listen to, to annotate from nothing, and to correct what a network proposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Select, VBox

from dss_widgets.annotating import Session, read_proposals
from dss_widgets.annotating.looked_through import LookedThrough
from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import DataError, Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.annotation.conflict import ConflictBar
from dss_widgets.panels.annotation.here import ToCorrect
from dss_widgets.panels.annotation.recordings import Listed, Listing, list_recordings
from dss_widgets.panels.annotation.walk import Walk
from dss_widgets.panels.background import Latest, Ticker
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.page_request import this_request
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.style.theme import classed, empty, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape, problem_list
from dss_widgets.results.annotation_files import annotations_folder
from dss_widgets.review import Stretch
from dss_widgets.roots import why_refused


class AnnotationPanel(Panel):
    """Listen to recordings, annotate them, correct what a network proposes; every change is kept at once.

    Args:
        recordings: a folder of recordings, or one recording; left out, what the link, the environment or the last visit says.
        proposals: a folder with a network's predictions (``*_annotations.csv``); those of a recording are proposed when it is
            opened.
        stretches: where to look, one after the other, such as :mod:`dss_widgets.review` finds.

    Attributes:
        recordings: the folder or recording, as text.
        proposals: the folder with predictions, as text.
        stretches: where to look.
        recording: path of the recording that is shown; '' for none.
        editor: the sound with its labels; its ``session`` is what is edited.

    Example:
        >>> AnnotationPanel("new_recordings")
    """

    recordings = t.Unicode()
    proposals = t.Unicode()
    stretches = t.Tuple()
    recording = t.Unicode()

    def __init__(
        self, recordings: str | PathLike[str] = "", proposals: str | PathLike[str] = "", stretches: Sequence[Stretch] = ()
    ) -> None:
        from dss_widgets.panels.annotation.editor import LabelEditor  # not before there is sound to be seen

        recordings = str(recordings) or (str(Path(stretches[0].recording).parent) if stretches else "")
        self._listing, self._listed, self._latest, self._is_listing = Listing(), dict[str, Listed](), Latest(), False
        self._then: Callable[[], object] = self._open_first
        self._pending: Callable[[], object] | None = None
        self.folder_field = FolderField(_RECORDINGS, recordings)
        self.proposals_field = FolderField(_PROPOSALS, str(proposals))
        self.choice = classed(Select(description="Recordings", rows=16, layout=plain_layout()), "dss-annotate-list")
        self.editor = LabelEditor()
        self.walk, self._looked_through = Walk(), LookedThrough()
        self.conflict = ConflictBar(self.editor)
        self._empty: HTML = text(_NOTHING)
        self._said: HTML = text("", "dss-annotate-said")
        self._kept: HTML = text("", "dss-annotate-kept")
        super().__init__(self._arranged(), "dss-annotation-panel")
        self._connect()
        self.recordings, self.proposals = recordings, str(proposals)
        self.stretches = tuple(stretches)
        if not recordings:
            self._as_asked()
        elif not stretches:
            self._list()

    def _arranged(self) -> list[Any]:
        fields = classed(Box([self.folder_field, self.proposals_field], layout=plain_layout()), "dss-annotate-fields")
        where = classed(VBox([fields], layout=plain_layout()), "dss-card")
        side = classed(
            VBox([self.choice, self.walk], layout=plain_layout()), "dss-card", "dss-stack-tight", "dss-annotate-side"
        )
        parts = [self._empty, self.conflict, self._said, self.editor, self._kept]
        main = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight", "dss-annotate-main")
        return [where, classed(Box([side, main], layout=plain_layout()), "dss-annotate")]

    def _connect(self) -> None:
        t.link((self, "recordings"), (self.folder_field, "value"))
        t.link((self, "proposals"), (self.proposals_field, "value"))
        t.link((self, "stretches"), (self.walk, "stretches"))
        self.observe(lambda _: self._list(), "recordings")
        self.observe(lambda _: self._propose(), "proposals")
        self.choice.observe(self._chosen, "value")
        self.walk.observe(lambda _: self._go_to_stretch(), ["shown"])
        self.walk.observe(lambda change: self._keep_passed(change.new), ["passed"])
        self.editor.walk = self.walk.go
        self.editor.observe(lambda _: self._changed(), "n_changes")
        self._every(Ticker(self.look, 1.0)).start()

    def _as_asked(self) -> None:
        """Open what the link, the environment or the last visit says."""
        request = this_request()
        self.tell(request.problems())
        run = request.find_run()
        if request.folder and run is not None:
            self.proposals = str(annotations_folder(run.stem, request.folder))
        self.recordings = request.folder

    def correct(self, wanted: ToCorrect) -> None:
        """Go on with other recordings, proposals and places to look."""
        self.stretches, self.recording = (), ""
        self._nothing("")
        self.proposals = wanted.proposals
        if self.recordings == wanted.recordings:
            self._list()
        self.recordings = wanted.recordings
        self.stretches = wanted.stretches
        self.walk.go(wanted.place)

    # --- which recording

    def _list(self) -> None:
        """Look through the folder, then open its first recording, or do what is pending."""
        self._then, self._pending = self._pending or self._open_first, None
        if not self.recordings or why_refused(self.recordings):
            self._show_listing(Listing())
            return
        place = self.recordings
        self._latest.run(lambda: list_recordings(place), self._show_listing, self._not_listed)

    def _show_listing(self, listing: Listing) -> None:
        self._listing = listing
        self._listed = {str(listed.path): listed for listed in listing.recordings}
        self._offer()
        self._then()
        if not self._listed:
            self._nothing(_NONE_THERE if self.recordings else _NOTHING)

    def _not_listed(self, error: Exception) -> None:
        self._show_listing(Listing())
        put(self._said, problem_list([Problem(str(error))]))

    def _offer(self) -> None:
        """Bring the list in step."""
        options = [(listed.words, path) for path, listed in self._listed.items()]
        chosen = self.recording if self.recording in self._listed else None
        if tuple(options) != tuple(self.choice.options) or self.choice.value != chosen:
            self._is_listing = True
            with self.choice.hold_trait_notifications():
                self.choice.options = options
                self.choice.rows = min(16, max(3, len(options)))
                self.choice.value = chosen
            self._is_listing = False
        show(self.choice, bool(options))

    def _open_first(self) -> None:
        if self.recording not in self._listed and self._listed:
            self.show_recording(next(iter(self._listed)))

    def _chosen(self, change: t.Bunch) -> None:
        if change.new and not self._is_listing and change.new != self.recording:
            self.show_recording(change.new)

    def show_recording(self, recording: str | PathLike[str], start_seconds: float = 0.0, seconds: float | None = None) -> None:
        """Show a recording.

        Args:
            recording: the audio file.
            start_seconds: what is shown first.
            seconds: how much is shown; None: as much as before.
        """
        path = str(recording)
        before = self.editor.session
        known = {**(self._listing.song_types or {}), **(before.document.song_types if before is not None else {})}
        try:
            session = Session(path, known)
        except DataError as error:
            self.recording = path
            self._nothing("")
            put(self._said, problem_list([Problem(str(error))]))
            return
        self.recording = path
        put(self._empty, "")
        put(self._said, _said_of(session))
        self.editor.edit(session, start_seconds, seconds)
        show(self.editor, True)
        self._propose()
        self._changed()

    def _nothing(self, words: str) -> None:
        self.editor.forget()
        show(self.editor, False)
        put(self._empty, words)
        put(self._kept, "")
        put(self._said, "")
        self.conflict.draw()

    # --- proposals, and where to look

    def _propose(self) -> None:
        """Propose what the network left for the recording, unless that was done before."""
        session = self.editor.session
        if session is None or not self.proposals or why_refused(self.proposals) or session.why_not():
            return
        place = Path(self.proposals).expanduser()
        path = place if place.is_file() else place / f"{Path(self.recording).stem}{SUFFIX}"
        if not path.is_file() or path.resolve() == session.table.resolve() or session.loaded.review.source == str(path.parent):
            return
        try:
            proposals = read_proposals(path)
        except DataError as error:
            put(self._said, problem_list([Problem(str(error))]))
            return
        self.editor.do(lambda: session.take_proposals(proposals))

    def _go_to_stretch(self) -> None:
        stretch = self.walk.shown
        if stretch is None:
            self.editor.mark(None)
            return
        if why_refused(stretch.recording):
            return
        margin = max(0.25, 0.5 * (stretch.stop_seconds - stretch.start_seconds))
        seconds = stretch.stop_seconds - stretch.start_seconds + 2 * margin

        def go() -> None:
            if stretch.recording in self._listed:
                self._looked_through.begin(stretch.recording, self._listed[stretch.recording].n_labels)
            if self.recording != stretch.recording or self.editor.session is None:
                self.show_recording(stretch.recording, stretch.start_seconds - margin, seconds)
                self._offer()
            else:
                self.editor.go_to(stretch.start_seconds - margin, seconds)
            self.editor.mark(stretch)

        folder = str(Path(stretch.recording).parent)
        if stretch.recording in self._listed:
            go()
            return
        self._pending = go
        if self.recordings == folder:
            self._list()
        else:
            self.recordings = folder

    def _keep_passed(self, stretch: Stretch) -> None:
        """Keep that a stretch was looked through, so that what is annotated in it, or is not, can be learned."""
        session = self.editor.session
        if session is None or session.why_not():
            return
        try:
            self._looked_through.add(stretch.recording, stretch.start_seconds, stretch.stop_seconds)
        except DataError as error:
            put(self._said, problem_list([Problem(str(error))]))

    # --- what happens to the labels

    def look(self) -> bool:
        """Look whether files were changed elsewhere; goes on for as long as the panel is open."""
        session = self.editor.session
        if session is not None and (session.look() or session.why_not() != self.editor.why):
            self.editor.refresh()
        return True

    def _changed(self) -> None:
        session = self.editor.session
        if session is None:
            return
        if self.recording in self._listed:
            self._listed[self.recording] = self._listed[self.recording].as_in(session)
            self._offer()
        self.conflict.draw()
        put(self._kept, _kept_words(session))


def _said_of(session: Session) -> str:
    whence, name = session.loaded.whence, session.table.name
    notes = (
        [Problem(f"The labels are those of {whence}.", f"Changes go to {name}; that file stays.", "warning")] if whence else []
    )
    return problem_list([*notes, *(replace(problem, severity="warning") for problem in session.loaded.problems)], limit=5)


def _kept_words(session: Session) -> str:
    why = session.why_not()
    if why and session.conflict is None:
        return problem_list([Problem(why, severity="warning")])
    words = f"Every change is kept at once in <code>{escape(session.table.name)}</code>"
    if session.kept is not None:
        words += f"; the file as it was before is <code>{escape(session.kept.name)}</code>"
    return f'<p class="dss-muted dss-small">{words}.</p>'


_RECORDINGS = replace(
    AssemblyOptions.declared()["data_folder"], label="Recordings", help="Folder with recordings to annotate, or one recording."
)
_PROPOSALS = replace(
    AssemblyOptions.declared()["data_folder"],
    name="proposals_folder", label="Proposals from (optional)",
    help="Folder with a network's predictions for these recordings. They become proposals, to approve, correct or reject.",
)  # fmt: skip
_NOTHING = empty("No recordings yet", "Choose the folder that holds them, or one recording.")
_NONE_THERE = empty("No recordings here", "Choose a folder that holds recordings (wav, flac, ogg, npz, h5 …).")
