"""Which options do best? A sweep, made by a job, shown as a table that can be sorted, a picture and in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, Text

from dss_widgets.errors import DssWidgetsError
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.jobs import Job, JobStatus, Run, list_jobs
from dss_widgets.options import TrainingOptions
from dss_widgets.options.sweep import NOT_VARIED, SweepOptions
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.results.sweep_picture import sweep_picture
from dss_widgets.panels.results.trainings_tool import TrainingsTool
from dss_widgets.panels.run_history import options_of
from dss_widgets.panels.style.theme import classed, offer, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import count, escape
from dss_widgets.results.training_sweep import VALIDATION, Row, Spread, SweepResult
from dss_widgets.roots import why_refused

_ROWS = 3
"""Options that can be varied at a time."""

_SCORES = {VALIDATION: "Validation F1", "macro_f1": "Test F1", "segment_f1": "Segments F1"}


class BestOptions(TrainingsTool):
    """Options with several values, a button that trains every combination, and what came of them.

    Attributes:
        result: what came of it so far; None before.
        chosen: the run whose network somebody wants to use.
    """

    result = t.Instance(SweepResult, allow_none=True)
    chosen = t.Instance(Run, allow_none=True)

    options: SweepOptions

    working_words = "Training with other options"

    def __init__(self, place: PlaceForm | None = None) -> None:
        declared = {name: option for name, option in TrainingOptions.declared().items() if option.shown}
        offered = [("–", ""), *((option.label, name) for name, option in declared.items() if name not in NOT_VARIED)]
        self.names = [Dropdown(description="Vary", options=offered, layout=plain_layout()) for _ in range(_ROWS)]
        self.values = [Text(description="Values", continuous_update=False, layout=plain_layout()) for _ in range(_ROWS)]
        rows = [
            classed(Box([name, values], layout=plain_layout()), "dss-vary")
            for name, values in zip(self.names, self.values, strict=True)
        ]
        self.sorting: Dropdown = classed(Dropdown(description="Sort by", layout=plain_layout()), "dss-sweep-sort")
        self.network = Dropdown(description="Network", layout=plain_layout())
        self.use: Button = classed(Button(description="Use this network", layout=plain_layout()), "dss-sweep-use")
        self._best: str | None = None
        self._table: HTML = text("", "dss-sweep-table")
        super().__init__(
            "Which options do best?", "sweep", "dss-best-options", SweepOptions(), place=place, fields=rows, groups=["Repeats"]
        )  # fmt: skip
        self._choice: Box = classed(
            Box([self.sorting, self.network, self.use], layout=plain_layout()), "dss-row", "dss-sweep-choice", "dss-off"
        )
        self.body.children = (*self.body.children, self._choice, self._table)
        self.place.show_for_slurm(self.form.fields["array_tasks"])
        for widget in (*self.names, *self.values):
            widget.observe(self._vary, "value")
        self.sorting.observe(lambda _: self._draw_table(), "value")
        self.use.on_click(lambda _: self.use_network())

    def about(self) -> str:
        """Return what pressing the button does."""
        n = len(self.options.variants())
        folds = f", for each of up to {self.options.folds} folds of the recordings" if self.options.folds else ""
        return (
            f"Trains {count(n, 'network')}{folds}: each as this one was, but for these values. The one that does best with the "
            "validation data is named; the test data takes no part in that."
        )

    def take_run(self, run: Run | None) -> None:
        """Take over how the run was trained."""
        found = options_of(run) if run is not None else None
        if found is None or run is None:
            return
        sweep = _sweep_of(run)
        folder = sweep.folder.parent if sweep is not None else run.folder.parent
        here = {"save_folder": str(folder), "prefix": "", "note": "", "tensorboard": False, "devices": 1, "nodes": 1}
        self.options.update({**found.as_dict(), **here})
        self._hint()

    def find_job(self, run: Run) -> None:
        """Look at the sweep that the run belongs to, or at the latest one beside it; it can be gone on with."""
        own, beside = _sweep_of(run), (job for job in list_jobs(run.folder.parent) if _is_sweep(job))
        job = own or next(beside, None)
        if job is not None:
            self._take_sweep(job, is_own=own is not None)
            self.watch.watch_job(job)

    def _take_sweep(self, job: Job, *, is_own: bool) -> None:
        """Show what a sweep was asked for; of the one that the run belongs to, how it trains too."""
        try:
            asked = cast(SweepOptions, job.options())
        except DssWidgetsError:
            return
        trains = {} if is_own else TrainingOptions.declared()
        self.options.update({name: value for name, value in asked.as_dict().items() if name not in trains})
        if len(asked.vary) <= _ROWS:
            pairs = [*asked.vary.items(), *[("", "")] * _ROWS]
            for name, values, (option, told) in zip(self.names, self.values, pairs, strict=False):
                name.value, values.value = option, told

    def has_outcome(self, status: JobStatus) -> bool:
        """Return whether a training has ended."""
        return bool(status.outcome.get("done"))

    def more_blockers(self) -> Iterator[str]:
        """Yield what is wrong with the form, or with the values."""
        yield from super().more_blockers()
        if self.run is not None and options_of(self.run) is None:
            yield "It is not known how this network was trained."
        elif not self.options.vary and self.options.seeds == 1 and not self.options.folds:
            yield "Choose an option and give it several values, such as 10, 20; or ask for several seeds, or folds."
        else:
            declared = self.options.declared()
            for problem in self.options.problems():
                if problem.is_error:
                    label = declared[problem.field].label if problem.field in declared and problem.field != "vary" else ""
                    yield " ".join(filter(None, [label, problem.message, problem.mend]))

    def _vary(self, _change: Any = None) -> None:
        """Take over the values that were typed."""
        pairs = [(name.value, values.value.strip()) for name, values in zip(self.names, self.values, strict=True)]
        self.options.vary = {name: values for name, values in pairs if name and values}
        self._hint()
        self.refresh()

    def _hint(self) -> None:
        declared = self.options.declared()
        for name, values in zip(self.names, self.values, strict=True):
            now = declared[name.value].format(getattr(self.options, name.value)) or "none" if name.value else ""
            values.placeholder = f"now {now}" if now else ""
            values.disabled = not name.value

    def use_network(self) -> None:
        """Go on with the network that is chosen."""
        if self.network.value:
            stem = Path(self.network.value)
            self.chosen = None
            self.chosen = Run(stem.with_name(stem.name + RUN_SUFFIX))

    def picture(self, outcome: SweepResult | None) -> str:
        """Return what came of it, in words and as a picture, as HTML."""
        self.result = outcome
        show(self._choice, outcome is not None and outcome.best is not None)
        if outcome is None:
            put(self._table, "")
            return ""
        self._offer_networks(outcome)
        names = [name for name in outcome.score_names if name in _SCORES]
        labels = [(_SCORES[name], name) for name in names] + [(_label(name), name) for name in outcome.varied]
        offer(self.sorting, labels)
        self._draw_table()
        words = "".join(f"<p>{escape(line)}</p>" for line in outcome.words() if not line.startswith("Its best network"))
        return f"{words}{sweep_picture(outcome)}"

    def _offer_networks(self, result: SweepResult) -> None:
        """Offer the best network of each combination; the best of all is chosen unless somebody chose another."""
        stems = [(row.words(), row.best.stem) for row in result.rows if row.best is not None]
        follows = self.network.value in (None, self._best)
        offer(self.network, stems)
        self._best = stems[0][1] if stems else None
        if follows and stems:
            self.network.value = self._best

    def _draw_table(self) -> None:
        if self.result is not None:
            put(self._table, scrolling(sweep_table(self.result, self.sorting.value or VALIDATION), "Combinations of values"))


def sweep_table(result: SweepResult, by: str) -> str:
    """Return the combinations of values with their scores, means and ranges, as an HTML table.

    Args:
        result: the sweep.
        by: the score, best first, or the option by which it is sorted.
    """
    names = [name for name in result.score_names if name in _SCORES]
    rows = result.rows
    best = rows[0] if rows else None
    ordered = sorted(rows, key=lambda row: _key(row, by))
    heads = "".join(f"<th>{escape(_label(name))}</th>" for name in result.varied)
    heads += "".join(f'<th class="dss-number">{_SCORES[name]}</th>' for name in names) + '<th class="dss-number">Networks</th>'
    cells = "".join(
        f'<tr class="{"dss-best" if row is best else ""}">'
        + "".join(f"<td>{escape(row.values.get(name, ''))}</td>" for name in result.varied)
        + "".join(f'<td class="dss-number">{_words(row.spread(name))}</td>' for name in names)
        + f'<td class="dss-number">{row.n_done}</td></tr>'
        for row in ordered
    )
    return f'<table class="dss-table"><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>'


def _key(row: Row, by: str) -> tuple[float, str]:
    if by not in row.values:
        spread = row.spread(by)
        return (-spread.mean if spread else 1.0), row.words()
    try:
        return float(row.values[by]), row.words()
    except ValueError:
        return 0.0, row.values[by]


def _words(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    return f"{spread.mean:.3f}" if spread.n == 1 else f"{spread.mean:.3f} ({spread.lowest:.3f}–{spread.highest:.3f})"


def _label(name: str) -> str:
    declared = TrainingOptions.declared()
    return declared[name].label if name in declared else name


def _sweep_of(run: Run) -> Job | None:
    """Return the sweep whose network a run's is; None: it is of none."""
    folder = run.folder.parent
    job = Job(folder.with_name(folder.name + RUN_SUFFIX))
    return job if not why_refused(job.folder) and _is_sweep(job) else None


def _is_sweep(job: Job) -> bool:
    with suppress(DssWidgetsError):
        return job.files.is_job() and job.files.kind() == "sweep"
    return False
