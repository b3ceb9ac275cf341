"""The results panel: how well a trained network labels the test split."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Dropdown, ToggleButtons, VBox

from dss_widgets.errors import Problem
from dss_widgets.file_endings import (
    ENDINGS,
    KERAS_SUFFIX,
    NO_SONG_SUFFIX,
    PARAMS_SUFFIX,
    REPLAY_SUFFIX,
    RESULTS_SUFFIX,
    RUN_SUFFIX,
    VALIDATION_SUFFIX,
    WEIGHTS_SUFFIX,
)
from dss_widgets.jobs import Run, list_runs
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.forms.code import ShowCode, results_code
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.results.best_options import BestOptions
from dss_widgets.panels.results.compared import Compared
from dss_widgets.panels.results.download import Download
from dss_widgets.panels.results.false_alarms import FalseAlarms
from dss_widgets.panels.results.more_data import MoreData
from dss_widgets.panels.results.new_animals import NewAnimals
from dss_widgets.panels.results.outcome import Outcome, outcome_of, tests_of
from dss_widgets.panels.results.reliability import ReliabilityView
from dss_widgets.panels.results.scores import MatchingView, annotation_facts, confusion_table, never_found, score_table, verdict
from dss_widgets.panels.results.test_again import TestAgain
from dss_widgets.panels.results.thresholds import ThresholdsView
from dss_widgets.panels.results.worst import WorstStretches
from dss_widgets.panels.run_history import RunFollower, RunHistory, copied_runs, options_of
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape, listing, problem_list
from dss_widgets.results.intervals import drawn_words, interval_of
from dss_widgets.results.stems import results_file, stem_of
from dss_widgets.roots import why_refused

_FILES = {
    KERAS_SUFFIX: "the network, architecture and weights",
    PARAMS_SUFFIX: "all options, song types and sample rate",
    WEIGHTS_SUFFIX: "the weights alone, for DAS",
    RESULTS_SUFFIX: "history, scores, test predictions",
    REPLAY_SUFFIX: "a little audio and what the network made of it, for dss-widgets verify",
    VALIDATION_SUFFIX: "what each threshold does on the validation data",
    NO_SONG_SUFFIX: "what is found in recordings without song",
}

_BEFORE_A_TEST = ("starting", "preparing", "training")
"""States in which scores can only be those of an earlier test."""


class ResultsPanel(Panel):
    """Scores of a run on a test split, where it errs most, testing it again, and downloading what it left.

    A run whose events are gone (its files were copied, or DAS wrote them) is read from its files.

    Args:
        run: the run, the stem of its files, or a results folder, of which the latest run is taken.

    Attributes:
        run: the run that is looked at; None shows what to do first.
        options: what it was trained with; None where that is not known.
        outcome: how the test came out that is shown; None before.
        results_file: the file of that test, as text; choose another by setting it.
        blockers: why *Test again* is off, as sentences; none: it is on.
        actions: a row under the verdict, to which others may add what comes next.

    Example:
        >>> panel = ResultsPanel("song.res")
        >>> panel.observe(lambda change: print(change.new.scores["macro_f1"]), "outcome")
        >>> panel
    """

    run = t.Instance(Run, allow_none=True)
    outcome = t.Instance(Outcome, allow_none=True)
    results_file = t.Unicode()
    blockers = t.Tuple()

    def __init__(self, run: Run | str | PathLike[str] | None = None) -> None:
        self.follower = RunFollower(0.4)
        self._read: tuple[Run, str, int] | None = None
        self._offering = False
        self._empty: HTML = text()
        self._title: HTML = text()
        self._summary: HTML = text("", "dss-score-summary")
        self.tests: Dropdown = classed(Dropdown(description="Tested on", layout=plain_layout()), "dss-tested-on")
        self._switch = ToggleButtons(options=[("Share of row", False), ("Samples", True)], layout=plain_layout())
        self._matrix: HTML = text("", "dss-confusion")
        self._table: HTML = text("", "dss-score-table")
        self._files: HTML = text("", "dss-files")
        self.matching, self.worst, self.compared = MatchingView(), WorstStretches(), Compared()
        self.thresholds, self.reliability, self.download = ThresholdsView(), ReliabilityView(), Download()
        place = PlaceForm()  # one choice for all that can be asked here
        self.test_again, self.false_alarms, self.more_data = TestAgain(place), FalseAlarms(place), MoreData(place)
        self.new_animals, self.best_options = NewAnimals(place), BestOptions(place)
        self._job_tools = (self.test_again, self.false_alarms, self.more_data, self.new_animals, self.best_options)
        self.show_code = ShowCode(None, self.code)
        super().__init__([self._arranged()], "dss-results-panel")
        self._connect()
        self.run = run if isinstance(run, Run | None) else run_of(run)
        self.draw()

    def _arranged(self) -> VBox:
        head = classed(Box([text(heading("Confusion matrix")), self._switch], layout=plain_layout()), "dss-row", "dss-spread")
        matrix = classed(VBox([head, self._matrix], layout=plain_layout()), "dss-stack-tight")
        table = classed(VBox([text(heading("Scores")), self._table], layout=plain_layout()), "dss-stack-tight")
        both = classed(Box([matrix, table], layout=plain_layout()), "dss-results")
        top = self._top = classed(Box([self._summary, self.tests], layout=plain_layout()), "dss-results-top")
        views = [both, self.matching, self.thresholds, self.reliability, self.worst, self.compared]
        self._body = classed(VBox(views, layout=plain_layout()), "dss-stack")
        tools = [*self._job_tools, self.download, self.show_code]
        self._tools = classed(Box(tools, layout=plain_layout()), "dss-tools")
        self.actions: Box = classed(Box(layout=plain_layout()), "dss-row")
        parts = [self._title, self._empty, top, self.actions, self._tools, self._body, self._files]
        return classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack")

    def _connect(self) -> None:
        self._ticker = self._every(self.follower.ticker)
        for tool in self._job_tools:
            self._every(tool.ticker)
        t.link((self, "run"), (self.follower, "run"))
        for tool in (*self._job_tools, self.download, self.compared, self.thresholds):
            t.dlink((self, "run"), (tool, "run"))
        t.dlink((self.test_again, "blockers"), (self, "blockers"))
        for view in (self.matching, self.thresholds, self.reliability, self.worst):
            t.dlink((self, "outcome"), (view, "outcome"))
        self.follower.observe(lambda _: self.draw(), "changed")
        self.observe(lambda _: self.draw(), "results_file")
        self.observe(lambda _: self.compared.draw(), "outcome")  # a test that ends may change the order of all
        self.best_options.observe(lambda change: self.set_trait("run", change.new), "chosen")
        self.test_again.observe(self._tested, "tested")
        self.false_alarms.observe(lambda _: self.thresholds.read(), "found")
        self.test_again.observe(lambda _: self.show_code.draw(), "store")
        self._switch.observe(lambda _: self.draw(), "value")
        self.tests.observe(self._test_chosen, "value")

    def code(self) -> dict[str, str]:
        """Return what reads these scores or makes them again, and the config file of such a network."""
        return results_code(str(self.run.stem) if self.run is not None else "STEM", self.options, self.test_again.store)

    @property
    def options(self) -> TrainingOptions | None:
        """What the run was trained with; None where that is not known."""
        return options_of(self.run) if self.run is not None else None

    def follow_again(self) -> None:
        """Follow the run again, which may have been resumed after it had ended."""
        self.follower.follow_again()

    def tick(self) -> bool:
        """Read what is new; returns whether there may be more."""
        return self.follower.tick()

    def _test_chosen(self, change: t.Bunch) -> None:
        if change.new and not self._offering:
            self.results_file = change.new

    def _tested(self, change: t.Bunch) -> None:
        """Show the test that was just made, if this is still its run."""
        if change.new and self.run is not None and str(self.run.stem) == change.new[0]:
            stem, store = change.new
            made = results_file(Path(stem), store)
            self.results_file = str(made if made.is_file() else self.run.results_path)
            self.draw()

    def draw(self) -> None:
        """Show the scores, or why there are none yet."""
        history = self.follower.history
        self._offer_tests()
        self.outcome = self._outcome()
        scores = self.outcome.scores if self.outcome is not None else None
        for part in (self._top, self._body):
            show(part, scores is not None)
        show(self._empty, scores is None)
        show(self._tools, history is not None and not history.status.is_running)
        earlier = scores is not None and history is not None and history.status.state in _BEFORE_A_TEST
        remark = f"{history.run.name}{', tested before training went on' if earlier else ''}" if history is not None else ""
        put(self._title, heading("Results", remark))
        put(self._files, file_list(history.run) if history is not None else "")
        if history is None:
            put(self._empty, empty("No results yet", "Train a network, or choose a run."))
        elif scores is None:
            put(self._empty, self._waiting(history))
        else:
            names = scores["class_names"]
            matches, intervals = ({}, {}) if self.outcome is None else (self.outcome.matches, self.outcome.intervals)
            put(self._summary, summary(scores, matches, intervals))
            put(self._matrix, confusion_table(scores["confusion_matrix"], names, as_counts=self._switch.value))
            put(self._table, score_table(scores["per_class"], names, intervals))
        for tool in self._job_tools:
            tool.refresh()
        self.show_code.draw()

    def _offer_tests(self) -> None:
        """Offer the tests of the run, where there are several."""
        found = [(words, str(path)) for words, path in tests_of(self.run)] if self.run is not None else []
        if self.results_file not in [path for _, path in found]:
            self.results_file = found[0][1] if found else ""
        self._offering = True  # what the list chooses by itself is nobody's wish
        if self.tests.options != tuple(found):
            self.tests.options = tuple(found)
        self.tests.value = self.results_file or None
        self._offering = False
        show(self.tests, len(found) > 1)

    def _outcome(self) -> Outcome | None:
        """Return how the test came out: from the files once they are there, before that from the events."""
        history = self.follower.history
        if history is None or (history.status.is_running and history.scores is None):
            return None
        path = Path(self.results_file)
        now = (history.run, self.results_file, _changed(path))
        if self.outcome is None or self._read != now:
            found = outcome_of(history.run, path)
            self._read = now
            own = path == history.run.results_path and history.scores is not None
            return found or (Outcome(history.scores.as_dict()) if own and history.scores else None)
        return self.outcome

    def _waiting(self, history: RunHistory) -> str:
        if history.status.is_running:
            return empty("Still running", "Scores appear here as soon as the network has been trained and tested.")
        if not history.run.folder.is_dir():
            return empty("No scores", f"There are no test results beside {history.run.name}. Test it again to make them.")
        if history.status.state == "finished":
            return empty("No scores", "The results of its test are not there, or the test split was empty. Test it again.")
        told = (
            f"This run {history.status.state} before it was tested.",
            history.status.message,
            "Resume it to have it tested.",
        )
        return empty("No scores", " ".join(filter(None, told)))


def run_of(stem: str | PathLike[str]) -> Run | None:
    """Return the run of a stem, a run's folder or one of its files, also where only files are left of it.

    Of a folder with runs, the latest is returned; None of one without.
    """
    folder = Path(stem).expanduser()
    if folder.is_dir() and folder.suffix != RUN_SUFFIX:
        there = [] if why_refused(folder) else [*list_runs(folder), *copied_runs(str(folder))]
        return max(there, key=lambda run: run.name, default=None)
    found = stem_of(stem)
    return Run(found.with_name(found.name + RUN_SUFFIX))


def _changed(path: Path) -> int:
    """Return when a file was written last, 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def summary(scores: Mapping[str, Any], matches: Mapping[str, Any], intervals: Mapping[str, Any]) -> str:
    """Return the scores that say most in words, with a warning for song types that are never found.

    Args:
        scores: per sample.
        matches: of events and segments within the tolerance of the test; {} where there are none.
        intervals: how far they can be trusted; {} where that is not known.
    """
    bounds = interval_of(intervals, "macro_f1")
    between = f"; 95 % interval {bounds}, {drawn_words(intervals)}" if bounds else "; 1 is perfect"
    missed = listing([f"‘{name}’" for name in never_found(scores)])
    words = f"The network never finds {missed}. Train longer, add annotations of it, or balance the classes."
    facts = "".join(
        f'<div><dt>{words}</dt><dd class="dss-big-number">{value}<small>{escape(about)}</small></dd></div>'
        for words, value, about in (
            ("Macro F1", f"{scores['macro_f1']:.3f}", f"per sample, mean over the classes{between}"),
            ("Accuracy", f"{scores['accuracy']:.1%}", "of the test samples are labelled as annotated"),
            *annotation_facts(matches),
        )
    )
    warning = problem_list([Problem(words, severity="warning")]) if missed else ""
    first = f'<p class="dss-verdict">{escape(verdict(scores, matches))}</p>'
    return f'<div class="dss-stack-tight">{first}<dl class="dss-facts dss-score-facts">{facts}</dl>{warning}</div>'


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
