"""Saving what a prediction left: all annotations as one zip file, and the probabilities with them where they were kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import Problem
from dss_widgets.panels.background import Latest
from dss_widgets.panels.forms.delivery import Delivery
from dss_widgets.panels.look.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.look.words import escape, problem_list, size
from dss_widgets.panels.prediction.files import zip_of
from dss_widgets.panels.results.archive import MOST_BYTES
from dss_widgets.results.probabilities_file import PROBABILITIES_SUFFIX


class Saving(VBox):
    """Links that save the files of a prediction; probabilities are large, and packed when they are asked for."""

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
            self.annotations.offer(zip_of(annotations), f"{name}_predictions.zip")
        n_bytes = sum(file.stat().st_size for file in self._probabilities)
        self.pack.description = f"Make zip file with probabilities ({size(n_bytes)})"
        fits = n_bytes <= MOST_BYTES
        show(self.pack, bool(self._probabilities) and fits)
        self.pack.disabled = False
        if not fits:
            folder = escape(self._probabilities[0].parent)
            words = f"The probabilities ({size(n_bytes)}) are too much to go through a page (at most {size(MOST_BYTES)}). Copy"
            put(self._said, f'<p class="dss-quiet">{words} them from the server, where they are in <code>{folder}</code></p>')

    def _pack(self) -> None:
        self.pack.disabled = True
        put(self._said, '<p class="dss-quiet">Packing…</p>')
        files = (*self._annotations, *self._probabilities)
        self._latest.run(lambda: zip_of(files), self._packed, self._failed)

    def _packed(self, content: bytes) -> None:
        self.pack.disabled = False
        show(self.pack, False)
        put(self._said, "")
        self.probabilities.offer(content, f"{self._name}_probabilities.zip")

    def _failed(self, error: Exception) -> None:
        self.pack.disabled = False
        put(self._said, problem_list([Problem(str(error))]))
