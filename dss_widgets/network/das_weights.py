"""``<stem>_model.h5``: the weights in DAS's layout, written and read.

DAS keeps a Keras 2 file: a group ``model_weights`` with a group for every layer, in it a group of the same name with
``kernel:0``, ``bias:0`` ...; the attributes ``layer_names`` and ``weight_names`` give the order. DAS 0.32.13 finds no model
configuration in our files and so builds the network from the params and loads the weights by their order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.network.model import Network
from dss_widgets.results.whole_h5 import WholeH5File

WEIGHTS_SUFFIX = "_model.h5"
"""Ending of the file's name, after the stem."""

_KERAS_OF_DAS = "2.13.1"
"""Version that is written: without one, Keras 2 takes a file to be of Keras 1 and turns its kernels around."""


def _keras2_names(layer: Any) -> list[str]:
    """Return the names that Keras 2 gives to a layer's weights, in the order of ``layer.weights``."""
    if layer.name == "bidirectional":
        return [
            f"bidirectional/{way}_lstm/lstm_cell/{name}:0"
            for way in ("forward", "backward")
            for name in ("kernel", "recurrent_kernel", "bias")
        ]
    return [f"{layer.name}/{weight.name}:0" for weight in layer.weights]


def _layers(network: Network) -> Iterator[Any]:
    """Yield the layers that have weights, in the order in which they were made."""
    yield from (layer for layer in network.model.layers if layer.weights)


def save_das_weights(path: str | os.PathLike[str], network: Network) -> Path:
    """Write a network's weights; the file appears whole or not at all, and OSError is raised if it cannot."""
    path = Path(path)
    layers = list(_layers(network))
    with WholeH5File(path, n_bytes=4 * network.model.count_params()) as whole:
        file, group = whole.file, whole.file.create_group("model_weights")
        for holder in (file, group):
            holder.attrs["backend"] = b"tensorflow"
            holder.attrs["keras_version"] = _KERAS_OF_DAS.encode()
        group.attrs["layer_names"] = np.array([layer.name for layer in layers], dtype="S")
        for layer in layers:
            own = group.create_group(layer.name)
            names = _keras2_names(layer)
            own.attrs["weight_names"] = np.array(names, dtype="S")
            for name, weight in zip(names, layer.weights, strict=True):
                own[name] = np.asarray(weight)
    return path


def load_das_weights(path: str | os.PathLike[str], network: Network) -> None:
    """Load weights that this program or DAS wrote into a network of the same architecture.

    Raises:
        DataError: the file cannot be read, or its weights are those of another network. Weights are never left as they
            were: a network with random weights predicts nonsense that looks like predictions.
    """
    path = Path(path)
    layers = list(_layers(network))
    try:
        with h5py.File(path, "r") as file:
            saved = [weights for _, weights in _saved_layers(file)]
    except (OSError, KeyError, ValueError) as error:
        raise DataError(f"{path}: holds no weights that can be read ({error}). Copy it anew.") from error
    if len(saved) != len(layers):
        raise DataError(f"{path}: holds {len(saved)} layers with weights, but the params describe {len(layers)}.")
    for layer, arrays in zip(layers, saved, strict=True):
        shapes = [tuple(weight.shape) for weight in layer.weights]
        if [array.shape for array in arrays] != shapes:
            raise DataError(
                f"{path}: the weights of layer {layer.name} have the shapes {[array.shape for array in arrays]}, but the "
                f"params describe {shapes}. Are the params those of this network?"
            )
        if not all(np.isfinite(array).all() for array in arrays):
            raise DataError(f"{path}: the weights of layer {layer.name} are not all finite numbers.")
    for layer, arrays in zip(layers, saved, strict=True):
        layer.set_weights(arrays)


def _saved_layers(file: h5py.File) -> Iterator[tuple[str, list[np.ndarray]]]:
    group = file.get("model_weights", file)
    names = [_text(name) for name in _long_attribute(group, "layer_names")]
    for name in names:
        weight_names = [_text(weight) for weight in _long_attribute(group[name], "weight_names")]
        if weight_names:
            yield name, [np.asarray(group[name][weight], dtype=np.float32) for weight in weight_names]


def _long_attribute(group: Any, name: str) -> list[Any]:
    """Return an attribute that Keras cuts into numbered pieces where it is too long for one."""
    if name in group.attrs:
        return list(group.attrs[name])
    pieces = sorted((key for key in group.attrs if re.fullmatch(f"{name}\\d+", key)), key=lambda key: int(key[len(name) :]))
    if not pieces:
        raise KeyError(name)
    return [item for piece in pieces for item in group.attrs[piece]]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
