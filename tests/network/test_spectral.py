"""The fast ways of computing give what the plain ones give."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dss_widgets.network import spectral
from dss_widgets.network.adam import BETAS, SHORT_BETAS, Adam
from dss_widgets.network.architecture import NORMALIZATION_OFFSET, Architecture
from dss_widgets.network.forward import logits, normalized
from dss_widgets.network.layers import channel_normalization
from dss_widgets.network.model import build_network
from dss_widgets.network.spectral import spectral_convolution
from dss_widgets.network.tiles import Plan

RNG = np.random.default_rng(0)


def values(*shape):
    return tf.constant(RNG.normal(size=shape), tf.float32)


def with_gradients(function, *inputs):
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        out = function(*inputs)
        total = tf.reduce_sum(out * tf.reshape(tf.cast(tf.range(tf.size(out)) % 7, tf.float32) - 3, tf.shape(out)))
    return [out.numpy(), *(gradient.numpy() for gradient in tape.gradient(total, inputs))]


def plain_convolution(inputs, kernel, dilation):
    out = tf.nn.convolution(tf.transpose(inputs, [1, 0, 2]), kernel, padding="SAME", dilations=dilation)
    return tf.transpose(out, [1, 0, 2])


@pytest.mark.parametrize("least", [0, 10**9], ids=["complex", "gauss"])
@pytest.mark.parametrize("dilation", [1, 4, 16])
@pytest.mark.parametrize(("length", "taps"), [(64, 16), (50, 16), (7, 16), (1, 5), (100, 3), (33, 2), (130, 17), (40, 1)])
def test_the_convolution_by_the_spectrum_is_the_convolution_and_so_are_its_gradients(
    monkeypatch, length, taps, dilation, least
):
    monkeypatch.setattr(spectral, "LEAST_TILE_TIMES_CHANNELS", least)
    monkeypatch.setattr(spectral, "LEAST_SAMPLES", least)
    inputs, kernel = values(length, 3, 4), values(taps, 4, 5)
    for one, other in zip(
        with_gradients(lambda x, w: spectral_convolution(x, w, dilation), inputs, kernel),
        with_gradients(lambda x, w: plain_convolution(x, w, dilation), inputs, kernel),
        strict=True,
    ):
        assert one == pytest.approx(other, abs=2e-5 * max(1.0, float(np.abs(other).max())))


def test_taps_that_meet_only_the_zeros_beyond_the_ends_are_not_computed():
    assert Plan.of(64, 16, 1).last - Plan.of(64, 16, 1).first == 16
    far = Plan.of(64, 16, 16)
    assert far.last - far.first == 8


def test_the_normalisation_and_its_gradients_are_those_of_the_layer():
    inputs, bias = values(3, 20, 4), values(4)
    for one, other in zip(
        with_gradients(normalized, inputs, bias),
        with_gradients(lambda x, b: channel_normalization(tf.nn.relu(x + b)), inputs, bias),
        strict=True,
    ):
        assert one == pytest.approx(other, abs=1e-4)


def test_the_normalisation_is_rounded_as_a_division_is():
    inputs = np.abs(np.random.default_rng(1).normal(0, 10.0 ** np.linspace(-7, 1, 500)[:, None], (4, 500, 16))).astype("f4")
    wanted = inputs / (inputs.max(axis=-1, keepdims=True) + np.float32(NORMALIZATION_OFFSET))
    np.testing.assert_array_equal(normalized(tf.constant(inputs), tf.zeros(16)).numpy(), wanted)


@pytest.mark.parametrize(
    "changes",
    [
        {"filters": 8, "filter_duration": 16},
        {"filters": 64, "filter_duration": 16},
        {"filter_duration": 16, "window": 16, "hop": 4},
        {"filter_duration": 16, "window": 16, "hop": 4, "n_channels": 3},
        {"filter_duration": 3},
        {"filter_duration": 16, "separable": (True, False), "n_channels": 2},
        {"filter_duration": 9, "separable": (True,), "lstm_units": 2},
    ],
)
@pytest.mark.slow
@pytest.mark.parametrize("training", [False, True])
def test_the_network_that_learns_and_predicts_is_the_one_that_is_saved(changes, training):
    given = {"n_channels": 1, "n_classes": 3, "filters": 4, "separable": (False,), **changes}
    network = build_network(Architecture(**given), seed=1)
    network.model.set_weights([array + RNG.normal(0, 0.1, array.shape) for array in network.model.get_weights()])
    audio = RNG.normal(size=(2, 96, given["n_channels"])).astype(np.float32)
    computed = tf.repeat(tf.nn.softmax(logits(network.layers, audio, training=training)), given.get("hop", 1), axis=1)
    assert computed.numpy() == pytest.approx(network.model(audio).numpy(), abs=2e-5)


@pytest.mark.parametrize("betas", [BETAS, SHORT_BETAS])
def test_steps_are_those_of_adam_with_clipped_gradients(betas):
    first = [RNG.normal(size=shape).astype(np.float32) for shape in ((3, 4), (5,))]
    own, wanted = ([keras.Variable(array) for array in first] for _ in range(2))
    adam = Adam(own, betas)
    reference = keras.optimizers.Adam(learning_rate=0.01, beta_1=betas[0], beta_2=betas[1], clipnorm=1.0)
    adam.learning_rate.assign(0.01)
    for scale in (0.1, 3, 0.1, 10):
        gradients = [values(*array.shape) * scale for array in first]
        adam.apply(gradients)
        reference.apply(gradients, wanted)
    for one, other in zip(own, wanted, strict=True):
        assert one.numpy() == pytest.approx(other.numpy(), abs=1e-5)
