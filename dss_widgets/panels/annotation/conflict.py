"""Labels that were changed elsewhere: what there is on either side, and the choice between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.annotating import Document, Session
from dss_widgets.errors import DataError
from dss_widgets.panels.action import Action
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, escape

if TYPE_CHECKING:
    from dss_widgets.panels.annotation.editor import LabelEditor


class ConflictBar(VBox):
    """Says that a file was changed elsewhere, shows what is in it beside the labels of here, and has one of them chosen.

    Args:
        editor: where the labels are shown.
    """

    def __init__(self, editor: LabelEditor) -> None:
        self._editor = editor
        self._told: HTML = text("", "dss-conflict-told")
        self.mine: Button = Action("Keep mine", "dss-keep-mine", may=self._is_there)
        self.theirs: Button = Action("Take the file’s", "dss-take-theirs", may=self._is_there)
        row = classed(Box([self.mine, self.theirs], layout=plain_layout()), "dss-row")
        super().__init__([self._told, row], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-conflict", "dss-off")
        self.mine.on_click(lambda _: self._choose(Session.keep_mine))
        self.theirs.on_click(lambda _: self._choose(Session.take_theirs))

    def _is_there(self) -> bool:
        session = self._editor.session
        return session is not None and session.conflict is not None

    def draw(self) -> None:
        """Bring it in step with the labels."""
        session = self._editor.session
        conflict = session.conflict if session is not None else None
        show(self, conflict is not None)
        if session is None or conflict is None:
            self._editor.label(())
            return
        colours = song_colours(list(session.document.song_types))
        theirs = conflict.theirs
        self._editor.label([Track("In the file", theirs.annotations(), colours)] if theirs is not None else ())
        put(self._told, _words(conflict.words, session.document, theirs))

    def _choose(self, act: Callable[[Session], Path | None]) -> None:
        session = self._editor.session
        assert session is not None
        try:
            act(session)
        except DataError as error:
            put(self._told, f'<p role="alert"><b>Error:</b> {escape(error)}</p>')
            return
        self._editor.refresh()


def _words(what: str, mine: Document, theirs: Document | None) -> str:
    if theirs is None:
        told = "The file cannot be read."
    else:
        here, there = (
            {(label.name, label.start_seconds, label.stop_seconds, label.state) for label in document.labels.values()}
            for document in (mine, theirs)
        )
        told = f"{count(len(here - there), 'label')} only here, {count(len(there - here), 'label')} only in the file."
    return (
        f'<p role="alert"><b>{escape(what)}</b> {escape(told)} Whatever you choose, the other is kept beside it. '
        "The track <i>In the file</i> shows what is there.</p>"
    )
