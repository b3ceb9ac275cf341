"""The annotation panel: recordings to listen to, to annotate from nothing, and to correct what a network proposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, VBox

from dss_widgets.annotating import Session
from dss_widgets.annotating.looked_through import LookedThrough
from dss_widgets.annotating.reading import Stamps, stamps
from dss_widgets.errors import DataError
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.annotation.conflict import ConflictBar
from dss_widgets.panels.annotation.here import ToCorrect
from dss_widgets.panels.annotation.look_first import LookFirst
from dss_widgets.panels.annotation.predicted import curves_of, proposals_for
from dss_widgets.panels.annotation.recording_list import RecordingList
from dss_widgets.panels.annotation.recordings import folder_of
from dss_widgets.panels.annotation.walk import Walk
from dss_widgets.panels.annotation.words import NONE_THERE, NOTHING, PROPOSED, RECORDINGS, kept_words, said_of
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.counts.panel import SongCounts
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.learning.network_choice import NetworkChoice
from dss_widgets.panels.learning.panel import LearningPanel
from dss_widgets.panels.page_request import this_request
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list
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
        self._pending: Callable[[], object] | None = None
        self._unopened: Stamps | None = None
        self.folder_field = FolderField(RECORDINGS, recordings)
        self.proposals_field = FolderField(PROPOSED, str(proposals))
        self.networks = NetworkChoice()
        self.choice = RecordingList(self._chosen)
        self.editor = LabelEditor()
        self.walk, self._looked_through = Walk(), LookedThrough()
        self.look_first = LookFirst(self.networks, lambda: list(self.choice.listed))
        self.learning, self.counts = LearningPanel(networks=self.networks), SongCounts()
        self.conflict = ConflictBar(self.editor)
        self._empty: HTML = text(NOTHING)
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
        chosen = [self.folder_field, self.networks, self.proposals_field]
        fields = classed(Box(chosen, layout=plain_layout()), "dss-annotate-fields")
        where = classed(VBox([fields], layout=plain_layout()), "dss-card")
        side = classed(
            VBox([self.choice, self.look_first, self.walk], layout=plain_layout()),
            "dss-card",
            "dss-stack-tight",
            "dss-annotate-side",
        )
        parts = [self._empty, self.conflict, self._said, self.editor, self._kept]
        main = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight", "dss-annotate-main")
        counts = classed(VBox([self.counts], layout=plain_layout()), "dss-card", "dss-stack-tight")
        return [where, classed(Box([side, main], layout=plain_layout()), "dss-annotate"), counts, self.learning]

    def _connect(self) -> None:
        t.link((self, "recordings"), (self.folder_field, "value"))
        t.link((self, "proposals"), (self.proposals_field, "value"))
        t.link((self, "stretches"), (self.walk, "stretches"))
        self.observe(lambda _: self._new_recordings(), "recordings")
        self.observe(lambda _: self._new_proposals(), "proposals")
        t.dlink((self, "recordings"), (self.learning, "corrected"), folder_of)
        t.dlink((self, "recordings"), (self.counts, "folder"), folder_of)
        self.counts.other_set.walk = self._go_through
        self.networks.observe(lambda _: self._propose_of_network(), "network")
        self.look_first.observe(lambda change: self.set_trait("stretches", change.new), "found")
        self.walk.observe(lambda _: self._go_to_stretch(), ["shown"])
        self.walk.observe(lambda change: self._keep_passed(change.new), ["passed"])
        self.editor.walk = self.walk.go
        self.editor.observe(lambda _: self._changed(), "n_changes")
        for ticker in (self.networks.ticker, self.look_first.ticker):
            self._every(ticker)
        self._every(Ticker(self.look, 1.0)).start()

    def _as_asked(self) -> None:
        """Open what the link, the environment or the last visit says."""
        request = this_request()
        self.tell(request.problems())
        self.recordings = request.folder
        run = request.find_run()
        if run is not None:
            self.networks.run = run
        elif request.store:
            self.networks.save_folder = str(TrainingOptions(store_folder=request.store).save_path)

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

    def _new_recordings(self) -> None:
        self._propose_of_network()
        self._list()

    def _list(self) -> None:
        """Look through the folder, then open its first recording, or do what is pending."""
        then, self._pending = self._pending or self._open_first, None

        def done() -> None:
            self.choice.offer(self.recording)
            self.look_first.draw()
            then()
            if not self.choice.listed:
                self._nothing(NONE_THERE if self.recordings else NOTHING)

        self.choice.look_through(self.recordings, done, self._failed)

    def _failed(self, error: Exception) -> None:
        put(self._said, error_list(error))

    def _open_first(self) -> None:
        if self.recording not in self.choice.listed and self.choice.listed:
            self.show_recording(next(iter(self.choice.listed)))

    def _chosen(self, recording: str) -> None:
        if recording != self.recording:
            self.show_recording(recording)

    def show_recording(self, recording: str | PathLike[str], start_seconds: float = 0.0, seconds: float | None = None) -> None:
        """Show a recording.

        Args:
            recording: the audio file.
            start_seconds: what is shown first.
            seconds: how much is shown; None: as much as before.
        """
        path = str(recording)
        before = self.editor.session
        known = {**self.choice.song_types, **(before.document.song_types if before is not None else {})}
        self.recording, found = path, stamps(Path(path))
        try:
            session = Session(path, known)
        except DataError as error:
            self._nothing("")
            self._failed(error)
            self._unopened = found
            return
        self._unopened = None
        put(self._empty, "")
        put(self._said, said_of(session))
        self.editor.edit(session, start_seconds, seconds, curves_of(session, self.proposals))
        show(self.editor, True)
        self._propose()
        self._changed()

    def _nothing(self, words: str) -> None:
        self._unopened = None
        self.editor.forget()
        show(self.editor, False)
        put(self._empty, words)
        put(self._kept, "")
        put(self._said, "")
        self.conflict.draw()

    # --- proposals, and where to look

    def _propose_of_network(self) -> None:
        """Propose what the chosen network has found in these recordings, where that lies in its place."""
        if self.networks.network and self.recordings:
            found = annotations_folder(Path(self.networks.network), self.recordings)
            if not why_refused(found) and found.is_dir():
                self.proposals = str(found)

    def _new_proposals(self) -> None:
        session = self.editor.session
        if session is not None:
            self.editor.show_curves(curves_of(session, self.proposals))
        self._propose()

    def _propose(self) -> None:
        """Propose what the network left for the recording, unless that was done before."""
        session = self.editor.session
        if session is None or session.why_not():
            return
        try:
            found = proposals_for(session, self.proposals)
        except DataError as error:
            self._failed(error)
            return
        if found is not None:
            self.editor.do(lambda: session.take_proposals(found))

    def _go_through(self, stretches: tuple[Stretch, ...]) -> None:
        """Begin with the first of some stretches, also where they were gone through before."""
        self.stretches = ()
        self.stretches = stretches
        self.walk.on.focus()  # it stands far above what was pressed

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
            if self.recording != stretch.recording or self.editor.session is None:
                self.show_recording(stretch.recording, stretch.start_seconds - margin, seconds)
                self.choice.offer(self.recording)
            else:
                self.editor.go_to(stretch.start_seconds - margin, seconds)
            self.editor.mark(stretch)
            session = self.editor.session
            if session is not None:
                self._looked_through.begin(stretch.recording, len(session.document.counting()))

        folder = str(Path(stretch.recording).parent)
        if stretch.recording in self.choice.listed:
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
            self._failed(error)

    # --- what happens to the labels

    def look(self) -> bool:
        """Look whether files were changed elsewhere; goes on for as long as the panel is open."""
        session = self.editor.session
        if session is not None and (session.look() or session.why_not() != self.editor.why):
            self.editor.refresh()
        elif self._unopened is not None and self._unopened != stamps(Path(self.recording)):  # it may be readable by now
            self.show_recording(self.recording)
        return True

    def _changed(self) -> None:
        session = self.editor.session
        if session is None:
            return
        self.choice.update(self.recording, session)
        self.learning.n_open = sum(listed.n_open for listed in self.choice.listed.values() if listed.n_labels)
        self.conflict.draw()
        put(self._kept, kept_words(session))

    def close(self) -> None:
        """Stop looking at files and close the widgets, those of the panel within too."""
        self.learning.close()
        super().close()
