"""A trained network with what it takes to use it, loaded from its files."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.network.das_weights import WEIGHTS_SUFFIX, load_das_weights
from dss_widgets.network.model import Network, build_network
from dss_widgets.network.params import NetworkParams, network_params
from dss_widgets.results.params_file import PARAMS_SUFFIX, read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.whole_files import appearing_whole

KERAS_SUFFIX = "_model.keras"
"""Ending of the whole network's file, after the stem."""

_log = logging.getLogger("dss_widgets")


@dataclass(frozen=True)
class TrainedNetwork:
    """A network and what it was trained for.

    Attributes:
        stem: path of its files, without their endings.
        network: with its trained weights.
        params: everything that its params file says, under DAS's names.
        settings: what it takes to predict.
    """

    stem: Path
    network: Network
    params: Mapping[str, Any]
    settings: NetworkParams

    @property
    def class_names(self) -> list[str]:
        """Names of the outputs, noise first."""
        return list(self.settings.class_names)

    @property
    def class_types(self) -> list[str]:
        """``event`` or ``segment`` of the outputs."""
        return list(self.settings.class_types)

    @property
    def samplerate_hz(self) -> float:
        """Sample rate of the audio that the network knows."""
        return self.settings.samplerate_hz


def load_trained(stem: str | os.PathLike[str]) -> TrainedNetwork:
    """Load a trained network that this program or DAS 0.32 made.

    The network is built from the params; its weights come from ``_model.keras`` or, where that is not there or cannot be
    read, from ``_model.h5``. Neither file can run code.

    Args:
        stem: path of the files without their endings, or one of them.

    Raises:
        DataError: files are missing or unreadable, or do not fit each other.
    """
    stem = stem_of(stem)
    params_path = stem.with_name(stem.name + PARAMS_SUFFIX)
    params = read_params(params_path)
    settings = network_params(params, params_path)
    network = build_network(settings.architecture)
    whole, weights = (stem.with_name(stem.name + suffix) for suffix in (KERAS_SUFFIX, WEIGHTS_SUFFIX))
    if whole.is_file():
        try:
            load_whole_network(whole, network)
            return TrainedNetwork(stem, network, params, settings)
        except DataError as error:
            if not weights.is_file():
                raise
            _log.warning("%s The weights are taken from %s.", error, weights.name)
    if not weights.is_file():
        raise DataError(f"{weights}: there is no such file. Without it, the network has no weights: copy it from the run.")
    load_das_weights(weights, network)
    return TrainedNetwork(stem, network, params, settings)


def load_whole_network(path: Path, network: Network) -> None:
    """Load the weights of a ``.keras`` file into a network of the same architecture.

    Raises:
        DataError: the file cannot be read safely, or holds another network.
    """
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        arrays = [np.asarray(array) for array in model.get_weights()]
        names = [layer.name for layer in model.layers if layer.weights]
    except Exception as error:  # Keras raises whatever its parts raise
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(f"{path}: is not a network that can be loaded safely ({first}).") from error
    wanted = [layer.name for layer in network.model.layers if layer.weights]
    shapes = [tuple(weight.shape) for weight in network.model.weights]
    if names != wanted or [array.shape for array in arrays] != shapes:
        raise DataError(f"{path}: holds another network than the params describe.")
    network.model.set_weights(arrays)


def save_whole_network(path: Path, network: Network) -> None:
    """Write architecture and weights as ``.keras``; the file appears whole or not at all.

    Where memory is short, Keras writes a file of its own beside it, which it would leave if it was killed: they are in a hidden
    folder that the next start removes.
    """
    with appearing_whole(path) as partial, TemporaryDirectory(prefix=partial.stem, dir=path.parent) as folder:
        whole = Path(folder, path.name)
        network.model.save(whole)
        os.replace(whole, partial)
