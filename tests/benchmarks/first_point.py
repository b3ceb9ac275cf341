"""Seconds from Start to the first point of the curve: imports, tracing and the first step of a worker of its own.

usage: python first_point.py [FOLDER]

Makes demo bird song in FOLDER (a temporary one by default), assembles it and starts runs with the default options as the
dashboard does; tells, for a cold and two warm starts, when each event came. At most 12 seconds are wanted on two cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path


def main(folder: Path) -> None:
    """Print seconds from Start to each kind of event."""
    from dss_widgets.dataset import assemble, plan_splits, survey
    from dss_widgets.dataset.song.files import make_song
    from dss_widgets.jobs import follow, start_run
    from dss_widgets.options import AssemblyOptions, TrainingOptions

    make_song(folder / "song", "bird")
    options = AssemblyOptions(data_folder=str(folder / "song"), seed=1)
    store = assemble(plan_splits(survey(options.data_folder), options))
    for number in range(3):
        start = time.perf_counter()
        run = start_run(TrainingOptions(store_folder=str(store), save_folder=str(folder / "runs"), seed=1))
        told: dict[str, float] = {}
        for event in follow(run, interval_seconds=0.05):
            kind = str(getattr(event, "state", event.kind))
            told.setdefault(kind, time.perf_counter() - start)
            if kind == "epoch":
                run.stop()
        words = ", ".join(f"{kind} {told[kind]:.1f} s" for kind in ("preparing", "training", "step", "epoch"))
        print(f"{'cold' if number == 0 else 'warm'} start: {words}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
