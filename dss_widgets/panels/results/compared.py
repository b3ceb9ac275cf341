"""The trainings of a folder side by side, under the results of one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, VBox

from dss_widgets.errors import DataError
from dss_widgets.jobs import Run
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, heading, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import count, escape, swatch
from dss_widgets.results.comparison import ComparedRun, Comparison, compare
from dss_widgets.results.intervals import interval_of
from dss_widgets.results.networks import networks_in

MOST = 50
"""Runs that are compared at most: the latest."""


class Compared(VBox):
    """The tested networks of a run's folder in a table, the best first; not seen where there is only one.

    Attributes:
        run: the run whose results are shown; None shows nothing.
        comparison: what is shown; None where there is nothing to compare.
    """

    run = t.Instance(Run, allow_none=True)
    comparison = t.Instance(Comparison, allow_none=True)

    def __init__(self) -> None:
        self._title: HTML = text("")
        self._table: HTML = text("", "dss-compared-table")
        super().__init__([self._title, self._table], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-compared")
        self.observe(lambda _: self.draw(), "run")
        self.draw()

    def draw(self) -> None:
        """Read the folder again, and show what is in it."""
        self.comparison = None if self.run is None else _comparison(self.run.folder.parent)
        show(self, self.comparison is not None)
        if self.comparison is not None and self.run is not None:
            n = len(self.comparison.runs)
            put(
                self._title,
                heading("Trainings compared", f"{count(n, 'training')} in {self.run.folder.parent.name}, the best first"),
            )
            put(self._table, scrolling(compared_table(self.comparison, self.run.name), "Trainings compared"))


def _comparison(folder: Path) -> Comparison | None:
    """Return the tested networks of a folder side by side, those that cannot be read left out; None of fewer than two."""
    stems = [network.stem for network in networks_in(folder)[:MOST] if network.macro_f1 is not None]
    readable = []
    for stem in stems:
        try:
            compare([stem])
        except DataError:
            continue
        readable.append(stem)
    return compare(readable) if len(readable) > 1 else None


def compared_table(comparison: Comparison, current: str) -> str:
    """Return runs as an HTML table.

    Args:
        comparison: the runs.
        current: the name of the one whose results are shown.
    """
    declared, colours = TrainingOptions.declared(), song_colours(["noise", *comparison.song_types])
    heads = [
        "<th>Training</th>",
        *([] if comparison.is_of_one_dataset else ["<th>Dataset</th>"]),
        *(f'<th title="{escape(declared[name].help)}">{escape(declared[name].label)}</th>' for name in comparison.differing),
        '<th class="dss-number">Macro F1</th>',
        '<th class="dss-number">95 %</th>',
        *(
            f'<th class="dss-number" title="F1 of {escape(name)}">{swatch(colours[name], name)}</th>'
            for name in comparison.song_types
        ),
        *(['<th class="dss-number">Segments</th>'] if any(run.segments_f1 is not None for run in comparison.runs) else []),
    ]
    rows = "".join(_row(run, comparison, len(heads), is_current=run.name == current) for run in comparison.runs)
    remark = "" if comparison.is_of_one_dataset else (
        '<p class="dss-muted">They were tested on different data: their scores cannot be compared.</p>'
    )  # fmt: skip
    if not comparison.differing:
        remark += '<p class="dss-muted">All were trained with the same options.</p>'
    return f'<table class="dss-table"><thead><tr>{"".join(heads)}</tr></thead><tbody>{rows}</tbody></table>{remark}'


def _row(run: ComparedRun, comparison: Comparison, n_columns: int, *, is_current: bool) -> str:
    note = f'<div class="dss-muted">{escape(run.note)}</div>' if run.note else ""
    name = f"<strong>{escape(run.name)}</strong> (shown above)" if is_current else escape(run.name)
    cells = [
        f"<td>{name}{note}</td>",
        *([] if comparison.is_of_one_dataset else [f"<td>{escape(run.dataset)}</td>"]),
        *(f"<td>{escape(comparison.value(run, option))}</td>" for option in comparison.differing),
        _number(run.macro_f1),
        f'<td class="dss-number dss-muted">{interval_of(run.intervals, "macro_f1").replace(" to ", "–") or "–"}</td>',
        *(_number(run.f1.get(name)) for name in comparison.song_types),
        _number(run.segments_f1),
    ]
    return f"<tr>{''.join(cells[:n_columns])}</tr>"


def _number(value: Any) -> str:
    return f'<td class="dss-number">{"–" if value is None else f"{value:.3f}"}</td>'
