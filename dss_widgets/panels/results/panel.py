"""The results panel: how well a trained network labels the test split."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, ToggleButtons, VBox

from dss_widgets.errors import Problem
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.forms.as_code import results_code
from dss_widgets.panels.forms.code import ShowCode
from dss_widgets.panels.look.theme import classed, empty, heading, plain_layout, put, show, text
from dss_widgets.panels.look.words import escape, listing, problem_list
from dss_widgets.panels.monitoring.run_history import RunHistory
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.results.confusion import confusion_table, never_found, score_table
from dss_widgets.panels.results.matching import MatchingView
from dss_widgets.panels.results.outcome import Outcome, outcome_of
from dss_widgets.runs import Run
from dss_widgets.runs.run import ENDINGS, SUFFIX, stem_of

_FILES = {
    "_model.keras": "the network, architecture and weights",
    "_params.yaml": "all options, song types and sample rate",
    "_model.h5": "the weights alone, for DAS",
    "_results.h5": "history, scores, test predictions",
}


class ResultsPanel(Panel):
    """Confusion matrix and scores of a run on the test split, once it is tested.

    A run whose events are gone (its files were copied, or DAS wrote them) is read from its files.

    Args:
        run: the run, or the stem of its files.

    Attributes:
        run: the run that is looked at; None shows what to do first.
        outcome: how its test came out; None before.

    Example:
        >>> ResultsPanel("song.res/20261123_141500")
    """

    run = t.Instance(Run, allow_none=True)
    outcome = t.Instance(Outcome, allow_none=True)

    def __init__(self, run: Run | str | None = None) -> None:
        self._history: RunHistory | None = None
        self._read: tuple[Run, int] | None = None
        self._empty: HTML = text()
        self._summary: HTML = text("", "dss-score-summary")
        self._switch = ToggleButtons(options=[("Share of row", False), ("Samples", True)], layout=plain_layout())
        self._matrix: HTML = text("", "dss-confusion")
        self._table: HTML = text("", "dss-score-table")
        self._files: HTML = text("", "dss-files")
        head = classed(Box([text(heading("Confusion matrix")), self._switch], layout=plain_layout()), "dss-row", "dss-spread")
        matrix = classed(VBox([head, self._matrix], layout=plain_layout()), "dss-stack-tight")
        table = classed(VBox([text(heading("Scores")), self._table], layout=plain_layout()), "dss-stack-tight")
        both = classed(Box([matrix, table], layout=plain_layout()), "dss-results")
        self.matching = MatchingView()
        self.show_code = ShowCode(None, lambda: results_code(str(self.run.stem) if self.run else "STEM"))
        parts = [self._summary, both, self.matching, self._files, self.show_code]
        self._body = classed(VBox(parts, layout=plain_layout()), "dss-stack")
        card = classed(VBox([self._empty, self._body], layout=plain_layout()), "dss-card", "dss-stack")
        super().__init__([card], "dss-results-panel")
        self._ticker = self._every(Ticker(self.tick, 0.5))
        self._switch.observe(lambda _: self.draw(), "value")
        self.observe(self._follow, "run")
        self.run = run_of(run) if isinstance(run, str) else run
        self._follow()

    def _follow(self, _change: Any = None) -> None:
        self._history = RunHistory(self.run) if self.run is not None else None
        self.draw()
        self.look_again()

    def look_again(self) -> None:
        """Follow the run again, which may have been resumed after it had ended."""
        if self.tick():
            self._ticker.start()

    def tick(self) -> bool:
        """Read what is new; returns whether there may be more."""
        history = self._history
        if history is None:
            return False
        if history.update():
            self.draw()
        return history.status.is_running

    def draw(self) -> None:
        """Show the scores, or why there are none yet."""
        history = self._history
        self.outcome = self._outcome()
        scores = self.outcome.scores if self.outcome is not None else None
        show(self._body, scores is not None)
        show(self._empty, scores is None)
        if history is None:
            put(self._empty, empty("No results yet", "Train a network, or choose a run above."))
        elif scores is None:
            put(self._empty, self._waiting(history))
        else:
            names = scores["class_names"]
            put(self._summary, summary(scores))
            put(self._matrix, confusion_table(scores["confusion_matrix"], names, as_counts=self._switch.value))
            put(self._table, score_table(scores["per_class"], names))
            put(self._files, file_list(history.run))
        self.matching.outcome = self.outcome
        self.show_code.draw()

    def _outcome(self) -> Outcome | None:
        """Return how the test came out: from the files once they are there, before that from the events."""
        history = self._history
        if history is None or (history.status.is_running and history.scores is None):
            return None
        changed = _changed(history.run)
        if self.outcome is None or self._read != (history.run, changed):
            found = outcome_of(history.run)
            self._read = (history.run, changed)
            return found or (Outcome(history.scores) if history.scores is not None else None)
        return self.outcome

    def _waiting(self, history: RunHistory) -> str:
        if history.status.is_running:
            return empty("Still at work", "The scores appear here by themselves once the network is trained and tested.")
        if not history.run.folder.is_dir():
            return empty("No scores", f"There are no test results beside {history.run.name}. Test it again to make them.")
        return empty("No scores", f"This run {history.status.state} before it was tested. {history.status.message}")


def run_of(stem: str) -> Run:
    """Return the run of a stem, a run's folder or one of its files, also where only files are left of it."""
    found = stem_of(stem)
    return Run(found.with_name(found.name + SUFFIX))


def _changed(run: Run) -> int:
    """Return when a run's results were written last, 0 if they are not there."""
    try:
        return run.results_path.stat().st_mtime_ns
    except OSError:
        return 0


def summary(scores: dict[str, Any]) -> str:
    """Return macro F1 and accuracy in words, with a warning for song types that are never found."""
    missed = listing([f"‘{name}’" for name in never_found(scores)])
    words = f"The network never finds {missed}. Train longer, add annotations of it, or balance the classes."
    facts = (
        f'<div><dt>Macro F1</dt><dd class="dss-big-number">{scores["macro_f1"]:.3f}'
        "<small>mean over the classes, 1 is perfect</small></dd></div>"
        f"<div><dt>Accuracy</dt><dd>{scores['accuracy']:.1%}"
        "<small>of the test samples are labelled as annotated</small></dd></div>"
    )
    warning = problem_list([Problem(words, severity="warning")]) if missed else ""
    return f'<div class="dss-stack-tight"><dl class="dss-facts">{facts}</dl>{warning}</div>'


def file_list(run: Run) -> str:
    """Return the files that training left, as HTML."""
    rows = "".join(
        f"<tr><td><code>{escape(run.name)}{ending}</code></td><td>{_FILES[ending]}</td></tr>"
        for ending in ENDINGS
        if ending in _FILES and (run.folder.parent / f"{run.name}{ending}").exists()
    )
    return (
        f"<details><summary>Files in {escape(run.folder.parent)}</summary>"
        f'<table class="dss-table"><tbody>{rows}</tbody></table></details>'
    )
