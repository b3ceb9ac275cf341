"""Annotate ten minutes with DAS and with this program, processes whole, in turns: seconds, the ratio, and the most memory.

usage: python tests/benchmarks/annotating_vs_das.py DAS_PYTHON STEM RECORDINGS [ROUNDS [PROCESSES]]

DAS_PYTHON is the Python of an environment with das 0.32.13; STEM is a trained network of one channel whose ``STEM_model.h5``
both open. The recordings of the folder RECORDINGS are repeated to 20 files of 30 s at the network's rate. Measured, round by
round (3 by default), are ``das.predict.cli_predict(FOLDER, STEM)`` and ``dss-widgets predict``, exact and ``--fast``, from the
start of the process to its end. Memory is the most that one process had resident. With PROCESSES this program works in so many;
DAS has no such choice.
"""

import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile

from dss_widgets.results.params_file import read_params

N_FILES, SECONDS = 20, 30
DAS = "import sys; from das.predict import cli_predict; cli_predict(sys.argv[1], sys.argv[2], verbose=0)"


def make(source: Path, folder: Path, rate: float) -> None:
    """Write the recordings to annotate."""
    heard = [soundfile.read(path) for path in sorted(source.glob("*.wav"))]
    assert heard, f"no .wav in {source}"
    assert {own for _, own in heard} == {rate}, f"the network's rate is {rate:g} Hz"
    song = np.resize(np.concatenate([audio for audio, _ in heard]), int(N_FILES * SECONDS * rate))
    for i, part in enumerate(np.split(song, N_FILES)):
        soundfile.write(folder / f"{i:02}.wav", part, int(rate), subtype="PCM_16")


def measured(command: list[str]) -> tuple[float, float]:
    """Return the seconds that a process took and the MB that it had resident at most."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    with suppress(ChildProcessError):  # once all have ended, also those that the process itself did not wait for
        while True:
            ended, status, used = os.wait4(-1, 0)
            most = max(most, used.ru_maxrss)
            if ended == process.pid:
                seconds, process.returncode = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} failed: {process.returncode}"
    return seconds, most / 1024


def adopt() -> None:
    """Take the place of the parents of processes that are left alone, so that their memory is known (Linux)."""
    set_child_subreaper = 36
    assert ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) == 0


def main(das_python: str, stem: str, source: str, rounds: str = "3", processes: str = "1") -> None:
    """Measure both in turns, and print what each took."""
    adopt()
    took: dict[str, list[tuple[float, float]]] = {"DAS": [], "dss_widgets": [], "dss_widgets --fast": []}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "recordings"
        folder.mkdir()
        make(Path(source), folder, read_params(Path(stem))["samplerate_x_Hz"])
        for i in range(int(rounds)):
            own = [sys.executable, "-P", "-m", "dss_widgets", "predict", stem, str(folder), "--processes", processes, "--out"]
            commands = {
                "DAS": [das_python, "-c", DAS, str(folder), stem],
                "dss_widgets": [*own, f"{temporary}/out{i}"],
                "dss_widgets --fast": [*own, f"{temporary}/fast{i}", "--fast"],
            }
            for name, command in commands.items():
                took[name].append(measured(command))
                seconds, megabytes = took[name][-1]
                print(f"{name}: {seconds:.2f} s, {megabytes:.0f} MB", flush=True)
            for made in (folder, Path(temporary, f"out{i}"), Path(temporary, f"fast{i}")):
                assert len(list(made.glob("*_annotations.csv"))) == N_FILES
            for file in folder.glob("*.csv"):
                file.unlink()
    das, *others = took
    for name in others:
        ratios = [theirs[0] / ours[0] for theirs, ours in zip(took[das], took[name], strict=True)]
        print(f"{name}: {statistics.median(ratios):.1f} times as fast ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
