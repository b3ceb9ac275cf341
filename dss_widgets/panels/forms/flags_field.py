"""A list of yes and no: a box for each beside the text form."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import Box, Checkbox

from dss_widgets.options import Option
from dss_widgets.panels.forms.fields import TextField
from dss_widgets.panels.look.theme import classed, plain_layout, show

MOST_BOXES = 16
"""With more, the text must do."""


class FlagsField(TextField):
    """One yes or no for each of several things, such as blocks; ticked, or typed as ``True True False``.

    Attributes:
        count: how many things there are.
    """

    count = t.Int(0)

    def __init__(self, option: Option, value: Any) -> None:
        self.boxes: list[Checkbox] = []
        self._writing = False
        self._row = classed(Box(layout=plain_layout()), "dss-flag-boxes")
        super().__init__(option, value, self._row, wide=True)
        classed(self, "dss-flags")
        self.observe(self._build, "count")
        self.observe(self._show_boxes, "value")

    def _build(self, _change: Any = None) -> None:
        """Have as many boxes as there are things."""
        wanted = self.count if self.count <= MOST_BOXES else 0
        while len(self.boxes) > wanted:
            self.boxes.pop().close()
        while len(self.boxes) < wanted:
            box = Checkbox(description=str(len(self.boxes) + 1), indent=False, layout=plain_layout())
            box.tooltip = f"{self.option.label}: {len(self.boxes) + 1}"
            box.observe(self._ticked, "value")
            self.boxes.append(box)
        self._row.children = tuple(self.boxes)
        show(self._row, bool(self.boxes))
        self._show_boxes()

    def _show_boxes(self, _change: Any = None) -> None:
        self._writing = True
        for i, box in enumerate(self.boxes):
            box.value = i < len(self.value) and bool(self.value[i])
            box.disabled = self.widget.disabled
        self._writing = False

    def _ticked(self, _change: Any = None) -> None:
        """Take over what is ticked; nothing ticked is the empty list."""
        if not self._writing:
            ticked = [box.value for box in self.boxes]
            self.value = ticked if any(ticked) else []
