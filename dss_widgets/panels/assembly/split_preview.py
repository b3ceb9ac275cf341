"""The split preview: what would go where, before anything is written."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.survey import Survey
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.assembly.lanes import Lanes
from dss_widgets.panels.assembly.split_table import split_legend, split_table
from dss_widgets.panels.assembly.zoom import Zoom
from dss_widgets.panels.forms.as_code import preview_code
from dss_widgets.panels.forms.code import ShowCode
from dss_widgets.panels.look.theme import classed, empty, heading, plain_layout, put, scrolling, set_class, show, text
from dss_widgets.panels.look.words import count, problem_list
from dss_widgets.panels.panel import Panel


class SplitPreview(Panel):
    """A timeline of all recordings by split, what each split gets of each song type, and a closer look at any stretch.

    Attributes:
        plan: what is shown; None shows what to do first.
        options: what was planned with; None before there is a plan.
        survey: the recordings; while they stay the same and there is no plan, the last plan stays, marked as old.

    Example:
        >>> SplitPreview(plan=plan_splits(survey("song"), AssemblyOptions(data_folder="song")))
    """

    plan = t.Instance(SplitPlan, allow_none=True)
    survey = t.Instance(Survey, allow_none=True)

    def __init__(self, plan: SplitPlan | None = None) -> None:
        self._legend: HTML = text()
        self._problems: HTML = text()
        self.lanes = Lanes()
        self._table: HTML = text("", "dss-split-amounts")
        self._empty: HTML = text(empty("No splits to show yet", "Choose a folder of annotated recordings first."))
        self.again: Button = classed(
            Button(description="Draw other splits", tooltip="Deal the recordings anew, by chance", layout=plain_layout()),
            "dss-draw-again",
        )
        self.zoom = Zoom()
        top = classed(Box([text(heading("Split preview")), self.again], layout=plain_layout()), "dss-row")
        top.add_class("dss-spread")
        self.show_code = ShowCode(None, self.code)
        parts = [self._legend, self._problems, self.lanes, self._table, self.zoom, self.show_code]
        self._body = classed(Box(parts, layout=plain_layout()), "dss-stack")
        card = classed(Box([top, self._empty, self._body], layout=plain_layout()), "dss-card", "dss-stack")
        super().__init__([card], "dss-split-preview")
        self._drawn: SplitPlan | None = None
        self.observe(self._draw, ["plan", "survey"])
        self.plan = plan
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        plan = self.plan
        is_old = plan is None and self._drawn is not None and self._is_of_this_folder(self._drawn)
        show(self._empty, plan is None and not is_old)
        show(self._body, plan is not None or is_old)
        show(self.again, plan is not None)
        set_class(self._body, "dss-old", is_old)
        if is_old:
            put(self._problems, '<p class="dss-note dss-warning"><b>Note:</b> Shown as before the last change.</p>')
        if plan is None:
            return
        self._drawn = plan
        put(self._legend, split_legend(plan))
        put(self._problems, problem_list(problems_of_splits(plan)))
        self.lanes.plan = plan
        put(self._table, scrolling(split_table(plan), "Song types by split"))
        self.zoom.plan = plan
        self.show_code.draw()

    @property
    def options(self) -> AssemblyOptions | None:
        """What was planned with; None before there is a plan."""
        return self._drawn.options if self._drawn is not None else None

    def code(self) -> dict[str, str]:
        """Return what plans these splits and shows them, and the config file of such splits."""
        return preview_code(self.options or AssemblyOptions())

    def _is_of_this_folder(self, plan: SplitPlan) -> bool:
        return self.survey is not None and plan.survey.folder == self.survey.folder


def problems_of_splits(plan: SplitPlan) -> list[Problem]:
    """Return a plan's problems without those of the recordings, which are only counted: they stand with what was found."""
    of_recordings = {(problem.file, problem.row, problem.message) for problem in plan.survey.problems}
    told = [(problem.file, problem.row, problem.message) in of_recordings for problem in plan.problems]
    problems = [problem for problem, known in zip(plan.problems, told, strict=True) if not known]
    n_errors = sum(problem.is_error for problem, known in zip(plan.problems, told, strict=True) if known)
    if n_errors:
        words = f"{count(n_errors, 'error')} in the data folder: what is wrong is not in these splits."
        problems.insert(0, Problem(words, "Mend them first."))
    return problems
