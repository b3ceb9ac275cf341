"""The dataset panel: an assembled dataset, opened and paged through."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, ToggleButtons, VBox

from dss_widgets.dataset.stores.store import Dataset, Split, open_dataset
from dss_widgets.errors import DataError, DssWidgetsError, Problem
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
from dss_widgets.panels.sound.pager import Pager
from dss_widgets.panels.sound.stretch_plots import Excerpt, StretchPlots
from dss_widgets.panels.style.theme import classed, empty, heading, offer, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import problem_list
from dss_widgets.roots import confined

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
        self._reading, self._counting, self._seeking = Latest(), Latest(), Latest()
        self.field = FolderField(replace(TrainingOptions.declared()["store_folder"], label="Dataset"), store)
        self._message: HTML = text()
        self._facts: HTML = text("", "dss-dataset-facts")
        self._shares: HTML = text("", "dss-dataset-shares")
        self._made: HTML = text("", "dss-dataset-made")
        self._splits = ToggleButtons(options=[], layout=plain_layout())
        self.pager = Pager()
        self.targets = Dropdown(description="Targets", layout=plain_layout())
        self.channel = Dropdown(description="Channel", layout=plain_layout())
        self.song = Dropdown(description="Look for", layout=plain_layout())
        self.find: Button = classed(Button(description="Next", layout=plain_layout()), "dss-find-next")
        self.find.tooltip = "Go to the next annotation"
        self._said: HTML = text()
        self._source: HTML = text("", "dss-dataset-source")
        self._plots_box = classed(VBox(layout=plain_layout()), "dss-dataset-plots")
        self.plots: StretchPlots | None = None
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
        controls = [self.song, self.find, self.channel, self.targets]
        row = classed(Box(controls, layout=plain_layout()), "dss-row", "dss-zoom-controls")
        parts = [head, self.pager, row, self._said, self._source, self._plots_box]
        self._pages = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight")
        return [top, self._pages, self._amounts, self.show_code]

    def _connect(self) -> None:
        t.link((self, "store"), (self.field, "value"))
        self.observe(self._open, "store")
        self._splits.observe(self._split_chosen, "value")
        self.observe(self._split_changed, "split")
        self.pager.observe(self._refresh, ["start", "seconds"])
        for control in (self.targets, self.channel):
            control.observe(self._refresh, "value")
        self.find.on_click(lambda _: self.find_next())

    def _open(self, _change: Any = None) -> None:
        """Open the dataset that is chosen, or say why it cannot be."""
        self.dataset = None
        trouble = ""
        if self.store:
            try:
                self.dataset = open_dataset(confined(self.store))
            except DssWidgetsError as error:
                trouble = problem_list([Problem(str(error))])
        self.show_code.draw()
        dataset = self.dataset
        put(self._message, trouble or ("" if dataset else _NOTHING))
        put(self._facts, dataset_words(dataset) if dataset else "")
        for part in (self._pages, self._amounts):
            show(part, dataset is not None)
        if dataset is not None:
            self._fill(dataset)

    def _fill(self, dataset: Dataset) -> None:
        """Offer what this dataset has."""
        filled = [name for name, split in dataset.splits.items() if split.n_samples]
        offer(self._splits, [(SPLIT_WORDS[name], name) for name in filled])
        offer(self.targets, [("all song types", ""), *((f"{name} alone", name) for name in dataset.song_types)])
        offer(self.channel, [(str(i + 1), i) for i in range(dataset.n_channels)])
        offer(self.song, [(ANY, ""), *((name, name) for name in dataset.class_names[1:])])
        show(self.targets, bool(dataset.song_types))
        show(self.channel, dataset.n_channels > 1)
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
        self.pager.total = dataset.split(self.split).n_samples / dataset.samplerate_hz
        self.pager.start = 0.0
        self.find_next(from_here=True)
        self._refresh()

    def find_next(self, *, from_here: bool = False) -> None:
        """Go to the next place where the chosen song type is annotated."""
        dataset, split = self.dataset, self.split
        if dataset is None:
            return
        names = dataset.class_names
        columns = list(range(1, len(names))) if not self.song.value else [names.index(self.song.value)]
        here = self.pager.start + (0 if from_here else 0.2 * self.pager.seconds)
        start = int(here * dataset.samplerate_hz)

        def seek() -> int | None:
            return next_song(dataset.split(split).y(), columns, start) if columns else None

        self._seeking.run(seek, self._found, self._failed)

    def _found(self, sample: int | None) -> None:
        if self.dataset is None:
            return
        if sample is None:
            put(self._said, f'<p class="dss-muted">No more of it in {SPLIT_WORDS[self.split]} after this page.</p>')
        else:
            put(self._said, "")
            self.pager.go_to(sample / self.dataset.samplerate_hz - 0.1 * self.pager.seconds)

    def _refresh(self, _change: Any = None) -> None:
        dataset = self.dataset
        if dataset is not None and dataset.split(self.split).n_samples and self.channel.value is not None:
            part, place = dataset.split(self.split), (self.pager.start, self.pager.seconds)
            channel, song_type = self.channel.value, self.targets.value or ""
            self._reading.run(lambda: page(part, dataset, place, channel, song_type), self._draw, self._failed)

    def _failed(self, error: Exception) -> None:
        put(self._message, problem_list([Problem(str(error))]))

    def _draw(self, excerpt: Excerpt) -> None:
        assert self.dataset is not None
        if self.plots is None:
            self.plots = StretchPlots()
            self._plots_box.children = [self.plots]
        self.plots.draw(excerpt)
        put(self._source, source_words(sources(self.dataset, self.split, excerpt.start_seconds, excerpt.stop_seconds)))


_NOTHING = empty("No dataset yet", "Choose a folder whose name ends in .npy: one that was assembled here, or by DAS.")


def page(part: Split, dataset: Dataset, place: tuple[float, float], channel: int = 0, song_type: str = "") -> Excerpt:
    """Read a page of a split of a dataset.

    Args:
        part, dataset: the split and its dataset.
        place: where the page begins, and how long it is, in seconds.
        channel: of the audio.
        song_type: whose targets; '' for those of all types.

    Raises:
        DataError: the dataset cannot be read there.
    """
    rate = dataset.samplerate_hz
    start = int(np.clip(round(place[0] * rate), 0, max(0, part.n_samples - 1)))
    stop = min(part.n_samples, start + max(1, round(place[1] * rate)))
    try:
        audio = np.asarray(part.x[start:stop, channel], dtype=np.float32)
        targets = np.asarray(part.y(song_type)[start:stop], dtype=np.float32)
    except OSError as error:
        raise DataError(f"{Path(part.folder)}: cannot be read ({error.strerror}). Is its disk still there?") from error
    axis = f"time in the {SPLIT_WORDS[part.name]} split (s)"
    return Excerpt(start / rate, stop / rate, rate, audio, targets, dataset.classes(song_type)[0], axis)
