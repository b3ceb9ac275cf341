"""Runs of which only the files are left: copied from elsewhere, or made by DAS. They can be judged and used, not followed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from dss_widgets.panels.results.outcome import outcome_of
from dss_widgets.results.params_file import PARAMS_SUFFIX
from dss_widgets.runs import Run, RunStatus
from dss_widgets.runs.run import SUFFIX

COPIED = "copied"
"""Their state."""


def copied_runs(save_folder: str) -> list[Run]:
    """Return the runs of a folder of which there is no run folder, sorted by name, latest first."""
    folder = Path(save_folder).expanduser()
    stems = [path.name.removesuffix(PARAMS_SUFFIX) for path in folder.glob(f"*{PARAMS_SUFFIX}")]
    runs = [Run(folder / f"{stem}{SUFFIX}") for stem in sorted(stems, reverse=True)]
    return [run for run in runs if not run.folder.is_dir()]


def status_of(run: Run) -> RunStatus:
    """Return what a run is doing or how it ended; of one whose files alone are left, what these tell."""
    status = run.status()
    if run.folder.is_dir():
        return status
    try:
        written = run.results_path.stat().st_mtime_ns
    except OSError:
        written = 0
    return replace(status, state=COPIED, message="", macro_f1=_macro_f1(run, written))


@lru_cache(maxsize=256)
def _macro_f1(run: Run, _written: int) -> float | None:
    outcome = outcome_of(run)
    return None if outcome is None else float(outcome.scores["macro_f1"])
