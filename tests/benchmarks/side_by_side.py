"""Two builds in turns: from Start to the first point of the curve, and from pressing Predict to the annotations of 10 s.

usage: python side_by_side.py OTHER_PYTHON [ROUNDS]

OTHER_PYTHON is the Python of a virtual environment with the other build (0.1.0 or later). Both builds work on the same demo
song in a temporary folder, as their panels do: training is started and watched until the first step is told, annotating is
started and watched until it has ended. Prints the medians of ROUNDS (5 by default) and their ratio, this build over the other,
and the ratios round by round, of the time by the clock and of the work of all processes together: on a busy machine, it is work
that tells.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WORK = """
import os, sys, time

def work():
    \"""Return the seconds that this process and those below it have worked.\"""
    below, total = [os.getpid()], sum(os.times()[:4])
    while below:
        pid = below.pop()
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                below += open(f"/proc/{pid}/task/{task}/children").read().split()
            if pid != os.getpid():
                words = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
                total += sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            pass
    return total
"""
"""What both kinds of code begin with: on a busy machine, work tells more than time."""

START = (
    WORK
    + """
from dss_widgets.options import TrainingOptions
try:
    from dss_widgets.jobs import follow, start_run
    kind = lambda event: event.kind
except ImportError:
    from dss_widgets.runs import follow, start_run
    kind = lambda event: event["event"]
options = TrainingOptions(store_folder=sys.argv[1], save_folder=sys.argv[2], seed=1)
began, before, told = time.perf_counter(), work(), None
run = start_run(options)
for event in follow(run, interval_seconds=0.02):
    if kind(event) == "step" and told is None:
        told = time.perf_counter() - began, work() - before
        run.kill()
print(*told)
"""
)
PREDICT = (
    WORK
    + """
stem, recording, out = sys.argv[1:]
most = 0
try:
    from dss_widgets.jobs import Watcher, start_job
    from dss_widgets.options.prediction import AnnotatingOptions
    began, before = time.perf_counter(), work()
    watcher = Watcher(start_job("predict", AnnotatingOptions(network=stem, recordings=[recording], out_folder=out)))
    while watcher.look() or watcher.status.is_running:
        most = max(most, work())
        time.sleep(0.02)
    assert watcher.status.state == "finished", watcher.status.message
except ImportError:
    from dss_widgets.runs.predicting import Prediction
    began, before = time.perf_counter(), work()
    prediction = Prediction(stem, [recording], out)
    while prediction.status().state == "going":
        most = max(most, work())
        time.sleep(0.02)
    assert prediction.status().state == "done", prediction.status().message
print(time.perf_counter() - began, max(most, work()) - before)
"""
)
TRAIN = """
import sys
from dss_widgets.options import PRESETS, TrainingOptions
from dss_widgets.runs import follow, start_run
quick = {**PRESETS["quick"].options, "epochs": 1}
options = TrainingOptions(**quick, store_folder=sys.argv[1], save_folder=sys.argv[2], seed=1)
run = start_run(options)
for _ in follow(run):
    pass
print(run.stem)
"""


def told(python: str, code: str, *words: object) -> str:
    """Return the last line that some code prints."""
    done = subprocess.run([python, "-c", code, *map(str, words)], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip().splitlines()[-1]


def main(other: str, rounds: int) -> None:
    """Print medians and ratios."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        command = [other, "-m", "dss_widgets"]
        subprocess.run(
            [*command, "song", str(folder / "bird"), "--seconds", "10", "--seed", "1"], check=True, stdout=subprocess.DEVNULL
        )
        subprocess.run([*command, "assemble", str(folder / "bird"), "--seed", "1"], check=True, stdout=subprocess.DEVNULL)
        store, recording = folder / "bird.npy", sorted((folder / "bird").glob("*.wav"))[0]
        stem = told(other, TRAIN, store, folder / "network")
        builds = {"this build": sys.executable, "the other": other}
        kinds = [f"{what}, {how}" for what in ("first point", "10 s annotated") for how in ("time", "work")]
        seconds: dict[str, dict[str, list[float]]] = {name: {kind: [] for kind in kinds} for name in builds}
        for number in range(rounds + 1):
            order = list(builds.items())
            for name, python in order if number % 2 else reversed(order):
                found = told(python, START, store, folder / f"runs_{name}").split()
                found += told(python, PREDICT, stem, recording, folder / f"{name}_{number}").split()
                for kind, value in zip(kinds, found, strict=True):
                    if number:  # the first round warms the disk's cache
                        seconds[name][kind].append(float(value))
        for what in kinds:
            mine, others = (seconds[name][what] for name in builds)
            ratios = [one / other for one, other in zip(mine, others, strict=True)]
            middles = statistics.median(mine), statistics.median(others)
            print(f"{what}: {middles[0]:.2f} s, the other {middles[1]:.2f} s, ratio {middles[0] / middles[1]:.3f}", end="")
            print(f"; ratio by round: median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
