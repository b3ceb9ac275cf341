"""A closer excerpt: waveform, spectrogram and targets of any stretch of a planned dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, VBox

from dss_widgets.dataset.recordings.resampling import resampled
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.targets import RecordingTargets
from dss_widgets.panels.background import Latest
from dss_widgets.panels.sound.pager import Pager
from dss_widgets.panels.sound.stretch_plots import Excerpt, StretchPlots
from dss_widgets.panels.style.theme import classed, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape


def read_excerpt(plan: SplitPlan, recording: str, start_seconds: float, seconds: float) -> Excerpt:
    """Read a stretch of a recording and make its targets as assembling will.

    Raises:
        DataError: the recording cannot be read there.
    """
    entry = next(entry for entry in plan.survey.recordings if entry.name == recording)
    source = resampled(entry.recording, plan.samplerate_hz)
    start = int(np.clip(round(start_seconds * plan.samplerate_hz), 0, max(0, source.n_samples - 1)))
    stop = min(source.n_samples, start + max(1, round(seconds * plan.samplerate_hz)))
    targets = RecordingTargets(entry.annotations, plan.survey.song_types, plan.samplerate_hz, source.n_samples, plan.rules)
    return Excerpt(
        start / plan.samplerate_hz, stop / plan.samplerate_hz, plan.samplerate_hz,
        source.read(start, stop)[:, 0], targets.block(start, stop), plan.class_names,
    )  # fmt: skip


class CloseUp(VBox):
    """Recording, place and span to choose; three plots over one axis of time. Built when it is first opened.

    Attributes:
        plan: what is looked at.
        is_open: whether the plots are shown.
    """

    plan = t.Instance(SplitPlan, allow_none=True)
    is_open = t.Bool(False)

    def __init__(self, plan: SplitPlan | None = None) -> None:
        self._latest = Latest()
        self._open: Button = classed(Button(description="Show spectrogram", layout=plain_layout()), "dss-show-sound")
        self._body = classed(VBox(layout=plain_layout()), "dss-stack-tight", "dss-off")
        self._built = False
        super().__init__([self._open, self._body], layout=plain_layout(), plan=plan)
        classed(self, "dss-zoom", "dss-stack-tight")
        self._open.on_click(lambda _: self.toggle())

    def toggle(self) -> None:
        """Show or hide the plots."""
        self.is_open = not self.is_open

    @t.observe("is_open")
    def _open_or_close(self, _change: t.Bunch) -> None:
        show(self._body, self.is_open)
        if not self._built:
            self._build()
        self._open.description = "Hide spectrogram" if self.is_open else "Show spectrogram"
        self._plan_changed()

    def _build(self) -> None:
        self._built = True
        self.recording = Dropdown(description="Recording", layout=plain_layout())
        self.pager = Pager()
        controls = classed(Box([self.recording, self.pager], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        self._message: HTML = text()
        self.plots = StretchPlots()
        self._body.children = [controls, self._message, self.plots]
        self.pager.observe(self._refresh, ["start", "seconds"])
        self.recording.observe(self._to_song, "value")

    @t.observe("plan")
    def _plan_changed(self, _change: Any = None) -> None:
        if not self._built or not self.is_open or self.plan is None:
            return
        names = [entry.name for entry in self.plan.survey.recordings]
        if [name for name, _ in self.recording.options] != names:
            offer(self.recording, [(name, name) for name in names])
        self._refresh()

    def _to_song(self, _change: Any = None) -> None:
        """Go to the first annotation of the recording: there is something to see."""
        if self.plan is None or self.recording.value is None:
            return
        entry = next(entry for entry in self.plan.survey.recordings if entry.name == self.recording.value)
        first = float(entry.annotations.start_seconds.min()) if len(entry.annotations) else 0.0
        self.pager.total = entry.recording.duration_seconds
        self.pager.go_to(first - 0.1 * self.pager.seconds)
        self._refresh()

    def _refresh(self, _change: Any = None) -> None:
        plan, recording = self.plan, self.recording.value
        if plan is not None and recording is not None:
            start, seconds = self.pager.start, self.pager.seconds
            self._latest.run(lambda: read_excerpt(plan, recording, start, seconds), self.draw, self._failed)

    def _failed(self, error: Exception) -> None:
        show(self.plots, False)  # empty axes would say nothing
        put(self._message, f'<p class="dss-error"><b>Error:</b> {escape(error)}</p>')

    def draw(self, excerpt: Excerpt) -> None:
        """Show a stretch."""
        put(self._message, "")
        show(self.plots, True)
        self.plots.draw(excerpt)
