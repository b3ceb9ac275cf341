"""*Measure*: a button that takes two steps of learning in a process of its own, and says how long an epoch will take."""

from __future__ import annotations

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.dry_check import gigabytes
from dss_widgets.errors import DssWidgetsError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.background import Latest
from dss_widgets.panels.look.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.look.words import duration, problem_list
from dss_widgets.runs.measuring import Measured, Measuring


class Measure(VBox):
    """Measures how long the training that the options describe will take.

    Args:
        options: of the training.

    Attributes:
        ready: whether the options can be trained with; else the button is off.
        busy: whether it is at work.
        measured: what was found for the present options, or None.
    """

    ready = t.Bool(False)
    busy = t.Bool(False)
    measured = t.Instance(Measured, allow_none=True)

    def __init__(self, options: TrainingOptions) -> None:
        self.options = options
        self.button: Button = classed(Button(description="Measure", disabled=True, layout=plain_layout()), "dss-measure")
        self.button.tooltip = "Take two steps of learning, to tell how long an epoch takes"
        self.cancel: Button = classed(Button(description="Cancel", layout=plain_layout()), "dss-cancel-measure", "dss-off")
        self.told: HTML = text(_ABOUT, "dss-measured")
        self._work = Latest()
        self._job: Measuring | None = None
        row = classed(Box([self.button, self.cancel, self.told], layout=plain_layout()), "dss-row")
        super().__init__([row], layout=plain_layout())
        self.button.on_click(lambda _: self.press())
        self.cancel.on_click(lambda _: self.stop())
        options.observe(lambda _: self._options_changed(), list(options.declared()))
        self.observe(lambda _: self._look(), ["ready", "busy"])

    def _look(self) -> None:
        self.button.disabled = self.busy or not self.ready
        show(self.button, not self.busy)
        show(self.cancel, self.busy)

    def _options_changed(self) -> None:
        """What was measured holds for other options; a measurement that goes on is for nothing."""
        self.stop()
        self.measured = None
        put(self.told, _ABOUT)

    def press(self) -> None:
        """Start measuring; the result arrives when it is there."""
        if self.busy or not self.ready:
            return
        try:
            job = self._job = Measuring(self.options)
        except DssWidgetsError as error:
            put(self.told, problem_list([Problem(str(error))]))
            return
        self.busy = True
        put(self.told, '<p class="dss-note">Taking two steps of learning: about ten seconds…</p>')
        self._work.run(job.result, self._done, self._failed)

    def stop(self) -> None:
        """End a measurement that goes on."""
        if self._job is not None and self.busy:
            self._work.drop()
            self._job.cancel()
            self._ended()
            put(self.told, _ABOUT)

    def _done(self, measured: Measured) -> None:
        self._ended()
        self.measured = measured
        put(self.told, measured_words(measured, self.options.epochs))

    def _failed(self, error: Exception) -> None:
        self._ended()
        put(self.told, problem_list([Problem(str(error))]))

    def _ended(self) -> None:
        self.busy = False
        self._job = None

    def close(self) -> None:
        """End what is at work."""
        self.stop()
        super().close()


_ABOUT = '<p class="dss-note">How long will it take on this machine?</p>'


def measured_words(measured: Measured, epochs: int) -> str:
    """Return what was measured, as HTML."""
    total = measured.start_seconds + epochs * measured.epoch_seconds
    memory = f", with {gigabytes(measured.peak_bytes)} of memory" if measured.peak_bytes else ""
    return (
        f"<p><b>{duration(measured.epoch_seconds)} an epoch</b>, at most {duration(total)} in all{memory}. "
        f'<span class="dss-note">Measured on two batches: {duration(measured.step_seconds)} each.</span></p>'
    )
