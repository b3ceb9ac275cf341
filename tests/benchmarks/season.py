"""What annotating a season of short recordings costs, beside the same audio as one file, in turns.

usage: python season.py STEM [RECORDINGS [ROUNDS]]

``STEM`` is a trained network of one channel. Recordings of 2 s lie in nested folders, 50 in each. Annotating them all with
``predict`` is told beside annotating one file that holds them joined, each in a process of its own: seconds, their ratio (at
most 1.2), the most memory above the imports (resident), and the most files open at once.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SECONDS, A_FOLDER = 2.0, 50


def annotate(stem: str, place: str, out: str) -> None:
    """Annotate and print what it took."""
    from dss_widgets.network.tensorflow_setup import set_up_worker_process

    set_up_worker_process()
    from dss_widgets.network.predict import predict, probabilities
    from dss_widgets.network.trained import load_trained

    def n_open() -> int:
        return len(os.listdir("/proc/self/fd"))

    trained = load_trained(stem)
    rate = int(trained.samplerate_hz)
    for n in (int(SECONDS * rate), 60 * rate):  # what is compiled once
        probabilities(trained, np.zeros((n, 1), np.float32))
    before, opened, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, n_open(), time.perf_counter()
    most = [opened]
    predict(stem, [place], out, on_progress=lambda *_: most.append(max(most.pop(), n_open())))
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "MB": (after - before) / 1024, "files": most[0] - opened}))


def make(folder: Path, rate: int, n: int) -> None:
    """Write the recordings, and all of them as one."""
    import soundfile

    noise = np.random.default_rng(0)
    with soundfile.SoundFile(folder / "one.wav", "w", rate, 1, "PCM_16") as joined:
        for i in range(n):
            audio = noise.normal(0, 0.05, int(SECONDS * rate)).astype(np.float32)
            path = folder / "season" / f"{i // A_FOLDER // 10:02}" / f"{i // A_FOLDER:03}" / f"{i:05}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, audio, rate, subtype="PCM_16")
            joined.write(audio)


def measured(stem: str, place: Path, out: Path) -> dict[str, float]:
    """Return what annotating a place took in a process of its own."""
    words = [sys.executable, __file__, "--worker", stem, str(place), str(out)]
    ended = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(ended.stdout.splitlines()[-1])


def main(stem: str, n: int = 2000, rounds: int = 3) -> None:
    """Measure and print."""
    from dss_widgets.results.params_file import read_params

    rate = int(read_params(Path(f"{stem}_params.yaml"))["samplerate_x_Hz"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, rate, n)
        told: dict[str, list[dict[str, float]]] = {"one.wav": [], "season": []}
        for i in range(rounds):
            for place, of_it in told.items():
                of_it.append(measured(stem, folder / place, folder / f"out {i} {place}"))
    print(f"{n} recordings of {SECONDS:g} s at {rate} Hz, {rounds} rounds")
    for place, of_it in told.items():
        seconds = statistics.median(each["seconds"] for each in of_it)
        most = {key: max(each[key] for each in of_it) for key in ("MB", "files")}
        print(f"{place:8}  {seconds:8.2f} s  {most['MB']:7.1f} MB above the imports  {most['files']:.0f} more files open")
    ratios = [s["seconds"] / o["seconds"] for s, o in zip(told["season"], told["one.wav"], strict=True)]
    print(f"season / one file: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); at most 1.20")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        annotate(*sys.argv[2:5])
    else:
        main(sys.argv[1], *map(int, sys.argv[2:]))
