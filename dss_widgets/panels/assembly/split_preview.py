"""The split preview: what would go where, before anything is written."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.survey import Survey
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS
from dss_widgets.panels.assembly.close_up import CloseUp
from dss_widgets.panels.assembly.timeline import Timeline
from dss_widgets.panels.forms.code import ShowCode, preview_code
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.style.palette import SPLIT_COLOURS, song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, scrolling, set_class, show, text
from dss_widgets.panels.style.words import count, duration, escape, problem_list, swatch, total


def split_legend(plan: SplitPlan) -> str:
    """Return the splits' colours, names, durations and shares as a line of HTML."""
    total = plan.survey.duration_seconds
    parts = [
        f"<span>{swatch(SPLIT_COLOURS[split], SPLIT_WORDS[split])} "
        f'<b>{duration(seconds)}</b> <span class="dss-muted">{seconds / total:.0%}</span></span>'
        for split, seconds in plan.split_seconds().items()
    ]
    left_out = plan.left_out_seconds
    if left_out > 0.0005 * total:
        parts.append(
            f"<span>{swatch('var(--dss-line)', 'left out')} "
            f'<b>{duration(left_out)}</b> <span class="dss-muted">{left_out / total:.0%}</span></span>'
        )
    return f'<div class="dss-legend">{"".join(parts)}</div>'


def split_table(plan: SplitPlan) -> str:
    """Return counts and seconds of every song type in every split; a bar shows its share of the type."""
    cells = {(row["song_type"], row["split"]): row for row in plan.table()}
    colours = song_colours([song_type.name for song_type in plan.survey.song_types])
    head = "".join(f'<th class="dss-number">{SPLIT_WORDS[split].capitalize()}</th>' for split in SPLITS)
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[s.name], s.name)}'
        f"</td>{''.join(_cell(cells[s.name, split], split) for split in SPLITS)}</tr>"
        for s in plan.survey.song_types
    )
    return (
        '<table class="dss-table dss-split-table"><caption>Annotations of each song type, their total duration, and the '
        f"split's share of the type</caption><thead><tr><th>Song type</th>{head}</tr></thead><tbody>{rows}</tbody>"
        f"<tfoot>{_sources(plan)}</tfoot></table>"
    )


def _sources(plan: SplitPlan) -> str:
    """Return rows with the recordings and, where that is known, the individuals of which each split has something."""
    whom = "Groups" if plan.options.group else "Individuals"
    rows = [("Recordings", [set(plan.recordings_of(split)) for split in SPLITS])]
    if plan.individuals:
        rows.append((whom, [plan.individuals_of(split) for split in SPLITS]))
    html = ""
    for words, (train, *others) in rows:
        cells = _source_cell(train, set()) + "".join(_source_cell(other, train) for other in others)
        html += f'<tr><td class="dss-muted">{words}</td>{cells}</tr>'
    return html


def _source_cell(having: set[str], of_train: set[str]) -> str:
    shared = len(having & of_train)
    told = (
        f' <span class="dss-muted">· {"all" if shared == len(having) else f"{shared:,}"} also in train</span>' if shared else ""
    )
    return f'<td class="dss-number">{len(having):,}{told}</td>'


def _cell(row: dict, split: str) -> str:
    lasting = f" · {escape(total(row['seconds']))}" if row["category"] == "segment" and row["count"] else ""
    none = ' style="color:var(--dss-muted)"' if not row["count"] else ""
    width, colour = 100 * row["share"], SPLIT_COLOURS[split]
    return (
        f'<td class="dss-number"{none}>{row["count"]:,}{lasting} <span class="dss-muted">{row["share"]:.0%}</span>'
        f'<div class="dss-bar"><span style="width:{width:.1f}%;background:{colour}"></span></div></td>'
    )


class SplitPreview(Panel):
    """A timeline of all recordings by split, what each split gets of each song type, and a closer look at any stretch.

    Attributes:
        plan: what is shown; None shows what to do first.
        options: what was planned with; None before there is a plan.
        survey: the recordings; while they stay the same and there is no plan, the last plan stays.
        outdated: whether what is shown is that last plan, also where another folder cannot be read.

    Example:
        >>> SplitPreview(plan=plan_splits(survey("song"), AssemblyOptions(data_folder="song")))
    """

    plan = t.Instance(SplitPlan, allow_none=True)
    survey = t.Instance(Survey, allow_none=True)
    outdated = t.Bool(False)

    def __init__(self, plan: SplitPlan | None = None) -> None:
        self._legend: HTML = text()
        self._problems: HTML = text()
        self.timeline = Timeline()
        self._table: HTML = text("", "dss-split-amounts")
        self._empty: HTML = text(empty("No splits to show yet", "Choose a folder of annotated recordings first."))
        self.again: Button = classed(
            Button(
                description="Draw other splits",
                tooltip="Assign the recordings to splits at random again",
                layout=plain_layout(),
            ),
            "dss-draw-again",
        )
        self.close_up = CloseUp()
        top = classed(Box([text(heading("Split preview")), self.again], layout=plain_layout()), "dss-row")
        top.add_class("dss-spread")
        self.show_code = ShowCode(None, self.code)
        parts = [self._legend, self._problems, self.timeline, self._table, self.close_up, self.show_code]
        self._body = classed(Box(parts, layout=plain_layout()), "dss-stack")
        card = classed(Box([top, self._empty, self._body], layout=plain_layout()), "dss-card", "dss-stack")
        super().__init__([card], "dss-split-preview")
        self._drawn: SplitPlan | None = None
        self.observe(self._draw, ["plan", "survey"])
        self.plan = plan
        self._draw()

    def _draw(self, _change: Any = None) -> None:
        plan = self.plan
        self.outdated = plan is None and self._drawn is not None and self._is_of_this_folder(self._drawn)
        show(self._empty, plan is None and not self.outdated)
        show(self._body, plan is not None or self.outdated)
        show(self.again, plan is not None)
        set_class(self._body, "dss-outdated", self.outdated)
        if self.outdated:
            put(self._problems, '<p class="dss-note dss-warning"><b>Note:</b> This is how it was before the last change.</p>')
        if plan is None:
            return
        self._drawn = plan
        put(self._legend, split_legend(plan))
        put(self._problems, problem_list(problems_of_splits(plan)))
        self.timeline.plan = plan
        put(self._table, scrolling(split_table(plan), "Song types by split"))
        self.close_up.plan = plan
        self.show_code.draw()

    @property
    def options(self) -> AssemblyOptions | None:
        """What was planned with; None before there is a plan."""
        return self._drawn.options if self._drawn is not None else None

    def code(self) -> dict[str, str]:
        """Return what plans these splits and shows them, and the config file of such splits."""
        return preview_code(self.options or AssemblyOptions())

    def _is_of_this_folder(self, plan: SplitPlan) -> bool:
        return self.survey is None or plan.survey.folder == self.survey.folder


def problems_of_splits(plan: SplitPlan) -> list[Problem]:
    """Return a plan's problems without those of the recordings, which are only counted: they stand with what was found."""
    of_recordings = {(problem.file, problem.row, problem.message) for problem in plan.survey.problems}
    told = [(problem.file, problem.row, problem.message) in of_recordings for problem in plan.problems]
    problems = [problem for problem, known in zip(plan.problems, told, strict=True) if not known]
    n_errors = sum(problem.is_error for problem, known in zip(plan.problems, told, strict=True) if known)
    if n_errors:
        words = f"{count(n_errors, 'error')} in this folder: invalid annotations are not in these splits."
        problems.insert(0, Problem(words, "Fix them first."))
    return problems
