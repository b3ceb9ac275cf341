"""Assemble hours of synthetic song, and compare with a plain copy of as many bytes to the same disk.

usage: python tests/benchmarks/assembly_vs_copy.py [HOURS [FOLDER]]        (default: 10 hours, in the temporary folder)

Recordings of half an hour at 10 kHz, pulses and sine song all along. Both are timed until the bytes are on the disk. Prints
what assembling reaches of the copy's speed, and its peak memory above the imports.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assembly_memory import make_song


def make_recordings(folder: Path, hours: float) -> None:
    """Write half-hour recordings with annotations."""
    folder.mkdir()
    for i in range(max(1, round(hours * 2))):
        make_song(folder, 30)
        for name in ("rec.wav", "rec_annotations.csv"):
            (folder / name).rename(folder / name.replace("rec", f"rec{i:03}"))


def seconds_to_copy(source: Path, target: Path) -> float:
    """Copy all files of a folder, block by block, and return how long it takes until they are on the disk."""
    start = time.perf_counter()
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True)
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "rb") as reading, open(copy, "wb") as writing:
            while block := reading.read(2**22):
                writing.write(block)
            writing.flush()
            os.fsync(writing.fileno())
    return time.perf_counter() - start


def main(hours: float = 10, folder: str | None = None) -> None:
    """Assemble, copy what was assembled, and print both."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        data, store = Path(temporary) / "data", Path(temporary) / "data.npy"
        make_recordings(data, hours)
        os.sync()
        script = Path(__file__).with_name("assembly_memory.py")
        done = subprocess.run(
            [sys.executable, str(script), "--in-this-process", str(data)], check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout)
        size = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
        copied = seconds_to_copy(store, Path(temporary) / "copy.npy")
        print(f"{hours:g} h of 10 kHz song, a dataset of {size / 1e9:.2f} GB")
        seconds, megabytes = found["seconds"], found["megabytes"]
        print(f"assembled in {seconds:.1f} s ({size / 1e6 / seconds:.0f} MB/s), peak {megabytes:.0f} MB above the imports")
        print(f"copied in {copied:.1f} s ({size / 1e6 / copied:.0f} MB/s)")
        print(f"assembling reaches {copied / seconds:.0%} of the copy's speed")


if __name__ == "__main__":
    main(*(kind(argument) for kind, argument in zip((float, str), sys.argv[1:], strict=False)))
