"""One run: its state, how far it is, and buttons to stop it, go on with it, or delete it."""

from __future__ import annotations

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.errors import DssWidgetsError, Problem, ProblemsError
from dss_widgets.panels.look.theme import classed, meter, plain_layout, put, show, text
from dss_widgets.panels.look.words import escape, problem_list
from dss_widgets.panels.monitoring.run_history import RunHistory
from dss_widgets.panels.monitoring.run_words import doing, lasting_warnings, outcome_facts, share_done, state_badge
from dss_widgets.roots import confined
from dss_widgets.runs import resume_run

_TROUBLED = ("failed", "died")
_CAN_RESUME = ("stopped", *_TROUBLED)


class RunCard(VBox):
    """The state line of a run, with what can be done to it; give it a history and call :meth:`draw` when that has changed.

    Attributes:
        resumed: counts up when the run was started again: whoever follows it looks again.
        deleted: counts up when the run was deleted.
    """

    resumed = t.Int(0)
    deleted = t.Int(0)

    def __init__(self) -> None:
        self.history: RunHistory | None = None
        self._asked: RunHistory | None = None
        self._state: HTML = text("", "dss-run-state")
        self._progress: HTML = text("", "dss-run-progress")
        self._trouble: HTML = text()
        self._said: HTML = text()
        self.stop = _button("Stop", "dss-stop", tooltip="Stop training; the best network so far is kept and tested")
        self.resume = _button("Resume", "dss-resume", tooltip="Go on from the last checkpoint")
        self.delete = _button("Delete…", "dss-delete", tooltip="Delete this run and its files")
        self.really = _button("Delete it and its files", "dss-really-delete", "dss-danger", "dss-off")
        self.keep = _button("Keep it", "dss-keep", "dss-off")
        buttons = classed(
            Box([self.delete, self.really, self.keep, self.resume, self.stop], layout=plain_layout()),
            "dss-row",
            "dss-run-buttons",
        )
        head = classed(Box([self._state, buttons], layout=plain_layout()), "dss-row", "dss-spread")
        super().__init__([head, self._progress, self._trouble, self._said], layout=plain_layout())
        classed(self, "dss-card", "dss-stack-tight", "dss-run-card")
        self.stop.on_click(lambda _: self._stop())
        self.resume.on_click(lambda _: self._resume())
        self.draw()
        self.delete.on_click(lambda _: self._confirm(True))
        self.keep.on_click(lambda _: self._confirm(False))
        self.really.on_click(lambda _: self._delete())

    def _stop(self) -> None:
        if self.history is not None:
            self._asked = self.history
            self.history.run.stop()
            self.draw()

    def _resume(self) -> None:
        """Go on with the run, if its dataset may be used here."""
        if self.history is None:
            return
        run = self.history.run
        try:
            confined(run.folder)
            confined(run.options().store_folder)
            resume_run(run)
        except ProblemsError as error:
            put(self._said, problem_list(error.problems))
        except DssWidgetsError as error:
            put(self._said, problem_list([Problem(str(error))]))
        else:
            put(self._said, "")
            self._asked = None
            self.resumed += 1

    def _confirm(self, asking: bool) -> None:
        show(self.delete, not asking)
        show(self.really, asking)
        show(self.keep, asking)

    def _delete(self) -> None:
        if self.history is None:
            return
        self._confirm(False)
        try:
            confined(self.history.run.folder)
            self.history.run.delete()
        except DssWidgetsError as error:
            put(self._said, problem_list([Problem(str(error))]))
        else:
            self.history = None
            self.draw()
            self.deleted += 1

    def draw(self, history: RunHistory | None = None) -> None:
        """Show a run as it is now."""
        if history is not None and history is not self.history:
            self.history = history
            self._confirm(False)
            put(self._said, "")
        if self.history is None:
            self._draw_nothing()
            return
        status = self.history.status
        stopping = self._asked is self.history and status.state == "training"
        words = "Stopping after this step…" if stopping else "" if status.state in _TROUBLED else doing(status)
        name = escape(self.history.run.name)
        put(self._state, f'{state_badge(status.state)} <b>{name}</b> <span class="dss-quiet">{escape(words)}</span>')
        if status.state == "training":
            put(self._progress, meter(share_done(status), f"{share_done(status):.0%} of the epochs"))
        elif status.state == "testing":
            put(self._progress, meter(self.history.tested, f"{self.history.tested:.0%} of the test split"))
        else:
            put(self._progress, outcome_facts(status))
        show(self.stop, status.state == "training")
        show(self.resume, status.state in _CAN_RESUME)
        if status.is_running:
            self._confirm(False)
        show(self.delete, not status.is_running and "dss-off" in self.really._dom_classes)
        self.stop.disabled = stopping
        put(self._trouble, self._trouble_words())

    def forget(self) -> None:
        """Show no run any more."""
        if self.history is not None:
            self.history = None
            put(self._said, "")
            self._confirm(False)
            self._draw_nothing()

    def _draw_nothing(self) -> None:
        """Keep the place of the run that is to come, so that nothing jumps when it does."""
        put(self._state, '<span class="dss-quiet">No run yet. Its state and the time left will stand here.</span>')
        put(self._progress, "")
        put(self._trouble, "")
        for button in (self.stop, self.resume, self.delete):
            show(button, False)

    def _trouble_words(self) -> str:
        assert self.history is not None
        status = self.history.status
        problems = [Problem(warning, severity="warning") for warning in lasting_warnings(self.history)]
        if status.state not in _TROUBLED:
            return problem_list(problems)
        told = problem_list([Problem(status.message), *problems])
        tail = escape("\n".join(self.history.run.log_tail(12)))
        if tail:
            told += f'<details><summary>Last lines of its log</summary><div class="dss-code"><pre>{tail}</pre></div></details>'
        return told


def _button(words: str, *classes: str, tooltip: str = "") -> Button:
    return classed(Button(description=words, tooltip=tooltip or None, layout=plain_layout()), *classes)
