"""Show that DAS loads a dataset assembled here with equal arrays, and that ``das train`` runs on it.

usage: python tests/benchmarks/das_reads_dataset.py DAS_PYTHON STORE.npy [EPOCHS]

DAS_PYTHON is the interpreter of a virtual environment with das 0.32.13 (and peakutils, which it needs and does not name).
"""

import hashlib
import json
import subprocess
import sys

import numpy as np

from dss_widgets.dataset import open_dataset

LOAD = """
import hashlib, json, sys
import numpy as np
import das.npy_dir
store = das.npy_dir.load(sys.argv[1], memmap_dirs=["train", "val", "test"])
digests = {}
for split in ("train", "val", "test"):
    for name, array in store[split].items():
        digests[f"{split}/{name}"] = [list(array.shape), hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()]
print(json.dumps({"digests": digests, "class_names": list(store.attrs["class_names"]), "rate": store.attrs["samplerate_x_Hz"]}))
"""
TRAIN = """
import sys
import das.train
das.train.train(data_dir=sys.argv[1], save_dir=sys.argv[1][:-4] + ".das", model_name="tcn", nb_epoch=int(sys.argv[2]),
                verbose=2, nb_pre_conv=4, nb_hist=1024, use_separable=[False] * 3, ignore_boundaries=True, version_data=False)
"""


def main() -> None:
    """Compare digests of every array, then train."""
    python, path = sys.argv[1:3]
    told = subprocess.run([python, "-c", LOAD, path], capture_output=True, text=True, check=True).stdout
    das = json.loads(told.splitlines()[-1])
    ours = open_dataset(path)
    assert das["class_names"] == ours.class_names, (das["class_names"], ours.class_names)
    assert das["rate"] == ours.samplerate_hz
    arrays = {
        f"{name}/{kind}": array for name, split in ours.splits.items() for kind, array in (("x", split.x), ("y", split.y()))
    }
    for name, array in arrays.items():
        digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        assert das["digests"][name] == [list(array.shape), digest], name
        print(f"equal in DAS: {name} {array.shape} {array.dtype}")
    if len(sys.argv) > 3:
        subprocess.run([python, "-c", TRAIN, path, sys.argv[3]], check=True)
        print("das train ran")


if __name__ == "__main__":
    main()
