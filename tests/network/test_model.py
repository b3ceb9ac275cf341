"""The network: what it computes, and its layers' names and order."""

import numpy as np
import pytest
import tensorflow as tf

from dss_widgets.network.architecture import Architecture
from dss_widgets.network.layers import Spectrogram, channel_normalization, stft_kernels
from dss_widgets.network.model import build_network
from dss_widgets.options import TrainingOptions


def architecture(**changes):
    return Architecture(
        **{"n_channels": 1, "n_classes": 3, "filters": 4, "filter_duration": 3, "separable": (False,), **changes}
    )


def test_the_output_has_a_row_a_sample_whose_probabilities_sum_to_one():
    for network in (build_network(architecture()), build_network(architecture(window=16, hop=4))):
        out = network.model(np.random.default_rng(0).normal(size=(2, 64, 1)).astype(np.float32)).numpy()
        assert out.shape == (2, 64, 3)
        assert out.sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_layers_are_made_in_the_order_and_under_the_names_of_das():
    network = build_network(architecture(separable=(True, False), window=16, hop=4))
    names = [layer.name for layer in network.model.layers if layer.weights]
    first_block = [name for i in range(5) for name in (f"separable_conv1d{f'_{i}' if i else ''}", f"conv1d_{i + 1}")]
    assert names == ["trainable_stft", "conv1d", *first_block, *[f"conv1d_{i}" for i in range(6, 16)], "dense"]


@pytest.mark.parametrize(
    "changes",
    [{}, {"separable": (True, False), "window": 16, "hop": 4, "n_channels": 2}, {"lstm_units": 3}, {"filter_duration": 1}],
    ids=str,
)
def test_the_weights_that_an_architecture_tells_are_those_of_its_model(changes):
    network = build_network(architecture(**changes))
    told = [(layer.name, list(layer.shapes.values())) for layer in network.architecture.layers()]
    made = [(layer.name, [tuple(w.shape) for w in layer.weights]) for layer in network.model.layers if layer.weights]
    assert told == made
    names = [name.rpartition("/")[2] for layer in network.architecture.layers() for name in layer.shapes]
    assert names == [weight.name for weight in network.model.weights]


def test_names_do_not_depend_on_the_networks_built_before():
    names = [[layer.name for layer in build_network(architecture()).model.layers] for _ in range(2)]
    assert names[0] == names[1]


def test_dilations_are_1_2_4_8_16_in_every_block():
    network = build_network(architecture(separable=(False, True), filter_duration=3))
    dilated = [layer.dilation_rate[0] for layer in network.model.layers if getattr(layer, "kernel_size", (1,))[0] == 3]
    assert dilated == [1, 2, 4, 8, 16] * 2


def test_the_options_architecture_is_that_of_the_network():
    options = TrainingOptions(frontend="stft", downsample_factor=8, frontend_filter_duration=32, blocks=2, lstm_units=3)
    made = Architecture.of(options, n_channels=1, n_classes=5)
    assert (made.hop, made.window, made.separable, made.lstm_units) == (8, 32, (False, False), 3)
    none = Architecture.of(TrainingOptions(frontend="none", downsample_factor=8), n_channels=2, n_classes=2)
    assert (none.hop, none.window, none.has_frontend) == (1, 0, False)


def test_a_bidirectional_lstm_stands_before_the_output():
    network = build_network(architecture(lstm_units=3))
    assert [layer.name for layer in network.model.layers if layer.weights][-2:] == ["bidirectional", "dense"]


def test_the_filters_begin_as_a_windowed_fourier_transform():
    real, imaginary = stft_kernels(16)
    signal = np.random.default_rng(1).normal(size=16)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(16) / 16)
    expected = np.fft.rfft(signal * window)
    assert signal @ real == pytest.approx(expected.real, abs=1e-5)
    assert signal @ imaginary == pytest.approx(expected.imag, abs=1e-5)


def test_the_spectrogram_is_in_decibels_below_its_maximum_down_to_minus_80():
    audio = np.zeros((2, 256, 1), np.float32)
    audio[:, 64:128, 0] = np.sin(2 * np.pi * 0.25 * np.arange(64))
    audio[1] *= 1e-3
    spectrogram = Spectrogram(16, 4)(audio).numpy()[..., 0]
    assert spectrogram.shape == (2, 64, 9)
    assert spectrogram.max(axis=(1, 2)) == pytest.approx([0, 0])
    assert spectrogram.min() == -80
    assert spectrogram[0, 22].argmax() == 4


def test_the_spectrogram_equals_its_definition():
    audio = np.random.default_rng(2).normal(size=(1, 64, 1)).astype(np.float32)
    found = Spectrogram(16, 4)(audio).numpy()[..., 0][0]
    real, imaginary = stft_kernels(16)
    padded = np.pad(audio[0, :, 0], (6, 6))  # 'same' padding of a window of 16 that advances by 4
    frames = np.stack([padded[i * 4 : i * 4 + 16] for i in range(16)])
    magnitude = np.sqrt((frames @ real) ** 2 + (frames @ imaginary) ** 2)
    decibel = 10 * np.log10(np.maximum(magnitude, 1e-10))
    assert found == pytest.approx(np.maximum(decibel - decibel.max(), -80), abs=1e-3)


def test_channels_share_the_filters_and_are_in_decibels_below_the_largest_of_all():
    audio = np.random.default_rng(3).normal(size=(2, 64, 3)).astype(np.float32) * np.float32([1, 0.1, 1e-9])
    layer = Spectrogram(16, 4)
    found = layer(audio).numpy()
    assert found.shape == (2, 16, 9, 3) == layer.compute_output_shape(audio.shape)
    for channel in range(3):
        alone = layer(audio[..., channel : channel + 1]).numpy()[..., 0]
        below = found[..., channel].max(axis=(1, 2), keepdims=True)  # of the channel, under the largest of all
        assert np.maximum(alone + below, -80) == pytest.approx(found[..., channel], abs=1e-3)
    assert found.max(axis=(1, 2, 3)) == pytest.approx([0, 0])
    assert found[..., 2].max() == -80
    flat = layer.features(audio).numpy()
    assert np.array_equal(flat, found.reshape(2, 16, 27))


@pytest.mark.parametrize("changes", [{}, {"window": 16, "hop": 4}, {"n_channels": 3, "window": 16, "hop": 4}])
def test_any_length_of_audio_is_computed(changes):
    made = architecture(**changes)
    for n_samples in (64, 61, 16):
        assert build_network(made).model(np.zeros((1, n_samples, made.n_channels), np.float32)).shape[0] == 1


@pytest.mark.parametrize("lstm_units", [0, 3])
@pytest.mark.parametrize("separable", [(False,), (True, False, True)])
@pytest.mark.parametrize("frontend", [{}, {"window": 16, "hop": 4}])
def test_the_number_of_weights_is_known_before_the_network_is_built(frontend, separable, lstm_units):
    made = architecture(n_channels=2, separable=separable, lstm_units=lstm_units, **frontend)
    assert made.n_weights == build_network(made).model.count_params()


@pytest.mark.parametrize("audio", [np.zeros((2, 64, 1)), np.ones((2, 64, 1)) * 1e-12, np.eye(64)[:2, :, None]])
def test_the_gradient_is_finite_for_digital_silence(audio):
    network = build_network(architecture(window=16, hop=4), seed=1)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.math.log(network.model(audio.astype(np.float32), training=True)[..., 0]))
    gradients = tape.gradient(loss, network.model.trainable_variables)
    assert all(np.isfinite(gradient.numpy()).all() for gradient in gradients)


def test_channels_are_divided_by_their_largest_absolute_value():
    values = np.array([[[1.0, -4.0, 2.0], [0.0, 0.0, 0.0]]], np.float32)
    assert channel_normalization(values).numpy()[0] == pytest.approx(np.array([[0.25, -1, 0.5], [0, 0, 0]]), abs=1e-4)


def test_the_same_seed_gives_the_same_first_weights_and_another_seed_others():
    one, same, other = (build_network(architecture(), seed=seed).model.get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
