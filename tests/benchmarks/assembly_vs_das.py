"""Assemble a folder with DAS and with this program in one run, and print how many times as fast this is.

usage: python tests/benchmarks/assembly_vs_das.py DAS_PYTHON DATA_FOLDER [GAP_SECONDS]

DAS_PYTHON is the python of an environment with das 0.32.13 and xarray-behave 0.36.0. Test: a fifth of the files; train and
validation 80 to 20 by samples; a gap of 2 ms unless said otherwise (DAS cannot do gaps with events only: give 0). Both run in
a fresh process; the imports are not counted. DAS runs first once for its caches, then both three times; the best counts.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

DAS = """
import json, os, sys, time
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import xarray_behave.gui.das as dialog
folder, store, gap = sys.argv[1:]
start = time.perf_counter()
dialog.make(folder, store, file_splits={"test": 0.2}, data_splits={"train": 0.8, "val": 0.2},
            event_std_seconds=0.0016, gap_seconds=float(gap), seed=1)
print(json.dumps(time.perf_counter() - start))
"""

OURS = """
import json, sys, time
from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.options import AssemblyOptions
folder, store, gap = sys.argv[1:]
start = time.perf_counter()
options = AssemblyOptions(data_folder=folder, store_folder=store, gap_seconds=float(gap), seed=1,
                          test_split="files", train_fraction=0.64, val_fraction=0.16, test_fraction=0.2)
assemble(plan_splits(survey(folder), options))
print(json.dumps(time.perf_counter() - start))
"""


def seconds(python: str, script: str, folder: str, gap: str) -> float:
    """Return how long a script's assembly of a folder takes in a fresh process."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [python, "-c", script, folder, str(Path(temporary) / "x.npy"), gap]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.strip().splitlines()[-1]))


def main(das_python: str, folder: str, gap: str = "0.002") -> None:
    """Time both, and print the ratio."""
    folder = str(Path(folder).resolve())
    print(f"DAS, first: {seconds(das_python, DAS, folder, gap):.2f} s", flush=True)
    das, ours = [], []
    for _ in range(3):
        das.append(seconds(das_python, DAS, folder, gap))
        ours.append(seconds(sys.executable, OURS, folder, gap))
        print(f"DAS {das[-1]:.2f} s, dss_widgets {ours[-1]:.3f} s", flush=True)
    print(f"best of three: DAS {min(das):.2f} s, dss_widgets {min(ours):.3f} s: {min(das) / min(ours):.0f} times as fast")


if __name__ == "__main__":
    main(*sys.argv[1:])
