"""A trained network with what it takes to use it, loaded from its files."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.file_endings import KERAS_SUFFIX, PARAMS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.network.das_weights import load_das_weights
from dss_widgets.network.keras_file import load_whole_network
from dss_widgets.network.model import Architecture, Network, build_network
from dss_widgets.network.params import NetworkParams, network_params
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import network_files, stem_of

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
    """Load a trained network that this program, DAS 0.32 or DAS 0.33 made.

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
    paths = network_files(stem)
    if not paths:
        weights = stem.with_name(stem.name + WEIGHTS_SUFFIX)
        raise DataError(f"{weights}: there is no such file. Without it, the network has no weights: copy it from the run.")
    _check_size(paths, settings.architecture, params_path)
    network = build_network(settings.architecture)
    for path, other in zip(paths, [*paths[1:], None], strict=True):
        try:
            load = load_whole_network if path.name.endswith(KERAS_SUFFIX) else load_das_weights
            load(path, network)
            break
        except DataError as error:
            if other is None:
                raise
            _log.warning("%s The weights are taken from %s.", error, other.name)
    return TrainedNetwork(stem, network, params, settings)


def _check_size(paths: Sequence[Path], architecture: Architecture, params_path: Path) -> None:
    """Raise if no file can hold as many weights as the params describe: before memory is taken for them."""
    largest = max(path.stat().st_size for path in paths)
    if architecture.n_weights > largest:  # a byte a weight, where four are usual, is less than any packing leaves of them
        raise DataError(
            f"{params_path}: describes a network of {architecture.n_weights} weights, but {paths[0].name} has only {largest} "
            "bytes. Copy both again from where the network was trained."
        )
