"""Where a form's job runs: this computer or Slurm, with what Slurm is asked for shown only then."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import Box, Dropdown, VBox

from dss_widgets.errors import DssWidgetsError, Problem
from dss_widgets.jobs.slurm.partitions import Partition, partitions
from dss_widgets.jobs.slurm.tools import has_slurm
from dss_widgets.options.place import PlaceOptions
from dss_widgets.options.place_presets import keep_place, last_place, place_presets, refused_commands
from dss_widgets.panels.background import Latest
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.style.theme import classed, label, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape, sentence

_OWN = ""


class PlaceForm(VBox):
    """The choice of where a job runs; not to be seen where there is no Slurm.

    Attributes:
        options: what is chosen; begins with what was asked for last, on this computer.
        changed: counts up whenever something else is chosen.

    Example:
        >>> place = PlaceForm()
        >>> place.options.is_slurm
        False
    """

    options = t.Instance(PlaceOptions)
    changed = t.Int(0)

    def __init__(self) -> None:
        options = last_place()
        self._shown_for_slurm: list[Any] = []
        self.form: Form | None = None
        super().__init__(layout=plain_layout(), options=options)
        classed(self, "dss-place", "dss-stack-tight", "dss-off")
        if has_slurm() or options.is_slurm:
            self._build(options)

    def _build(self, options: PlaceOptions) -> None:
        self._partitions: list[Partition] = []
        self._asking = Latest()
        self.form = Form(options, more_problems=_refused, remarks={"partition": self._partition_words})
        self.named = Dropdown(description=label("Named place"), description_allow_html=True, layout=plain_layout())
        self._there = text("", "dss-note", "dss-partitions")
        named: Box = classed(Box([self.named], layout=plain_layout()), "dss-field", "dss-field-named-place", "dss-wide")
        self.children = [self.form, self._there]
        show(self, True)
        section = next(iter(self.form.sections.values()))
        fields = section.children[1]
        on, *others = fields.children
        fields.children = (on, named, *others)
        self._shown_for_slurm += [*others, self._there]
        self._named_field = named
        options.observe(self._draw, "on")
        options.observe(self._tell, list(options.declared()))
        self.form.observe(self._tell, "problems")
        self.named.observe(self._take_named, "value")
        self._offer_named()
        self._draw()

    @property
    def blockers(self) -> list[str]:
        """Why nothing can be started with this, as sentences."""
        form = self.form
        return [] if form is None else [sentence(problem, form.labels.get(problem.field or "", "")) for problem in form.errors]

    def show_for_slurm(self, part: Any) -> None:
        """Show something of another form only while Slurm is chosen."""
        self._shown_for_slurm.append(part)
        show(part, self.options.is_slurm)

    def keep(self) -> None:
        """Keep what was asked for, for the next time."""
        keep_place(self.options)

    def _tell(self, _change: Any = None) -> None:
        self.changed += 1

    def _offer_named(self) -> None:
        try:
            names = list(place_presets())
        except DssWidgetsError as error:
            put(self._there, f"<b>Note:</b> {escape(error)}")
            names = []
        self.named.options = [("custom", _OWN), *((name, name) for name in names)]
        self.named.value = _OWN

    def _take_named(self, change: t.Bunch) -> None:
        if change.new != _OWN:
            self.options.update(place_presets()[change.new].as_dict())
            if self.form is not None:
                self.form.reload()

    def _draw(self, _change: Any = None) -> None:
        """Show what belongs to the choice; what Slurm has is asked for once it is chosen."""
        for part in self._shown_for_slurm:
            show(part, self.options.is_slurm)
        show(self._named_field, self.options.is_slurm and len(self.named.options) > 1)
        if self.options.is_slurm and not self._partitions:
            self._asking.run(partitions, self._found, self._not_found)

    def _found(self, there: list[Partition]) -> None:
        self._partitions = there
        others = "; ".join(partition.words() for partition in there if not partition.is_default)
        put(self._there, f"Other partitions: {escape(others)}." if others else "")
        if self.form is not None:
            self.form.review()

    def _not_found(self, error: Exception) -> None:
        put(self._there, f"<b>Note:</b> {escape(error)}")

    def _partition_words(self, options: PlaceOptions) -> str:
        named = options.partition or next((partition.name for partition in self._partitions if partition.is_default), "")
        found = next((partition for partition in self._partitions if partition.name == named), None)
        if found is None:
            return f"not among {', '.join(p.name for p in self._partitions)}" if self._partitions and named else ""
        return found.words()


def _refused(options: PlaceOptions) -> list[Problem]:
    try:
        return refused_commands(options)
    except DssWidgetsError as error:
        return [Problem(str(error), field="on")]
