"""A button that has labels corrected: in the panel's own place, or where somebody else takes it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ipywidgets import VBox

from dss_widgets.panels.action import Action
from dss_widgets.panels.style.theme import classed, plain_layout, show
from dss_widgets.review import Stretch


@dataclass(frozen=True)
class ToCorrect:
    """What is to be corrected.

    Attributes:
        recordings: the folder of the recordings, or one recording.
        proposals: the folder with a network's predictions for them; '' for none.
        stretches: where to look.
        place: which of them comes first, from 0.
    """

    recordings: str
    proposals: str = ""
    stretches: tuple[Stretch, ...] = ()
    place: int = 0


class CorrectHere(VBox):
    """What a button *Correct these* opens: the annotation panel.

    Args:
        words: the button's.
        wanted: returns what is to be corrected; None: there is nothing.
        may: whether there is a button.

    Attributes:
        button: to be placed beside what is to be corrected.
        take: what is to be corrected goes there, such as to a dashboard's own step; None: the panel opens here.
        panel: the panel that was opened here.
    """

    def __init__(self, words: str, wanted: Callable[[], ToCorrect | None], may: Callable[[], bool]) -> None:
        self._wanted = wanted
        self.take: Callable[[ToCorrect], object] | None = None
        self.panel: Any = None
        self.button = Action(words, "dss-correct-these", may=may, hides=True)
        super().__init__(layout=plain_layout())
        classed(self, "dss-correct-here")
        self.button.on_click(lambda _: self._press())
        self.draw()

    def draw(self) -> None:
        """Bring the button in step."""
        self.button.draw()
        show(self, self.button.allowed)

    def _press(self) -> None:
        wanted = self._wanted()
        if wanted is None:
            return
        if self.take is not None:
            self.take(wanted)
            return
        if self.panel is None:
            from dss_widgets.panels.annotation.panel import AnnotationPanel  # not before there is something to correct

            self.panel = AnnotationPanel(wanted.recordings)
            self.children = [self.panel]
        self.panel.correct(wanted)

    def close(self) -> None:
        """Close what was opened here too."""
        if self.panel is not None:
            self.panel.close()
        super().close()
