"""A save folder with many jobs: what listing them costs, from the terminal and in the list of runs, which looks every second.

usage: python many_jobs.py [MANY [FEW [ROUNDS]]]        (default: 5,000 jobs beside 1,000, 3 rounds)

Every job is a training that finished after a few epochs. Told are milliseconds of processor time a job, the best of all rounds:
listing, telling the state of all (``dss-widgets runs``), the first look of the list of runs, and a look a second later. Fails
where a job among many costs 1.5 times as much as one among few.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dss_widgets.cli import main as command
from dss_widgets.events import EpochDone, NetworkTested, StateChanged, TrainingBegan
from dss_widgets.jobs import list_jobs
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.monitoring.run_monitor import RunMonitor

MOST_RATIO, N_EPOCHS = 1.5, 5


def make(folder: Path, n: int) -> None:
    """Write the folders of jobs."""
    folder.mkdir()
    options = TrainingOptions(store_folder=str(folder / "song.npy"), save_folder=str(folder), epochs=N_EPOCHS, seed=1)
    moment = datetime.datetime(2026, 1, 1)
    for i in range(n):
        files = JobFolder(folder / f"{moment + datetime.timedelta(minutes=i):%Y%m%d_%H%M%S}.run")
        files.path.mkdir()
        files.write("train", options)
        files.lock.touch()
        events = [StateChanged(state="starting"), TrainingBegan(epochs=N_EPOCHS, steps_per_epoch=10, classes=("noise", "a"))]
        events += [EpochDone(epoch=k, loss=1 / k, val_loss=1 / k, best=True, best_epoch=k) for k in range(1, N_EPOCHS + 1)]
        for event in [*events, NetworkTested(macro_f1=0.9), StateChanged(state="finished")]:
            append_event(files.events, event)


def told(folder: Path) -> None:
    """List the jobs as a terminal does."""
    with contextlib.redirect_stdout(io.StringIO()):
        command(["runs", str(folder)])


def milliseconds(work: Callable[[], object], n: int) -> float:
    """Return the processor time of some work, for each of so many jobs."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000 / n


def measured(folder: Path, n: int) -> dict[str, float]:
    """Return what every way of looking at a folder costs, ms a job."""
    taken = {
        "list": milliseconds(lambda: list_jobs(folder), n),
        "runs": milliseconds(lambda: told(folder), n),
    }
    panels: list[RunMonitor] = []
    taken["first look"] = milliseconds(lambda: panels.append(RunMonitor(str(folder))), n)
    taken["next look"] = milliseconds(panels[0].refresh, n)
    panels[0].close()
    return taken


def main(many: int = 5000, few: int = 1000, rounds: int = 3) -> None:
    """Measure and print; exit code 1 if one among many costs too much."""
    with tempfile.TemporaryDirectory() as name:
        best: dict[int, dict[str, float]] = {}
        for n in (few, many):
            make(Path(name) / str(n), n)
        for _ in range(rounds):
            for n in (few, many):
                taken = measured(Path(name) / str(n), n)
                best[n] = {way: min(ms, best.get(n, taken)[way]) for way, ms in taken.items()}
    failed = False
    for way in best[few]:
        ratio = best[many][way] / best[few][way]
        failed |= ratio > MOST_RATIO
        print(f"{way:10}  {few:,}: {best[few][way]:.3f} ms a job  {many:,}: {best[many][way]:.3f} ms a job  ratio {ratio:.2f}")
    if failed:
        sys.exit(f"more than {MOST_RATIO} times as much")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
