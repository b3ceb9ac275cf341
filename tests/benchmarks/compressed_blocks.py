"""Show that blocks of a compressed recording cost hardly more than reading it once through.

usage: python tests/benchmarks/compressed_blocks.py [--minutes 60] [--rate 44100] [--repeats 3] [ENDING ...]
                                                                                        (default: ogg mp3)

Writes one recording of synthetic song a format, with digitally silent pauses. "Once through" is libsndfile alone, from the
beginning to the end. Blocks of 2^18 samples, in order and in random order, and 250 pages of two seconds here and there, for
which the recording is opened again each time, are read through the package; a block's sum tells whether it is the same sound.
Every way has a process of its own. Prints the least seconds of the repeats by the clock, those of the processor (which tell
more on a busy machine), and the memory taken above the imports.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
import soundfile

BLOCK = 2**18
PAGES = 250
WAYS = ("once through", "in order", "random order", "pages")


class OneWayFile(soundfile.SoundFile):
    """Soundfile itself seeks after each read of a file that can be sought in, which costs, and goes wrong in MP3."""

    def seekable(self) -> bool:
        """Return that it is not to be sought in."""
        return False


def write_song(path: Path, minutes: float, rate: int) -> None:
    """Write calls of a tenth of a second, with digital silence between them."""
    random, t = np.random.default_rng(0), np.arange(rate // 10)
    with soundfile.SoundFile(path, "w", rate, 1) as file:
        for _ in range(round(minutes * 60)):
            second = np.zeros(rate)
            for start in random.integers(0, rate - len(t), 3):
                call = 0.3 * np.sin(t * random.uniform(0.1, 1)) + 0.02 * random.standard_normal(len(t))
                second[start : start + len(t)] = np.hanning(len(t)) * call
            file.write(second)


def read_here(path: Path, way: str) -> dict[int, int]:
    """Read in this process, and return a checksum for each block's first sample."""
    from dss_widgets.dataset import open_recording

    sums = {}
    if way == "once through":
        with OneWayFile(path) as file:
            while len(block := file.read(BLOCK, dtype="float32")):
                sums[len(sums) * BLOCK] = zlib.crc32(block.data)
        return sums
    recording, random = open_recording(path), np.random.default_rng(1)
    n_samples, length = recording.n_samples, BLOCK
    starts = np.arange(0, n_samples, BLOCK)
    if way == "random order":
        random.shuffle(starts)
    if way == "pages":
        length = 2 * int(recording.samplerate_hz)
        starts = random.integers(0, max(1, n_samples - length), PAGES)
    for start in starts.tolist():
        if way == "pages":
            recording = open_recording(path)
        block = recording.read(start, min(n_samples, start + length))
        sums[start] = zlib.crc32(np.ascontiguousarray(block).data)
    return {} if way == "pages" else sums


def measure_here(path: Path, way: str) -> None:
    """Print what reading took, as JSON."""
    from assembly_memory import peak_megabytes

    import dss_widgets.dataset  # noqa: F401 - importing it is not to be measured

    before, start, start_cpu = peak_megabytes(), time.perf_counter(), time.process_time()
    sums = read_here(path, way)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": peak_megabytes() - before, "sums": sums}))


def main() -> None:
    """Measure each way of each format, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("endings", nargs="*", default=["ogg", "mp3"], metavar="ENDING")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=44_100)
    parser.add_argument("--repeats", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for ending in wanted.endings:
            path = Path(folder) / f"song.{ending}"
            write_song(path, wanted.minutes, wanted.rate)
            print(f"{ending}: {wanted.minutes:g} min at {wanted.rate} Hz, {path.stat().st_size / 2**20:.0f} MB")
            best = {way: {"seconds": np.inf, "cpu": np.inf} for way in WAYS}
            for _ in range(wanted.repeats):  # the ways take turns, so that a busy minute hits all of them
                for way in WAYS:
                    command = [sys.executable, __file__, "--here", str(path), way]
                    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                    taken = json.loads(told.stdout)
                    best[way] = taken | {unit: min(taken[unit], best[way][unit]) for unit in ("seconds", "cpu")}
            once = best["once through"]
            for way, taken in best.items():
                same = "" if way == "pages" else f"  same sound: {taken['sums'] == once['sums']}"
                clock, cpu = taken["seconds"] / once["seconds"], taken["cpu"] / once["cpu"]
                print(
                    f"  {way:13} {taken['seconds']:6.2f} s, {clock:4.2f} times; CPU {taken['cpu']:6.2f} s, {cpu:4.2f} times"
                    f"; {taken['megabytes']:4.0f} MB{same}", flush=True,
                )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        measure_here(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
