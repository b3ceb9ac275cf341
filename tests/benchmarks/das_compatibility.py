"""Show that DAS 0.32.13 loads the files written here and computes the same probabilities, and the other way round.

usage: python das_compatibility.py DAS_PYTHON      the Python of an environment with DAS:
       python -m venv das-venv && das-venv/bin/pip install das==0.32.13 xarray-behave==0.36.0 librosa

Networks with random weights, with and without frontend, one and three channels, separable or not, with LSTM, are written
here and loaded there, all in one process; the tiny networks that DAS made are loaded here. Exit code 0 if all agree to 1e-4.
"""

from __future__ import annotations

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
    "waveform": {"frontend": "none"},
    "three-channels": {"frontend": "none", "n_channels": 3},
    "separable": {"frontend": "none", "separable": [True, False], "n_channels": 3},
    "lstm": {"frontend": "stft", "downsample_factor": 8, "lstm_units": 5},
    "with-boundaries": {"frontend": "none", "ignore_boundaries": False},
}

IN_DAS = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, das.utils, das.predict
for stem in sys.argv[1:]:
    model, params = das.utils.load_model_and_params(stem)
    audio = np.load(stem + "_audio.npz")
    chunks = model.predict(audio["chunks"], verbose=0)
    whole = das.predict.predict(audio["whole"], None, 0, None, model, params)[2]
    np.savez(stem + "_das.npz", chunks=chunks, whole=whole)
"""


class Tones:
    """What the params need to know of a dataset."""

    samplerate_hz, fingerprint = 10_000.0, "none"

    def __init__(self, n_channels: int) -> None:
        self.n_channels = n_channels

    def classes(self, _song_type: str) -> tuple[list[str], list[str]]:
        """Return names and categories."""
        return ["noise", "pulse", "sine"], ["segment", "event", "segment"]


def write_network(stem: Path, changes: dict, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Write a network with random weights and some audio; return what it computes here."""
    from dss_widgets.network.das_weights import WEIGHTS_SUFFIX, save_das_weights
    from dss_widgets.network.model import Architecture, build_network
    from dss_widgets.network.params import training_params
    from dss_widgets.network.predict import probabilities
    from dss_widgets.network.trained import load_trained
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
    whole = rng.normal(0, 0.1, (7001, n_channels)).astype(np.float32)
    chunks = rng.normal(0, 0.1, (4, 512, n_channels)).astype(np.float32)
    np.savez(f"{stem}_audio.npz", whole=whole, chunks=chunks)
    trained = load_trained(stem)
    return {
        "chunks": trained.network.model.predict(chunks, verbose=0),
        "whole": probabilities(trained, whole),
        "boundary": np.array(options.boundary),
    }


def difference_of_recordings(ours: np.ndarray, das: np.ndarray, boundary: int) -> tuple[float, int]:
    """Return the largest difference and over how many samples; DAS gives zeros at the start and loses the end."""
    n = min(len(ours), len(das))
    computed = np.arange(n) >= boundary
    computed[:n] &= ~((das[:n, 0] == 1) & (das[:n, 1:] == 0).all(axis=1)) & (das[:n].sum(axis=1) > 0)
    return float(np.abs(ours[:n] - das[:n])[computed].max()), int(computed.sum())


def das_loads_ours(das_python: str, folder: Path) -> bool:
    """Write networks, let DAS compute, and compare."""
    rng = np.random.default_rng(1)
    ours = {name: write_network(folder / name, changes, rng) for name, changes in NETWORKS.items()}
    stems = [str(folder / name) for name in NETWORKS]
    subprocess.run([das_python, "-c", IN_DAS, *stems], check=True, capture_output=True)
    good = True
    for name, found in ours.items():
        das = np.load(folder / f"{name}_das.npz")
        chunks = float(np.abs(found["chunks"] - das["chunks"]).max())
        whole, n_samples = difference_of_recordings(found["whole"], das["whole"], int(found["boundary"]))
        good &= chunks < TOLERANCE and whole < TOLERANCE
        print(f"DAS loads ours: {name:16} chunks {chunks:.1e}   recording {whole:.1e} over {n_samples} of 7001 samples")
    return good


def we_load_das() -> bool:
    """Load DAS's own files and compare with what DAS computed."""
    from dss_widgets.network.trained import load_trained

    good = True
    for name in ("stft", "separable"):
        stem = Path(__file__).parents[1] / "network" / "data" / f"das_{name}"
        known = np.load(f"{stem}_probabilities.npz")
        found = load_trained(stem).network.model.predict(known["audio"], verbose=0)
        difference = float(np.abs(found - known["probabilities"]).max())
        good &= difference < TOLERANCE
        print(f"we load DAS's:  {name:16} chunks {difference:.1e}")
    return good


def main() -> int:
    """Compare both ways."""
    from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly

    import_tensorflow_quietly()
    with tempfile.TemporaryDirectory() as folder:
        both = [das_loads_ours(sys.argv[1], Path(folder)), we_load_das()]
    return 0 if all(both) else 1


if __name__ == "__main__":
    sys.exit(main())
