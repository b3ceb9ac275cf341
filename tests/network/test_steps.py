"""What a step of learning and a step of validation count, against their definitions in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from dss_widgets.network.architecture import Architecture
from dss_widgets.network.model import build_network
from dss_widgets.network.steps import new_optimizer, training_step, validation_step

RNG = np.random.default_rng(3)
AUDIO = RNG.standard_normal((4, 64, 1)).astype("f4")
LABELS = RNG.integers(0, 3, (4, 64))
TARGETS = np.eye(3, dtype="f4")[LABELS]
WEIGHTS = RNG.choice(np.float32([0, 0.5, 1]), (4, 64))
CLASS_WEIGHTS = np.float32([0.5, 1, 3])


@pytest.fixture
def network():
    return build_network(Architecture(n_channels=1, n_classes=3, filters=4, filter_duration=3, separable=(False,)), seed=1)


def step(network, audio, targets, weights, *, class_weights=None):
    """Return loss and weight of a step of learning, and the gradients that it took (their mean after one step is a tenth)."""
    optimizer = new_optimizer(network)
    learn = training_step(network, optimizer, frames_per_batch=1000, class_weights=class_weights)
    loss, weight = (float(value) for value in learn(*map(tf.constant, (audio, targets, weights))))
    n = len(network.model.trainable_variables)
    return loss, weight, [10 * np.asarray(mean) for mean in optimizer.variables[1 : 1 + n]]


def losses(network):
    """Return the cross-entropy of every sample."""
    return -np.log(network.model(AUDIO).numpy()[np.arange(4)[:, None], np.arange(64), LABELS])


@pytest.mark.parametrize("class_weights", [None, CLASS_WEIGHTS])
def test_the_loss_is_the_cross_entropy_times_the_weights_of_samples_and_classes(network, class_weights):
    wanted = WEIGHTS if class_weights is None else WEIGHTS * class_weights[LABELS]
    loss, weight, _ = step(network, AUDIO, TARGETS, WEIGHTS, class_weights=class_weights)
    assert loss == pytest.approx((losses(network) * wanted).sum(), rel=1e-4)
    assert weight == pytest.approx(wanted.sum(), rel=1e-5)


def test_nothing_is_learned_from_the_targets_of_samples_that_do_not_count(network):
    others = np.where(WEIGHTS[..., None] == 0, np.roll(TARGETS, 1, axis=2), TARGETS)
    assert (others != TARGETS).any()
    for one, other in zip(step(network, AUDIO, TARGETS, WEIGHTS)[2], step(network, AUDIO, others, WEIGHTS)[2], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_batch_with_fewer_chunks_is_learned_from_as_much_less(network):
    _, _, whole = step(network, AUDIO, TARGETS, WEIGHTS)
    halves = [step(network, AUDIO[part], TARGETS[part], WEIGHTS[part])[2] for part in (slice(2), slice(2, 4))]
    assert max(np.linalg.norm(gradient) for gradient in whole) < 1, "none is clipped"
    for gradient, first, second in zip(whole, *halves, strict=True):
        np.testing.assert_allclose(first + second, gradient, atol=1e-5)


def test_validation_counts_samples_by_their_weight_in_rows_as_annotated(network):
    loss, weight, confusion = (np.asarray(value) for value in validation_step(network)(AUDIO, TARGETS, WEIGHTS))
    assert loss == pytest.approx((losses(network) * WEIGHTS).sum(), rel=1e-4)
    assert weight == WEIGHTS.sum()
    wanted = np.zeros((3, 3))
    np.add.at(wanted, (LABELS, network.model(AUDIO).numpy().argmax(axis=2)), WEIGHTS)
    np.testing.assert_allclose(confusion, wanted)
