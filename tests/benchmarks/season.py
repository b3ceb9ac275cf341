"""What a season of short recordings costs: to check, to plan, and to annotate beside the same audio as one file.

usage: python season.py check [RECORDINGS [ROUNDS [PYTHON]]]        (default: 20,000 recordings, 3 rounds)
       python season.py annotate STEM [RECORDINGS [ROUNDS [PROCESSES]]]      (default: 2,000 recordings, 3 rounds)

Recordings of 2 s lie in nested folders, 50 in each. Everything is measured in processes of their own, in turns.

``check``: processor time and time of checking and of planning, each a recording (at most 1 ms of processor time), the most
memory above the imports (resident, at most 300 MB), and the most files open at once (at most 64). With another build's
``PYTHON``, the same of that.

``annotate``: ``STEM`` is a trained network of one channel. Annotating all with ``predict``, by several processes if asked for,
is told beside annotating one file that holds them joined, by one: seconds and, of one process, processor time, which
a busy machine does not change; their ratios (at most 1.2), memory and files.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

SECONDS, A_FOLDER = 2.0, 50


MOST_MS, MOST_MB, MOST_FILES, MOST_RATIO = 1.0, 300, 64, 1.2


def n_open() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


def highest_memory() -> float:
    """Return the most memory that this process ever had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def check(place: str) -> None:
    """Check and plan, and print what it took."""
    from dss_widgets.dataset import plan_splits, survey
    from dss_widgets.options import AssemblyOptions

    memory, opened = highest_memory(), n_open()
    most, done = [opened], threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            most[0] = max(most[0], n_open())

    watching = threading.Thread(target=watch)
    watching.start()
    times = [(time.process_time(), time.perf_counter())]
    checked = survey(place, below=True)
    times.append((time.process_time(), time.perf_counter()))
    plan = plan_splits(checked, AssemblyOptions(data_folder=place, folders_below=True, seed=1))
    times.append((time.process_time(), time.perf_counter()))
    done.set()
    watching.join()
    (check_cpu, check_all), (plan_cpu, plan_all) = np.diff(times, axis=0) * 1000 / len(checked.recordings)
    assert not plan.errors, plan.errors
    told = {"check CPU": check_cpu, "check": check_all, "plan CPU": plan_cpu, "plan": plan_all}
    print(json.dumps({**told, "MB": highest_memory() - memory, "files": most[0] - opened}))


def annotate(stem: str, place: str, out: str, n_processes: str) -> None:
    """Annotate and print what it took; of several processes, the start is left out as it is of one."""
    if int(n_processes) > 1:
        _annotate_spread(stem, place, out, int(n_processes))
        return
    from dss_widgets.network.tensorflow_setup import set_up_inference

    set_up_inference()
    from dss_widgets.network.predict import predict, probabilities
    from dss_widgets.network.trained import load_trained

    trained = load_trained(stem)
    rate = int(trained.samplerate_hz)
    for n in (int(SECONDS * rate), 60 * rate):  # what is compiled once
        probabilities(trained, np.zeros((n, 1), np.float32))
    before, opened, begun = highest_memory(), n_open(), time.perf_counter()
    most, cpu = [opened], time.process_time()
    predict(stem, [place], out, on_progress=lambda *_: most.append(max(most.pop(), n_open())))
    seconds = time.perf_counter() - begun
    told = {"seconds": seconds, "CPU": time.process_time() - cpu}
    print(json.dumps({**told, "MB": highest_memory() - before, "files": most[0] - opened}))


def _annotate_spread(stem: str, place: str, out: str, n: int) -> None:
    """Annotate by several processes; what counts begins when the first recordings are done: the network is loaded by then."""
    from dss_widgets.network.many import predict
    from dss_widgets.network.processes import Processes

    before, opened, most, ends = highest_memory(), n_open(), [0], []

    def told(_event: object) -> None:
        ends.append(time.perf_counter())
        most[0] = max(most[0], n_open())

    with Processes(n) as processes:
        predict(stem, [place], out, executor=processes, on_recording=told)
    first = 4 * n
    seconds = (ends[-1] - ends[first]) * len(ends) / (len(ends) - first - 1)
    print(json.dumps({"seconds": seconds, "MB": highest_memory() - before, "files": most[0] - opened}))


def make(folder: Path, rate: int, n: int, *, joined: bool = False) -> None:
    """Write the recordings with their annotations, and, if asked for, all of them as one."""
    import soundfile

    noise = np.random.default_rng(0)
    rows = [f"{'ab'[k % 2]},{0.1 + 0.4 * k:.3f},{0.3 + 0.4 * k:.3f}\n" for k in range(4)]
    with ExitStack() as opened:
        one = opened.enter_context(soundfile.SoundFile(folder / "one.wav", "w", rate, 1, "PCM_16")) if joined else None
        for i in range(n):
            audio = noise.normal(0, 0.05, int(SECONDS * rate)).astype(np.float32)
            path = folder / "season" / f"{i // A_FOLDER // 10:02}" / f"{i // A_FOLDER:03}" / f"{i:05}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, audio, rate, subtype="PCM_16")
            if one is not None:
                one.write(audio)
            else:
                path.with_name(f"{i:05}_annotations.csv").write_text("name,start_seconds,stop_seconds\n" + "".join(rows))


def measured(what: str, *words: object, python: str = sys.executable) -> dict[str, float]:
    """Return what something took in a process of its own."""
    command = [python, "-P", __file__, "--worker", what, *map(str, words)]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(ended.stdout.splitlines()[-1])


def main_check(n: int = 20_000, rounds: int = 3, other: str = "") -> None:
    """Measure checking and planning, and print; fails if the figures are worse than they may be."""
    builds = {"this build": sys.executable, **({"other build": other} if other else {})}
    told: dict[str, list[dict[str, float]]] = {name: [] for name in builds}
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), 8000, n)
        for _ in range(rounds):
            for build, python in builds.items():
                told[build].append(measured("check", Path(name) / "season", python=python))
    print(f"{n:,} recordings of {SECONDS:g} s, best of {rounds} rounds, ms a recording")
    best = {build: _best(of_it) for build, of_it in told.items()}
    for build, values in best.items():
        print(f"{build}: " + ", ".join(f"{key} {value:.2f}" for key, value in values.items()))
    most = {"check CPU": MOST_MS, "plan CPU": MOST_MS, "MB": MOST_MB, "files": MOST_FILES}
    if any(best["this build"][key] > value for key, value in most.items()):
        sys.exit(f"more than there may be: {most}")


def _best(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the least time, and the most memory and files, of several rounds."""
    return {key: (max if key in ("MB", "files") else min)(each[key] for each in rounds) for key in rounds[0]}


def main_annotate(stem: str, n: int = 2000, rounds: int = 3, n_processes: int = 1) -> None:
    """Measure annotating, and print."""
    from dss_widgets.results.params_file import read_params

    rate = int(read_params(Path(f"{stem}_params.yaml"))["samplerate_x_Hz"])
    ways = {"one.wav": 1, "season": n_processes}
    told: dict[str, list[dict[str, float]]] = {place: [] for place in ways}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, rate, n, joined=True)
        for i in range(rounds):
            for place, processes in ways.items():
                told[place].append(measured("annotate", stem, folder / place, folder / f"out {i} {place}", processes))
    print(f"{n} recordings of {SECONDS:g} s at {rate} Hz, {rounds} rounds, {n_processes} processes")
    for place, of_it in told.items():
        seconds = statistics.median(each["seconds"] for each in of_it)
        most = {key: max(each[key] for each in of_it) for key in ("MB", "files")}
        print(f"{place:8}  {seconds:8.2f} s  {most['MB']:7.1f} MB above the imports  {most['files']:.0f} more files open")
    for what in ("seconds", "CPU") if n_processes == 1 else ("seconds",):
        ratios = [s[what] / o[what] for s, o in zip(told["season"], told["one.wav"], strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"season / one file, {what}: {statistics.median(ratios):.2f} ({spread}); at most {MOST_RATIO}")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:2] == ["--worker", "check"]:
        check(words[2])
    elif words[:1] == ["--worker"]:
        annotate(*words[2:6])
    elif words[:1] == ["check"]:
        main_check(*map(int, words[1:3]), *words[3:4])
    else:
        main_annotate(words[1], *map(int, words[2:]))
