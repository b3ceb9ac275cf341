"""A form: the fields of some options in sections, kept in step with the options, with every problem under its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import traitlets as t
from ipywidgets import Box, VBox

from dss_widgets.errors import Problem
from dss_widgets.options import Option, Options
from dss_widgets.panels.forms.fields import Field, FlagsField, make_field
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.samples_field import SamplesField, Sampling
from dss_widgets.panels.style.theme import classed, heading, plain_layout, text
from dss_widgets.panels.style.words import sentence
from dss_widgets.roots import refused_paths

Relevance = Mapping[str, Callable[[Any], bool]]


_SPECIAL: Mapping[str, Callable[[Option, Any], Field]] = {"folder": FolderField, "file": FolderField, "flags": FlagsField}
"""Fields of some kinds of options; the others come from :func:`~dss_widgets.panels.forms.fields.make_field`."""


class Form(VBox):
    """Fields made from declarations.

    What can be read goes into the options at once; what cannot stays in its field, with the reason under it, and counts
    as a problem, so that nothing is started with options that differ from what is shown.

    Args:
        options: what the form fills in.
        groups: the sections to show, in order; left out, all of them.
        relevant: when an option has an effect, by name; otherwise its field is switched off.
        more_problems: gives the problems beyond those of the options themselves, for example with the chosen dataset.
        folded: sections that are behind a button *Advanced*, which stands where the first of them would.
        sampled: how samples and milliseconds go together, by name, for options that count samples.
        remarks: what a value means, by name, told under its field while nothing is wrong; '' for nothing.
        unless_told: what is taken where a field is left empty, by name: it follows from other options; '' for no such words.

    Attributes:
        problems: everything that stands against the options as they are shown, errors and warnings.

    Example:
        >>> form = Form(AssemblyOptions(), groups=["Targets"])
        >>> form.fields["gap_seconds"].widget.value = "2"  # milliseconds
        >>> form.options.gap_seconds
        0.002
    """

    options = t.Instance(Options)
    problems = t.Tuple()

    def __init__(
        self,
        options: Options,
        groups: Sequence[str] | None = None,
        *,
        relevant: Relevance | None = None,
        more_problems: Callable[[Any], Iterable[Problem]] = lambda _options: (),
        folded: Sequence[str] = (),
        sampled: Mapping[str, Callable[[Any], Sampling]] | None = None,
        remarks: Mapping[str, Callable[[Any], str]] | None = None,
        unless_told: Mapping[str, Callable[[Any], str]] | None = None,
    ) -> None:
        self.declared = {
            name: option
            for name, option in options.declared().items()
            if option.shown and (groups is None or option.group in groups)
        }
        self._relevant, self._more_problems, self._unless_told = relevant or {}, more_problems, unless_told or {}
        self._remarks, self._sampled, self._folded = remarks or {}, sampled or {}, folded
        self.advanced = Folded("Advanced", "dss-advanced")
        self.fields: dict[str, Field] = {}
        self.sections: dict[str, VBox] = {}
        super().__init__(options=options, layout=plain_layout())
        classed(self, "dss-form", "dss-stack")
        for group in groups or dict.fromkeys(option.group for option in self.declared.values()):
            self.sections[group] = self._section(group)
        self.advanced.body.children = tuple(self.sections[group] for group in self.sections if group in folded)
        first = next((group for group in self.sections if group in folded), None)
        shown = {group: self.advanced if group == first else part for group, part in self.sections.items()}
        self.children = tuple(part for group, part in shown.items() if group == first or group not in folded)
        options.observe(self._show, list(self.declared))
        self.review()

    def _section(self, group: str) -> VBox:
        members = [option for option in self.declared.values() if option.group == group]
        fields = Box([self._field(option) for option in members], layout=plain_layout())
        title = text(heading(group), "dss-section-title")
        section = VBox([title, classed(fields, "dss-fields")], layout=plain_layout())
        return classed(section, "dss-section", f"dss-section-{group.lower().replace(' ', '-')}")

    def _field(self, option: Option) -> Field:
        value = getattr(self.options, option.name)
        make = SamplesField if option.name in self._sampled else _SPECIAL.get(option.kind, make_field)
        field = make(option, value)
        field.observe(lambda change: self._take(option.name, change.new), "value")
        field.observe(lambda _: self.review(), "fault")
        self.fields[option.name] = field
        return field

    def _take(self, name: str, value: Any) -> None:
        setattr(self.options, name, value)

    def _show(self, change: t.Bunch) -> None:
        self.fields[change.name].value = change.new
        self.review()

    def reload(self) -> None:
        """Show the options as they are, also where a field holds text that could not be read."""
        for name, field in self.fields.items():
            field.value = getattr(self.options, name)
            field._write()
        self.review()

    def review(self) -> None:
        """Look for problems again, and let each stand under its field."""
        unread = [Problem(field.fault, field=name) for name, field in self.fields.items() if field.fault]
        problems = [*unread, *refused_paths(self.options), *self.options.problems()]
        problems += [problem for problem in self._more_problems(self.options) if problem not in problems]
        told = {problem.field for problem in unread}
        self.problems = tuple(problems[: len(unread)]) + tuple(p for p in problems[len(unread) :] if p.field not in told)
        by_field: dict[str, Problem] = {}
        for problem in sorted(self.problems, key=lambda problem: not problem.is_error):
            by_field.setdefault(problem.field or "", problem)
        for name, field in self.fields.items():
            wrong = by_field.get(name)
            if wrong and getattr(self.options, name) == "" and not field.fault and not field.option.placeholder:
                field.tell(wrong.mend or sentence(wrong), "hint")  # nobody has done anything wrong yet
            else:
                field.tell(sentence(wrong) if wrong else "", wrong.severity if wrong else "error")
            if name in self._unless_told:
                field.widget.placeholder = self._unless_told[name](self.options) or field.option.placeholder
            field.disabled = name in self._relevant and not self._relevant[name](self.options)
            if name in self._remarks:
                field.remark = self._remarks[name](self.options)
            if isinstance(field, SamplesField):
                field.sampling = self._sampled[name](self.options)
        self._tell_of_advanced()

    def _tell_of_advanced(self) -> None:
        """Say how many of the folded fields were changed, and unfold them where something is wrong with one."""
        folded = {name for name, option in self.declared.items() if option.group in self._folded}
        usual = {name: self.declared[name].default for name in folded}
        usual |= {name: field.suited[0] for name, field in self.fields.items() if name in folded and field.suited is not None}
        values = self.options.as_dict()
        n_changed = sum(values[name] != value for name, value in usual.items())
        words = f"Advanced ({n_changed} changed)" if n_changed else "Advanced"
        if self.advanced.button.description != words:
            self.advanced.button.description = words
        if any(problem.field in folded for problem in self.errors):
            self.advanced.is_open = True

    def suit(self, advised: Mapping[str, tuple[Any, str]]) -> None:
        """Mark fields by what suits the data.

        Args:
            advised: values and why, by option name; fields of other options are marked by their defaults.
        """
        for name, field in self.fields.items():
            field.set_trait("suited", advised.get(name))
        self._tell_of_advanced()

    @property
    def labels(self) -> dict[str, str]:
        """The labels by option name, to tell problems away from their fields."""
        return {name: option.label for name, option in self.declared.items()}

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop the next step."""
        return tuple(problem for problem in self.problems if problem.is_error)
