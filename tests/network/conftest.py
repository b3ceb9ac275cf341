"""Tiny datasets and networks, so that training takes seconds."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.events import Warned
from dss_widgets.options import TrainingOptions

RATE = 1000.0


def tone_song(n_samples: int, *, n_channels: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return audio ``[samples, channels]`` and targets ``[samples, 3]``: noise, a low and a high tone."""
    rng = np.random.default_rng(seed)
    audio = rng.normal(0, 0.02, (n_samples, n_channels))
    targets = np.zeros((n_samples, 3))
    time = np.arange(n_samples)
    for start in range(60, n_samples - 200, 400):
        for column, first, length, frequency in ((1, start, 120, 0.05), (2, start + 200, 100, 0.2)):
            stretch = slice(first, min(first + length, n_samples))
            audio[stretch] += 0.5 * np.sin(2 * np.pi * frequency * time[stretch])[:, None]
            targets[stretch, column] = 1
    targets[:, 0] = 1 - targets[:, 1:].sum(axis=1)
    return audio.astype(np.float16), targets.astype(np.float16)


def write_store(path, *, n_channels=1, **lengths):
    """Write a dataset folder with splits of the given lengths in samples."""
    for i, split in enumerate(("train", "val", "test")):
        folder = path / split
        folder.mkdir(parents=True)
        audio, targets = tone_song(lengths.get(split, 4000), n_channels=n_channels, seed=i)
        np.save(folder / "x.npy", audio)
        np.save(folder / "y.npy", targets)
        for column, name in ((1, "low"), (2, "high")):
            alone = targets[:, [0, column]].copy()
            alone[:, 0] = 1 - alone[:, 1]
            np.save(folder / f"y_{name}.npy", alone)
    write_attributes(
        path,
        {
            "samplerate_x_Hz": RATE, "samplerate_y_Hz": RATE, "class_names": ["noise", "low", "high"],
            "class_types": ["segment", "segment", "segment"],
        },
    )  # fmt: skip
    return path


TINY = {
    "chunk_duration": 256, "filters": 4, "filter_duration": 3, "blocks": 1, "batch_size": 4, "frontend": "stft",
    "downsample_factor": 4, "frontend_filter_duration": 16, "epochs": 3, "learning_rate": 0.01, "seed": 1,
}  # fmt: skip


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    return write_store(tmp_path_factory.mktemp("data") / "tones.npy", train=8000)


@pytest.fixture
def options(store, tmp_path):
    return TrainingOptions(**TINY, store_folder=str(store), save_folder=str(tmp_path / "out"))


class Killed(BaseException):
    """Stands for the end of a process: nothing may catch it."""


class Run:
    """A training in a folder of its own, and what it told."""

    def __init__(
        self, options, folder, name="20261124_120000", *, stop_after=None, saves_after=None, dies_after=None, also=None,
        resume=False,
    ):  # fmt: skip
        from dss_widgets.network.fit import fit

        self.events = []
        self.stem = folder / name
        self.asked = 0

        def is_time_up():
            self.asked += 1
            return saves_after is not None and self.asked >= saves_after

        def should_stop():
            if dies_after is not None and self.asked > dies_after:
                raise Killed
            return stop_after is not None and self.asked >= stop_after

        def on_event(event):
            self.events.append(event)
            if also:
                also(event)

        self.result = fit(
            options, self.stem, run_folder=folder / f"{name}.run", on_event=on_event, should_stop=should_stop,
            should_save=is_time_up, resume=resume,
        )  # fmt: skip

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def warnings(self):
        return [event.message for event in self.of(Warned)]


def weights(run):
    """Return the weights of a run that has ended."""
    from dss_widgets.network.trained import load_trained

    return load_trained(run.stem).network.model.get_weights()


def equal(one, other):
    """Return whether arrays are the same, bit by bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def train(tmp_path):
    def start(options, name="20261124_120000", **more):
        return Run(options, tmp_path / "out", name, **more)

    return start


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Train from start to end with options, once for all tests that compare with it; ``how`` tells what else was changed."""
    made = {}

    def through(options, how=""):
        known = (how, repr(options.copy(save_folder="")))
        if known not in made:
            made[known] = Run(options, tmp_path_factory.mktemp("undisturbed"), "through")
        return made[known]

    return through


@pytest.fixture(scope="session")
def trained_run(store, tmp_path_factory):
    """One tiny training that worked, for all tests that only look."""
    folder = tmp_path_factory.mktemp("trained")
    options = TrainingOptions(**{**TINY, "epochs": 20}, store_folder=str(store), save_folder=str(folder))
    return Run(options, folder)
