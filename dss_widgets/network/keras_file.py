"""``<stem>_model.keras``: architecture and weights in one file, written such that DAS 0.33 opens it, read without running it.

DAS 0.33 (Keras 3) takes a file of that name before ``<stem>_model.h5``, and where it cannot read it, builds the network from
the params and leaves out every weight that it finds no place for: with random weights, and without a word to its user. So
the file is one of DAS's own, layer by layer (see the layers), and opens either way.

The file is a zip with the weights as arrays in an HDF5 file. Here they are all that is read of it: the network is built from
the params, so that nothing that a file describes is ever made or called.
"""

from __future__ import annotations

import os
import zipfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import h5py
import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.network.architecture import LSTM, SPECTROGRAM, Architecture, Layer, Weights
from dss_widgets.network.das_weights import check_finite, first_line
from dss_widgets.network.plain_h5 import follow, names_in, read_array
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

if TYPE_CHECKING:
    from dss_widgets.network.model import Network

_WEIGHTS = "model.weights.h5"
"""Name in the zip of the file with the weights."""

_COPIES, _MARGIN_BYTES = 6, 64 * 2**20
"""Most that a file may hold: so many times the weights, for DAS saves its optimizer's state too, and what describes them."""

_STFT, _STFT_OF_OLD = "spectrogram", SPECTROGRAM
"""Where the filters of the spectrogram lie: here and in DAS's files, and in those of dss_widgets 0.1."""


def save_whole_network(path: Path, network: Network) -> None:
    """Write architecture and weights as ``.keras``; the file appears whole or not at all.

    Where memory is short, Keras writes a file of its own beside it, which it would leave if it was killed: they are in a hidden
    folder that the next start removes.

    Raises:
        OSError: it cannot be written.
    """
    with appearing_whole(path) as partial, TemporaryDirectory(prefix=partial.stem, dir=path.parent) as folder:
        whole = Path(folder, path.name)
        network.model.save(whole)
        os.replace(whole, partial)


def read_whole_network(path: Path, architecture: Architecture) -> Weights:
    """Return the weights in a ``.keras`` file, of this program or DAS 0.33, of a network of an architecture.

    Raises:
        DataError: the file cannot be read, or holds another network.
    """
    layers = architecture.layers()
    try:
        content = _weights_file(path, architecture.n_weights)
        with h5py.File(BytesIO(content), "r") as file:
            stored = follow(file, "layers")
            folders = [_folder(layer.name, stored) for layer in layers]
            if {name for name in names_in(stored) if _has_arrays(stored, name)} != set(folders):
                raise ValueError("it has other layers")
            weights = {layer.name: _arrays(stored, folder, layer) for folder, layer in zip(folders, layers, strict=True)}
    except DataError:
        raise
    except ValueError as error:
        raise DataError(
            f"{path}: holds another network than the params describe ({first_line(error)}). Are the params those of this one?"
        ) from error
    except Exception as error:  # zip, HDF5 and h5py raise whatever a damaged file makes of them
        raise DataError(f"{path}: holds no network that can be read ({first_line(error)}). Copy it again.") from error
    check_finite(weights, path)
    return weights


def _weights_file(path: Path, n_weights: int) -> bytes:
    """Return the HDF5 file in the zip, whose size is checked before memory is taken."""
    largest = _COPIES * 4 * n_weights + _MARGIN_BYTES
    with open_confined(path) as opened:
        if os.fstat(opened.fileno()).st_size > largest:
            raise DataError(f"{path}: is far larger than the network that the params describe.")
        with zipfile.ZipFile(opened) as archive:
            entry = archive.getinfo(_WEIGHTS)
            if entry.file_size > largest:
                raise DataError(f"{path}: claims to be far larger than the network that the params describe.")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise DataError(f"{path}: is packed in a way that is not read here. Copy it again.")
            with archive.open(entry) as member:
                return member.read(entry.file_size)  # never more, whatever it unpacks to


def _folder(layer: str, stored: h5py.Group) -> str:
    """Return where a layer's weights lie: Keras names the folders by the layers' kinds, counted, as the layers here are."""
    if layer != SPECTROGRAM:
        return layer
    return _STFT_OF_OLD if _STFT_OF_OLD in names_in(stored) else _STFT


def _has_arrays(stored: h5py.Group, folder: str) -> bool:
    own = follow(stored, folder)
    return folder == LSTM or ("vars" in names_in(own) and bool(names_in(follow(own, "vars"))))


def _arrays(stored: h5py.Group, folder: str, layer: Layer) -> list[np.ndarray]:
    """Return the weights of a layer, in its order."""
    shapes = list(layer.shapes.values())
    paths = [f"{folder}/vars/{i}" for i in range(len(shapes))]
    if folder == LSTM:
        paths = [f"{folder}/{way}_layer/cell/vars/{i}" for way in ("forward", "backward") for i in range(len(shapes) // 2)]
    return [read_array(stored, path, shape) for path, shape in zip(paths, shapes, strict=True)]
