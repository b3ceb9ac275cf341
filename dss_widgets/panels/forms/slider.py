"""A slider with a name for screen readers, which that of ipywidgets has not."""

from __future__ import annotations

import anywidget
import numpy as np
import traitlets as t

from dss_widgets.panels.forms.page_module import page_module


class Slider(anywidget.AnyWidget):
    """A number that is chosen by sliding, or with the arrow keys.

    Attributes:
        words: what stands in front of it.
        value: the number.
        min, max, step: of the numbers that can be chosen.
        marks: numbers that are marked on it.
    """

    _esm = page_module("slider")
    words = t.Unicode().tag(sync=True)
    value = t.Float(0.5).tag(sync=True)
    min = t.Float(0.0).tag(sync=True)
    max = t.Float(1.0).tag(sync=True)
    step = t.Float(0.01).tag(sync=True)
    marks = t.List(t.Float()).tag(sync=True)

    @t.validate("value")
    def _within(self, proposal: t.Bunch) -> float:
        """Return the number, or the end of the slider that is nearest: a page can send anything."""
        return float(min(max(proposal.value, self.min), self.max)) if np.isfinite(proposal.value) else self.min
