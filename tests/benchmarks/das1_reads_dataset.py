"""Show that DAS 1.0, which is written in PyTorch, loads a dataset assembled here, and a network trained here.

usage: python tests/benchmarks/das1_reads_dataset.py DAS_PYTHON STORE.npy [STEM]

DAS_PYTHON is the interpreter of a virtual environment with das 1.0a4 and what it imports (torchaudio is not needed here).
STEM is the path of the files of a network for one channel, without their endings; DAS converts it to its own format as
``das convert-legacy`` does, and must give the same probabilities for the beginning of STORE's test split.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from dss_widgets.dataset import open_dataset

SECONDS = 5
TOLERANCE = 1e-4

LOAD = """
import hashlib, json, sys
import numpy as np
from das.data.npy_dir import NPYDirDataModule, load_npy_dir_attrs
path, duration = sys.argv[1], 2**14
rate = float(load_npy_dir_attrs(path)["samplerate_x_Hz"])
data = NPYDirDataModule(data_dir=path, num_time_steps=duration, chunk_stride=duration, hop_s=1 / rate, num_workers=0)
digests = {}
for split in data.split_paths:
    chunks = getattr(data, f"{split}_dataloader")().dataset
    x = np.full((chunks.num_samples, data.input_num_channels), np.nan, dtype=np.float32)
    y = np.full((chunks.num_samples, data.num_classes), np.nan, dtype=np.float32)
    for i in range(len(chunks)):
        start = int(chunks.chunk_start_samples[i])
        audio, length, labels, n_labels = chunks[i]
        x[start : start + length] = np.atleast_2d(audio).T[:length]
        y[start : start + n_labels] = labels[:n_labels]
    for name, array in (("x", x), ("y", y)):
        digests[f"{split}/{name}"] = [list(array.shape), hashlib.sha256(array.tobytes()).hexdigest()]
told = {"digests": digests, "class_names": data.class_names, "class_types": data.class_types, "rate": data.samplerate_x_hz}
print(json.dumps(told))
"""
PREDICT = """
import json, sys
import numpy as np, torch
from das.api import convert_legacy_checkpoint
from das.das_legacy import load_legacy_predictor
from das.data.npy_dir import NPYDirDataModule
from das.models import DASModel
path, stem, seconds, folder = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
legacy, runtime = load_legacy_predictor(stem)
checkpoint = convert_legacy_checkpoint(stem, folder + "/converted.ckpt")
converted = DASModel.load_from_checkpoint(checkpoint, map_location="cpu").eval()
duration, stride, padding = runtime["num_time_steps"], runtime["chunk_stride"], runtime["data_padding"]
data = NPYDirDataModule(data_dir=path, num_time_steps=duration, chunk_stride=stride, hop_s=1 / runtime["sr"], num_workers=0)
chunks = data.test_dataloader().dataset
n_chunks = min(int(seconds * runtime["sr"]) // stride, (chunks.num_samples - duration) // stride + 1)
audio = torch.from_numpy(np.stack([chunks[i][0] for i in range(n_chunks)]))
lengths = torch.full((n_chunks,), duration)
with torch.no_grad():
    for name, model in (("legacy", legacy), ("converted", converted)):
        probabilities = torch.softmax(model(audio, lengths)[0], dim=-1).numpy()
        np.save(f"{folder}/{name}.npy", np.concatenate(probabilities[:, padding : duration - padding]))
print(json.dumps({"padding": padding, "n_samples": (n_chunks - 1) * stride + duration, "class_names": runtime["class_names"]}))
"""


def ask(python: str, program: str, *arguments: str) -> dict:
    """Run a program in DAS's environment and return what its last line says."""
    done = subprocess.run([python, "-c", program, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare_dataset(python: str, path: str) -> None:
    """Compare digests of every array, as float32, to which DAS turns all it reads."""
    das = ask(python, LOAD, path)
    ours = open_dataset(path)
    assert das["class_names"] == ours.class_names, (das["class_names"], ours.class_names)
    assert das["class_types"] == ours.class_types, (das["class_types"], ours.class_types)
    assert das["rate"] == ours.samplerate_hz, (das["rate"], ours.samplerate_hz)
    arrays = {
        f"{name}/{kind}": array for name, split in ours.splits.items() for kind, array in (("x", split.x), ("y", split.y()))
    }
    assert set(das["digests"]) == set(arrays), (set(das["digests"]), set(arrays))
    for name, array in arrays.items():
        digest = hashlib.sha256(np.ascontiguousarray(array, dtype=np.float32).tobytes()).hexdigest()
        assert das["digests"][name] == [list(array.shape), digest], name
        print(f"equal in DAS: {name} {array.shape} {array.dtype}")


def compare_network(python: str, path: str, stem: str) -> None:
    """Compare the probabilities of samples that have context on both sides."""
    from dss_widgets.network.predict import probabilities
    from dss_widgets.network.trained import load_trained

    trained = load_trained(stem)
    with tempfile.TemporaryDirectory() as folder:
        das = ask(python, PREDICT, path, stem, str(SECONDS), folder)
        assert das["class_names"] == trained.class_names, (das["class_names"], trained.class_names)
        audio = np.asarray(open_dataset(path).splits["test"].x[: das["n_samples"]], dtype=np.float32)
        ours = probabilities(trained, audio)[das["padding"] : das["n_samples"] - das["padding"]]
        n_found = len(np.unique(ours.argmax(axis=1)))
        for name in ("legacy", "converted"):
            theirs = np.load(Path(folder) / f"{name}.npy")
            assert theirs.shape == ours.shape, (theirs.shape, ours.shape)
            difference = float(np.abs(theirs - ours).max())
            assert difference < TOLERANCE, (name, difference)
            print(f"{name} network in DAS: {ours.shape}, {n_found} classes found, largest difference {difference:.1e}")


def main() -> None:
    """Compare the dataset, then, if one is given, the network."""
    python, path, *stems = sys.argv[1:]
    compare_dataset(python, path)
    for stem in stems:
        compare_network(python, path, stem)


if __name__ == "__main__":
    main()
