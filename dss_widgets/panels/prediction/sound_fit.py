"""Whether recordings sound like those that the chosen network learned from, in words and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ipywidgets import HTML, VBox

from dss_widgets.errors import Cancelled, DataError
from dss_widgets.panels.background import Latest
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.style.plots import axis_figure, nice_step
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape, swatch
from dss_widgets.results.sound_check import SoundCheck, check_sound

_LEARNED, _HEARD = "#8a8f98", "#d9822b"
"""Colours that are told apart on light and dark pages, also by those who see few colours."""


class SoundFit(VBox):
    """Listens to recordings in the background, and tells in what they differ from what a network learned from.

    Attributes:
        check: what was found; None: nothing was listened to yet.
    """

    check: SoundCheck | None = None

    def __init__(self) -> None:
        self._words: HTML = text("", "dss-sound-fit-words")
        self._picture = _Picture()
        self._latest = Latest()
        self._asked: tuple[str, tuple[str, ...]] = "", ()
        super().__init__([self._words, self._picture], layout=plain_layout())
        classed(self, "dss-sound-fit", "dss-stack-tight", "dss-off")

    def listen(self, network: str, recordings: Sequence[str]) -> None:
        """Listen to recordings, if they or the network are others than before."""
        asked = network, tuple(recordings)
        if asked == self._asked:
            return
        self._asked = asked
        self._latest.drop()
        self._show(None)
        if network and recordings:

            def work() -> SoundCheck:
                return check_sound(network, recordings, should_stop=lambda: asked != self._asked)

            self._latest.run(work, self._show, self._fail)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, DataError | Cancelled):  # what is wrong with the network's files is told where it is used
            self._show(None)
        else:
            raise error

    def _show(self, check: SoundCheck | None) -> None:
        self.check = check
        show(self, check is not None)
        put(self._words, _told(check) if check is not None else "")
        self._picture.draw(check)


def _told(check: SoundCheck) -> str:
    """Return what was found, as HTML."""
    *differences, last = check.sentences()
    if check.learned_from is None and not differences:
        return f'<p class="dss-muted dss-small">{escape(last)}</p>'
    if check.fits:
        return f'<p class="dss-small" role="status"><span class="dss-good">✓ Sounds familiar.</span> {escape(last)}</p>'
    listed = "".join(f"<li>{escape(words[0].upper() + words[1:])}</li>" for words in differences)
    head = '<b class="dss-warning">These recordings sound different from what the network learned from:</b>'
    return f'<div role="status">{head}<ul class="dss-problems">{listed}</ul><p class="dss-small">{escape(last)}</p></div>'


class _Picture(Folded):
    """Loudness by frequency: what a network learned from, and what is heard in the recordings."""

    def __init__(self) -> None:
        super().__init__("Picture", "dss-show-sound-fit")
        self._check: SoundCheck | None = None
        self._lines: list[Any] = []
        self._axes: list[Any] = []

    def draw(self, check: SoundCheck | None) -> None:
        """Draw what was found; hide where there is nothing to compare."""
        self._check = check
        show(self, check is not None and check.learned_from is not None and check.heard is not None)
        self.opened()

    def opened(self) -> None:
        """Draw, as soon as it can be seen."""
        check = self._check
        if not self.is_open or check is None or check.learned_from is None or check.heard is None:
            return
        if not self._lines:
            self._make()
        khz = (check.learned_from.edges_hz[:-1] + check.learned_from.edges_hz[1:]) / 2000
        values = [check.learned_from.loud, check.learned_from.background, check.heard.loud, check.heard.background]
        self._stretch(float(check.learned_from.edges_hz[-1] / 1000), min(map(np.min, values)), max(map(np.max, values)))
        for line, decibel in zip(self._lines, values, strict=True):
            with line.hold_sync():
                line.x, line.y = khz, decibel

    def _stretch(self, khz: float, low: float, high: float) -> None:
        """Have axes reach as far as what is drawn, with ticks at round numbers."""
        x, y = (self._lines[0].scales[name] for name in ("x", "y"))
        low, high = float(np.floor(low / 10) * 10), float(np.ceil(high / 10) * 10)
        x.max, y.min, y.max = khz, low, high
        across, upright = self._axes
        across.tick_values = np.round(np.arange(0, khz * 1.001, nice_step(khz, 8)), 9)
        upright.tick_values = np.arange(low, high + 1, nice_step(high - low, 5))

    def _make(self) -> None:
        import bqplot as bq  # not before there is a plot: see axis_figure

        scales = {"x": bq.LinearScale(min=0, max=1), "y": bq.LinearScale(min=-120, max=0)}
        self._lines = [
            bq.Lines(x=[0.0], y=[0.0], scales=scales, colors=[colour], stroke_width=2, line_style=style)
            for colour in (_LEARNED, _HEARD)
            for style in ("solid", "dashed")
        ]
        figure = axis_figure("Loudness by frequency", self._lines, "frequency (kHz)", "level (dB)", height=230)
        self._axes = figure.children[-1].axes
        key = (
            f"{swatch(_LEARNED, 'learned from')} {swatch(_HEARD, 'these recordings')} "
            '<span class="dss-muted">solid: the loudest moments; dashed: the background</span>'
        )
        self.body.children = [figure, text(f'<div class="dss-small dss-legend">{key}</div>')]
