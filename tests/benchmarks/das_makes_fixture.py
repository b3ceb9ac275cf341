"""Make the files in tests/network/data with DAS itself: tiny networks, audio, and DAS's probabilities.

usage (in an environment that has DAS): python das_makes_fixture.py OUT_FOLDER
DAS 0.32.13 makes ``das_stft`` and ``das_separable``, DAS 0.33.2 ``das_keras``. To keep them small, the optimizer's state is
left out of the h5 files, and the .keras file is packed.
"""

import glob
import os
import sys
import tempfile
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import das.npy_dir
import das.train
import das.utils
import h5py
import keras
import numpy as np

IS_KERAS_3 = not keras.__version__.startswith("2.")
NETWORKS = {
    "stft": {"nb_pre_conv": 3, "pre_nb_dft": 16, "use_separable": [False]},
    "separable": {"nb_pre_conv": 0, "use_separable": [True]},
}
if IS_KERAS_3:
    NETWORKS = {"keras": NETWORKS["stft"]}


def song(n_samples, rng):
    """Return audio [samples, 1] and targets [samples, 3]: noise, a low and a high tone."""
    time = np.arange(n_samples)
    x, y = rng.normal(0, 0.02, (n_samples, 1)), np.zeros((n_samples, 3))
    for start in range(200, n_samples - 400, 700):
        for column, first, length, frequency in ((1, start, 200, 0.05), (2, start + 350, 100, 0.2)):
            x[first : first + length, 0] += 0.5 * np.sin(2 * np.pi * frequency * time[:length])
            y[first : first + length, column] = 1
    y[:, 0] = 1 - y.sum(axis=1)
    return x.astype("f2"), y.astype("f2")


def main(out):
    """Train both networks and keep their files."""
    rng = np.random.default_rng(0)
    data = das.npy_dir.DictClass()
    for split, n_samples in (("train", 8000), ("val", 4000), ("test", 4000)):
        data[split] = dict(zip("xy", song(n_samples, rng), strict=True))
    data.attrs = {
        "samplerate_x_Hz": np.float64(1000.0),
        "samplerate_y_Hz": np.float64(1000.0),
        "class_names": ["noise", "low", "high"],
        "class_types": ["segment"] * 3,
    }
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        store = os.path.join(work, "tiny.npy")
        das.npy_dir.save(store, data)
        for name, options in NETWORKS.items():
            das.train.train(
                data_dir=store, save_dir=os.path.join(work, name), model_name="tcn", nb_hist=128, nb_filters=4, kernel_size=3,
                nb_conv=1, learning_rate=0.01, nb_epoch=8, batch_size=4, seed=1, verbose=0, **options,
            )  # fmt: skip
            stem = glob.glob(os.path.join(work, name, "*_params.yaml"))[0].removesuffix("_params.yaml")
            keep(stem, os.path.join(out, f"das_{name}"), data["test"]["x"], work)


def keep(stem, target, audio, work):
    """Copy a network's files without machine paths and optimizer, and store what DAS computes with it."""
    model, params = das.utils.load_model_and_params(stem)
    chunks = np.stack([audio[i * params["stride"] :][:128] for i in range(6)]).astype("f4")
    np.savez_compressed(f"{target}_probabilities.npz", audio=chunks, probabilities=model.predict(chunks, verbose=0))
    with open(f"{stem}_params.yaml") as source, open(f"{target}_params.yaml", "w") as copy:
        copy.write(source.read().replace(work, "/data"))
    if IS_KERAS_3:
        whole, copy = f"{stem}_model.keras", f"{target}_model.keras"
        with zipfile.ZipFile(whole) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as packed:
            for entry in source.namelist():
                packed.writestr(entry, source.read(entry))
        return
    with h5py.File(f"{stem}_model.h5") as source, h5py.File(f"{target}_model.h5", "w") as copy:
        copy.attrs.update({name: value for name, value in source.attrs.items() if name != "training_config"})
        source.copy("model_weights", copy)


if __name__ == "__main__":
    main(sys.argv[1])
