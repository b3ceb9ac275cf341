"""One run: its state in words, how far it is, and buttons to stop it, go on with it, or delete it."""

from __future__ import annotations

import time

import anywidget
import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.errors import DssWidgetsError, Problem
from dss_widgets.jobs import RunStatus, resume_job
from dss_widgets.panels.action import Action
from dss_widgets.panels.forms.page_module import page_module
from dss_widgets.panels.run_history import RunHistory
from dss_widgets.panels.style.theme import classed, meter, plain_layout, put, show, text
from dss_widgets.panels.style.words import duration, error_list, escape, problem_list, time_left
from dss_widgets.roots import confined

STATE_WORDS = {
    "queued": "queued",
    "starting": "starting",
    "preparing": "preparing",
    "training": "training",
    "testing": "testing",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "died": "died",
    "copied": "files only",
}


def state_badge(state: str) -> str:
    """Return a state as a coloured word."""
    return f'<span class="dss-state dss-state-{escape(state)}">{escape(STATE_WORDS.get(state, state))}</span>'


def epoch_words(status: RunStatus) -> str:
    """Return ``epoch 3 of 20``: the one it is in, or has finished."""
    if not status.epochs:
        return ""
    now = min(status.epochs, status.epoch + 1) if status.state == "training" else status.epoch
    return f"epoch {now} of {status.epochs}"


def doing(status: RunStatus) -> str:
    """Return what a run is doing as one sentence, without markup."""
    if status.state == "training":
        return ", ".join(filter(None, [epoch_words(status), time_left(status.seconds_left)])) or "first steps"
    if status.state == "stopped" and status.slurm is not None and status.message:
        return status.message
    return {
        "queued": status.place_words,
        "starting": "The training process is starting: this takes some seconds.",
        "preparing": "Reading the dataset and building the network.",
        "testing": "Testing the best network on the test split.",
        "finished": f"Trained for {status.epoch} epochs, best network from epoch {status.best_epoch}.",
        "stopped": f"Stopped after {status.epoch} epochs; the best network, from epoch {status.best_epoch}, is kept.",
        "copied": "Only this run's files are here: it can be tested and used to predict, but not resumed.",
    }.get(status.state, status.message)


_SIGNS = {"finished": "✓", "stopped": "■", "failed": "✗", "died": "✗"}


class RunSignal(anywidget.AnyWidget):
    """Tells the browser of a run: the tab's title, a notice at its end, and a button to allow that.

    Attributes:
        told: what is told: ``words``, the ``run`` by its name, and whether it is ``going``; nothing: of no run.
    """

    _esm = page_module("run_signal")
    told = t.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(layout=plain_layout())
        classed(self, "dss-run-signal")

    def tell(self, name: str, status: RunStatus) -> None:
        """Tell how a run stands."""
        state = status.state
        words = epoch_words(status) or state if status.is_running else f"{_SIGNS.get(state, '')} {state}".strip()
        self.told = {"words": words, "run": name, "going": status.is_running}


def outcome_facts(status: RunStatus) -> str:
    """Return how a run came out that has left a network, as HTML: a few numbers; '' for one that goes on, or has left none."""
    if status.state not in ("finished", "stopped") or not status.epoch:
        return ""
    ended = time.strftime("%d %b, %H:%M", time.localtime(status.updated)) if status.updated else "–"
    facts = {
        "Macro F1 of the test": "–" if status.macro_f1 is None else f"{status.macro_f1:.3f}",
        "Best validation loss": "–" if status.best_val_loss is None else f"{status.best_val_loss:.4g}",
        "Training time": duration(status.seconds),
        "Ended": ended,
    }
    told = "".join(f"<div><dt>{escape(words)}</dt><dd>{escape(value)}</dd></div>" for words, value in facts.items())
    return f'<dl class="dss-facts dss-run-facts">{told}</dl>'


def lasting_warnings(history: RunHistory) -> list[str]:
    """Return what the worker warned of, but for song types that it had not found yet and has found since."""
    found = [name for name, recalls in history.recalls.items() if recalls and recalls[-1] > 0]
    return [words for words in history.status.warnings if not any(words.startswith(f"{name!r} has not been") for name in found)]


def share_done(status: RunStatus) -> float:
    """Return how much of the training is done, 0 to 1."""
    if not status.epochs:
        return 0.0
    within = status.step / status.steps if status.steps else 0.0
    return min(1.0, (status.epoch + within) / status.epochs)


_TROUBLED = ("failed", "died")
_CAN_STOP = ("queued", "training")
_CAN_RESUME = ("stopped", *_TROUBLED)


class RunCard(VBox):
    """The state line of a run, with what can be done to it; give it a history and call :meth:`draw` when that has changed.

    Attributes:
        resumed: counts up when the run was started again: whoever follows it looks again.
        deleted: counts up when the run was deleted.
        confirming: whether it is asked if the run is really to be deleted.
    """

    confirming = t.Bool(False)
    resumed = t.Int(0)
    deleted = t.Int(0)

    def __init__(self) -> None:
        self.history: RunHistory | None = None
        self._asked: RunHistory | None = None
        self._state: HTML = text("", "dss-run-state")
        self._progress: HTML = text("", "dss-run-progress")
        self._trouble: HTML = text()
        self._said: HTML = text()
        self.stop = Action(
            "Stop", "dss-stop", may=lambda: self._state_now() in _CAN_STOP, hides=True,
            tooltip="Stop training; the best network so far is kept and tested",
        )  # fmt: skip
        self.resume = Action(
            "Resume", "dss-resume", may=lambda: self._state_now() in _CAN_RESUME, hides=True,
            tooltip="Continue from the last checkpoint",
        )  # fmt: skip
        self.delete = Action("Delete…", "dss-delete", may=self._has_ended, hides=True, tooltip="Delete this run and its files")
        self.really = Action(
            "Delete it and its files", "dss-really-delete", "dss-danger", "dss-off",
            may=lambda: self.confirming and self._has_ended(), hides=True,
        )  # fmt: skip
        self.keep: Button = classed(Button(description="Keep", layout=plain_layout()), "dss-keep", "dss-off")
        buttons = classed(
            Box([self.delete, self.really, self.keep, self.resume, self.stop], layout=plain_layout()),
            "dss-row",
            "dss-run-buttons",
        )
        head = classed(Box([self._state, buttons], layout=plain_layout()), "dss-row", "dss-spread")
        self._signal = RunSignal()
        super().__init__([head, self._progress, self._signal, self._trouble, self._said], layout=plain_layout())
        classed(self, "dss-card", "dss-stack-tight", "dss-run-card")
        self.stop.on_click(lambda _: self._stop())
        self.resume.on_click(lambda _: self._resume())
        self.draw()
        self.delete.on_click(lambda _: self.set_trait("confirming", True))
        self.keep.on_click(lambda _: self.set_trait("confirming", False))
        self.really.on_click(lambda _: self._delete())

    def _state_now(self) -> str:
        return "" if self.history is None else self.history.run.status().state

    def _has_ended(self) -> bool:
        return self.history is not None and not self.history.run.status().is_running

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
            resume_job(run)
        except DssWidgetsError as error:
            put(self._said, error_list(error))
        else:
            put(self._said, "")
            self._asked = None
            self.resumed += 1

    @t.observe("confirming")
    def _ask(self, _change: t.Bunch) -> None:
        show(self.delete, not self.confirming)
        show(self.really, self.confirming)
        show(self.keep, self.confirming)

    def _delete(self) -> None:
        if self.history is None:
            return
        self.confirming = False
        try:
            confined(self.history.run.folder)
            self.history.run.delete()
        except DssWidgetsError as error:
            put(self._said, error_list(error))
        else:
            self.history = None
            self.draw()
            self.deleted += 1

    def draw(self, history: RunHistory | None = None) -> None:
        """Show a run as it is now."""
        if history is not None and history is not self.history:
            self.history = history
            self.confirming = False
            put(self._said, "")
        if self.history is None:
            self._draw_nothing()
            return
        status = self.history.status
        stopping = self._asked is self.history and status.state == "training"
        words = "Stopping after this step…" if stopping else "" if status.state in _TROUBLED else doing(status)
        name = escape(self.history.run.name)
        place = f'<br><span class="dss-muted dss-small">{escape(status.place_words)}</span>' if status.slurm is not None else ""
        told = f'<span class="dss-muted">{escape(words)}</span>{place if status.state != "queued" else ""}'
        put(self._state, f"{state_badge(status.state)} <b>{name}</b> {told}")
        if status.state == "training":
            put(self._progress, meter(share_done(status), f"{share_done(status):.0%} of the epochs"))
        elif status.state == "testing":
            put(self._progress, meter(self.history.tested, f"{self.history.tested:.0%} of the test split"))
        else:
            put(self._progress, outcome_facts(status))
        show(self.stop, status.state in _CAN_STOP)
        show(self.resume, status.state in _CAN_RESUME)
        if status.is_running:
            self.confirming = False
        show(self.delete, not status.is_running and not self.confirming)
        self.stop.disabled = stopping
        put(self._trouble, self._trouble_words())
        self._signal.tell(self.history.run.name, status)

    def forget(self) -> None:
        """Show no run any more."""
        if self.history is not None:
            self.history = None
            put(self._said, "")
            self.confirming = False
            self._draw_nothing()

    def _draw_nothing(self) -> None:
        """Keep the place of the run that is to come, so that nothing jumps when it does."""
        put(self._state, '<span class="dss-muted">No training yet. Its state and the time left will be shown here.</span>')
        put(self._progress, "")
        put(self._trouble, "")
        self._signal.told = {}
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
