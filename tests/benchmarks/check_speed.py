"""Time `check` of 1,000 recordings with Raven tables, in this build and in another, side by side.

    python tests/benchmarks/check_speed.py OTHER_BUILDS_PYTHON [ROUNDS]

Both builds read the same folder in processes of their own, in turns; the best of all rounds counts, so that a busy machine
does not matter. Fails if this build takes more than 1.1 times as long.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

N_RECORDINGS, N_ROWS, SECONDS, RATE_HZ = 1000, 30, 10, 8000
MOST = 1.1

HEADER = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation"

CODE = """
import sys, time
from dss_widgets.dataset import survey
survey(sys.argv[2])
taken = []
for _ in range(2):
    start = time.process_time()
    found = survey(sys.argv[1])
    taken.append(time.process_time() - start)
print(min(taken), sum(len(entry.annotations) for entry in found.recordings), len(found.errors))
"""


def make(folder: Path, n_recordings: int) -> None:
    """Write recordings and their tables."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    for i in range(n_recordings):
        soundfile.write(folder / f"rec{i:04}.wav", rng.uniform(-0.5, 0.5, SECONDS * RATE_HZ), RATE_HZ)
        starts = (np.arange(N_ROWS) + rng.uniform(0, 0.5, N_ROWS)) * SECONDS / N_ROWS
        rows = [
            f"{k}\tSpectrogram 1\t1\t{t:.9f}\t{t + 0.1:.9f}\t1000.0\t3000.0\t{'AB'[k % 2]}" for k, t in enumerate(starts, 1)
        ]
        (folder / f"rec{i:04}.Table.1.selections.txt").write_text("\n".join([HEADER, *rows]) + "\n")


def seconds(python: str, folder: Path, warm_up: Path) -> float:
    """Return the processor time of one survey, having checked that every row was read."""
    command = [python, "-P", "-c", CODE, folder, warm_up]  # -P: not from the folder in which this is started
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert told[1:] == [str(N_RECORDINGS * N_ROWS), "0"], told
    return float(told[0])


def main() -> None:
    """Compare."""
    other, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder, warm_up = Path(name) / "many", Path(name) / "few"
        make(folder, N_RECORDINGS)
        make(warm_up, 2)
        taken = [(seconds(other, folder, warm_up), seconds(sys.executable, folder, warm_up)) for _ in range(rounds)]
    before, here = (min(column) for column in zip(*taken, strict=True))
    print(
        f"check of {N_RECORDINGS} recordings with Raven tables: {before:.2f} s there, {here:.2f} s here ({here / before:.2f})"
    )
    if here > MOST * before:
        sys.exit(1)


if __name__ == "__main__":
    main()
