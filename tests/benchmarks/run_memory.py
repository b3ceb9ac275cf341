"""Peak memory of a training on hours of song, its test included, and of a prediction of a still longer recording.

usage: python run_memory.py [HOURS [PREDICTED_HOURS [FOLDER]]]

Writes a dataset of HOURS (2) of noise with syllables at 32 kHz, trains one epoch of a hundredth of it with the default options
in a worker of its own, tests on the whole test split, and predicts PREDICTED_HOURS (10) in blocks. Needs 6 GB of disk for 2 h.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

RATE, N_CLASSES = 32_000, 10


def write_split(folder: Path, n_samples: int) -> None:
    """Write a split minute by minute."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(n_samples)
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float16, (n_samples, 1))
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", np.float16, (n_samples, N_CLASSES))
    for start in range(0, n_samples, 60 * RATE):
        n = min(60 * RATE, n_samples - start)
        x[start : start + n, 0] = rng.standard_normal(n, dtype=np.float32) * 0.1
        labels = np.repeat(rng.integers(0, N_CLASSES, n // 3200 + 1), 3200)[:n]
        y[start : start + n] = np.eye(N_CLASSES, dtype=np.float16)[labels]


def watched(pid: int, stop: threading.Event) -> list[float]:
    """Return a list whose one item grows to a process's peak memory in MB until ``stop`` is set."""
    peak = [0.0]

    def watch() -> None:
        while not stop.wait(0.1):
            try:
                peak[0] = max(peak[0], psutil.Process(pid).memory_info().rss / 2**20)
            except psutil.NoSuchProcess:
                return

    threading.Thread(target=watch, daemon=True).start()
    return peak


def main(hours: float, predicted_hours: float, folder: Path) -> None:
    """Print peak memory in MB."""
    import json

    from dss_widgets.dataset.stores.npy_files import write_attributes
    from dss_widgets.events import StateChanged
    from dss_widgets.jobs import follow, start_run
    from dss_widgets.options import TrainingOptions

    store = folder / "hours.npy"
    total = int(hours * 3600 * RATE)
    for split, share in (("train", 0.6), ("val", 0.2), ("test", 0.2)):
        write_split(store / split, int(share * total))
    names = ["noise", *(f"syllable_{i}" for i in range(1, N_CLASSES))]
    rates = {"samplerate_x_Hz": float(RATE), "samplerate_y_Hz": float(RATE)}
    write_attributes(store, {**rates, "class_names": names, "class_types": ["segment"] * N_CLASSES})
    run = start_run(
        TrainingOptions(
            store_folder=str(store),
            save_folder=str(folder / "runs"),
            epochs=1,
            data_fraction=0.01,
            seed=1,
            balance_classes=True,
        )
    )
    stop = threading.Event()
    peak = watched(json.loads(run.files.worker.read_text())["pid"], stop)
    start, states = time.monotonic(), {}
    for event in follow(run):
        if isinstance(event, StateChanged):
            states[event.state] = peak[0]
    stop.set()
    told = ", ".join(f"{mb:.0f} MB before {state}" for state, mb in states.items())
    print(
        f"training and test: {run.status().state}, peak {peak[0]:.0f} MB ({told}); {time.monotonic() - start:.0f} s", flush=True
    )
    predict_long(run.stem, predicted_hours)


def predict_long(stem: Path, hours: float) -> None:
    """Predict hours of noise that is never in memory; print the peak memory of this process."""
    from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly

    import_tensorflow_quietly()
    from dss_widgets.network.probabilities import probability_blocks
    from dss_widgets.network.trained import load_trained

    trained = load_trained(stem)
    minute = np.random.default_rng(0).standard_normal((60 * RATE, 1), dtype=np.float32) * 0.1
    n_samples, stop = int(hours * 3600 * RATE), threading.Event()
    peak = watched(psutil.Process().pid, stop)
    start = time.monotonic()
    for _ in probability_blocks(trained, lambda a, b: minute[np.arange(a, b) % len(minute)], n_samples):
        pass
    stop.set()
    print(f"prediction of {hours:g} h: peak {peak[0]:.0f} MB, {hours * 3600 / (time.monotonic() - start):.0f} times real time")


if __name__ == "__main__":
    given = sys.argv[1:] + ["2", "10"][len(sys.argv[1:]) :]
    if len(given) > 2:
        main(float(given[0]), float(given[1]), Path(given[2]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(float(given[0]), float(given[1]), Path(scratch))
