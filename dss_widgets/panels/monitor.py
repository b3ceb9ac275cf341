"""The monitor: the runs of a save folder, the loss of one beside that of others, and how it came out."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import traitlets as t
from ipywidgets import Box, VBox

from dss_widgets.jobs import Run
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.monitoring.loss_curves import LossCurves
from dss_widgets.panels.monitoring.run_card import RunCard
from dss_widgets.panels.monitoring.run_monitor import RunMonitor
from dss_widgets.panels.page_request import this_request
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.prediction.panel import asked_for
from dss_widgets.panels.results.panel import ResultsPanel, run_of
from dss_widgets.panels.run_history import copied_runs
from dss_widgets.panels.style.theme import classed, plain_layout
from dss_widgets.roots import why_refused


class Monitor(Panel):
    """Results of the chosen run first; then the runs of the folder, its card, and LossCurves with those that are ticked.

    Args:
        save_folder: the folder of runs; left out, what the link, the environment or the last visit says.
        run: the run to look at first; left out, one that is going, or else the newest.

    Attributes:
        save_folder: the folder, as text.
        run: the run that is looked at; set from outside, its folder is gone to.
        options: what it was trained with; None where that is not known.

    Example:
        >>> Monitor("song.res")
    """

    save_folder = t.Unicode()
    run = t.Instance(Run, allow_none=True)

    def __init__(self, save_folder: str | PathLike[str] = "", run: Run | None = None) -> None:
        save_folder = str(save_folder)
        request = this_request()
        if not save_folder and run is None:
            save_folder = asked_for(request)[0]
            asked = request.run if "/" in request.run or not request.run else f"{save_folder}/{request.run}"
            run = _run_that_is_there(asked) if asked and not why_refused(asked) else None
        save_folder = save_folder or (str(run.folder.parent) if run is not None else "")
        self.field = FolderField(TrainingOptions.declared()["save_folder"], save_folder)
        self.runs, self.card = RunMonitor(save_folder, comparing=True), RunCard()
        self.curves, self.results = LossCurves(), ResultsPanel()
        where = classed(VBox([self.field], layout=plain_layout()), "dss-card", "dss-stack-tight")
        left = classed(VBox([where, self.runs, self.card], layout=plain_layout()), "dss-stack")
        top = classed(Box([left, self.curves], layout=plain_layout()), "dss-columns", "dss-even")
        super().__init__([self.results, top], "dss-monitor")
        self._connect()
        self.save_folder = save_folder
        self.run = run or self.runs.newest()

    def _connect(self) -> None:
        t.link((self, "save_folder"), (self.field, "value"))
        t.link((self, "save_folder"), (self.runs, "save_folder"))
        for panel in (self.runs, self.curves, self.results):
            t.link((self, "run"), (panel, "run"))
        t.dlink((self.runs, "compared"), (self.curves, "others"))
        self.observe(self._folder_changed, "save_folder")
        self.observe(self._run_changed, "run")
        self.curves.observe(lambda _: self.card.draw(self.curves.history), "changed")
        self.observe(lambda change: self.card.forget() if change.new is None else None, "run")
        self.card.observe(lambda _: self.runs.refresh(), ["resumed", "deleted"])
        self.card.observe(lambda _: self.set_trait("run", self.runs.newest()), "deleted")
        for panel in (self.curves, self.results):
            self.runs.observe(lambda _, panel=panel: panel.follow_again(), "n_running")

    def _folder_changed(self, _change: t.Bunch) -> None:
        if self.run is None or not _is_in(self.run, self.save_folder):
            self.run = self.runs.newest()

    def _run_changed(self, _change: t.Bunch) -> None:
        """Go to the folder of a run that was set from outside."""
        if self.run is not None and not _is_in(self.run, self.save_folder):
            self.save_folder = str(self.run.folder.parent)

    @property
    def options(self) -> TrainingOptions | None:
        """What the run was trained with; None where that is not known."""
        return self.runs.options

    def close(self) -> None:
        """Stop looking at files and close the widgets, those of the panels within too."""
        for panel in (self.runs, self.curves, self.results):
            panel.close()
        super().close()


def _run_that_is_there(text: str) -> Run | None:
    """Return the run of a path, also where only its files are left; None if there is nothing of it."""
    run = run_of(text)
    if run is None:
        return None
    return run if run.folder.is_dir() or run in copied_runs(str(run.folder.parent)) else None


def _is_in(run: Run, folder: str) -> bool:
    return bool(folder) and run.folder.parent.resolve() == Path(folder).expanduser().resolve()
