"""How a trained network is computed on a processor, where nothing is learned: by OpenVINO.

It takes less memory and time than TensorFlow, which is not imported for it, and computes the same to 1e-5.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from dss_widgets.machine import own_cores
from dss_widgets.network.architecture import Architecture, Weights
from dss_widgets.network.graph import graph_of
from dss_widgets.network.openvino_setup import openvino

FRAMES_TOGETHER = 4096
"""Frames that a core computes at a time at most, of as many chunks as have so many: these stay in its cache."""

MOST_AT_ONCE = 8
"""Portions that are computed at once, at most; where there are more cores, they share a portion's operations."""

Frames = Callable[[np.ndarray], np.ndarray]
"""From audio ``[chunks, samples, channels]`` to frames' probabilities ``[chunks, frames, classes]``; both float32."""


def has_bfloat16() -> bool:
    """Return whether this processor computes in bfloat16, which has 8 significant bits of 24, and gains time by it."""
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def inference(architecture: Architecture, weights: Weights, n_samples: int, *, half_precision: bool = False) -> Frames:
    """Return what computes the probabilities of chunks.

    Chunks are computed side by side, in portions for the cores. To the last digit, none depends on those beside it, and so
    nothing on the number of cores (but for chunks no longer than a filter).

    Args:
        architecture: of the network.
        weights: of its layers.
        n_samples: of a chunk.
        half_precision: whether all is computed in bfloat16, where the processor gains time by that.
    """
    half_precision = half_precision and has_bfloat16()
    n_at_once = min(own_cores(), MOST_AT_ONCE)
    compiled = openvino.Core().compile_model(
        graph_of(architecture, weights, n_samples, exact=not half_precision),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "bf16" if half_precision else "f32",  # left out, OpenVINO decides
            "NUM_STREAMS": n_at_once,
            "INFERENCE_NUM_THREADS": own_cores(),
            "ENABLE_CPU_PINNING": False,  # or processes that share the cores would all take the same one
        },
    )
    queue, one_call = openvino.AsyncInferQueue(compiled, n_at_once), Lock()
    queue.set_callback(_keep)
    n_frames = -(-n_samples // architecture.hop)
    most = max(1, FRAMES_TOGETHER // n_frames)

    def frames(audio: np.ndarray) -> np.ndarray:
        # else OpenVINO makes a copy, and does not keep that for as long as it reads
        audio = np.ascontiguousarray(audio, dtype=np.float32)
        portion = max(1, min(most, -(-len(audio) // n_at_once)))
        found = np.empty((len(audio), n_frames, architecture.n_classes), dtype=np.float32)
        with one_call:
            try:
                for first in range(0, len(audio), portion):
                    those = slice(first, first + portion)
                    queue.start_async({0: audio[those]}, found[those], share_inputs=True)
            finally:  # also when it is interrupted: what is being computed reads the audio
                queue.wait_all()
        return found

    return frames


def _keep(request: Any, place: np.ndarray) -> None:
    """Keep what was computed, in its place."""
    place[:] = request.get_output_tensor().data
