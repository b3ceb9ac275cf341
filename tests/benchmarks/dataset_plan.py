"""How long a look at a large folder takes, from the files on the disk to the table of the splits.

usage: python tests/benchmarks/dataset_plan.py [RECORDINGS [HOURS]]        (default: 1000 recordings, 100 hours)

The recordings are real wav files with a header, whose audio is a hole in the file and takes no room; each has an annotation
every five seconds. A second folder has one recording with 8,000 annotations. Prints the seconds of survey, plan and table.
"""

import sys
import tempfile
import time
import wave
from pathlib import Path

from dss_widgets.dataset import plan_splits, survey
from dss_widgets.options import AssemblyOptions

RATE = 10_000


def make_recording(folder: Path, name: str, seconds: float, n_annotations: int) -> None:
    """Write a wav file of the right size, and annotations of twenty types."""
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.setnframes(int(seconds * RATE))
        file.writeframesraw(name.encode().ljust(200)[:200])
    with open(folder / f"{name}.wav", "r+b") as header:
        size = int(seconds * RATE) * 2
        header.truncate(44 + size)
        header.seek(4)
        header.write((36 + size).to_bytes(4, "little"))
        header.seek(40)
        header.write(size.to_bytes(4, "little"))
    step = seconds / n_annotations
    rows = [f"type{i % 20},{i * step:.4f},{(i + 0.5) * step:.4f}\n" for i in range(n_annotations)]
    (folder / f"{name}_annotations.csv").write_text("name,start_seconds,stop_seconds\n" + "".join(rows))


def timed(folder: Path, **options: str) -> str:
    """Return how long survey, plan and table take, as words."""
    start = time.perf_counter()
    found = survey(folder)
    surveyed = time.perf_counter()
    plan = plan_splits(found, AssemblyOptions(data_folder=str(folder), seed=1, **options))
    planned = time.perf_counter()
    plan.table()
    done = time.perf_counter()
    return f"survey {surveyed - start:.2f} s, plan {planned - surveyed:.2f} s, table {done - planned:.2f} s"


def main(n_recordings: int = 1000, hours: int = 100) -> None:
    """Make both folders and time them."""
    with tempfile.TemporaryDirectory() as temporary:
        many, long = Path(temporary) / "many", Path(temporary) / "long"
        many.mkdir()
        long.mkdir()
        seconds = hours * 3600 / n_recordings
        for i in range(n_recordings):
            make_recording(many, f"rec{i:05}", seconds + i / 10, round(seconds / 5))
        make_recording(long, "rec", 3600, 8000)
        for stratify in ("no", "two-parts", "blocks"):
            print(f"{n_recordings} recordings, {hours} h, stratify {stratify}: {timed(many, stratify=stratify)}", flush=True)
        print(f"8000 annotations in one file: {timed(long)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
