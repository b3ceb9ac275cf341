"""``<stem>_model.h5``: the weights in DAS's layout, written and read.

DAS keeps a Keras 2 file: a group ``model_weights`` with a group for every layer, in it a group of the same name with
``kernel:0``, ``bias:0`` ...; the attributes ``layer_names`` and ``weight_names`` give the order. DAS 0.32.13 finds no model
configuration in our files and so builds the network from the params and loads the weights by their order. Here it is the
names that tell a layer's place: Keras counts layers of a kind as they are made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

import h5py
import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.network.architecture import LSTM, Architecture, Layer, Weights
from dss_widgets.network.plain_h5 import arrays_in, follow, names_in, read_array
from dss_widgets.results.whole_h5 import WholeH5File
from dss_widgets.roots import open_confined

_KERAS_OF_DAS = "2.13.1"
"""Version that is written: without one, Keras 2 takes a file to be of Keras 1 and turns its kernels around."""


def _keras2_names(layer: Layer) -> list[str]:
    """Return the names that Keras 2 gives to a layer's weights, in their order."""
    if layer.name == LSTM:
        ways_and_names = (name.split("/") for name in layer.shapes)
        return [f"{LSTM}/{way}_lstm/lstm_cell/{name}:0" for way, name in ways_and_names]
    return [f"{layer.name}/{name}:0" for name in layer.shapes]


def save_das_weights(path: str | os.PathLike[str], architecture: Architecture, weights: Weights) -> Path:
    """Write a network's weights; the file appears whole or not at all, and OSError is raised if it cannot."""
    path = Path(path)
    layers = architecture.layers()
    with WholeH5File(path, n_bytes=4 * architecture.n_weights) as whole:
        file, group = whole.file, whole.file.create_group("model_weights")
        for holder in (file, group):
            holder.attrs["backend"] = b"tensorflow"
            holder.attrs["keras_version"] = _KERAS_OF_DAS.encode()
        group.attrs["layer_names"] = np.array([layer.name for layer in layers], dtype="S")
        for layer in layers:
            own = group.create_group(layer.name)
            names = _keras2_names(layer)
            own.attrs["weight_names"] = np.array(names, dtype="S")
            for name, array in zip(names, weights[layer.name], strict=True):
                own[name] = np.asarray(array)
    return path


def read_das_weights(path: str | os.PathLike[str], architecture: Architecture) -> Weights:
    """Return the weights that this program or DAS wrote of a network of an architecture.

    Raises:
        DataError: the file cannot be read, or its weights are those of another network.
    """
    path = Path(path)
    layers = architecture.layers()
    try:
        with open_confined(path) as opened, h5py.File(opened, "r") as file:
            group = follow(file, "model_weights") if "model_weights" in names_in(file) else file
            saved = _in_order([name for name in names_in(group) if arrays_in(follow(group, name))])
            n_saved = sum(len(names) for names in saved.values())
            if n_saved != len(layers):
                raise DataError(f"{path}: holds {n_saved} layers with weights, but the params describe {len(layers)}.")
            weights = {layer.name: _arrays(group, saved, layer, path) for layer in layers}
    except DataError:
        raise
    except Exception as error:  # HDF5 and h5py raise whatever a damaged file makes of them
        raise DataError(f"{path}: holds no weights that can be read ({first_line(error)}). Copy it again.") from error
    check_finite(weights, path)
    return weights


def _in_order(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of layers by their kind, first made first."""
    kinds: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        kind, number = _kind_and_number(name)
        kinds.setdefault(kind, []).append((number, name))
    found = {kind: [name for _, name in sorted(numbered)] for kind, numbered in kinds.items()}
    return _of_early_das(found) if "tcn_initial_conv" in found else found


def _kind_and_number(name: str) -> tuple[str, int]:
    """Return what Keras made a layer's name of: ``conv1d`` is the first and ``conv1d_1`` the second of their kind."""
    kind, _, number = name.rpartition("_")
    return (kind, int(number)) if re.fullmatch("[0-9]{1,9}", number) and kind else (name, 0)


def _of_early_das(kinds: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the names by kind of a file from DAS's first years, when convolutions were named by what they are."""
    dilated = {}
    for kind in kinds:
        parts = re.fullmatch(r"tcn_dilated_conv_(\d+)_\w+_s(\d+)", kind)
        if parts:
            dilated[int(parts[2]), int(parts[1])] = kind  # by block, then by dilation
    pairs = zip([dilated[place] for place in sorted(dilated)], kinds.get("conv1d", ()), strict=True)
    rest = {kind: names for kind, names in kinds.items() if kind not in ("conv1d", "tcn_initial_conv", *dilated.values())}
    return {**rest, "conv1d": ["tcn_initial_conv", *chain.from_iterable(pairs)]}


def _arrays(group: h5py.Group, saved: Mapping[str, Sequence[str]], layer: Layer, path: Path) -> list[np.ndarray]:
    """Return the weights of a layer, whose shapes must be those of the network."""
    kind, number = _kind_and_number(layer.name)
    names = saved.get(kind, ())
    own = follow(group, names[number]) if number < len(names) else None
    shapes = {} if own is None else arrays_in(own)
    paths = [_path_of(name, shapes) for name in layer.shapes]
    found, wanted = [shapes.get(name) for name in paths], list(layer.shapes.values())
    if found != wanted:
        raise DataError(
            f"{path}: the weights of layer {layer.name} have the shapes {found}, but the params describe {wanted}. "
            "Are the params those of this network?"
        )
    return [read_array(own, name, shape) for name, shape in zip(paths, wanted, strict=True)]


def _path_of(name: str, paths: Iterable[str]) -> str:
    """Return which of a layer's arrays is a weight: the one of its name, and of its way in time if there are two."""
    way, _, own = name.rpartition("/")
    return next((path for path in paths if path.rpartition("/")[2] == f"{own}:0" and way in path), "")


def check_finite(weights: Weights, path: Path) -> None:
    """Raise DataError if weights are not all numbers: a network with such predicts nonsense that looks like predictions."""
    for name, arrays in weights.items():
        if not all(np.isfinite(array).all() for array in arrays):
            raise DataError(f"{path}: the weights of layer {name} are not all finite numbers.")


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
