"""Annotating that is killed at random moments and started again: every recording is annotated once, as if nothing had happened.

usage: python predict_kills.py [RECORDINGS] [KILLS] [SEED]

Makes demo song (200 recordings by default) and a small network in a temporary folder, annotates undisturbed, then again with
kill -9 at random moments (20 by default), going on each time, and compares the annotations byte by byte.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.song import make_song
from dss_widgets.errors import RunError
from dss_widgets.events import RecordingDone
from dss_widgets.jobs import Job, Watcher, follow, resume_job, start_job, start_run
from dss_widgets.options import PRESETS, AssemblyOptions, TrainingOptions
from dss_widgets.options.prediction import AnnotatingOptions


def trained(folder: Path) -> str:
    """Return the stem of a small network."""
    make_song(folder / "bird", "bird", n_files=3, seconds=4, seed=1)
    store = assemble(plan_splits(survey(folder / "bird"), AssemblyOptions(data_folder=str(folder / "bird"), seed=1)))
    run = start_run(TrainingOptions(**{**PRESETS["quick"].options, "epochs": 2}, store_folder=str(store), seed=1))
    for _ in follow(run):
        pass
    return str(run.stem)


def finish(job: Job) -> Job:
    """Wait until a job has ended; end the program if that was not well."""
    for _ in follow(job):
        pass
    if job.status().state != "finished":
        sys.exit(f"{job.name}: {job.status().state} {job.status().message}")
    return job


def disturbed(options: AnnotatingOptions, n_kills: int, draw: random.Random, typical_seconds: float) -> Job:
    """Annotate with kills at random moments: some while the worker starts or loads the network, most while it annotates."""
    job = start_job("predict", options)
    states: Counter[str] = Counter()
    for number in range(n_kills):
        watcher, at_work = Watcher(job), draw.random() < 0.7
        watcher.look()
        while at_work and watcher.status.is_running and watcher.status.share is None:  # until the first block is done
            watcher.look()
            time.sleep(0.01)
        moment = time.monotonic() + draw.uniform(0, typical_seconds / n_kills if at_work else 4.0)
        while time.monotonic() < moment and watcher.status.is_running:
            watcher.look()
            time.sleep(0.01)
        watcher.look()
        if watcher.status.state == "finished":
            print(f"finished before kill {number + 1}")
            break
        states[watcher.status.state] += 1
        with suppress(RunError):
            job.kill()
        for _ in follow(job):
            pass
        job = resume_job(job)
    print(f"killed while {dict(states)}", flush=True)
    return finish(job)


def annotations(folder: str) -> dict[str, bytes]:
    """Return the content of a folder's annotation files by name."""
    return {path.name: path.read_bytes() for path in Path(folder).glob("*_annotations.csv")}


def main(n_recordings: int, n_kills: int, seed: int) -> None:
    """Compare both ways; exit code 1 if they differ."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        stem = trained(folder)
        recordings = [str(path) for path in make_song(folder / "many", "bird", n_files=n_recordings, seconds=3, seed=seed)]
        ways = [
            AnnotatingOptions(network=stem, recordings=recordings, out_folder=str(folder / name))
            for name in ("undisturbed", "disturbed")
        ]
        began = time.monotonic()
        finish(start_job("predict", ways[0]))
        seconds = (time.monotonic() - began) / 2  # about half of it is the start
        job = disturbed(ways[1], n_kills, random.Random(seed), seconds)
        expected, found = (annotations(way.out_folder) for way in ways)
        counts = Counter(event.recording for event in job.events()[0] if isinstance(event, RecordingDone))
        leftovers = [path.name for path in Path(ways[1].out_folder).iterdir() if ".partial" in path.name]
        twice = sum(n > 1 for n in counts.values())
        print(f"{len(found)} of {n_recordings} annotated, {twice} told twice, {len(leftovers)} leftovers", flush=True)
        if expected != found or len(counts) != n_recordings or leftovers:
            sys.exit("the annotations differ from those of an undisturbed run")
        print("equal to an undisturbed run, byte by byte")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(200, 20, 1)[len(given) :]])
