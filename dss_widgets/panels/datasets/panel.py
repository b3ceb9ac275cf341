"""The dataset panel: an assembled dataset, opened and paged through."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, ToggleButtons, VBox

from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import DataError, DssWidgetsError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.assembly import SPLIT_WORDS
from dss_widgets.panels.background import Latest
from dss_widgets.panels.datasets.facts import (
    Shares,
    dataset_words,
    made_words,
    next_song,
    share_table,
    shares,
    source_words,
    sources,
)
from dss_widgets.panels.forms.code import ShowCode, dataset_code
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.sound.sound import Curves, Sound, read_rows
from dss_widgets.panels.style.theme import classed, empty, heading, offer, plain_layout, put, scrolling, set_class, show, text
from dss_widgets.panels.style.words import error_list
from dss_widgets.roots import confined

if TYPE_CHECKING:
    from dss_widgets.panels.sound.view import SoundView

ANY = "any song"


class DatasetPanel(Panel):
    """Opens an assembled dataset, DAS's included, and pages through audio, spectrogram, targets and their sources.

    Attributes:
        store: the dataset's folder, as text; '' before one is chosen.
        dataset: the dataset; None while there is none that can be opened.
        split: which split is looked at.

    Example:
        >>> DatasetPanel("song.npy")
    """

    store = t.Unicode()
    dataset = t.Instance(Dataset, allow_none=True)
    split = t.Unicode("train")

    def __init__(self, store: str | PathLike[str] = "") -> None:
        store = str(store)
        self._counting, self._seeking = Latest(), Latest()
        self.field = FolderField(replace(TrainingOptions.declared()["store_folder"], label="Dataset"), store)
        self._message: HTML = text()
        self._facts: HTML = text("", "dss-dataset-facts")
        self._shares: HTML = text("", "dss-dataset-shares")
        self._made: HTML = text("", "dss-dataset-made")
        self._splits = ToggleButtons(options=[], layout=plain_layout())
        self.targets = Dropdown(description="Targets", layout=plain_layout())
        self.song = Dropdown(description="Look for", layout=plain_layout())
        self.find: Button = classed(Button(description="Next", layout=plain_layout()), "dss-find-next")
        self.find.tooltip = "Go to the next annotation"
        self._said: HTML = text()
        self._source: HTML = text("", "dss-dataset-source")
        self._plots_box = classed(VBox(layout=plain_layout()), "dss-dataset-plots")
        self.view: SoundView | None = None
        self._is_dimmed = False
        self.show_code = ShowCode(None, lambda: dataset_code(self.store or "STORE.npy", self.dataset))
        super().__init__(self._arranged(), "dss-dataset-panel")
        self._connect()
        self.store = store
        self._open()

    def _arranged(self) -> list[Any]:
        top = classed(VBox([self.field, self._message, self._facts], layout=plain_layout()), "dss-card", "dss-stack-tight")
        self._amounts = classed(
            VBox([text(heading("Content of the splits")), self._shares, self._made], layout=plain_layout()),
            "dss-card", "dss-stack-tight",
        )  # fmt: skip
        head = classed(Box([text(heading("Browse")), self._splits], layout=plain_layout()), "dss-row", "dss-spread")
        controls = [self.song, self.find, self.targets]
        row = classed(Box(controls, layout=plain_layout()), "dss-row", "dss-zoom-controls")
        parts = [head, row, self._said, self._source, self._plots_box]
        self._pages = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight")
        return [top, self._pages, self._amounts, self.show_code]

    def _connect(self) -> None:
        t.link((self, "store"), (self.field, "value"))
        self.observe(self._open, "store")
        self._splits.observe(self._split_chosen, "value")
        self.observe(self._split_changed, "split")
        self.targets.observe(self._refresh, "value")
        self.find.on_click(lambda _: self.find_next())

    def _open(self, _change: Any = None) -> None:
        """Open the dataset that is chosen, or say why it cannot be, above a dimmed view of what was open before."""
        was_open, self.dataset = self.dataset is not None or self._is_dimmed, None
        trouble = ""
        if self.store:
            try:
                self.dataset = open_dataset(confined(self.store))
            except DssWidgetsError as error:
                trouble = error_list(error)
        self.show_code.draw()
        dataset = self.dataset
        self._is_dimmed = bool(trouble) and was_open
        put(self._message, trouble or ("" if dataset else _NOTHING))
        if not self._is_dimmed:
            put(self._facts, dataset_words(dataset) if dataset else "")
        for part in (self._pages, self._amounts):
            show(part, dataset is not None or self._is_dimmed)
        for part in (self._facts, self._pages, self._amounts):
            set_class(part, "dss-dimmed", self._is_dimmed)
        if dataset is not None:
            self._fill(dataset)

    def _fill(self, dataset: Dataset) -> None:
        """Offer what this dataset has."""
        filled = [name for name, split in dataset.splits.items() if split.n_samples]
        offer(self._splits, [(SPLIT_WORDS[name], name) for name in filled])
        offer(self.targets, [("all song types", ""), *((f"{name} alone", name) for name in dataset.song_types)])
        offer(self.song, [(ANY, ""), *((name, name) for name in dataset.class_names[1:])])
        show(self.targets, bool(dataset.song_types))
        put(self._made, made_words(dataset))
        put(self._shares, '<p class="dss-muted">Counting…</p>')
        self._counting.run(lambda: {name: shares(dataset, name) for name in filled}, self._counted, self._failed)
        if self.split not in filled and filled:
            self.split = filled[0]
        else:
            self._split_changed()

    def _counted(self, found: dict[str, Shares]) -> None:
        if self.dataset is not None:
            put(self._shares, scrolling(share_table(self.dataset, found), "Shares of the classes"))

    def _split_chosen(self, change: t.Bunch) -> None:
        if change.new:
            self.split = change.new

    def _split_changed(self, _change: Any = None) -> None:
        dataset = self.dataset
        if dataset is None or not dataset.split(self.split).n_samples:
            return
        self._splits.value = self.split
        self._refresh(start=0.0)
        self.find_next(from_here=True)

    def find_next(self, *, from_here: bool = False) -> None:
        """Go to the next place where the chosen song type is annotated."""
        dataset, split, view = self.dataset, self.split, self.view
        if dataset is None or view is None:
            return
        names = dataset.class_names
        columns = list(range(1, len(names))) if not self.song.value else [names.index(self.song.value)]
        here = view.place[0] + (0 if from_here else 0.2 * view.seconds)
        start = int(here * dataset.samplerate_hz)

        def seek() -> int | None:
            return next_song(dataset.split(split).y(), columns, start) if columns else None

        self._seeking.run(seek, self._found, self._failed)

    def _found(self, sample: int | None) -> None:
        if self.dataset is None or self.view is None:
            return
        if sample is None:
            put(self._said, f'<p class="dss-muted">No more of it in {SPLIT_WORDS[self.split]} after this page.</p>')
        else:
            put(self._said, "")
            self.view.go_to(sample / self.dataset.samplerate_hz - 0.1 * self.view.seconds)

    def _refresh(self, _change: Any = None, *, start: float | None = None) -> None:
        dataset = self.dataset
        if dataset is None or not dataset.split(self.split).n_samples:
            return
        if self.view is None:
            from dss_widgets.panels.sound.view import SoundView  # not before there is sound to be seen

            self.view = SoundView("Audio and targets of the split", 0.5)
            self._plots_box.children = [self.view]
            self.view.observe(self._tell_source, "place")
        try:
            self.view.show(sound_of(dataset, self.split, self.targets.value or ""), start=start)
        except DataError as error:
            self.view.say(error)
        self._tell_source()

    def _failed(self, error: Exception) -> None:
        put(self._message, error_list(error))

    def _tell_source(self, _change: Any = None) -> None:
        if self.dataset is not None and self.view is not None:
            put(self._source, source_words(sources(self.dataset, self.split, *self.view.place)))


_NOTHING = empty("No dataset yet", "Choose a folder whose name ends in .npy: one that was assembled here, or by DAS.")


def sound_of(dataset: Dataset, split: str, song_type: str = "") -> Sound:
    """Return a split's audio with its targets.

    Args:
        dataset, split: which split of which dataset.
        song_type: whose targets; '' for those of all types.

    Raises:
        DataError: there are no such targets.
    """
    part = dataset.split(split)
    curves = Curves("Targets", tuple(dataset.classes(song_type)[0]), partial(read_rows, part.y(song_type), str(part.folder)))
    sound = Sound.of_array(part.x, dataset.samplerate_hz, str(part.folder))
    return replace(sound, axis=f"time in the {SPLIT_WORDS[part.name]} split (s)", curves=curves)
