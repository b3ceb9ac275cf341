"""What a GPU can do, tried before it is relied on: half the digits, and operations that are compiled into one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

import tensorflow as tf

from dss_widgets.network.tensorflow_setup import keep_compiled_reductions_apart

BFLOAT16_FROM = (8, 0)
"""Compute capability from which on a GPU multiplies numbers of half the digits in less time (NVIDIA, Ampere)."""

_log = logging.getLogger("dss_widgets")


def gpus() -> list[Any]:
    """Return the GPUs that TensorFlow sees."""
    return list(tf.config.list_physical_devices("GPU"))


@cache
def share_memory() -> None:
    """Let TensorFlow take memory of the GPUs as it needs it, rather than all of it; only before it first uses one."""
    with suppress(RuntimeError, ValueError):  # in use, or divided, already: whoever did so decided
        for device in gpus():
            tf.config.experimental.set_memory_growth(device, True)


@cache
def has_half_precision() -> bool:
    """Return whether convolutions of half the digits pay: on GPUs made for them, on which they were tried and worked."""
    devices = gpus()
    if not devices or not all(_capability(device) >= BFLOAT16_FROM for device in devices):
        return False
    return _works(_convolve_in_half_precision, "convolutions keep all digits")


@cache
def compiles() -> bool:
    """Return whether operations can be compiled into one: always on a CPU; on a GPU, parts of CUDA may be missing."""
    keep_compiled_reductions_apart()
    return not gpus() or _works(_compile, "some operations take longer")


def fused(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of tensors whose operations are compiled into one, where that is possible."""
    traced: dict[bool, Callable[..., Any]] = {
        compiled: tf.function(function, jit_compile=compiled, autograph=False) for compiled in (False, True)
    }

    def call(*tensors: Any) -> Any:
        return traced[compiles()](*tensors)

    return call


def _capability(device: Any) -> tuple[int, ...]:
    return tuple(tf.config.experimental.get_device_details(device).get("compute_capability", (0, 0)))


def _works(attempt: Callable[[], Any], otherwise: str) -> bool:
    """Return whether an attempt succeeds; a failure is logged."""
    try:
        with ThreadPoolExecutor(1) as aside:  # at once, though this thread may be making a graph
            aside.submit(attempt).result()
    except (tf.errors.OpError, LookupError, ValueError) as error:  # LookupError: there is no gradient of it
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        _log.warning("The GPU is used without all that it could do, so %s: %s", otherwise, reason)
        return False
    return True


def _convolve_in_half_precision() -> None:
    inputs, kernel = tf.ones([1, 1, 32, 8], tf.bfloat16), tf.ones([1, 4, 8, 8], tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch([inputs, kernel])
        outputs = tf.nn.conv2d(inputs, kernel, strides=1, padding="SAME", dilations=[1, 2])
    for gradient in tape.gradient(outputs, [inputs, kernel]):
        gradient.numpy()


def _compile() -> None:
    tf.function(lambda x: tf.exp(x) / tf.reduce_max(x), jit_compile=True, autograph=False)(tf.ones([4])).numpy()
