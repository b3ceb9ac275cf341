"""The sound view in which labels are corrected, and the kernel's end of it: every edit is checked, done and kept here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import traitlets as t

from dss_widgets.annotating import Change, Label, Session
from dss_widgets.errors import DataError, EditError
from dss_widgets.panels.annotation.messages import edit_of, packed
from dss_widgets.panels.sound.sound import Curves, Sound
from dss_widgets.panels.sound.view import SoundView, module
from dss_widgets.panels.style.palette import ink_on, song_colours
from dss_widgets.review import Stretch

_PARTS = ("store", "lanes", "bench", "choosing", "editor", "hands")


def _module() -> str:
    folder = files(__package__).joinpath("page")
    return module(*(folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _PARTS), view="Editor")


class LabelEditor(SoundView):
    """Shows a recording with its labels, and has them edited by mouse and keyboard.

    The page says what is to be done; whether it can be is found out here, and the page shows what it is told. Each edit lies in
    the recording's files before the page hears of it.

    Attributes:
        session: the labels that are shown; None: nothing is.
        n_changes: rises with everything that happens to the labels.
        walk: called with 1 or -1 where the next stretch to look at is asked for, or the one before.
    """

    _esm = _module()

    session = t.Instance(Session, allow_none=True)
    n_changes = t.Int()
    _work = t.Dict().tag(sync=True)
    _mark: t.List = t.List().tag(sync=True)

    def __init__(self) -> None:
        self._version = 0
        self.walk: Callable[[int], object] = lambda _by: None
        super().__init__("Recording with labels to correct", 2.0)
        self.on_msg(self._told)

    def edit(self, session: Session, start: float = 0.0, seconds: float | None = None, curves: Curves | None = None) -> None:
        """Show a recording and have its labels edited.

        Args:
            session: the labels.
            start: what is shown first, in seconds.
            seconds: how much is shown; None: as much as before.
            curves: the probabilities of its song types, if they are known.
        """
        self.session = session
        with self.hold_sync():
            self._tell_work()
            self.show(replace(Sound.of(session.recording), curves=curves), (), start, seconds)
        self.refresh()

    def show_curves(self, curves: Curves | None) -> None:
        """Show other probabilities of the same recording, at the same place."""
        if self.session is not None and self.sound is not None and (curves or self.sound.curves):
            self.edit(self.session, self.place[0], self.seconds, curves)

    def refresh(self) -> None:
        """Show the labels as they are, all of them."""
        self._tell_work()
        self._send_labels(None, self.session.document.labels.values() if self.session else (), "", ())
        self.n_changes += 1

    def forget(self) -> None:
        """Show nothing."""
        self.session, self.sound = None, None
        self._tell_work()

    @property
    def why(self) -> str:
        """Why nothing can be edited, as the page was told; '' if it can."""
        return str(self._work.get("why", ""))

    def mark(self, stretch: Stretch | None) -> None:
        """Mark a stretch to look at; None: none."""
        self._mark = [] if stretch is None else [stretch.start_seconds, stretch.stop_seconds]

    def do(self, act: Callable[[], Change], page: str = "") -> bool:
        """Do something with the labels and show what came of it; what cannot be is told in the page.

        Args:
            act: does it.
            page: who asked for it.

        Returns:
            Whether it was done.
        """
        session = self.session
        assert session is not None
        before = session.document
        try:
            change = act()
        except (EditError, DataError) as error:
            self._tell_work()
            self._tell({"kind": "refused", "words": str(error)}, [])
            self.n_changes += 1
            return False
        after = session.document
        gone = [number for number, label in before.labels.items() if after.labels.get(number) is not label]
        come = [label for number, label in after.labels.items() if before.labels.get(number) is not label]
        self._tell_work()
        self._send_labels(gone, come, page, [] if change.new_types and not come else [label.id for label in come])
        self.n_changes += 1
        return True

    def _told(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Take what a page says; what makes no sense is passed over."""
        session = self.session
        if not isinstance(message, dict) or message.get("number") != self._number or session is None:
            return
        page, kind = str(message.get("page", "")), message.get("kind")
        if kind == "labels":
            self._send_labels(None, session.document.labels.values(), "", (), is_new=False)
        elif kind == "undo":
            self.do(session.undo, page)
        elif kind == "redo":
            self.do(session.redo, page)
        elif kind == "walk":
            self.walk(-1 if message.get("by") == -1 else 1)
        elif kind == "edit":
            try:
                edit = edit_of(message.get("edit"))
            except ValueError:
                return
            self.do(lambda: session.do(edit), page)

    def _send_labels(self, gone: Any, come: Any, page: str, select: Any, *, is_new: bool = True) -> None:
        """Send labels: all of them (``gone`` is None), or what is gone and what has come."""
        self._version += is_new
        these: list[Label] = list(come)
        names, columns = packed(these)
        select = list(select) if len(select) <= _MOST_SELECTED else []
        told = {"kind": "labels", "version": self._version, "gone": gone, "names": names, "select": select, "page": page}
        self._tell(told, columns)

    def _tell(self, told: dict[str, Any], columns: list[bytes]) -> None:
        if self.comm is not None:
            self.send({"number": self._number, **told}, columns)

    def _tell_work(self) -> None:
        session = self.session
        if session is None:
            self._work = {}
            return
        colours = song_colours(list(session.document.song_types))
        undo, redo = session.history.undo, session.history.redo
        self._work = {
            "types": [
                {"name": name, "category": category, "colour": colours[name], "ink": ink_on(colours[name])}
                for name, category in session.document.song_types.items()
            ],
            "undo": undo.words if undo else "", "redo": redo.words if redo else "", "why": session.why_not(),
        }  # fmt: skip


_MOST_SELECTED = 1000
"""Labels of an edit that are selected after it."""
