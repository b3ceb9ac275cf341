"""How well annotations agree with others of the same recordings: another person's, a network's, another tool's."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Dropdown, VBox

from dss_widgets.dataset.two_sets import pair_sets
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.agreement import AgreementOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.panels.action import Action
from dss_widgets.panels.background import Latest
from dss_widgets.panels.counts.agreement_tables import (
    agreement_table,
    disagreement_table,
    headline,
    lacking,
    recordings_table,
)
from dss_widgets.panels.forms.delivery import Delivery
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, heading, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list, problem_list
from dss_widgets.results.agreement import Agreement
from dss_widgets.results.agreement_table import agreement_csv
from dss_widgets.results.comparing_sets import compare_sets
from dss_widgets.results.differences import differences_csv
from dss_widgets.review import Stretch
from dss_widgets.roots import why_refused

_OTHER = replace(
    AssemblyOptions.declared()["data_folder"],
    name="other_annotations",
    label="Other annotations",
    placeholder="a folder",
    help="A folder with other annotations of the same recordings, in any format that is read: another person's, a network's, "
    "another tool's. No recordings need to lie there.",
)
_ALL = "all recordings"
_AROUND_SECONDS = 0.01
"""That much is marked before and after a label that differs: events last no time."""

Walk = Callable[[tuple[Stretch, ...]], object]

_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""


class OtherSet(Folded):
    """A button that opens the comparison of annotations with others; what belongs to it is made when it is opened first.

    Attributes:
        folder, recordings: of the annotations, see :class:`SetComparison`.
        comparison: what it opens; None before.
        walk: takes where the sets differ, to go from one place to the next; None: nobody does.
    """

    folder = t.Unicode()
    recordings = t.Unicode()

    def __init__(self) -> None:
        super().__init__("Compare with other annotations…", "dss-agreement-open")
        self.comparison: SetComparison | None = None
        self.walk: Walk | None = None

    def opened(self) -> None:
        """Make what belongs to it."""
        if self.is_open and self.comparison is None:
            self.comparison = SetComparison(self.walk)
            for name in ("folder", "recordings"):
                t.dlink((self, name), (self.comparison, name))
            self.body.children = [self.comparison]
            self.comparison.suggest()


class SetComparison(VBox):
    """How well annotations agree with others of the same recordings.

    Args:
        walk: takes where the sets differ, to go from one place to the next; None: nobody does.

    Attributes:
        folder: the folder of the annotations, as text.
        recordings: the folder of their recordings, or one of these, as text; '': the same. Annotations that lie apart from
            their recordings are a network's, and are judged by the others; else they are what the others are judged by.
        other: the folder of the other annotations, as text.
        agreement: how well they agree; None before they are compared.
    """

    folder = t.Unicode()
    recordings = t.Unicode()
    other = t.Unicode()
    agreement = t.Instance(Agreement, allow_none=True)

    def __init__(self, walk: Walk | None = None) -> None:
        self._walk = walk
        self._latest = Latest()
        self.options = AgreementOptions()
        self.field = FolderField(_OTHER, "")
        self.form = Form(self.options, ("Comparison", "Song types"), folded=("Song types",))
        self.compare = Action("Compare", "dss-compare-sets", "dss-primary", may=self._may)
        self._said: HTML = text("", "dss-agreement-said")
        self._parts: dict[str, HTML] = {name: text("", f"dss-agreement-{name}") for name in ("all", "types", "names", "worst")}
        self.recording = Dropdown(description="Recording", layout=plain_layout())
        self.go = Action("Go through the differences", "dss-agreement-go", may=self._places, hides=True)
        self.table_file, self.differences_file = Delivery(), Delivery()
        super().__init__(self._arranged(), layout=plain_layout())
        classed(self, "dss-stack-tight")
        t.link((self, "other"), (self.field, "value"))
        self.observe(self._forget, ["folder", "recordings", "other"])
        for part, traits in ((self.field, "fault"), (self.form, "problems")):
            part.observe(lambda _: self.compare.draw(), traits)
        self.options.observe(self._forget, list(self.options.declared()))
        self.compare.on_click(lambda _: self.look())
        self.go.on_click(lambda _: self._go())
        self._forget()

    def _arranged(self) -> list[Any]:
        opening = classed(Box([self.recording, self.go], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        self._opening = opening
        names = classed(
            VBox([text(heading("Where they differ")), self._parts["names"]], layout=plain_layout()), "dss-stack-tight"
        )
        worst = VBox(
            [text(heading("Recordings that agree least")), self._parts["worst"], opening], layout=plain_layout()
        )  # fmt: skip
        self._differences = classed(
            Box([classed(worst, "dss-stack-tight"), names], layout=plain_layout()), "dss-counts-tables"
        )  # fmt: skip
        files = classed(Box([self.table_file, self.differences_file], layout=plain_layout()), "dss-row", "dss-counts-files")
        parts = [self._parts["all"], self._parts["types"], self._differences, files]
        self._whole = classed(VBox(parts, layout=plain_layout()), "dss-stack")
        row = classed(Box([self.compare], layout=plain_layout()), "dss-row")
        return [self.field, self.form, row, self._said, self._whole]

    def suggest(self) -> None:
        """Fill in the folder of the recordings, where the annotations that are shown lie elsewhere."""
        if not self.other and not self._is_reference:
            self.other = str(self._sound)

    @property
    def _sound(self) -> Path:
        place = typed_path(self.recordings or self.folder)
        return place.parent if place.is_file() else place

    @property
    def _is_reference(self) -> bool:
        return self._sound == typed_path(self.folder)

    def _may(self) -> bool:
        return bool(self.folder and self.other and not self.field.fault and not self.form.errors)

    def _forget(self, _change: Any = None) -> None:
        """What was compared is something else."""
        self._latest.drop()
        self.agreement = None
        put(self._said, "")
        show(self._whole, False)
        self.compare.draw()

    def look(self) -> None:
        """Read both sets as they are by now, and compare them."""
        self._forget()
        if not self._may() or any(map(why_refused, (self.folder, self.other, str(self._sound)))):
            return
        sides = (self.folder, self.other) if self._is_reference else (self.other, self.folder)
        options, sound = self.options.copy(), self._sound
        put(self._said, '<p class="dss-muted">Comparing…</p>')

        def work() -> Agreement:
            return compare_sets(pair_sets(*sides, options, recordings=sound), options.tolerance_seconds)

        self._latest.run(work, self._found, lambda error: put(self._said, error_list(error)))

    def _places(self) -> tuple[Stretch, ...]:
        """Return where the sets differ, in the recording that is chosen or in all, those that agree least first."""
        if self.agreement is None or self._walk is None:
            return ()
        paths = {pair.name: str(pair.path) for pair in self.agreement.sets.pairs}
        chosen = self.recording.value or ""
        return tuple(
            Stretch(
                paths[label.recording], max(0.0, label.start_seconds - _AROUND_SECONDS), label.stop_seconds + _AROUND_SECONDS,
                label.words("reference", "compared set"), 1.0,
            )
            for label in self.agreement.differing
            if chosen in ("", label.recording)
        )  # fmt: skip

    def _found(self, found: Agreement) -> None:
        self.agreement = found
        foreign = found.sets.only_other_types if self._is_reference else found.sets.only_annotated_types
        own = [name for name in found.sets.categories if name not in foreign]
        colours = song_colours(["noise", *own, *foreign])  # their own are coloured as where they are counted
        put(self._said, problem_list(found.sets.notices, limit=5))
        put(self._parts["all"], headline(found) + lacking(found))
        nothing = '<p class="dss-muted">Neither has any song in these recordings: they agree.</p>'
        put(self._parts["types"], agreement_table(found, colours) if found.by_type else nothing)
        put(self._parts["names"], disagreement_table(found, colours))
        put(self._parts["worst"], recordings_table(found))
        differing = [each.name for each in found.recordings if each.differing]
        show(self._differences, bool(differing))
        show(self._opening, self._walk is not None)
        offer(self.recording, [(_ALL, ""), *((name, name) for name in differing)])
        self.go.draw()
        self.table_file.offer(io.BytesIO((_MARK + agreement_csv(found)).encode()), "agreement.csv")
        self.differences_file.offer(io.BytesIO((_MARK + differences_csv(found.differing)).encode()), "differences.csv")
        show(self._whole, True)

    def _go(self) -> None:
        places = self._places()
        if places and self._walk is not None and not why_refused(places[0].recording):
            self._walk(places)
