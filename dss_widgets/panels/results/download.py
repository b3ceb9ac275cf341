"""Downloading what a run left: choose the parts, see how large they are, save them as one zip file."""

from __future__ import annotations

from typing import IO, Any

import traitlets as t
from ipywidgets import HTML, Box, Checkbox

from dss_widgets.jobs import Run
from dss_widgets.panels.action import Action
from dss_widgets.panels.background import Latest
from dss_widgets.panels.forms.delivery import Delivery
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.results.archive import Part, parts_of, why_too_large, zip_of
from dss_widgets.panels.style.theme import classed, plain_layout, put, text
from dss_widgets.panels.style.words import error_list, escape, size


class Download(Folded):
    """Check boxes for a run's parts with their sizes, and a button that makes the zip file.

    Attributes:
        run: the run.
        blockers: why *Make zip file* is off, as sentences; none: it is on.
    """

    run = t.Instance(Run, allow_none=True)
    blockers = t.Tuple()

    def __init__(self) -> None:
        super().__init__("Download…", "dss-download-run")
        self._latest = Latest()
        self._packing = False
        self.boxes: dict[str, Checkbox] = {}
        self._parts: dict[str, Part] = {}
        self._choice = classed(Box(layout=plain_layout()), "dss-row", "dss-download-parts")
        self.make = Action("Make zip file", "dss-make-zip", may=lambda: not (self._packing or self.blockers))
        self.delivery = Delivery()
        self._said: HTML = text("", "dss-download-said")
        row = classed(Box([self.make, self.delivery], layout=plain_layout()), "dss-row")
        self.body.children = [self._choice, row, self._said]
        self.observe(lambda _: self.look(), "run")
        self.make.on_click(lambda _: self.pack())
        self.look()

    def opened(self) -> None:
        """Look again at what there is: predictions may have been made since."""
        self.look()

    def look(self) -> None:
        """Offer what there is of the run."""
        self._latest.drop()
        self.delivery.clear()
        put(self._said, "")
        found = {part.name: part for part in (parts_of(self.run) if self.run is not None else ())}
        if self._parts != found:
            self._parts = found
            chosen = {name: box.value for name, box in self.boxes.items()}
            old, self.boxes = self.boxes, {part.name: _box(part, chosen.get(part.name, True)) for part in found.values()}
            for box in self.boxes.values():
                box.observe(self._chosen, "value")
            self._choice.children = tuple(self.boxes.values())
            for box in old.values():
                box.close()
        self._chosen()

    @property
    def parts(self) -> list[Part]:
        """What is chosen."""
        return [part for name, part in self._parts.items() if self.boxes[name].value]

    def _chosen(self, _change: Any = None) -> None:
        self._latest.drop()
        self._packing = False
        self.delivery.clear()
        self.blockers = tuple(filter(None, [self._why_not()]))
        self.make.draw()
        together = size(sum(part.n_bytes for part in self.parts))
        self.make.description = f"Make zip file ({together})" if self.parts else "Make zip file"
        put(self._said, f'<p class="dss-muted">{escape(" ".join(self.blockers))}</p>' if self.blockers else "")

    def _why_not(self) -> str:
        if self.run is None or not self._parts:
            return "There is nothing of this run to download yet."
        if not self.parts:
            return "Choose what to download."
        return why_too_large(self.run, self.parts)

    def pack(self) -> None:
        """Make the zip file and send it to the page; does nothing while there are blockers."""
        self._chosen()
        run, parts = self.run, self.parts
        if self.blockers or run is None:
            return
        self._packing = True
        self.make.draw()
        put(self._said, '<p class="dss-muted">Packing…</p>')
        self._latest.run(lambda: zip_of(run, parts), self._packed, self._failed)

    def _packed(self, content: IO[bytes]) -> None:
        assert self.run is not None
        self._ended()
        self.delivery.offer(content, f"{self.run.name}.zip")
        put(self._said, "")

    def _ended(self) -> None:
        self._packing = False
        self.make.draw()

    def _failed(self, error: Exception) -> None:
        self._ended()
        put(self._said, error_list(error))


def _box(part: Part, chosen: bool) -> Checkbox:
    words = f"{part.words} ({size(part.n_bytes)})" if part.files else part.words
    return Checkbox(value=chosen, description=words, indent=False, layout=plain_layout())
