"""A trained network with what it takes to use it, loaded from its files."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.file_endings import KERAS_SUFFIX, PARAMS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.network.architecture import Architecture, Weights
from dss_widgets.network.das_weights import read_das_weights
from dss_widgets.network.device import computes_on_gpu
from dss_widgets.network.inference import Frames, inference
from dss_widgets.network.keras_file import read_whole_network
from dss_widgets.network.params import NetworkParams, network_params
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import network_files, stem_of

if TYPE_CHECKING:
    from dss_widgets.network.model import Network

_log = logging.getLogger("dss_widgets")


@dataclass(frozen=True)
class TrainedNetwork:
    """A network and what it was trained for.

    Attributes:
        stem: path of its files, without their endings.
        weights: as they were learned.
        params: everything that its params file says, under DAS's names.
        settings: what it takes to predict.
        half_precision: whether it is computed in bfloat16 where a processor gains time by that.
    """

    stem: Path
    weights: Weights
    params: Mapping[str, Any]
    settings: NetworkParams
    half_precision: bool = False

    @cached_property
    def frames(self) -> Frames:
        """What computes its probabilities, frame by frame: on a processor OpenVINO where it can, else TensorFlow."""
        if not computes_on_gpu():
            n_samples, architecture = self.settings.chunk_duration, self.settings.architecture
            try:
                frames = inference(architecture, self.weights, n_samples, half_precision=self.half_precision)
                frames(np.zeros((1, n_samples, architecture.n_channels), np.float32))
            except RuntimeError as error:
                _log.warning(
                    "OpenVINO cannot compute %s on this processor (%s): TensorFlow does, which takes longer.",
                    self.stem.name, str(error).strip().rpartition("\n")[2],
                )  # fmt: skip
            else:
                return frames
        return lambda audio: self.network.predict_frames(audio).numpy()

    @cached_property
    def network(self) -> Network:
        """The network as TensorFlow computes it, to be learned on."""
        from dss_widgets.network.model import build_network

        network = build_network(self.settings.architecture)
        network.set_weights(self.weights)
        return network

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

    The params say what it is made of; its weights come from ``_model.keras`` or, where that is not there or cannot be
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
        missing = stem.with_name(stem.name + WEIGHTS_SUFFIX)
        raise DataError(f"{missing}: there is no such file. Without it, the network has no weights: copy it from the run.")
    _check_size(paths, settings.architecture, params_path)
    preferred, *others = paths
    try:
        weights = _read_weights(preferred, settings.architecture)
    except DataError as error:
        if not others:
            raise
        _log.warning("%s The weights are taken from %s.", error, others[0].name)
        weights = _read_weights(others[0], settings.architecture)
    return TrainedNetwork(stem, weights, params, settings)


def _read_weights(path: Path, architecture: Architecture) -> Weights:
    read = read_whole_network if path.name.endswith(KERAS_SUFFIX) else read_das_weights
    return read(path, architecture)


def _check_size(paths: Sequence[Path], architecture: Architecture, params_path: Path) -> None:
    """Raise if no file can hold as many weights as the params describe: before memory is taken for them."""
    largest = max(path.stat().st_size for path in paths)
    if architecture.n_weights > largest:  # a byte a weight, where four are usual, is less than any packing leaves of them
        raise DataError(
            f"{params_path}: describes a network of {architecture.n_weights} weights, but {paths[0].name} has only {largest} "
            "bytes. Copy both again from where the network was trained."
        )
