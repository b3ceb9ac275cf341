"""``<recording>_probabilities.h5``: the probability of every class at every sample, written as it is computed.

The file has one array, ``probabilities`` ``[samples, classes]``, and attributes that say what its rows and columns are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.options import PredictionOptions
from dss_widgets.results.whole_h5 import WholeH5File

PROBABILITIES_SUFFIX = "_probabilities.h5"
"""Ending of the file's name, after the recording's."""

_ROWS = 2**14
"""Samples in a compressed piece of the file."""


class ProbabilitiesWriter:
    """Appends blocks of probabilities to an open file; made by :func:`probabilities_file`."""

    def __init__(self, whole: WholeH5File, array: Any) -> None:
        self._whole, self._array = whole, array

    def add(self, block: np.ndarray) -> None:
        """Append the next samples' probabilities ``[samples, classes]``; raises OSError if they cannot be written."""
        start = len(self._array)
        self._whole.reserve(2 * (len(block) + _ROWS) * self._array.dtype.itemsize * self._array.shape[1])
        self._array.resize(start + len(block), axis=0)
        self._array[start:] = block


@contextmanager
def probabilities_file(
    path: Path,
    class_names: Sequence[str],
    class_types: Sequence[str],
    samplerate_hz: float,
    *,
    recording: str = "",
    network: str = "",
    options: PredictionOptions | None = None,
) -> Iterator[ProbabilitiesWriter]:
    """Open a file to write probabilities to; it appears when all were written, or not at all.

    Args:
        path: the file.
        class_names, class_types: of the columns, noise first.
        samplerate_hz: rows a second.
        recording, network: where they come from, kept as attributes.
        options: how annotations were made of them, kept as attributes under DAS's names.

    Raises:
        OSError: it cannot be written.
    """
    with WholeH5File(path) as whole:
        file, n_classes = whole.file, len(class_names)
        array = file.create_dataset(
            "probabilities", shape=(0, n_classes), maxshape=(None, n_classes), chunks=(_ROWS, n_classes), dtype=np.float32,
            compression="gzip", compression_opts=1, shuffle=True,
        )  # fmt: skip
        text = h5py.string_dtype()
        file.attrs["samplerate_Hz"] = float(samplerate_hz)
        file.attrs.create("class_names", np.array(list(class_names), dtype=object), dtype=text)
        file.attrs.create("class_types", np.array(list(class_types), dtype=object), dtype=text)
        file.attrs["recording"], file.attrs["network"] = recording, network
        for name, option in (options or PredictionOptions()).declared().items():
            value = getattr(options, name, None)
            if option.das and value is not None:
                file.attrs[option.das] = value
        yield ProbabilitiesWriter(whole, array)


def read_probabilities(path: Path) -> tuple[np.ndarray, list[str], float]:
    """Read a file of probabilities.

    Returns:
        Probabilities float32 ``[samples, classes]``, the classes' names, and rows a second.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with h5py.File(path, "r") as file:
            names = [name.decode() if isinstance(name, bytes) else str(name) for name in file.attrs["class_names"]]
            return np.asarray(file["probabilities"]), names, float(file.attrs["samplerate_Hz"])
    except (OSError, KeyError) as error:
        raise DataError(f"{path}: is not a file of probabilities ({error}).") from error
