"""Show that the memory of assembling does not grow with the length of the recordings.

usage: python tests/benchmarks/assembly_memory.py [MINUTES ...]        (default: 10 100)

Each length is assembled in a fresh process: one recording of synthetic song at 10 kHz, with an annotation every half second.
Prints the peak memory above the imports, and seconds per hour of audio.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

RATE = 10_000


def make_song(folder: Path, minutes: float) -> None:
    """Write one recording, minute by minute, and its annotations: pulses and sine song all along."""
    rng = np.random.default_rng(0)
    minute = (rng.standard_normal(60 * RATE) * 3000).astype(np.int16)
    with soundfile.SoundFile(folder / "rec.wav", "w", RATE, 1, subtype="PCM_16") as file:
        for _ in range(round(minutes)):
            file.write(minute)
    times = np.arange(0.25, minutes * 60 - 1, 1.0)
    rows = [f"pulse,{t:.4f},{t:.4f}\nsine,{t + 0.3:.4f},{t + 0.6:.4f}\n" for t in times.tolist()]
    (folder / "rec_annotations.csv").write_text("name,start_seconds,stop_seconds\n" + "".join(rows))


def peak_megabytes() -> float:
    """Return the largest memory this process has had so far (what getrusage says may be its parent's, so Linux is asked)."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def assemble_here(folder: str) -> None:
    """Assemble in this process, and print what it took as JSON."""
    from dss_widgets.dataset import assemble, plan_splits, survey
    from dss_widgets.options import AssemblyOptions

    before = peak_megabytes()
    start = time.perf_counter()
    assemble(plan_splits(survey(folder), AssemblyOptions(data_folder=folder, seed=1)))
    print(json.dumps({"megabytes": peak_megabytes() - before, "seconds": time.perf_counter() - start}))


def main(minutes: list[float]) -> None:
    """Assemble each length in a process of its own, and print a table."""
    print("minutes  peak above imports (MB)  seconds per hour of audio")
    for length in minutes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "song"
            folder.mkdir()
            make_song(folder, length)
            command = [sys.executable, __file__, "--in-this-process", str(folder)]
            done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"{length:7g}  {done['megabytes']:23.0f}  {done['seconds'] / length * 60:25.2f}", flush=True)


if __name__ == "__main__":
    if "--in-this-process" in sys.argv:
        assemble_here(sys.argv[-1])
    else:
        main([float(argument) for argument in sys.argv[1:]] or [10, 100])
