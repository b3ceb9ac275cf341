"""Show that DAS opens the networks written here by their stem, as its users do, and computes the same; and the other way round.

usage: python das_compatibility.py DAS_PYTHON ...     Pythons of environments with DAS 0.32.13, 0.33.2 or 1.0a4, in any order:
       python3.11 -m venv das32 && das32/bin/pip install das==0.32.13 xarray-behave==0.36.0 librosa
       python3.12 -m venv das33 && das33/bin/pip install das==0.33.2 torch==2.13.0
       python3.12 -m venv das1 && das1/bin/pip install --no-deps das==1.0a4 && \
       das1/bin/pip install torch==2.13.0 h5py lightning scipy

Networks with random weights, with and without frontend, one and three channels, separable or not, with LSTM, are written
here with all their files and loaded there, then built and saved there and loaded here. Exit code 0 if all agree to 1e-4.
DAS 1.0 reads the networks of earlier DAS and writes only its own, of another kind, so there is one way alone; networks that it
refuses, or is known to compute otherwise, are listed with what it says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TOLERANCE = 1e-4
"""Largest difference of probabilities."""

NETWORKS = {
    "stft": {"frontend": "stft", "downsample_factor": 16},
    "stft-small": {"frontend": "stft", "downsample_factor": 4, "frontend_filter_duration": 32, "separable": [True, True]},
    "stft-three-channels": {"frontend": "stft", "downsample_factor": 8, "frontend_filter_duration": 32, "n_channels": 3},
    "waveform": {"frontend": "none"},
    "three-channels": {"frontend": "none", "n_channels": 3},
    "separable": {"frontend": "none", "separable": [True, False], "n_channels": 3},
    "lstm": {"frontend": "stft", "downsample_factor": 8, "lstm_units": 5},
    "with-boundaries": {"frontend": "none", "ignore_boundaries": False},
}

OTHERWISE_IN_DAS_1 = {"stft-three-channels"}
"""What DAS 1.0a4 computes otherwise than DAS 0.32 and 0.33: decibels below each channel's own largest value, channels first."""

IN_DAS = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, das.utils, das.predict
what, *stems = sys.argv[1:]
def save(stem, model, params):
    import keras
    if int(keras.__version__[0]) < 3:
        model.save(stem + "_model.h5")
    else:
        model.save(stem + "_model.keras")
    das.utils.save_params(params, stem)
for stem in stems:
    audio = np.load(stem + "_audio.npz")
    if what == "load":
        model, params = das.utils.load_model_and_params(stem)
    else:
        from das.models import model_dict
        params = das.utils.load_params(stem)
        model = model_dict["tcn"](**params)
        rng = np.random.default_rng(7)
        model.set_weights([w + rng.normal(0, 0.05, w.shape).astype("f4") for w in model.get_weights()])
        stem += "_by_das"
        save(stem, model, params)
    chunks = model.predict(audio["chunks"], verbose=0)
    whole = np.asarray(das.predict.predict(audio["whole"], None, 0, None, model, params)[2])
    np.savez(stem + "_das.npz", chunks=chunks, whole=whole)
"""

IN_DAS_1 = """
import sys
import numpy as np, torch
from das.das_legacy import load_legacy_predictor
for stem in sys.argv[2:]:
    try:
        network, _ = load_legacy_predictor(stem)
    except ValueError as error:
        np.savez(stem + "_das.npz", refused=str(error))
        continue
    with torch.no_grad():
        logits = network(torch.from_numpy(np.load(stem + "_audio.npz")["chunks"]))[0]
    np.savez(stem + "_das.npz", chunks=torch.softmax(logits, dim=-1).numpy())
"""


class Tones:
    """What the params need to know of a dataset."""

    samplerate_hz, fingerprint = 10_000.0, "none"

    def __init__(self, n_channels: int) -> None:
        self.n_channels = n_channels

    def classes(self, _song_type: str) -> tuple[list[str], list[str]]:
        """Return names and categories."""
        return ["noise", "pulse", "sine"], ["segment", "event", "segment"]


def write_network(stem: Path, changes: dict, rng: np.random.Generator) -> None:
    """Write a network with random weights, in all the files that a training leaves of it, and some audio."""
    from dss_widgets.file_endings import KERAS_SUFFIX, WEIGHTS_SUFFIX
    from dss_widgets.network.architecture import Architecture
    from dss_widgets.network.das_weights import save_das_weights
    from dss_widgets.network.keras_file import save_whole_network
    from dss_widgets.network.model import build_network
    from dss_widgets.network.params import training_params
    from dss_widgets.options import TrainingOptions
    from dss_widgets.results import write_params

    n_channels = changes.get("n_channels", 1)
    options = TrainingOptions(
        store_folder="none.npy", blocks=2, filters=8, filter_duration=7, chunk_duration=512, batch_size=4,
        **{name: value for name, value in changes.items() if name != "n_channels"},
    )  # fmt: skip
    network = build_network(Architecture.of(options, n_channels=n_channels, n_classes=3), seed=3)
    for weight in network.model.weights:
        weight.assign(np.asarray(weight) + rng.normal(0, 0.05, weight.shape))
    write_params(f"{stem}_params.yaml", training_params(options, Tones(n_channels), stem, seed=3))
    save_das_weights(f"{stem}{WEIGHTS_SUFFIX}", network)
    save_whole_network(Path(f"{stem}{KERAS_SUFFIX}"), network)
    whole = rng.normal(0, 0.1, (7001, n_channels)).astype(np.float32)
    chunks = rng.normal(0, 0.1, (4, 512, n_channels)).astype(np.float32)
    np.savez(f"{stem}_audio.npz", whole=whole, chunks=chunks)


def ours(stem: Path, audio: Path) -> tuple[np.ndarray, np.ndarray, int]:
    """Return what a network computes here, of chunks and of a recording, and the samples at its ends that do not count."""
    from dss_widgets.network.predict import probabilities
    from dss_widgets.network.trained import load_trained

    trained, given = load_trained(stem), np.load(audio)
    of_chunks = trained.network.model.predict(given["chunks"], verbose=0)
    return of_chunks, probabilities(trained, given["whole"]), trained.settings.boundary


def difference_of_recordings(ours: np.ndarray, das: np.ndarray, boundary: int) -> tuple[float, int]:
    """Return the largest difference and over how many samples; DAS gives zeros at the start and loses the end."""
    n = min(len(ours), len(das))
    computed = np.arange(n) >= boundary
    computed[:n] &= ~((das[:n, 0] == 1) & (das[:n, 1:] == 0).all(axis=1)) & (das[:n].sum(axis=1) > 0)
    return float(np.abs(ours[:n] - das[:n])[computed].max()), int(computed.sum())


def compare(told: str, name: str, stem: Path, audio: Path) -> bool:
    """Compare what DAS left beside a network with what is computed here."""
    das = np.load(f"{stem}_das.npz")
    if "refused" in das:
        print(f"{told} {name:20} refused: {das['refused']}")
        return True
    chunks, whole, boundary = ours(stem, audio)
    difference = float(np.abs(chunks - das["chunks"]).max())
    of_whole = ""
    good = difference < TOLERANCE
    if "whole" in das:
        found, n_samples = difference_of_recordings(whole, das["whole"], boundary)
        good &= found < TOLERANCE
        of_whole = f"   recording {found:.1e} over {n_samples} of {len(whole)} samples"
    print(f"{told} {name:20} chunks {difference:.1e}{of_whole}{'' if good else '   OTHERWISE'}")
    return good


def compare_with(das_python: str, folder: Path) -> bool:
    """Let one version of DAS open what is written here, and where it can, save networks that are opened here."""
    ask = "from importlib.metadata import version; print(version('das'))"
    version = subprocess.run([das_python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    is_1 = version.startswith("1.")
    rng = np.random.default_rng(1)
    for name, changes in NETWORKS.items():
        write_network(folder / name, changes, rng)
    stems = [str(folder / name) for name in NETWORKS]
    # what is chosen for this process is not for DAS's
    as_users = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    good = True
    for what in ("load",) if is_1 else ("load", "save"):
        program = IN_DAS_1 if is_1 else IN_DAS
        command = [das_python, "-c", program, what, *stems]
        done = subprocess.run(command, capture_output=True, text=True, env=as_users, check=False)
        if done.returncode:
            print(done.stderr[-3000:])
            return False
        for name in NETWORKS:
            stem = folder / (name if what == "load" else f"{name}_by_das")
            told = f"DAS {version} opens ours:" if what == "load" else f"we open DAS {version}'s:"
            agrees = compare(told, name, stem, folder / f"{name}_audio.npz")
            good &= agrees or (is_1 and name in OTHERWISE_IN_DAS_1)
    return good


def main() -> int:
    """Compare with every version of DAS that is given."""
    from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly

    import_tensorflow_quietly()
    good = True
    for das_python in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            good &= compare_with(das_python, Path(folder))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
