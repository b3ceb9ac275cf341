"""What a GPU can do is tried before it is relied on, and changes how a network learns, never what it computes.

No GPU is needed: what TensorFlow says of the machine is made up, and numbers of half the digits are computed by the CPU.
"""

import logging

import numpy as np
import pytest
import tensorflow as tf

from dss_widgets.network import gpu, trainer_setup
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.model import build_network
from dss_widgets.network.steps import new_optimizer, training_step


def forget():
    """Let everything be found out again."""
    for function in (gpu.has_half_precision, gpu.compiles):
        function.cache_clear()


@pytest.fixture
def machine(monkeypatch):
    """Return a function that makes up GPUs of given compute capabilities."""

    def has(*capabilities):
        forget()
        names = [f"GPU:{i}" for i in range(len(capabilities))]
        details = dict(zip(names, capabilities, strict=True))
        monkeypatch.setattr(gpu, "gpus", lambda: names)
        monkeypatch.setattr(gpu, "_capability", lambda device: details[device])

    yield has
    forget()


@pytest.mark.parametrize(
    ("capabilities", "has"), [((), False), (((7, 5),), False), (((8, 0),), True), (((9, 0), (7, 0)), False)]
)
def test_half_precision_is_for_gpus_made_for_it(machine, capabilities, has):
    machine(*capabilities)
    assert gpu.has_half_precision() is has


@pytest.mark.parametrize(
    ("question", "attempt"), [(gpu.has_half_precision, "_convolve_in_half_precision"), (gpu.compiles, "_compile")]
)
def test_what_fails_on_a_gpu_is_done_without_and_told(machine, monkeypatch, caplog, question, attempt):
    def fails():
        raise tf.errors.InternalError(None, None, "libdevice not found at ./libdevice.10.bc\nmore")

    machine((9, 0))
    monkeypatch.setattr(gpu, attempt, fails)
    with caplog.at_level(logging.WARNING, "dss_widgets"):
        assert question() is False
    assert "The GPU is used without all that it could do" in caplog.text
    assert "libdevice not found" in caplog.text
    assert "more" not in caplog.text


def test_it_is_found_out_in_the_midst_of_making_a_graph(machine):
    machine((9, 0))
    made = tf.function(lambda x: x + float(gpu.compiles()) + float(gpu.has_half_precision()), autograph=False)
    assert float(made(tf.constant(0.0))) == 2


def test_without_compiling_the_values_are_the_same(machine, monkeypatch):
    normalise = gpu.fused(lambda x: x / (tf.reduce_max(x, axis=-1, keepdims=True) + 1e-5))
    values = tf.constant(np.random.default_rng(1).uniform(size=(5, 8)), tf.float32)
    compiled = normalise(values)
    machine((9, 0))
    monkeypatch.setattr(gpu, "_compile", lambda: tf.debugging.assert_equal(1, 2))
    assert gpu.compiles() is False
    np.testing.assert_allclose(normalise(values), compiled, rtol=1e-6)


def learned(architecture, *, half_precision):
    """Return the loss of a step of learning, its gradients as the optimizer keeps them, and what the network computes."""
    network = build_network(architecture, seed=1)
    optimizer = new_optimizer(network)
    rng = np.random.default_rng(2)
    audio = rng.standard_normal((4, 256, architecture.n_channels)).astype("f4")
    targets = np.eye(3, dtype="f4")[rng.integers(0, 3, (4, 256 // architecture.hop))]
    learn = training_step(network, optimizer, frames_per_batch=1024, class_weights=None, half_precision=half_precision)
    optimizer.learning_rate.assign(0.0)
    loss, _ = learn(*map(tf.constant, (audio, targets, np.ones(targets.shape[:2], "f4"))))
    moments = np.concatenate([np.asarray(variable).ravel() for variable in optimizer.variables[1:]])
    return float(loss), moments, network.predict_frames(audio).numpy()


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [{}, {"hop": 4, "window": 8}, {"separable": (True, False)}, {"n_channels": 2}, {"lstm_units": 4}], ids=str
)
def test_half_precision_learns_nearly_the_same_and_computes_exactly_the_same(more):
    architecture = Architecture(
        **{"n_channels": 1, "n_classes": 3, "filters": 8, "filter_duration": 9, "separable": (False, False), **more}
    )
    full, half = (learned(architecture, half_precision=chosen) for chosen in (False, True))
    assert half[0] == pytest.approx(full[0], rel=0.01)
    assert half[0] != full[0]
    assert np.corrcoef(half[1], full[1])[0, 1] > 0.5
    np.testing.assert_array_equal(half[2], full[2])


@pytest.mark.slow
def test_half_precision_learns_the_song_as_well_unless_it_is_switched_off(monkeypatch, options, train, trained_run):
    options, full = options.copy(epochs=20), trained_run
    monkeypatch.setattr(trainer_setup, "has_half_precision", lambda: True)
    half, off = train(options, "half"), train(options.copy(mixed_precision=False), "off")
    assert half.result.scores.macro_f1 > max(0.9, full.result.scores.macro_f1 - 0.05)
    weights = [run.result.stem.with_name(f"{run.result.stem.name}_model.h5").read_bytes() for run in (full, off, half)]
    assert weights[0] == weights[1] != weights[2]
