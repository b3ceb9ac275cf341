"""What can be predicted with what, and what came of it: recordings, networks, files to save."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.annotations.table import SUFFIX, read_annotations
from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PREDICTIONS_SUFFIX, PROBABILITIES_SUFFIX
from dss_widgets.panels.background import Latest
from dss_widgets.panels.forms.delivery import Delivery
from dss_widgets.panels.forms.file_list import FileList
from dss_widgets.panels.results.archive import MOST_BYTES, packed
from dss_widgets.panels.style.theme import classed, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import error_list, escape, size
from dss_widgets.results.summary import Summary
from dss_widgets.roots import why_refused

MOST_RECORDINGS = 2000


def recordings_of(place: str) -> list[Path]:
    """Return the recordings that a path stands for: itself, or those in the folder and below; none if it may not be used."""
    path = Path(place).expanduser()
    if not place or why_refused(place):
        return []
    if path.is_file():
        return [path] if is_recording(path) else []
    if not path.is_dir():
        return []
    try:
        return [each.path for each in gathered([path]) if not why_refused(each.path)][:MOST_RECORDINGS]
    except DataError:
        return []


def name_within(file: Path, place: str | Path) -> str:
    """Return what a file is called, with the folders between it and a folder that it lies below."""
    folder = Path(place).expanduser()
    return file.relative_to(folder).as_posix() if folder in file.parents else file.name


def summary_table(sums: Summary) -> str:
    """Return the sums over recordings as HTML: a row a song type, and below how many were done, skipped and failed."""
    rows = "".join(
        f'<tr><td class="dss-name">{escape(name)}</td><td class="dss-number">{sums.recordings[name]:,}</td>'
        f'<td class="dss-number">{sums.counts[name]:,}</td><td class="dss-number">{sums.seconds.get(name, 0.0):,.2f}</td></tr>'
        for name in sums.song_types
    )
    heads = "".join(f'<th class="dss-number">{words}</th>' for words in ("Recordings", "Labels", "Seconds"))
    table = f'<table class="dss-table"><thead><tr><th>Song type</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    told = ", ".join(f"{number:,} {outcome}" for outcome, number in sums.outcomes.items())
    return f'{scrolling(table, "Song types") if rows else ""}<p class="dss-muted">Recordings: {told}.</p>'


def annotation_list() -> FileList:
    """Return an empty list of annotation files."""
    return classed(FileList("Annotations", "Labels"), "dss-predicted-files")


def list_annotations(shown: FileList, files: Sequence[Path], folder: Path) -> None:
    """List the annotation files below a folder, each with how many labels it holds."""
    shown.offer(folder, files, lambda file: name_within(file, folder), _n_labels)


def zip_of(files: Sequence[Path]) -> IO[bytes]:
    """Return files as a zip file without a name on the disk; those that are gone are left out.

    Raises:
        DataError: they are too large, cannot be read, or lie elsewhere meanwhile.
    """
    common = os.path.commonpath([file.parent for file in files]) if files else ""
    return packed((file, name_within(file, common)) for file in files if file.is_file())


def _n_labels(file: Path) -> str:
    try:
        return f"{len(read_annotations(file)[0]):,}"
    except DataError:
        return "–"


class Saving(VBox):
    """Buttons that save all files of a prediction together; probabilities are large, and packed when they are asked for."""

    def __init__(self) -> None:
        self._latest = Latest()
        self._annotations: tuple[Path, ...] = ()
        self._probabilities: tuple[Path, ...] = ()
        self._name = ""
        self.annotations = Delivery()
        self.probabilities = Delivery()
        self.pack: Button = classed(Button(layout=plain_layout()), "dss-pack-probabilities", "dss-off")
        self._said: HTML = text("", "dss-saving-said")
        row = classed(Box([self.annotations, self.pack, self.probabilities], layout=plain_layout()), "dss-row")
        super().__init__([row, self._said], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-saving")
        self.pack.on_click(lambda _: self._pack())

    def offer(self, annotations: Sequence[Path], name: str, *, with_probabilities: bool) -> None:
        """Offer files.

        Args:
            annotations: the files with annotations; none: nothing is offered.
            name: what the zip files' names begin with.
            with_probabilities: whether probabilities were kept beside them.
        """
        self._latest.drop()
        put(self._said, "")
        self._annotations, self._name = tuple(annotations), name
        beside = (file.with_name(file.name.removesuffix(SUFFIX) + PROBABILITIES_SUFFIX) for file in annotations)
        self._probabilities = tuple(file for file in beside if file.is_file()) if with_probabilities else ()
        self.probabilities.clear()
        self.annotations.clear()
        if annotations:
            self._offer_annotations()
        n_bytes = sum(file.stat().st_size for file in self._probabilities)
        self.pack.description = f"Make zip file with probabilities ({size(n_bytes)})"
        fits = n_bytes <= MOST_BYTES
        show(self.pack, bool(self._probabilities) and fits)
        self.pack.disabled = False
        if not fits:
            folder = escape(self._probabilities[0].parent)
            words = f"The probabilities ({size(n_bytes)}) are too large to download here (at most {size(MOST_BYTES)}). Copy"
            put(self._said, f'<p class="dss-muted">{words} them from the server, where they are in <code>{folder}</code></p>')

    def _offer_annotations(self) -> None:
        try:
            self.annotations.offer(zip_of(self._annotations), f"{self._name}{PREDICTIONS_SUFFIX}.zip")
        except DataError as error:
            self._failed(error)

    def _pack(self) -> None:
        self.pack.disabled = True
        put(self._said, '<p class="dss-muted">Packing…</p>')
        files = (*self._annotations, *self._probabilities)
        self._latest.run(lambda: zip_of(files), self._packed, self._failed)

    def _packed(self, content: IO[bytes]) -> None:
        self.pack.disabled = False
        show(self.pack, False)
        put(self._said, "")
        self.probabilities.offer(content, f"{self._name}{Path(PROBABILITIES_SUFFIX).stem}.zip")

    def _failed(self, error: Exception) -> None:
        self.pack.disabled = False
        put(self._said, error_list(error))
