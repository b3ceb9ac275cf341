"""A closer look at a planned dataset: its recordings with their labels, and the targets that will be made of these."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import traitlets as t
from ipywidgets import Box, Button, Dropdown, VBox

from dss_widgets.dataset.recordings.resampling import resampled
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.targets import RecordingTargets
from dss_widgets.panels.background import Latest
from dss_widgets.panels.sound.sound import Curves, Sound
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, offer, plain_layout, show


def sound_of(plan: SplitPlan, recording: str) -> tuple[Sound, Track]:
    """Return a recording at the dataset's sample rate with its targets as assembling will make them, and its labels.

    Raises:
        DataError: it cannot be brought to that rate.
    """
    entry = next(entry for entry in plan.survey.recordings if entry.name == recording)
    sound = Sound.of(resampled(entry.recording, plan.samplerate_hz))
    targets = RecordingTargets(entry.annotations, plan.survey.song_types, plan.samplerate_hz, sound.n_samples, plan.rules)
    curves = Curves("Targets", tuple(plan.class_names), targets.block)
    return replace(sound, curves=curves), Track("Annotations", entry.annotations, song_colours(plan.class_names))


class CloseUp(VBox):
    """A recording to choose, and the sound view on it. Built when it is first opened.

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
        from dss_widgets.panels.sound.view import SoundView  # not before there is sound to be seen

        self._built = True
        self.recording = Dropdown(description="Recording", layout=plain_layout())
        self.view = SoundView("Recording and targets", 0.5)
        controls = classed(Box([self.recording], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        self._body.children = [controls, self.view]
        self.recording.observe(self._to_song, "value")

    @t.observe("plan")
    def _plan_changed(self, _change: Any = None) -> None:
        if not self._built or not self.is_open or self.plan is None:
            return
        names, before = [entry.name for entry in self.plan.survey.recordings], self.recording.value
        if [name for name, _ in self.recording.options] != names:
            offer(self.recording, [(name, name) for name in names])
        if self.recording.value == before:  # else it has gone to the song of another recording
            self._refresh()

    def _to_song(self, _change: Any = None) -> None:
        """Go to the first annotation of the recording: there is something to see."""
        if self.plan is None or self.recording.value is None:
            return
        entry = next(entry for entry in self.plan.survey.recordings if entry.name == self.recording.value)
        first = float(entry.annotations.start_seconds.min()) if len(entry.annotations) else 0.0
        self._refresh(first - 0.1 * self.view.seconds)

    def _refresh(self, start: float | None = None) -> None:
        plan, recording = self.plan, self.recording.value
        if plan is not None and recording is not None:
            self._latest.run(lambda: sound_of(plan, recording), partial(self._draw, start), self.view.say)

    def _draw(self, start: float | None, found: tuple[Sound, Track]) -> None:
        sound, labels = found
        self.view.show(sound, [labels], start)
