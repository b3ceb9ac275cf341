"""What happens to one batch: a step of learning, and a step of validation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from dss_widgets.network.adam import BETAS, SHORT_BETAS, Adam
from dss_widgets.network.augment import Variation
from dss_widgets.network.forward import logits, traced_by_length
from dss_widgets.network.model import Network
from dss_widgets.network.replicas import Replica

Step = Callable[[Any, Any, Any], tuple[Any, ...]]
Shapes = Sequence[Sequence[int]]


def new_optimizer(network: Network, *, decays: bool = False) -> Adam:
    """Return Adam, ready to be restored from a checkpoint: as DAS has it, or as it learns sooner if its rate decays."""
    return Adam(network.model.trainable_variables, SHORT_BETAS if decays else BETAS)


def _loss_sum(network: Network, audio: Any, targets: Any, weights: Any, **how: bool) -> tuple[Any, Any]:
    """Return the weighted sum of cross-entropies, and the output layer's values before the softmax."""
    outputs = logits(network.layers, audio, **how)
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, outputs)
    return tf.reduce_sum(losses * weights), outputs


def training_step(
    network: Network,
    optimizer: Adam,
    *,
    frames_per_batch: float,
    class_weights: np.ndarray | None,
    variation: Variation | None = None,
    half_precision: bool = False,
    replica: Replica | None = None,
) -> Step:
    """Return the function that learns from a batch.

    Args:
        network: what learns.
        optimizer: from :func:`new_optimizer`; its learning rate is set from outside.
        frames_per_batch: frames that count in a full batch; a batch with fewer moves the weights by as much less.
        class_weights: ``[classes]``, or None for equal ones.
        variation: varies the audio, from :func:`~dss_widgets.network.augment.vary`.
        half_precision: see :func:`~dss_widgets.network.forward.features`.
        replica: this process among those that train the network together; left out, it is alone.

    Returns:
        A function of audio ``[chunks, samples, channels]``, targets ``[chunks, frames, classes]`` and weights
        ``[chunks, frames]``, which returns the sum of the losses and the sum of the weights.
    """
    variables, replica = network.model.trainable_variables, replica or Replica()
    shapes = [(), (), *(variable.shape for variable in variables)]
    balance = None if class_weights is None else tf.constant(class_weights, tf.float32)

    def gradients(audio: Any, targets: Any, weights: Any) -> Any:
        if balance is not None:
            weights = weights * tf.linalg.matvec(targets, balance)
        with tf.GradientTape() as tape:
            loss_sum, _ = _loss_sum(network, audio, targets, weights, training=True, half_precision=half_precision)
            loss = loss_sum / frames_per_batch
        return _joined([loss_sum, tf.reduce_sum(weights), *tape.gradient(loss, variables)])

    def learn(sums: Any) -> tuple[Any, Any]:
        loss_sum, weight_sum, *total = _divided(sums, shapes)
        optimizer.apply(total)
        return loss_sum, weight_sum

    sizes = network.architecture.n_channels, network.architecture.n_classes
    of_part = traced_by_length(gradients, *sizes, None)
    varied = None if variation is None else traced_by_length(partial(_varied, variation, optimizer), *sizes)
    learn_from = tf.function(learn, autograph=False)

    def step(audio: Any, targets: Any, weights: Any) -> tuple[Any, Any]:
        if varied is not None:
            audio = varied(audio, targets)
        return learn_from(replica.sums(of_part, _n_numbers(shapes), audio, targets, weights))

    return step


def _joined(values: Sequence[Any]) -> Any:
    """Return tensors as one, ``[numbers]``: for each of many small ones, whoever hands it on pays anew."""
    return tf.concat([tf.reshape(value, [-1]) for value in values], 0)


def _divided(joined: Any, shapes: Shapes) -> list[Any]:
    """Return the tensors of which one was made, by their shapes."""
    parts = tf.split(joined, [math.prod(shape) for shape in shapes])
    return [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]


def _n_numbers(shapes: Shapes) -> int:
    return sum(math.prod(shape) for shape in shapes)


def _varied(variation: Variation, optimizer: Adam, audio: Any, targets: Any) -> Any:
    return variation(audio, targets, tf.cast(optimizer.iterations, tf.int32))


def validation_step(network: Network, replica: Replica | None = None) -> Step:
    """Return the function that judges a batch.

    Args:
        network: what is judged.
        replica: this process among those that train the network together; left out, it is alone.

    Returns:
        A function of audio, targets and weights (as for training), which returns the sum of the losses, the sum of the
        weights, and a weighted confusion matrix ``[classes, classes]`` with annotated rows.
    """
    n_classes, replica = network.architecture.n_classes, replica or Replica()
    shapes = [(), (), (n_classes, n_classes)]

    def judged(audio: Any, targets: Any, weights: Any) -> Any:
        loss_sum, outputs = _loss_sum(network, audio, targets, weights, training=False)
        confusion = tf.math.confusion_matrix(
            tf.reshape(tf.argmax(targets, axis=-1), [-1]),
            tf.reshape(tf.argmax(outputs, axis=-1), [-1]),
            num_classes=n_classes,
            weights=tf.reshape(weights, [-1]),
            dtype=tf.float32,
        )
        return _joined([loss_sum, tf.reduce_sum(weights), confusion])

    of_part = traced_by_length(judged, network.architecture.n_channels, n_classes, None)

    def step(audio: Any, targets: Any, weights: Any) -> tuple[Any, ...]:
        return tuple(_divided(replica.sums(of_part, _n_numbers(shapes), audio, targets, weights), shapes))

    return step
