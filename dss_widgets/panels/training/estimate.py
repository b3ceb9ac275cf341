"""What a choice of options means for a dataset: chunk and context, memory, and how long an epoch takes."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.dry_check import DryCheck, gigabytes
from dss_widgets.errors import DssWidgetsError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import count, duration, error_list, escape, problem_list, rate
from dss_widgets.results.measured import Measured


def meaning_table(told: DryCheck, samplerate_hz: float) -> str:
    """Return the meaning as HTML: a few numbers with their words."""

    def samples(seconds: float) -> str:
        return count(round(seconds * samplerate_hz), "sample")

    there = told.memory_there
    memory = "while training" if there is None else f"of {gigabytes(there)} in this machine"
    facts = [
        ("Chunk", duration(told.chunk_seconds), f"{samples(told.chunk_seconds)}: what the network sees at a time"),
        ("Context", duration(told.context_seconds), f"{samples(told.context_seconds)} around every moment"),
        ("Time resolution", duration(told.step_seconds), f"working at {rate(told.rate_hz)}"),
        ("Weights", f"{told.n_weights:,}", "parameters to train"),
        ("Batches per epoch", f"{told.batches:,}", f"training steps, and {told.val_batches:,} of validation"),
        ("Memory", f"about {gigabytes(told.memory_bytes)}", memory),
        ("Disk", f"about {gigabytes(told.disk_bytes)}", f"and {gigabytes(told.disk_free)} are free"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}<small>{words}</small></dd></div>" for name, value, words in facts)
    return f'<dl class="dss-facts">{rows}</dl>'


def duration_bars(told: DryCheck, class_names: list[str]) -> str:
    """Return bars that compare chunk and context with the song types' typical durations."""
    durations = told.typical_seconds
    if not durations:
        return ""
    colours = song_colours(class_names)
    rows = [("chunk", told.chunk_seconds, "var(--dss-accent)"), ("context", told.context_seconds, "var(--dss-accent)")]
    rows += [(name, seconds, colours[name]) for name, seconds in durations.items()]
    longest = max(seconds for _, seconds, _ in rows)
    cells = "".join(
        f'<tr><td class="dss-name">{escape(name)}</td><td style="width:60%"><div class="dss-bar"><span style="width:'
        f'{max(0.5, 100 * seconds / longest):.1f}%;background:{colour}"></span></div></td>'
        f'<td class="dss-number">{duration(seconds)}</td></tr>'
        for name, seconds, colour in rows
    )
    table = f'<table class="dss-table"><tbody>{cells}</tbody></table>'
    return (
        '<details class="dss-durations"><summary>Compare with the durations of your song types</summary>'
        f"{scrolling(table, 'Durations')}</details>"
    )


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
        self.button.tooltip = "Run two training steps to estimate how long an epoch takes"
        self.cancel: Button = classed(Button(description="Cancel", layout=plain_layout()), "dss-cancel-measure", "dss-off")
        self.told: HTML = text(_ABOUT, "dss-measured")
        self.watch = JobWatch()
        row = classed(Box([self.button, self.cancel, self.told], layout=plain_layout()), "dss-row")
        super().__init__([row], layout=plain_layout())
        self.button.on_click(lambda _: self.press())
        self.cancel.on_click(lambda _: self.stop())
        options.observe(lambda _: self._options_changed(), list(options.declared()))
        self.observe(lambda _: self._refresh(), ["ready", "busy"])
        t.dlink((self.watch, "working"), (self, "busy"))
        self.watch.observe(self._told, "status")

    def _refresh(self) -> None:
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
        put(self.told, '<p class="dss-note">Running two training steps: about ten seconds…</p>')
        try:
            self.watch.start("measure", self.options)
        except DssWidgetsError as error:
            put(self.told, error_list(error))

    def stop(self) -> None:
        """End a measurement that goes on."""
        if self.busy:
            self.watch.end()
            put(self.told, _ABOUT)

    def _told(self, _change: Any = None) -> None:
        """Show what was measured, once it is."""
        job, status = self.watch.job, self.watch.status
        if job is None or status is None or status.is_running:
            return
        if status.state == "finished":
            self.measured = job.outcome()
            put(self.told, measured_words(self.measured, self.options.epochs))
        else:
            put(self.told, problem_list([Problem(f"It could not be measured: {status.message or 'it was stopped.'}")]))
        self.watch.end()

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
        f"<p><b>{duration(measured.epoch_seconds)} per epoch</b>, at most {duration(total)} in all{memory}. "
        f'<span class="dss-note">Measured on two batches: {duration(measured.step_seconds)} each.</span></p>'
    )
