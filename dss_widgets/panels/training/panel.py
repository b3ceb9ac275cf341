"""The training panel: from a dataset to a network that learns in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.dry_check import dry_check
from dss_widgets.dataset.song_facts import StoreStamp
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import DataError, DssWidgetsError, OptionsError, Problem
from dss_widgets.jobs import Run, start_run
from dss_widgets.options import TrainingOptions
from dss_widgets.options.network import power_of_two
from dss_widgets.options.suggestion import ADVISED
from dss_widgets.panels.datasets.facts import dataset_words
from dss_widgets.panels.forms.code import ShowCode, code_of
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.load_config import LoadConfig
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.forms.samples_field import Sampling
from dss_widgets.panels.memory import remember
from dss_widgets.panels.monitoring.loss_curves import LossCurves
from dss_widgets.panels.monitoring.run_card import RunCard, doing, state_badge
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, set_class, show, text
from dss_widgets.panels.style.words import beside, error_list, escape, problem_list, reasons, sentence
from dss_widgets.panels.training.each_song_type import EachSongType
from dss_widgets.panels.training.estimate import Measure, duration_bars, meaning_table
from dss_widgets.panels.training.preset_choice import PresetChoice
from dss_widgets.panels.training.saving import SaveConfig, SaveScript
from dss_widgets.panels.training.starting_values import TakeArchitecture
from dss_widgets.panels.training.suits import Suits
from dss_widgets.results.starting_point import TAKEN_OVER, all_problems
from dss_widgets.roots import allowed_roots, refused_paths

RELEVANT = {
    "frontend_filter_duration": lambda options: options.has_frontend,
    "downsample_factor": lambda options: options.frontend == "stft",
    "reduce_learning_rate_patience": lambda options: options.reduce_learning_rate,
}
"""When an option has an effect; the others always do."""


class TrainingPanel(Panel):
    """Choose a dataset and a network, see what the choice means, start training and watch the loss.

    Args:
        options: what the form fills in, or the dataset's folder; left out, new options.
        watch: whether state and loss of the run are part of it.
        chosen: names of options that have been chosen, and stay whatever suits the data; left out, all of them if one differs
            from its default.

    Attributes:
        options: the options.
        blockers: why *Start* is off, as sentences; none: it is on.
        run: the run that was started last, or that is watched.
        is_changed: whether the options have been changed since that run was started, or chosen, here.
        actions: the row of *Start*, to which others may add what comes next.

    Example:
        >>> panel = TrainingPanel("song.npy")
        >>> panel.observe(lambda change: print("started", change.new), "run")
        >>> panel
    """

    options = t.Instance(TrainingOptions)
    blockers = t.Tuple()
    run = t.Instance(Run, allow_none=True)
    is_changed = t.Bool(False)

    def __init__(
        self,
        options: TrainingOptions | str | PathLike[str] | None = None,
        *,
        watch: bool = True,
        chosen: Iterable[str] | None = None,
    ) -> None:
        if not isinstance(options, TrainingOptions):
            options = TrainingOptions(store_folder="" if options is None else str(options))
        self._dataset: Dataset | None = None
        self._used: dict[str, Any] = {}
        self._is_used = True
        self._stamp: StoreStamp | None = None
        self.form = Form(
            options, ["Dataset", "Data and names", "Network", "Training"], relevant=RELEVANT, more_problems=self._more_problems,
            folded=("Data and names", "Network", "Training"),
            sampled={
                "chunk_duration": lambda options: self._sampling(options.whole_chunk),
                "filter_duration": lambda options: self._sampling(round, options.hop),
                "frontend_filter_duration": lambda _: self._sampling(power_of_two),
            },
            unless_told={"save_folder": lambda o: beside(o.save_path, "the dataset") if o.store_folder else ""},
        )  # fmt: skip
        if chosen is None:
            chosen = ADVISED if set(options.as_dict(changed_only=True)) & set(ADVISED) else ()
        self.suggestion, self.measure, self.take = Suits(options, chosen), Measure(options), TakeArchitecture(options)
        self.presets = PresetChoice(options, self.suggestion)
        self.preset = self.presets.dropdown
        self.start: Button = classed(
            Button(description="Start training", layout=plain_layout()), "dss-start", "dss-primary", "dss-big"
        )
        self._reasons: HTML = text("", "dss-reasons")
        self._said: HTML = text()
        self._going: HTML = text("", "dss-going")
        self._meaning: HTML = text("", "dss-meaning")
        self.card = RunCard()
        self.curves = LossCurves() if watch else None
        self.load, self.save_config, self.save_script = LoadConfig(options), SaveConfig(options), SaveScript(options)
        self.place = PlaceForm()
        if allowed_roots():
            for name in options.UNGUARDED:
                show(self.form.fields[name], False)
        else:
            self.place.show_for_slurm(self.form.fields["nodes"])
        self.each_type = EachSongType(options, self.place)
        self.show_code = ShowCode(options, lambda: code_of(options, self.place.options))
        super().__init__(self._arranged(), "dss-training-panel", options=options)
        self._every(self.each_type.watch.ticker)
        self._connect()
        self._refresh()

    def _show_blocks(self, _change: Any = None) -> None:
        """Offer as many boxes for separable blocks as there are blocks."""
        self.form.fields["separable"].set_trait("count", self.options.blocks)

    def _arranged(self) -> list[Any]:
        data = self.form.sections["Data and names"]
        data.children = (*data.children, self.take)
        self.actions: Box = classed(Box([self.start], layout=plain_layout()), "dss-row")
        foot = classed(
            VBox([self._reasons, self.actions, self._said, self._going, self.each_type], layout=plain_layout()),
            "dss-stack-tight",
            "dss-foot",
        )
        tools = [self.save_config, self.load, self.save_script, self.show_code]
        row = classed(Box(tools, layout=plain_layout()), "dss-tools")
        parts = [self.presets, self.suggestion, self.form, self.place, row, foot]
        form = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack", "dss-form-card")
        told = [text(heading("What this choice means")), self._meaning, self.measure]
        means = classed(VBox(told, layout=plain_layout()), "dss-card", "dss-stack-tight")
        watched = [self.card, *([self.curves] if self.curves else [])]
        right = classed(VBox([*watched, means], layout=plain_layout()), "dss-stack")
        self._columns: Box = classed(Box([form, right], layout=plain_layout()), "dss-columns")
        return [self._columns]

    def _connect(self) -> None:
        self._show_blocks()
        self.options.observe(self._show_blocks, "blocks")
        self.form.observe(self._refresh, "problems")
        self.options.observe(self._refresh, list(self.options.declared()))
        self.presets.observe(lambda _: self._filled_in(), "taken")
        self.place.observe(self._refresh, "changed")
        self.observe(lambda change: self._remember_options(has_run=change.new is not None), "run")
        self.start.on_click(lambda _: self.begin())
        self.load.observe(lambda _: self._chosen(ADVISED), "loaded")
        self.take.observe(lambda _: self._chosen(TAKEN_OVER), "taken")
        self.suggestion.observe(lambda _: self._suited(), "filled")
        self.suggestion.observe(self._looks, "is_looking")
        if self.curves is not None:
            t.link((self, "run"), (self.curves, "run"))
            self.curves.observe(lambda _: self._draw_run(), "changed")
            self.card.observe(lambda _: self.curves.follow_again(), "resumed")
            self.card.observe(lambda _: self.set_trait("run", None), "deleted")
            self.observe(lambda change: self.card.forget() if change.new is None else None, "run")
            self._draw_run()

    def _draw_run(self) -> None:
        """Show what the run is doing; in a narrow page that stands far above, so it is told beside *Start* too."""
        assert self.curves is not None
        history = self.curves.history
        self.card.draw(history)
        set_class(self._columns, "dss-watching", history is not None)
        for part in (self.card, self.curves):
            show(part, history is not None)
        going = history.status if history is not None and history.status.is_running else None
        words = f"{doing(going).removesuffix('.')}. Its loss is drawn above." if going else ""
        put(self._going, f"<p>{state_badge(going.state)} {escape(words)}</p>" if going else "")

    def watch(self, look: Callable[[], None]) -> None:
        """Have a function called whenever the run has told something new."""
        if self.curves is not None:
            self.curves.observe(lambda _: look(), "changed")

    def _sampling(self, whole: Callable[[float], int], factor: int = 1) -> Sampling:
        """Return how samples, downsampled by a factor, and milliseconds of the dataset go together."""
        return Sampling(self._dataset.samplerate_hz / factor if self._dataset is not None else 0.0, whole)

    def _more_problems(self, options: TrainingOptions) -> list[Problem]:
        """Return the problems between options and dataset, and those of folders that may not be used."""
        refused = list(refused_paths(options))
        if any(problem.field == "store_folder" for problem in refused):
            self._dataset, self._stamp = None, None
        else:
            self._dataset = self._opened(options.store_path)
        return [*refused, *(all_problems(options) if self._dataset is not None else ())]

    def _opened(self, store: Path) -> Dataset | None:
        """Return the dataset of a folder; it is opened again once something else lies there."""
        stamp = StoreStamp.of(store)
        if stamp == self._stamp:
            return self._dataset
        self._stamp = stamp
        try:
            return open_dataset(store) if store.suffix == ".npy" and store.is_dir() else None
        except DataError:
            return None

    def _filled_in(self) -> None:
        self.form.reload()
        self._refresh()

    def _suited(self) -> None:
        """Show what was filled in; where nobody asked, nobody has changed what the run was started with."""
        used = self._used.get("store_folder")
        if used == self.options.store_folder and not self.suggestion.was_asked and self._is_used:
            self._remember_options(has_run=True)
        self._filled_in()

    def _looks(self, change: t.Bunch) -> None:
        if change.new:
            self._is_used = not self.is_changed
        self._refresh()

    def _chosen(self, names: Iterable[str]) -> None:
        self.suggestion.choose(names)
        self._filled_in()

    def _refresh(self, _change: Any = None) -> None:
        """Bring everything that is seen in step with the options and the dataset."""
        self.suggestion.dataset = self._dataset
        self.form.suit({name: (item.value, item.reason) for name, item in self.suggestion.advice.items()})
        self.presets.refresh(self._dataset)
        labels = self.form.labels
        self.blockers = tuple(sentence(problem, labels.get(problem.field or "", "")) for problem in self.form.errors)
        if self.suggestion.is_looking and not self.blockers:
            self.blockers = ("What suits your song is being found.",)
        self.blockers = (*self.blockers, *self.place.blockers)
        self.show_code.draw()
        self.start.disabled = bool(self.blockers)
        self.is_changed = bool(self._used) and self._used != self.options.as_dict()
        put(self._reasons, reasons(self.blockers))
        self.each_type.refresh(self._dataset, self.suggestion.chosen, is_blocked=bool(self.blockers))
        self.measure.ready = not self.blockers
        self.take.refresh()
        put(self._meaning, self._meaning_words())

    def _meaning_words(self) -> str:
        dataset = self._dataset
        if dataset is None:
            return empty("No dataset yet", "Assemble one first, or choose a folder whose name ends in .npy.")
        words = dataset_words(dataset)
        if not self.form.errors:
            told = dry_check(self.options, dataset)
            words += meaning_table(told, dataset.samplerate_hz) + duration_bars(told, dataset.class_names)
        return f'<div class="dss-stack-tight">{words}</div>'

    def begin(self) -> Run | None:
        """Start training in a process of its own; does nothing while there are blockers."""
        self.form.review()
        self._refresh()
        if self.blockers:
            return None
        if self._is_starting():  # a double click
            return self.run
        self.start.disabled = True
        self.measure.stop()
        try:
            run = start_run(self.options, self.place.options)
        except OptionsError as error:
            put(self._said, problem_list(error.problems, self.form.labels))
            return None
        except DssWidgetsError as error:
            put(self._said, error_list(error))
            return None
        finally:
            self.start.disabled = bool(self.blockers)
        suited = set(self.suggestion.advice) - self.suggestion.chosen
        remember("training", self.options.store_folder, self.options, left_out=suited, kept=self.suggestion.chosen)
        self.place.keep()
        put(self._said, "")
        self.run = run
        return run

    def _remember_options(self, *, has_run: bool) -> None:
        self._used = self.options.as_dict() if has_run else {}
        self.is_changed = False

    def _is_starting(self) -> bool:
        """Return whether a run with these very options is on its way."""
        run = self.run
        return run is not None and run.status().state == "starting" and self._used == self.options.as_dict()
