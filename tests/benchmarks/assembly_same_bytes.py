"""Show that a folder, options and a seed give the same dataset to the byte, on any NumPy and in any order of files.

usage: python tests/benchmarks/assembly_same_bytes.py DATA_FOLDER [OTHER_PYTHON ...]

Every OTHER_PYTHON needs numpy, soundfile, h5py, soxr and traitlets, not this package. The folder is assembled with this
interpreter and each of the others: as it is, with the order in which it is listed shuffled, and with one thread.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ASSEMBLE = """
import hashlib, json, os, random, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from pathlib import Path
from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.options import AssemblyOptions
folder, place = sys.argv[1:]
listed = os.listdir
digests = {}
for way in ("as listed", "shuffled", "one thread"):
    if way == "shuffled":
        os.listdir = lambda path=".": random.sample(listed(path), len(listed(path)))
    for stratify in ("no", "blocks"):
        options = AssemblyOptions(
            data_folder=folder, store_folder=f"{place}/{way} {stratify}.npy", seed=1, stratify=stratify, block_seconds=1,
            individual_targets=True, onset_offset_targets=True, gap_seconds=0.002, samplerate_hz=22050,
        )
        plan = plan_splits(survey(folder), options)
        store = assemble(plan, executor=ThreadPoolExecutor(1) if way == "one thread" else None)
        digest = hashlib.sha256()
        for path in sorted(store.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(store)).encode() + path.read_bytes())
        digests[f"{way}, {stratify}"] = digest.hexdigest()
print(json.dumps({"numpy": np.__version__, "python": sys.version.split()[0], "digests": digests}))
"""


def main() -> None:
    """Assemble with every interpreter and compare."""
    folder, *others = sys.argv[1:]
    package = str(Path(__file__).resolve().parents[2])
    found: dict[str, set[str]] = {"no": set(), "blocks": set()}
    for python in [sys.executable, *others]:
        with tempfile.TemporaryDirectory() as place:
            command = [python, "-c", ASSEMBLE, folder, place]
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "PYTHONPATH": package}
            )
        told = json.loads(done.stdout)
        for name, digest in told["digests"].items():
            found[name.split(", ")[1]].add(digest)
            print(f"Python {told['python']}, NumPy {told['numpy']}, {name}: {digest[:16]}")
    assert all(len(digests) == 1 for digests in found.values()), "the bytes differ"
    print("all the same, to the byte")


if __name__ == "__main__":
    main()
