"""The dashboard: from annotated recordings to a trained network that annotates others, step by step."""

from __future__ import annotations

from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.errors import DataError, RunError
from dss_widgets.jobs import Run, find_run, list_runs
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels.annotation.here import ToCorrect
from dss_widgets.panels.annotation.panel import AnnotationPanel
from dss_widgets.panels.assembly.panel import AssemblyPanel
from dss_widgets.panels.forms.code import ShowCode, assembled_with, pipeline_code
from dss_widgets.panels.memory import recall
from dss_widgets.panels.monitor import Monitor
from dss_widgets.panels.page_request import PageRequest, this_request
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.prediction.panel import PredictPanel
from dss_widgets.panels.steps import (
    ASSEMBLE,
    CORRECT,
    NEXT,
    PREDICT,
    RESULTS,
    STEPS,
    TRAIN,
    assembly_remark,
    correction_remark,
    prediction_remark,
    results_remark,
    training_remark,
    why_not,
)  # fmt: skip
from dss_widgets.panels.style.theme import classed, plain_layout, put, set_class, show, text
from dss_widgets.panels.style.words import escape
from dss_widgets.panels.training.panel import TrainingPanel
from dss_widgets.roots import refused_paths, why_refused


class Dashboard(Panel):
    """Assemble a dataset, train a network, check the results, annotate recordings, correct: each step is built when opened.

    Args:
        folder: the data folder; with all three left out, what the link, the environment or the last visit says.
        store: the dataset to train on.
        run: a run to attach to; left out, one of the save folder that is still going.

    Attributes:
        step: the step that is shown, from 0 (assemble) to 4 (listen and correct).
        run: the run that is watched.
        panels: those of the steps that were opened, by step.

    Example:
        >>> dashboard = Dashboard(folder="song")
        >>> dashboard.observe(lambda change: print("watching", change.new), "run")
        >>> dashboard
    """

    step = t.Int(ASSEMBLE, min=ASSEMBLE, max=CORRECT)
    run = t.Instance(Run, allow_none=True)

    def __init__(
        self, folder: str | PathLike[str] = "", store: str | PathLike[str] = "", run: str | PathLike[str] = ""
    ) -> None:
        folder, store, run = str(folder), str(store), str(run)
        request = PageRequest(folder, store, run) if folder or store or run else this_request()
        self._assembly_options = AssemblyOptions(data_folder=request.folder)
        recall("assembly", self._assembly_options, request.folder)
        self._training_options = TrainingOptions(store_folder=request.store or self._store_that_is_there())
        self._chosen: set[str] = set(recall("training", self._training_options, self._training_options.store_folder))
        self.panels: dict[int, Panel] = {}
        self._said: HTML = text()
        self._buttons = [classed(Button(layout=plain_layout()), "dss-step", f"dss-step-{i + 1}") for i in range(len(STEPS))]
        self._stage = classed(VBox(layout=plain_layout()), "dss-stack")
        self._next: Button = classed(Button(layout=plain_layout()), "dss-next", "dss-big")
        self._why: HTML = text("", "dss-reasons")
        bar = classed(Box(self._buttons, layout=plain_layout()), "dss-steps")
        foot = classed(Box([self._next, self._why], layout=plain_layout()), "dss-row")
        self.show_code = ShowCode(None, self.code, "Show code of all steps")
        super().__init__([text(_TITLE, "dss-hero"), self._said, bar, self._stage, foot, self.show_code], "dss-dashboard")
        for i, button in enumerate(self._buttons):
            button.on_click(lambda _, i=i: self._go(i))
        self._next.on_click(lambda _: self._go(min(CORRECT, self.step + 1)))
        self._foot = foot
        self.observe(lambda _: self.show_step(), "step")
        self.run = self._run_asked_for(request.run) or self._run_still_going()
        self.observe(self._run_changed, "run")
        if self.run is not None:
            self.step = TRAIN if self.run.status().is_running else RESULTS
        elif request.store and not request.folder:
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
            options = run.options()
            if not why_refused(options.store_folder):
                self._training_options.update({**options.as_dict(), "save_folder": str(run.folder.parent)})
                self._chosen = set(options.declared())
                self._take_assembly_of(options.store_path)
            return run
        except Exception as error:  # a link that leads nowhere must not keep the page from opening
            put(self._said, f'<ul class="dss-problems"><li class="dss-error"><b>Error</b> {escape(error)}</li></ul>')
            return None

    def _take_assembly_of(self, store: Path) -> None:
        """Fill in what a dataset was assembled from, if nothing else was asked for and that lies beside it."""
        folder = store.with_suffix("")
        if self._assembly_options.data_folder or why_refused(str(folder)) or not folder.is_dir():
            return
        told = None
        with suppress(DataError):  # a dataset that is gone tells nothing, and hinders nobody
            told = assembled_with(open_dataset(store))
        values = told.as_dict(changed_only=True) if told is not None else {}
        self._assembly_options.update({**values, "data_folder": str(folder)})

    def _run_still_going(self) -> Run | None:
        options = self._training_options
        if not options.store_folder or refused_paths(options):
            return None
        return next((run for run in list_runs(options.save_path) if run.status().is_running), None)

    def _go(self, step: int) -> None:
        """Go to a step, and to its beginning: whoever pressed *Next* stands at the end of a long page."""
        self.step = step
        self._buttons[step].focus()

    def panel(self, step: int) -> Any:
        """Return a step's panel, which is made when it is first asked for."""
        if step not in self.panels:
            make = (self._assembly, self._training, self._results, self._prediction, self._correction)
            self.panels[step] = make[step]()
            self._stage.children = tuple(self.panels[i] for i in sorted(self.panels))
        return self.panels[step]

    def _assembly(self) -> AssemblyPanel:
        panel = AssemblyPanel(self._assembly_options)
        panel.observe(self._assembled, "dataset")
        self._assembly_options.observe(self._recordings_changed, ["data_folder", "store_folder"])
        panel.observe(lambda _: self._draw(), ["blockers", "assembling"])
        panel.planner.observe(lambda _: self._draw(), "survey")
        return panel

    def _assembled(self, change: t.Bunch) -> None:
        if change.new:
            self._train_on(change.new)
            if TRAIN in self.panels:
                self.panel(TRAIN).form.review()
        self._draw()

    def _recordings_changed(self, _change: t.Bunch) -> None:
        """Go on with the dataset of the recordings that are on the page, also where it is yet to be assembled."""
        options = self._assembly_options
        if options.data_folder and Path(options.data_folder).expanduser().is_dir() and not why_refused(options.store_path):
            self._train_on(str(options.store_path))
        self._draw()

    def _train_on(self, store: str) -> None:
        """Have the later steps be about a dataset, and about the run on it that is still going."""
        if self._training_options.store_folder == store:
            return
        self._training_options.update({"store_folder": store, "save_folder": "", "song_type": "", "initial_weights": ""})
        recalled = recall("training", self._training_options, store)
        self._chosen |= set(recalled)
        if TRAIN in self.panels and recalled:
            self.panel(TRAIN).suggestion.choose(recalled)
            self.panel(TRAIN).suggestion.look()  # all else goes with what comes back
        self.run = self._run_still_going()

    def _training(self) -> TrainingPanel:
        panel = TrainingPanel(self._training_options, chosen=self._chosen)
        t.link((self, "run"), (panel, "run"))
        panel.watch(self._draw)
        panel.observe(lambda _: self._draw(), ["blockers", "is_changed"])
        return panel

    def _results(self) -> Monitor:
        options = self._training_options
        panel = Monitor(str(options.save_path) if options.store_folder else "", self.run)
        options.observe(lambda _: panel.set_trait("save_folder", str(options.save_path)), ["store_folder", "save_folder"])
        t.link((panel, "run"), (self, "run"))
        panel.results.observe(lambda _: self._draw(), "outcome")
        panel.results.worst.correct.take = self._correct
        return panel

    def _prediction(self) -> PredictPanel:
        options = self._training_options
        folder = str(options.save_path) if options.store_folder else ""
        panel = PredictPanel(folder, self._assembly_options.data_folder, self.run)
        options.observe(lambda _: panel.set_trait("save_folder", str(options.save_path)), ["store_folder", "save_folder"])
        t.dlink((self, "run"), (panel, "run"))
        panel.observe(lambda _: self._draw(), "files")
        panel.correct.take = self._correct
        return panel

    def _correction(self) -> AnnotationPanel:
        options = self._assembly_options
        panel = AnnotationPanel(options.data_folder)
        options.observe(lambda change: panel.set_trait("recordings", change.new), "data_folder")
        panel.observe(lambda _: self._draw(), "recording")
        training = self._training_options
        networks = panel.networks
        networks.save_folder = str(training.save_path) if training.store_folder else ""
        training.observe(
            lambda _: networks.set_trait("save_folder", str(training.save_path)), ["store_folder", "save_folder"]
        )  # fmt: skip
        t.dlink((self, "run"), (networks, "run"))
        panel.learning.observe(lambda change: self._learned(change.new), "learned")
        panel.learning.observe(lambda _: self._draw(), "learning")
        return panel

    def _learned(self, stem: str) -> None:
        """Go on with the network that learned from corrections: its scores, its predictions."""
        with suppress(RunError):
            self.run = find_run(stem)

    def _correct(self, wanted: ToCorrect) -> None:
        """Go to the last step, with what another step found to be corrected."""
        self.panel(CORRECT).correct(wanted)
        self._go(CORRECT)

    def _run_changed(self, _change: Any = None) -> None:
        put(self._said, "")  # whatever the link named, another run is looked at now
        self._draw()

    def show_step(self) -> None:
        """Show the step that is chosen, and no other."""
        self.panel(self.step)
        for i, panel in self.panels.items():
            show(panel, i == self.step)
        self._place_next()
        self._draw()

    def _place_next(self) -> None:
        """Put *Next* where it is in sight: beside the button that does the step's work, or under the verdict."""
        rows = {i: panel.actions for i, panel in self.panels.items() if isinstance(panel, AssemblyPanel | TrainingPanel)}
        rows |= {i: panel.results.actions for i, panel in self.panels.items() if isinstance(panel, Monitor)}
        home = rows.get(self.step, self._foot)
        for row in (*rows.values(), self._foot):
            others = tuple(child for child in row.children if child is not self._next)
            children = (*others[:1], self._next, *others[1:]) if row is not self._foot else (self._next, *others)
            row.children = children if row is home else others

    def why_not(self, step: int) -> str:
        """Return why a step cannot be worked on yet, or ''."""
        return why_not(step, self._training_options, self.run)

    def code(self) -> dict[str, str]:
        """Return all that the steps say, as one script, as commands, and as config files."""
        return pipeline_code(self._assembly_options, self._training_options)

    def _has_more_to_do(self) -> bool:
        """Return whether the step's own work stands out: it can be done, and has not been done with what is on the page."""
        panel = self.panels.get(self.step)
        if isinstance(panel, TrainingPanel):
            return not panel.blockers and (panel.run is None or panel.is_changed)
        return isinstance(panel, AssemblyPanel) and not panel.blockers and not panel.assembling

    def _remarks(self) -> tuple[str, ...]:
        assembly, prediction, correction = (self.panels.get(step) for step in (ASSEMBLE, PREDICT, CORRECT))
        dataset, assembling = (assembly.dataset, assembly.assembling) if isinstance(assembly, AssemblyPanel) else ("", False)
        n_files = len(prediction.files) if isinstance(prediction, PredictPanel) else 0
        return (
            assembly_remark(self._assembly_options, dataset, assembling=assembling),
            training_remark(self._training_options, self.run),
            results_remark(self._training_options, self.run),
            prediction_remark(self._training_options, self.run, n_files),
            correction_remark(
                correction.recording if isinstance(correction, AnnotationPanel) else "",
                learning=isinstance(correction, AnnotationPanel) and correction.learning.learning,
            ),
        )

    def _draw(self) -> None:
        """Bring the steps' buttons in step with what has been done."""
        for i, (button, remark) in enumerate(zip(self._buttons, self._remarks(), strict=True)):
            _describe(button, f"{STEPS[i]}\n{remark}")
            set_class(button, "dss-here", i == self.step)
        is_last = self.step == len(STEPS) - 1
        why = "" if is_last else self.why_not(self.step + 1)
        panel = self.panels.get(self.step)
        work = panel.start if isinstance(panel, AssemblyPanel | TrainingPanel) else None
        goes_on = not is_last and not why and not self._has_more_to_do()
        show(self._next, not is_last and not (work and why))
        set_class(self._next, "dss-primary", goes_on or work is None)
        if work is not None:
            set_class(work, "dss-primary", not goes_on)
        put(self._why, escape(f"To go on, {why}.") if why else "")
        if not is_last:
            _describe(self._next, f"Next: {NEXT[self.step + 1]} →")
            self._next.disabled = bool(why)


def _describe(button: Button, words: str) -> None:
    if button.description != words:
        button.description = words


_TITLE = (
    '<h1 class="dss-title">Train a network on your animals’ song</h1>'
    '<p class="dss-muted">From annotated recordings to a trained network that annotates more of them.</p>'
)
