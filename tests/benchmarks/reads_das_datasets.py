"""Show that datasets made by DAS 0.32.13 itself, as .npy, .zarr and .h5, are read here with equal arrays and attributes.

usage: python tests/benchmarks/reads_das_datasets.py DAS_PYTHON [ARCHIVE.tar.gz]

DAS_PYTHON is the interpreter of a virtual environment with das 0.32.13 and xarray-behave (which has DAS's assembly dialog);
here zarr must be installed. The datasets are kept in the archive, if one is named: so was made tests/dataset/data/das.tar.gz.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from dss_widgets.dataset import open_dataset

RATE_HZ = 1000

MAKE = """
import os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py, numpy as np, zarr
import das.npy_dir
import xarray_behave.gui.das as dialog
options = dict(
    file_splits={"test": 0.34}, data_splits={"train": 0.7, "val": 0.3}, make_single_class_datasets=True,
    event_std_seconds=0.0016, gap_seconds=0.002, seed=1,
)
dialog.make("song", "made.npy", **options)
dialog.make("song", "made.zarr", to_npy_dir=False, make_csv_annotations=False, **options)
store = das.npy_dir.load("made.npy")
with h5py.File("made.h5", "w") as file:
    for split, arrays in store.items():
        for name, values in arrays.items():
            file.create_dataset(split + "/" + name, data=values)
    for name, value in store.attrs.items():
        if not isinstance(value, dict):
            file.attrs[name] = value
"""
LOAD = """
import hashlib, json, sys
import h5py, numpy as np
import das.io
path = sys.argv[1]
store = das.io._to_dict(h5py.File(path)) if path.endswith(".h5") else das.io.load(path)  # DAS's own way to .h5 is broken
digests = {}
for split in ("train", "val", "test"):
    for name, array in store[split].items():
        values = np.ascontiguousarray(array[:])
        digests[split + "/" + name] = [list(values.shape), hashlib.sha256(values.tobytes()).hexdigest()]
plain = {name: np.asarray(store.attrs[name]).tolist() for name in ("samplerate_x_Hz", "class_names", "class_types")}
print(json.dumps({"digests": digests, **plain}))
"""


def compare(python: str, path: Path) -> None:
    """Compare every array, and what the attributes say, with what DAS reads."""
    told = subprocess.run([python, "-c", LOAD, str(path)], stdout=subprocess.PIPE, text=True, check=True).stdout
    das, ours = json.loads(told.splitlines()[-1]), open_dataset(path)
    assert das["samplerate_x_Hz"] == ours.samplerate_hz
    assert (das["class_names"], das["class_types"]) == (ours.class_names, ours.class_types)
    assert ours.song_types == ours.class_names[1:], ours.song_types
    arrays = {f"{name}/x": split.x for name, split in ours.splits.items()}
    for song_type in ("", *ours.song_types):
        key = f"y_{song_type}" if song_type else "y"
        arrays |= {f"{name}/{key}": split.y(song_type) for name, split in ours.splits.items()}
    assert set(das["digests"]) == set(arrays), set(das["digests"]) ^ set(arrays)
    for name, array in arrays.items():
        values = np.ascontiguousarray(array[:])
        assert das["digests"][name] == [list(values.shape), hashlib.sha256(values.tobytes()).hexdigest()], name
    told = {name: split.n_samples for name, split in ours.splits.items()}
    print(f"{path.name}: {len(arrays)} arrays equal, {told} samples, {ours.class_names}")


def write_song(folder: Path) -> None:
    """Write three recordings of half a second, with pulses and a sine each."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    for i in range(3):
        soundfile.write(folder / f"rec{i}.wav", rng.uniform(-0.5, 0.5, RATE_HZ // 2), RATE_HZ)
        rows = [*(f"pulse,{t:.3f},{t:.3f}" for t in (0.05, 0.062 + i / 100, 0.41)), f"sine,0.2,{0.3 + i / 50:.3f}"]
        (folder / f"rec{i}_annotations.csv").write_text("\n".join(["name,start_seconds,stop_seconds", *rows]) + "\n")


def main() -> None:
    """Make song, let DAS assemble it, and compare."""
    python, *archive = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_song(folder / "song")
        subprocess.run([python, "-c", MAKE], cwd=folder, check=True)
        paths = [folder / f"made{suffix}" for suffix in (".npy", ".zarr", ".h5")]
        for path in paths:
            compare(python, path)
        for name in archive:
            with tarfile.open(name, "w:gz") as file:
                for path in [folder / "song", *paths]:
                    file.add(path, path.name)


if __name__ == "__main__":
    main()
