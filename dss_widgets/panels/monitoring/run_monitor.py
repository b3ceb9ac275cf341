"""The run monitor: all runs of a save folder, what each is doing, and one of them to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, Checkbox, VBox

from dss_widgets.jobs import Run, RunStatus, list_runs
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.forms.code import ShowCode, runs_code
from dss_widgets.panels.monitoring.run_card import epoch_words, state_badge
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.run_history import copied_runs, options_of, status_of
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, set_class, show, text
from dss_widgets.panels.style.words import count, escape, time_left
from dss_widgets.roots import why_refused

MOST_RUNS = 50


class RunMonitor(Panel):
    """The runs of a save folder, newest first; click one to look at it. Runs started elsewhere appear by themselves.

    Runs of which only the files are left are listed after them.

    Args:
        save_folder: the folder.
        run: the run that is chosen first.
        comparing: whether runs can be ticked, to be compared.

    Attributes:
        save_folder: the folder that is watched, as text.
        run: the run that is chosen; None before.
        options: what the chosen run was trained with; None where that is not known.
        compared: the runs that are ticked.
        n_running: how many are going.

    Example:
        >>> monitor = RunMonitor("song.res")
        >>> results = ResultsPanel()
        >>> traitlets.link((monitor, "run"), (results, "run"))
        >>> VBox([monitor, results])
    """

    save_folder = t.Unicode()
    run = t.Instance(Run, allow_none=True)
    compared = t.Tuple()
    n_running = t.Int(0)

    def __init__(self, save_folder: str = "", run: Run | None = None, *, comparing: bool = False) -> None:
        self._comparing = comparing
        self._rows: dict[Path, _Row] = {}
        self._runs: dict[Path, Run] = {}
        self._empty: HTML = text()
        self._list = classed(VBox(layout=plain_layout()), "dss-runs", *(["dss-comparing"] if comparing else []))
        self._more: HTML = text("", "dss-muted")
        self.show_code = ShowCode(None, self.code)
        card = classed(
            VBox([text(heading("Runs")), self._empty, self._list, self._more, self.show_code], layout=plain_layout()),
            "dss-card",
            "dss-stack-tight",
        )
        super().__init__([card], "dss-run-monitor")
        self._ticker = self._every(Ticker(self.tick, 0.4))
        self.observe(lambda _: self.refresh(), "save_folder")
        self.observe(lambda _: self._mark(), "run")
        self.observe(lambda _: self.show_code.draw(), ["run", "save_folder"])
        self.run = run
        self.save_folder = save_folder
        self.refresh()
        self._ticker.start()

    @property
    def options(self) -> TrainingOptions | None:
        """What the chosen run was trained with; None where that is not known."""
        return options_of(self.run) if self.run is not None else None

    def code(self) -> dict[str, str]:
        """Return what lists the runs, and the config file of the one that is chosen."""
        return runs_code(self.save_folder or "SAVE_FOLDER", self.options)

    def tick(self) -> bool:
        """Look at the folder again; goes on for as long as the panel is open."""
        self.refresh()
        return True

    def refresh(self) -> None:
        """Bring the rows in step with what is in the folder; nothing is sent when nothing has changed."""
        refused = why_refused(self.save_folder)
        found = [] if refused or not self.save_folder else [*list_runs(self.save_folder), *copied_runs(self.save_folder)]
        shown = found[:MOST_RUNS]
        self._runs = {run.folder: self._runs.get(run.folder, run) for run in shown}
        for folder in [folder for folder in self._rows if folder not in self._runs]:
            self._rows.pop(folder).close()
            self._ticked()
        statuses = {folder: status_of(run) for folder, run in self._runs.items()}
        for folder, run in self._runs.items():
            if folder not in self._rows:
                self._rows[folder] = _Row(run, self._choose, self._ticked if self._comparing else None)
            self._rows[folder].draw(statuses[folder])
        rows = tuple(self._rows[folder].row for folder in self._runs)
        if self._list.children != rows:
            self._list.children = rows
            self._mark()
        show(self._list, bool(rows))
        show(self._empty, not rows)
        put(self._empty, self._empty_words(refused))
        put(self._more, f"{len(found) - len(shown)} older runs are not shown." if len(found) > len(shown) else "")
        if self.run is not None and not refused and self.run not in found and not self.run.folder.exists():
            self.run = None
        self.n_running = sum(status.is_running for status in statuses.values())

    def _empty_words(self, refused: str | None) -> str:
        if refused:
            return f'<p class="dss-error"><b>Error:</b> The results folder {escape(refused)}</p>'
        return empty("No runs here yet", "Train a network: every run is listed here, even after this page has been closed.")

    def newest(self) -> Run | None:
        """Return the run to look at first: the newest that is going, else the newest."""
        runs = list(self._runs.values())
        return next((run for run in runs if run.status().is_running), runs[0] if runs else None)

    def _choose(self, run: Run) -> None:
        self.run = run

    def _ticked(self, _change: Any = None) -> None:
        self.compared = tuple(row.run for row in self._rows.values() if row.tick is not None and row.tick.value)

    def _mark(self) -> None:
        for row in self._rows.values():
            set_class(row.button, "dss-selected", self.run is not None and row.run == self.run)


class _Row:
    """A run's name to click, and its state beside it."""

    def __init__(self, run: Run, choose: Any, compare: Any = None) -> None:
        self.run = run
        self.button: Button = Button(description=run.name, tooltip=f"Look at {run.name}", layout=plain_layout())
        self._cells: HTML = text("", "dss-cells")
        self.tick = Checkbox(description="compare", indent=False, layout=plain_layout()) if compare else None
        self.row = Box([self.button, self._cells, *([self.tick] if self.tick else [])], layout=plain_layout())
        if self.tick is not None:
            self.tick.tooltip = f"Compare {run.name}"
            self.tick.observe(compare, "value")
        self.button.on_click(lambda _: choose(run))

    def draw(self, status: RunStatus) -> None:
        """Show what the run is doing."""
        loss = f"{status.best_val_loss:.3g}" if status.best_val_loss is not None else "–"
        f1 = f" · F1 {status.macro_f1:.3f}" if status.macro_f1 is not None and not status.is_running else ""
        told = epoch_words(status) if status.is_running else count(status.epoch, "epoch") if status.epoch else ""
        told = status.place_words if status.state == "queued" else told
        left = time_left(status.seconds_left) if status.seconds_left and status.state == "training" else ""
        cells = [state_badge(status.state), escape(", ".join(filter(None, [told, left]))), f"loss {loss}{f1}"]
        put(self._cells, "".join(f"<span>{cell}</span>" for cell in cells))

    def close(self) -> None:
        """Close the row's widgets."""
        for widget in (self.button, self._cells, self.row, *([self.tick] if self.tick else [])):
            widget.close()
