"""The assembly panel: from a folder of annotated recordings to a dataset."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, Checkbox, VBox

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.splits.individuals import evident_individuals
from dss_widgets.errors import DataError, DssWidgetsError, Problem
from dss_widgets.jobs import JobStatus
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import ABOUT_RECORDINGS, SPLIT_WORDS, SPLITS, AssemblingOptions
from dss_widgets.panels.assembly.folder_contents import FolderContents
from dss_widgets.panels.assembly.job import AssemblyWatch
from dss_widgets.panels.assembly.planner import Planner
from dss_widgets.panels.assembly.song_type_map import SongTypeMap
from dss_widgets.panels.assembly.split_preview import SplitPreview
from dss_widgets.panels.forms.code import ShowCode, code_of
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.memory import recall, remember
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.style.theme import classed, meter, plain_layout, put, show, text
from dss_widgets.panels.style.words import (
    aside,
    beside,
    count,
    duration,
    error_list,
    escape,
    listing,
    problem_list,
    rate,
    reasons,
    sentence,
    time_left,
    waiting,
)
from dss_widgets.roots import refused_paths

RELEVANT = {
    "block_seconds": lambda options: options.stratify == "blocks",
    **{f"{split}_split": lambda options: not options.keep_individuals_together for split in SPLITS},
}
"""When an option has an effect; the others always do."""


class AssemblyPanel(Panel):
    """Choose a folder, see what is in it and how it will be split, and assemble the dataset.

    Args:
        options: what the form fills in, or the folder of recordings; left out, new options.
        preview: whether the split preview is part of it.

    Attributes:
        options: the options.
        blockers: why *Assemble* is off, as sentences; none: it is on.
        dataset: the folder of the dataset that was assembled last, as text; '' before.
        assembling: whether it is at work.
        actions: the row of *Assemble*, to which others may add what comes next.

    Example:
        >>> panel = AssemblyPanel("song")
        >>> panel.observe(lambda change: print("assembled", change.new), "dataset")
        >>> panel
    """

    options = t.Instance(AssemblyOptions)
    blockers = t.Tuple()
    dataset = t.Unicode()
    assembling = t.Bool(False)

    def __init__(self, options: AssemblyOptions | str | PathLike[str] | None = None, *, preview: bool = True) -> None:
        if not isinstance(options, AssemblyOptions):
            options = AssemblyOptions(data_folder="" if options is None else str(options))
        self.planner = Planner(options)
        self._of_folder = _about_recordings(options)
        self._folder = options.data_folder
        self.form = Form(
            options,
            ["Folders", "Splits", "Song types", "Targets", "Advanced splitting", "Files"],
            relevant={**RELEVANT, "keep_individuals_together": lambda _: bool(self.animals)},
            more_problems=self._problems_of_plan,
            folded=("Advanced splitting", "Files"),
            remarks={
                "keep_individuals_together": lambda _: self._animal_words(),
                "event_width_seconds": lambda options: self._samples(options.event_width_seconds),
                "gap_seconds": lambda options: self._samples(options.gap_seconds),
            },
            unless_told={"store_folder": lambda options: beside(options.store_path) if options.data_folder else ""},
        )
        store_field = self.form.fields["store_folder"]
        assert isinstance(store_field, FolderField)
        store_field.complete = self._new_store
        self.preview = SplitPreview() if preview else None
        self.watch, self.place = AssemblyWatch(), PlaceForm()
        self.contents = FolderContents(self.planner)
        self.song_types = SongTypeMap(options)
        types = self.form.sections["Song types"]
        types.children = (types.children[0], self.song_types, *types.children[1:])
        self.start: Button = classed(
            Button(description="Assemble", layout=plain_layout()), "dss-assemble", "dss-primary", "dss-big"
        )
        self.cancel: Button = classed(
            Button(description="Cancel", layout=plain_layout()), "dss-cancel", "dss-danger", "dss-off"
        )
        self.overwrite = Checkbox(description="Replace the existing dataset", indent=False, layout=plain_layout())
        classed(self.overwrite, "dss-overwrite", "dss-off")
        self._progress: HTML = text("", "dss-assembly-progress")
        self._reasons: HTML = text("", "dss-reasons")
        super().__init__(self._arranged(options), "dss-assembly-panel", options=options)
        self._every(self.watch.ticker)
        self._every(self.contents.ticker)
        self._connect()
        self._find()
        self._refresh()

    def _arranged(self, options: AssemblyOptions) -> list[Any]:
        self.actions: Box = classed(Box([self.start, self.cancel, self.overwrite], layout=plain_layout()), "dss-row")
        foot = classed(
            VBox([self._reasons, self.actions, self._progress], layout=plain_layout()), "dss-stack-tight", "dss-foot"
        )
        self.show_code = ShowCode(options, lambda: code_of(options, self.place.options))
        parts = [self.form, self.place, self.show_code, foot]
        form = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack", "dss-form-card")
        right = classed(VBox([self.contents, *([self.preview] if self.preview else [])], layout=plain_layout()), "dss-stack")
        return [classed(Box([form, right], layout=plain_layout()), "dss-columns")]

    def _new_store(self, folder: Path) -> Path:
        """Return the dataset that a picked folder stands for: itself, or a new one inside of it."""
        if folder.suffix == ".npy":
            return folder
        return folder / f"{Path(self.options.data_folder).name or 'dataset'}.npy"

    @property
    def animals(self) -> list[str]:
        """Whom the recordings are of, by their groups or their names; none where that is not known."""
        found = self.planner.survey
        if self.planner.options.group or found is None:
            return ["by Group"] if self.planner.options.group else []
        evident = evident_individuals([entry.name for entry in found.recordings])
        return sorted(set(evident.of.values())) if evident is not None else []

    def _animal_words(self) -> str:
        animals = self.animals
        if self.planner.options.group:
            return "grouped as set by Group, under Advanced"
        if self.planner.survey is None:
            return ""
        if not animals:
            return "the recordings' names do not show it; see Group, under Advanced"
        shown = [*animals[:4], *([f"{len(animals) - 4} more"] if len(animals) > 4 else [])]
        return f"{count(len(animals), 'animal')}: {listing(shown)}"

    def _samples(self, seconds: float) -> str:
        found = self.planner.survey
        rate_hz = self.planner.options.samplerate_hz or (found.samplerate_hz if found is not None and found.recordings else 0)
        return f"{count(round(seconds * rate_hz), 'sample')} at {rate(rate_hz)}" if rate_hz and seconds else ""

    def _folder_changed(self, change: t.Bunch) -> None:
        """Take what was said of other recordings back; what was last said of these comes back."""
        if change.new == self._folder or not Path(change.new).expanduser().is_dir():
            return
        self._folder = change.new
        declared = self.options.declared()
        left_over = {n: declared[n].default for n, value in self._of_folder.items() if getattr(self.options, n) == value}
        self.options.update(left_over)
        recall("assembly", self.options, change.new)
        self._of_folder = _about_recordings(self.options)

    def _connect(self) -> None:
        self.options.observe(self._folder_changed, "data_folder")
        self.options.observe(self._forget_the_last, ["data_folder", "store_folder"])
        self.options.observe(lambda _: setattr(self, "_of_folder", _about_recordings(self.options)), list(ABOUT_RECORDINGS))
        self.planner.observe(self._refresh, ["survey", "plan", "trouble", "reading"])
        self.planner.observe(self._find, "survey")
        self.form.observe(self._refresh, "problems")
        self.place.observe(self._place_changed, "changed")
        self.overwrite.observe(self._refresh, "value")
        self.start.on_click(lambda _: self.assemble())
        self.cancel.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "assembling"))
        self.watch.observe(self._told, "status")
        t.dlink((self.planner, "survey"), (self.song_types, "song_types"), lambda found: found.song_types if found else ())
        if self.preview is not None:
            t.dlink((self.planner, "plan"), (self.preview, "plan"))
            t.dlink((self.planner, "survey"), (self.preview, "survey"))
            self.preview.again.on_click(lambda _: self.planner.draw_again())

    def _place_changed(self, _change: Any) -> None:
        self.show_code.draw()
        self._refresh()

    def _problems_of_plan(self, options: AssemblyOptions) -> list[Any]:
        """Return what stands under a field because of the plan or of the allowed folders."""
        plan = self.planner.plan
        told = plan.problems if plan else self.planner.trouble
        return [*refused_paths(options), *(p for p in told if p.field)]

    def _refresh(self, change: Any = None) -> None:
        """Bring everything that is seen in step with the options, the survey, the plan and the job."""
        if change is not None and change.owner is self.planner:
            self.form.review()
        exists = (self.options.store_path / "attrs.npy").is_file() and not self._refused()
        show(self.overwrite, exists and not self.assembling)
        self.blockers = tuple(self._why_not(exists))
        self.start.disabled = self.assembling or bool(self.blockers)
        show(self.cancel, self.assembling)
        is_new = exists and self.dataset == str(self.options.store_path)
        told = aside(_AGAIN) if is_new and len(self.blockers) == 1 and not self.overwrite.value else reasons(self.blockers)
        put(self._reasons, "" if self.assembling else told)

    def _refused(self) -> bool:
        return bool(refused_paths(self.options))

    def _why_not(self, exists: bool) -> list[str]:
        labels = self.form.labels
        why = [sentence(problem, labels.get(problem.field or "", "")) for problem in self.form.errors] + self.place.blockers
        survey, plan = self.planner.survey, self.planner.plan
        n_errors = sum(problem.is_error for problem in self.contents.problems()) if survey else 0
        if n_errors:
            why.append(f"{n_errors} {'error' if n_errors == 1 else 'errors'} in the recordings: see 'In this folder'.")
        elif plan is not None:
            why += [sentence(problem) for problem in plan.errors if not problem.field]
        elif not why:
            why += [sentence(p) for p in self.planner.trouble] or [
                "The folder is still being read." if self.planner.reading else "The splits are being planned."
            ]
        if exists and not self.overwrite.value:
            why.append(f"{self.options.store_path.name} exists already: choose another dataset folder, or tick 'Replace'.")
        return why

    def assemble(self) -> None:
        """Start assembling what the preview shows; does nothing while there are blockers."""
        self._refresh()
        if self.blockers or self.assembling or self.planner.plan is None:
            return
        remember("assembly", self.options.data_folder, self.options)
        self.place.keep()
        try:
            self.watch.assemble(self.planner.plan, overwrite=self.overwrite.value, place=self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def _forget_the_last(self, _change: Any) -> None:
        """Take away what is told of the dataset that was assembled last: what is on the page is about another one."""
        if not self.assembling:
            put(self._progress, "")

    def _find(self, _change: Any = None) -> None:
        """Look at the assembling of these recordings that is going already, whoever started it."""
        if self.planner.survey is not None and not self.assembling and not self._refused():
            self.watch.find("assemble", AssemblingOptions(**self.options.as_dict()))

    def tick(self) -> bool:
        """Show how far assembling has come; returns whether it is still going."""
        return self.watch.tick()

    def _told(self, _change: Any = None) -> None:
        """Show how far assembling has come, or how it ended."""
        status = self.watch.status
        if status is None:
            return
        if status.is_running:
            put(self._progress, progress_words(status))
        else:
            put(self._progress, outcome_words(status))
            self.overwrite.value = False
            if status.state == "finished":
                self.dataset = ""
                self.dataset = str(status.outcome["store"])
        self._refresh()


def _about_recordings(options: AssemblyOptions) -> dict[str, Any]:
    """Return the options that say something of the very recordings."""
    values = options.as_dict()
    return {name: values[name] for name in ABOUT_RECORDINGS}


_AGAIN = "To assemble again, tick 'Replace the existing dataset', or choose another dataset folder."


def progress_words(status: JobStatus) -> str:
    """Return how far assembling is, as HTML."""
    if status.state == "queued":
        return waiting(status)
    if status.share is None:
        return meter(0, "Starting…")
    return meter(status.share, f"Assembling: {status.share:.0%}, {time_left(status.seconds_left)}")


def outcome_words(status: JobStatus) -> str:
    """Return how assembling ended, as HTML."""
    if status.state == "finished":
        store = str(status.outcome["store"])
        done = "✓ Nothing has changed: the dataset was left as it is" if status.outcome.get("unchanged") else "✓ Assembled"
        return (
            f'<p><span class="dss-good">{done}</span> <code>{escape(store)}</code><br>'
            f'<span class="dss-muted">{_split_durations(store)}</span></p>'
        )
    if status.state == "stopped":
        return "<p>Cancelled. Nothing was written.</p>"
    return problem_list([Problem(status.message)])


def _split_durations(store: str) -> str:
    """Return how long each split of a dataset is, in words; '' where it cannot be read."""
    try:
        dataset = open_dataset(store)
    except DataError:
        return ""
    lengths = {split: dataset.split(split).n_samples / dataset.samplerate_hz for split in SPLIT_WORDS}
    return ", ".join(f"{SPLIT_WORDS[split]} {duration(seconds)}" for split, seconds in lengths.items() if seconds)
