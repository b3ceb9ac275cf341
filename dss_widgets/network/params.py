"""The params of a network under DAS's names: written for a run, and read back into what it takes to predict."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dss_widgets import __version__
from dss_widgets.dataset.recordings.recording import to_float32
from dss_widgets.dataset.recordings.sound_profile import SoundProfile, sound_profile
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.chunks import ChunkGrid
from dss_widgets.options import TrainingOptions
from dss_widgets.options.das_names import to_das
from dss_widgets.options.network import DILATIONS, NetworkOptions

_MODEL_NAMES = ("tcn", "tcn_stft")
"""DAS's names of the networks that are built here; they are one network."""

_LARGEST_POWER = 12
"""Largest log2 of a downsample factor: a frame of 4096 samples."""

_LIBRARIES = ("tensorflow", "keras", "openvino", "numpy", "h5py", "soundfile", "soxr")


def training_params(options: TrainingOptions, dataset: Dataset, stem: Path, *, seed: int) -> dict[str, Any]:
    """Return every option under its DAS name, what DAS needs beside them, and where all of it came from.

    Args:
        options: of the run.
        dataset: what is trained on.
        stem: path of the run's files, without their endings.
        seed: the seed in use, also where none was chosen.
    """
    names, types = dataset.classes(options.song_type)
    return {
        **to_das(options),
        "y_suffix": options.song_type,
        "x_suffix": "",
        "model_name": "tcn",
        "save_name": str(stem),
        "samplerate_x_Hz": dataset.samplerate_hz,
        "samplerate_y_Hz": dataset.samplerate_hz,
        "class_names": names,
        "class_types": types,
        "nb_classes": len(names),
        "nb_freq": dataset.n_channels,
        "nb_channels": dataset.n_channels,
        "dilations": list(DILATIONS),
        "use_separable": list(options.separable) if any(options.separable) else False,
        "data_padding": options.boundary,
        "stride": options.chunk_stride,
        "output_stride": 1,
        "upsample": True,
        "with_y_hist": True,
        "y_offset": 0,
        "return_sequences": True,
        "sample_weight_mode": "temporal",
        "data_hash": dataset.fingerprint,
        "dss_widgets": {
            "version": __version__,
            "options": options.as_dict(),
            "seed_used": seed,
            "libraries": library_versions(),
            "sound": _sound_of(dataset).as_dict(),
        },
    }


def _sound_of(dataset: Dataset) -> SoundProfile:
    """Return what the training data sounds like, so that other recordings can be compared with it."""
    audio = dataset.split("train").x
    return sound_profile(lambda start, stop: to_float32(audio[start:stop]), len(audio), dataset.samplerate_hz)


def library_versions() -> dict[str, str]:
    """Return the versions, by name, of Python and of the libraries that a network is computed with."""
    found = {"python": platform.python_version()}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:  # tensorflow goes by other names on some machines
            continue
    return found


@dataclass(frozen=True)
class NetworkParams:
    """What it takes to build a network and to predict with it.

    Attributes:
        architecture: what the network is made of.
        class_names, class_types: of its outputs, noise first.
        samplerate_hz: of the audio that it knows.
        chunk_duration, boundary: samples of a chunk, and those at each of its ends that do not count.
    """

    architecture: Architecture
    class_names: tuple[str, ...]
    class_types: tuple[str, ...]
    samplerate_hz: float
    chunk_duration: int
    boundary: int

    def grid(self, n_samples: int) -> ChunkGrid:
        """Return the chunks in which audio of a length is predicted."""
        return ChunkGrid(n_samples, self.chunk_duration, self.boundary)


def network_params(params: Mapping[str, Any], source: Path) -> NetworkParams:
    """Read params that this program or DAS wrote.

    Args:
        params: by DAS's names.
        source: where they come from, for messages.

    Raises:
        DataError: something is missing, or they describe a network that is not built here.
    """
    try:
        return _network_params(params)
    except KeyError as error:
        raise DataError(f"{source}: lacks {error}. Are these the params of a trained network?") from error
    except DataError as error:
        raise DataError(f"{source}: {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{source}: holds a value that cannot be ({error}). Copy it again.") from error


def _network_params(params: Mapping[str, Any]) -> NetworkParams:
    if params.get("model_name", "tcn") not in _MODEL_NAMES:
        raise DataError(f"describes a network {params['model_name']!r}; only 'tcn' and 'tcn_stft' are known here.")
    if list(params.get("dilations") or DILATIONS) != list(DILATIONS):
        raise DataError(f"describes dilations {params['dilations']}; only {list(DILATIONS)} are known here.")
    names = [str(name) for name in params["class_names"]]
    types = [str(kind) for kind in params.get("class_types") or ["segment"] * len(names)]
    if not names or len(types) != len(names):
        raise DataError(f"names {len(names)} song types and the categories of {len(types)}. Copy it again.")
    blocks = _number(params, "nb_conv", NetworkOptions.blocks)
    duration = _number(params, "kernel_size", NetworkOptions.filter_duration)
    power = int(params.get("nb_pre_conv") or 0)
    window = 64
    if power > 0 and params.get("pre_nb_dft"):
        window = _number(params, "pre_nb_dft", NetworkOptions.frontend_filter_duration)
    if power > _LARGEST_POWER or window & (window - 1):
        raise DataError(f"describes a spectrogram that cannot be (nb_pre_conv {power}, pre_nb_dft {window}). Copy it again.")
    chunk = _number(params, "nb_hist", NetworkOptions.chunk_duration)
    boundary = duration * blocks if params.get("ignore_boundaries", True) else 0
    if params.get("data_padding") is not None:
        boundary = int(params["data_padding"])
    if boundary < 0 or chunk <= 2 * boundary:
        raise DataError(f"describes chunks of {chunk} samples of which {2 * boundary} do not count.")
    rate = float(params["samplerate_x_Hz"])
    if not 0 < rate < math.inf:
        raise DataError(f"describes a sample rate of {rate} Hz. Copy it again.")
    return NetworkParams(
        Architecture(
            n_channels=max(1, int(params.get("nb_freq") or params.get("nb_channels") or 1)),
            n_classes=len(names),
            filters=_number(params, "nb_filters", NetworkOptions.filters),
            filter_duration=duration,
            separable=_separable(params.get("use_separable"), blocks),
            window=window if power > 0 else 0,
            hop=2**power if power > 0 else 1,
            lstm_units=_number(params, "nb_lstm_units", NetworkOptions.lstm_units) if params.get("nb_lstm_units") else 0,
        ),
        class_names=tuple(names),
        class_types=tuple(types),
        samplerate_hz=rate,
        chunk_duration=chunk,
        boundary=boundary,
    )


def _number(params: Mapping[str, Any], name: str, option: Any) -> int:
    """Return a whole number that is within the bounds of an option."""
    value = int(params[name])
    if not option.min <= value <= option.max:
        raise DataError(f"describes {name} {value}, which must be from {option.min} to {option.max}. Copy it again.")
    return value


def _separable(value: Any, blocks: int) -> tuple[bool, ...]:
    """Return a flag a block, of DAS's one flag for all or a list whose last entry goes on."""
    flags = [bool(flag) for flag in value] if isinstance(value, list | tuple) else [bool(value)]
    flags = flags or [False]
    return tuple((flags + [flags[-1]] * blocks)[:blocks])
