"""The dashboard: from recordings to a trained network in three steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.errors import RunError
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels.assembly.panel import AssemblyPanel
from dss_widgets.panels.look.theme import classed, plain_layout, put, set_class, show, text
from dss_widgets.panels.look.words import escape
from dss_widgets.panels.memory import recall
from dss_widgets.panels.monitoring.loss_curves import LossCurves
from dss_widgets.panels.monitoring.run_card import RunCard
from dss_widgets.panels.monitoring.run_monitor import RunMonitor
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.results.copied import COPIED, status_of
from dss_widgets.panels.results.panel import ResultsPanel
from dss_widgets.panels.roots import why_refused
from dss_widgets.panels.training.panel import TrainingPanel, refused_paths
from dss_widgets.panels.visit import Visit, this_visit
from dss_widgets.runs import Run, find_run, list_runs

ASSEMBLE, TRAIN, RESULTS = range(3)
STEPS = ("1  Assemble a dataset", "2  Train a network", "3  Judge the result")


class Dashboard(Panel):
    """Three steps: assemble a dataset, train a network on it, judge the result. Each is built when it is first opened.

    Args:
        folder: the data folder; with all three left out, what the link, the environment or the last visit says.
        store: the dataset to train on.
        run: a run to attach to; left out, one of the save folder that is still going.

    Attributes:
        step: the step that is shown: 0, 1 or 2.
        run: the run that is watched.

    Example:
        >>> Dashboard(folder="song")
    """

    step = t.Int(ASSEMBLE, min=ASSEMBLE, max=RESULTS)
    run = t.Instance(Run, allow_none=True)

    def __init__(self, folder: str = "", store: str = "", run: str = "") -> None:
        visit = Visit(folder, store, run) if folder or store or run else this_visit()
        self._assembly_options = AssemblyOptions(data_folder=visit.folder)
        recall("assembly", self._assembly_options, visit.folder)
        self._training_options = TrainingOptions(store_folder=visit.store or self._store_that_is_there())
        recall("training", self._training_options, self._training_options.store_folder)
        self.panels: dict[int, Panel | VBox] = {}
        self._said: HTML = text()
        self._buttons = [classed(Button(layout=plain_layout()), "dss-step", f"dss-step-{i + 1}") for i in range(len(STEPS))]
        self._stage = classed(VBox(layout=plain_layout()), "dss-stack")
        self._next: Button = classed(Button(layout=plain_layout()), "dss-next", "dss-big")
        self._why: HTML = text("", "dss-reasons")
        bar = classed(Box(self._buttons, layout=plain_layout()), "dss-steps")
        foot = classed(Box([self._next, self._why], layout=plain_layout()), "dss-row")
        super().__init__([text(_TITLE, "dss-hero"), self._said, bar, self._stage, foot], "dss-dashboard")
        for i, button in enumerate(self._buttons):
            button.on_click(lambda _, i=i: self._go(i))
        self._next.on_click(lambda _: self._go(min(RESULTS, self.step + 1)))
        self.observe(lambda _: self.show_step(), "step")
        self.observe(self._run_changed, "run")
        self.run = self._run_asked_for(visit.run) or self._run_still_going()
        if self.run is not None:
            self.step = TRAIN if self.run.status().is_running else RESULTS
        elif visit.store and not visit.folder:
            self.step = TRAIN
        self.show_step()

    def _store_that_is_there(self) -> str:
        """Return the dataset that the data folder was assembled into before, or ''."""
        options = self._assembly_options
        store = options.store_path
        there = options.data_folder and not why_refused(store) and (store / "attrs.npy").is_file()
        return str(store) if there else ""

    def _run_asked_for(self, text_: str) -> Run | None:
        if not text_:
            return None
        beside = self._training_options.save_path / text_
        asked = beside if "/" not in text_ and self._training_options.store_folder else Path(text_)
        refused = why_refused(asked)
        try:
            if refused:
                raise RunError(f"{text_} {refused}")
            run = find_run(asked)
            stored = run.options().store_folder
            if not why_refused(stored):
                self._training_options.update({"store_folder": stored, "save_folder": str(run.folder.parent)})
            return run
        except Exception as error:  # a link that leads nowhere must not keep the page from opening
            put(self._said, f'<ul class="dss-problems"><li class="dss-error"><b>Error</b> {escape(error)}</li></ul>')
            return None

    def _run_still_going(self) -> Run | None:
        options = self._training_options
        if not options.store_folder or refused_paths(options):
            return None
        return next((run for run in list_runs(options.save_path) if run.status().is_running), None)

    def _go(self, step: int) -> None:
        self.step = step

    def panel(self, step: int) -> Any:
        """Return a step's panel, which is made when it is first asked for."""
        if step not in self.panels:
            self.panels[step] = (self._assembly, self._training, self._results)[step]()
            self._stage.children = tuple(self.panels[i] for i in sorted(self.panels))
        return self.panels[step]

    def _assembly(self) -> AssemblyPanel:
        panel = AssemblyPanel(self._assembly_options)
        panel.observe(self._assembled, "dataset")
        panel.observe(lambda _: self._draw(), ["blockers", "assembling"])
        panel.planner.observe(lambda _: self._draw(), "survey")
        return panel

    def _assembled(self, change: t.Bunch) -> None:
        if change.new:
            if self._training_options.store_folder != change.new:
                recall("training", self._training_options, change.new)
                self._training_options.store_folder = change.new
            if TRAIN in self.panels:
                self.panel(TRAIN).form.review()
        self._draw()

    def _training(self) -> TrainingPanel:
        panel = TrainingPanel(self._training_options)
        t.link((self, "run"), (panel, "run"))
        panel.watch(self._draw)
        panel.observe(lambda _: self._draw(), "blockers")
        return panel

    def _results(self) -> VBox:
        options = self._training_options
        monitor = RunMonitor("" if not options.store_folder else str(options.save_path))
        options.observe(lambda _: monitor.set_trait("save_folder", str(options.save_path)), ["store_folder", "save_folder"])
        card, curves, results = RunCard(), LossCurves(), ResultsPanel()
        curves.observe(lambda _: card.draw(curves.history), "changed")
        card.observe(lambda _: monitor.refresh(), ["resumed", "deleted"])
        card.observe(lambda _: self.set_trait("run", monitor.newest()), "deleted")
        monitor.observe(lambda _: curves.look_again(), "n_running")
        monitor.observe(lambda _: results.look_again(), "n_running")
        for panel in (monitor, curves, results):
            t.link((self, "run"), (panel, "run"))
        if self.run is None:
            monitor.run = monitor.newest()
        left = classed(VBox([monitor, card], layout=plain_layout()), "dss-stack")
        top = classed(Box([left, curves], layout=plain_layout()), "dss-columns", "dss-even")
        return classed(VBox([top, results], layout=plain_layout()), "dss-stack")

    def _run_changed(self, _change: Any = None) -> None:
        self._draw()

    def show_step(self) -> None:
        """Show the step that is chosen, and no other."""
        self.panel(self.step)
        for i, panel in self.panels.items():
            show(panel, i == self.step)
        self._draw()

    def why_not(self, step: int) -> str:
        """Return why a step cannot be worked on yet, or ''."""
        if step == TRAIN and not self._training_options.store_folder:
            return "assemble a dataset first"
        if step == RESULTS and self.run is None and not self._has_runs():
            return "train a network first"
        return ""

    def _has_runs(self) -> bool:
        options = self._training_options
        return bool(options.store_folder) and not refused_paths(options) and bool(list_runs(options.save_path))

    def _draw(self) -> None:
        """Bring the steps' buttons in step with what has been done."""
        remarks = (self._assembly_remark(), self._training_remark(), self._results_remark())
        for i, (button, remark) in enumerate(zip(self._buttons, remarks, strict=True)):
            words = f"{STEPS[i]}\n{remark}"
            if button.description != words:
                button.description = words
            set_class(button, "dss-here", i == self.step)
        show(self._next, self.step < RESULTS)
        if self.step < RESULTS:
            why = self.why_not(self.step + 1)
            words = f"Next: {('', 'train a network', 'judge the result')[self.step + 1]} →"
            if self._next.description != words:
                self._next.description = words
            self._next.disabled = bool(why)
            put(self._why, escape(f"To go on, {why}.") if why else "")
        else:
            put(self._why, "")

    def _assembly_remark(self) -> str:
        panel = self.panels.get(ASSEMBLE)
        if panel is not None and panel.assembling:
            return "assembling…"
        if panel is not None and panel.dataset:
            return f"assembled {Path(panel.dataset).name}"
        folder = self._assembly_options.data_folder
        return f"recordings in {Path(folder).name}" if folder else "choose a folder of recordings"

    def _training_remark(self) -> str:
        if self.run is not None:
            status = status_of(self.run)
            if status.state == COPIED:
                return f"run {self.run.name}"
            if status.is_running:
                return (
                    f"{status.state}, epoch {min(status.epoch + 1, status.epochs)} of {status.epochs}"
                    if status.epochs
                    else status.state
                )
            return f"{status.state} after {status.epoch} epochs"
        store = self._training_options.store_folder
        return f"dataset {Path(store).name}" if store else "needs a dataset"

    def _results_remark(self) -> str:
        status = status_of(self.run) if self.run is not None else None
        if status is not None and status.macro_f1 is not None:
            return f"macro F1 {status.macro_f1:.3f}"
        if status is not None and status.is_running:
            return "when training has ended"
        return self.why_not(RESULTS) or "look at earlier runs"


_TITLE = (
    '<h1 class="dss-title">Teach a network your animals’ song</h1>'
    '<p class="dss-quiet">From annotated recordings to a trained network, in three steps.</p>'
)
