"""What computes a trained network where nothing is learned: as the model that learned does, however it is shared out."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.network import device
from dss_widgets.network import trained as module
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.inference import FRAMES_TOGETHER, has_bfloat16, inference
from dss_widgets.network.model import build_network
from dss_widgets.network.trained import load_trained

ARCHITECTURES = {
    "waveform": {},
    "even filters, two channels": {"n_channels": 2, "filters": 17, "filter_duration": 6},
    "spectrogram": {"window": 16, "hop": 4},
    "spectrogram of three channels": {"window": 64, "hop": 16, "n_channels": 3},
    "window shorter than hop": {"window": 4, "hop": 8},
    "spectral": {"filters": 32, "filter_duration": 32, "separable": (False,)},
    "spectral, behind a spectrogram": {"filters": 33, "filter_duration": 32, "window": 16, "hop": 3, "n_channels": 2},
    "spectral, taps beyond the chunk": {"filters": 8, "filter_duration": 131, "separable": (False,)},
    "spectral, one block separable": {"filters": 32, "filter_duration": 33, "separable": (False, True, False, False, False)},
    "many taps, mostly separable": {"filters": 32, "filter_duration": 33, "separable": (False, True)},
    "separable": {"separable": (True, False)},
    "lstm": {"lstm_units": 3, "window": 16, "hop": 8},
    "filters of one frame": {"filter_duration": 1},
}
N_SAMPLES = 384


@cache
def network(name):
    parts = {"n_channels": 1, "n_classes": 3, "filters": 8, "filter_duration": 5, "separable": (False, False)}
    made = build_network(Architecture(**{**parts, **ARCHITECTURES[name]}), seed=1)
    rng = np.random.default_rng(2)
    made.model.set_weights([array + rng.normal(0, 0.1, array.shape) for array in made.model.get_weights()])
    return made


@cache
def computed(name, **how):
    made = network(name)
    return inference(made.architecture, made.weights, N_SAMPLES, **how)


def audio(name, n_chunks, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (n_chunks, N_SAMPLES, network(name).architecture.n_channels)).astype("f4")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_it_computes_what_the_model_computes(name):
    sound, hop = audio(name, 3), network(name).architecture.hop
    wanted = network(name).model(sound).numpy()[:, ::hop]
    assert computed(name)(sound) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("name", ["waveform", "spectrogram"])
def test_silence_and_loud_sound_are_numbers(name):
    sound = np.concatenate([np.zeros_like(audio(name, 1)), audio(name, 1) * 1e4])
    found = computed(name)(sound)
    assert np.isfinite(found).all()
    assert found.sum(axis=-1) == pytest.approx(1, abs=1e-5)


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(["waveform", "spectrogram", "spectral", "spectral, behind a spectrogram", "lstm"]),
    st.integers(1, 40),
    st.data(),
)
def test_a_chunk_does_not_depend_on_those_that_are_computed_with_it(name, n_chunks, data):
    first = data.draw(st.integers(0, n_chunks - 1))
    last = data.draw(st.integers(first + 1, n_chunks))
    sound = audio(name, 40)
    together = computed(name)(sound[:n_chunks])
    assert np.array_equal(together[first:last], computed(name)(sound[first:last]))


def test_several_threads_get_what_is_theirs():
    frames = computed("spectrogram")
    sounds = [audio("spectrogram", 1 + seed % 5, seed) for seed in range(24)]
    alone = [frames(sound) for sound in sounds]
    with ThreadPoolExecutor(4) as threads:
        assert all(map(np.array_equal, threads.map(frames, sounds), alone))


OF_A_PROCESS = """
import numpy as np, sys
from dss_widgets.machine import share_cores
from dss_widgets.network.trained import load_trained
from dss_widgets.network.predict import probabilities
share_cores(int(sys.argv[2]))
audio = np.random.default_rng(0).normal(0, 0.1, 20_000).astype("f4")
np.save(sys.argv[3], probabilities(load_trained(sys.argv[1]), audio))
"""


def test_the_number_of_cores_changes_no_byte(trained_run, tmp_path):
    one_core = {min(os.sched_getaffinity(0))} if hasattr(os, "sched_getaffinity") else None
    for sharing in (1, 64):
        command = [sys.executable, "-c", OF_A_PROCESS, trained_run.stem, str(sharing), tmp_path / f"{sharing}.npy"]
        pin = (lambda: os.sched_setaffinity(0, one_core)) if sharing == 64 and one_core else None
        subprocess.run(command, check=True, preexec_fn=pin)
    assert np.array_equal(np.load(tmp_path / "1.npy"), np.load(tmp_path / "64.npy"))


def test_what_openvino_cannot_compute_tensorflow_does(trained_run, caplog, monkeypatch):
    sound = audio("waveform", 5)[:, :256]
    wanted = load_trained(trained_run.stem).frames(sound)

    def fail(*_args, **_how):
        raise RuntimeError("Exception from somewhere:\nConvolution is not initialized\n")

    monkeypatch.setattr(module, "inference", fail)
    assert load_trained(trained_run.stem).frames(sound) == pytest.approx(wanted, abs=1e-4)
    assert "on this processor (Convolution is not initialized): TensorFlow does" in caplog.text


def test_long_chunks_are_computed_one_at_a_time_and_short_ones_many():
    made = network("spectrogram")
    hop = made.architecture.hop
    assert FRAMES_TOGETHER // (N_SAMPLES // hop) > 1
    long = np.random.default_rng(0).normal(0, 0.1, (2, 2 * FRAMES_TOGETHER * hop, 1)).astype("f4")
    found = inference(made.architecture, made.weights, long.shape[1])(long)
    assert found == pytest.approx(made.model(long).numpy()[:, ::hop], abs=1e-5)


def test_half_the_digits_give_nearly_the_same():
    sound = audio("spectrogram", 20)
    exact, fast = (computed("spectrogram", half_precision=half)(sound) for half in (False, True))
    assert np.abs(exact - fast).mean() < 0.05
    assert np.array_equal(exact, fast) != has_bfloat16()


@pytest.mark.parametrize("on_gpu", [True, False])
def test_on_a_gpu_tensorflow_computes(trained_run, monkeypatch, on_gpu):
    monkeypatch.setattr(module, "computes_on_gpu", lambda: on_gpu)
    monkeypatch.setattr(module, "inference", lambda *_, **__: lambda chunks: np.full((len(chunks), 64, 3), 7.0))
    trained = load_trained(trained_run.stem)
    found = trained.frames(np.zeros((1, trained.settings.chunk_duration, 1), np.float32))
    assert found.shape == (1, 64, 3)
    assert (found == 7).all() != on_gpu


@pytest.mark.parametrize(("driver", "seen", "expected"), [(False, ["GPU"], False), (True, [], False), (True, ["GPU"], True)])
def test_a_gpu_counts_that_both_its_driver_and_tensorflow_know(monkeypatch, driver, seen, expected):
    monkeypatch.setattr(device, "has_cuda", lambda: driver)
    monkeypatch.setattr("dss_widgets.network.gpu.gpus", lambda: seen)
    assert device.computes_on_gpu.__wrapped__() == expected


def test_importing_it_starts_nothing_and_writes_nothing_at_home(tmp_path):
    code = (
        "import dss_widgets.network.inference, sys, threading; "
        "print(len(threading.enumerate()), any('telemetry' in name for name in sys.modules))"
    )
    around = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], env=around, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["1", "False"]
    assert not os.listdir(tmp_path)


def test_no_chunks_have_no_probabilities():
    assert computed("waveform")(audio("waveform", 0)).shape == (0, N_SAMPLES, 3)
