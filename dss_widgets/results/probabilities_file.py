"""``<recording>_probabilities.h5``: the probability of every class at every sample, written as it is computed.

The file has one array, ``probabilities`` ``[samples, classes]``, and attributes that say what its rows and columns are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.dataset.stores.h5_attributes import text_attributes
from dss_widgets.errors import DataError, reason
from dss_widgets.options import PredictionOptions
from dss_widgets.plain_h5 import open_h5, plain_attribute, plain_dataset
from dss_widgets.results.whole_h5 import WholeH5File

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
    temperature: float | None = None,
) -> Iterator[ProbabilitiesWriter]:
    """Open a file to write probabilities to; it appears when all were written, or not at all.

    Args:
        path: the file.
        class_names, class_types: of the columns, noise first.
        samplerate_hz: rows a second.
        recording, network: where they come from, kept as attributes.
        options: how annotations were made of them, kept as attributes under DAS's names.
        temperature: at which they can be taken at their word, see :func:`~dss_widgets.results.calibration.calibrated`; kept
            as an attribute: what is written is what the network says.

    Raises:
        OSError: it cannot be written.
    """
    with WholeH5File(path) as whole:
        file, n_classes = whole.file, len(class_names)
        array = file.create_dataset(
            "probabilities", shape=(0, n_classes), maxshape=(None, n_classes), chunks=(_ROWS, n_classes), dtype=np.float32,
            compression="gzip", compression_opts=1, shuffle=True,
        )  # fmt: skip
        file.attrs["samplerate_Hz"] = float(samplerate_hz)
        for name, texts in (("class_names", class_names), ("class_types", class_types)):
            file.attrs[name] = np.array([text.encode() for text in texts])  # of fixed length, as in results files
        for name, text in (("recording", recording), ("network", network)):
            if text:
                file.attrs[name] = np.bytes_(text.encode())
        for name, option in (options or PredictionOptions()).declared().items():
            value = getattr(options, name, None)
            if option.das and value is not None:
                file.attrs[option.das] = value
        if options is not None and options.fast:
            file.attrs["fast"] = True
        if temperature is not None:
            file.attrs["temperature"] = temperature
        yield ProbabilitiesWriter(whole, array)


def read_probabilities(path: Path) -> tuple[np.ndarray, list[str], float]:
    """Read a file of probabilities.

    Returns:
        Probabilities float32 ``[samples, classes]``, the classes' names, and rows a second.

    Raises:
        DataError: it cannot be read.
    """
    with open_h5(path) as file:
        data = plain_dataset(path, file, "probabilities")
        try:
            told = _attributes(path, file)
            names, rate = [str(name) for name in told["class_names"]], float(told["samplerate_Hz"])
            if data.ndim != 2 or data.shape[1] != len(names) or not 0 < rate < np.inf:
                raise ValueError(f"{data.shape} probabilities of {len(names)} classes at {rate} Hz")
            return np.asarray(data[:], dtype=np.float32), names, rate
        except DataError:
            raise
        except Exception as error:  # damaged files raise nearly anything
            raise DataError(f"{path}: is not a file of probabilities ({reason(error)}). Predict again.") from error


@dataclass(frozen=True)
class Probabilities:
    """A file of probabilities that is read stretch by stretch.

    Attributes:
        path: the file.
        class_names: of its columns.
        samplerate_hz: rows a second.
        n_samples: rows.
    """

    path: Path
    class_names: tuple[str, ...]
    samplerate_hz: float
    n_samples: int

    @classmethod
    def of(cls, path: Path) -> Probabilities:
        """Look at a file.

        Raises:
            DataError: it cannot be read, or is no file of probabilities.
        """
        with open_h5(path) as file:
            data, told = plain_dataset(path, file, "probabilities"), _attributes(path, file)
            names, rate = tuple(map(str, told["class_names"])), float(told["samplerate_Hz"])
            if data.ndim != 2 or data.shape[1] != len(names) or not len(data) or not 0 < rate < np.inf:
                raise DataError(f"{path}: is not a file of probabilities. Predict again.")
            return cls(path, names, rate, len(data))

    def read(self, start: int, stop: int, samplerate_hz: float) -> np.ndarray:
        """Read the probabilities of samples of a recording.

        Args:
            start, stop: samples [start, stop) of the recording.
            samplerate_hz: the recording's; at another rate than the file's, the row that is nearest before counts.

        Returns:
            float32 ``[samples, classes]``; beyond the end, the last row goes on.

        Raises:
            DataError: the file cannot be read, or is another one by now.
        """
        rows = np.arange(start, stop) * (self.samplerate_hz / samplerate_hz)
        rows = np.clip(rows.astype(np.int64), 0, self.n_samples - 1)
        if not len(rows):
            return np.zeros((0, len(self.class_names)), dtype=np.float32)
        with open_h5(self.path) as file:
            data = plain_dataset(self.path, file, "probabilities")
            if data.shape != (self.n_samples, len(self.class_names)):
                raise DataError(f"{self.path}: was written anew. Open the recording again.")
            first = int(rows[0])
            found: np.ndarray = np.asarray(data[first : int(rows[-1]) + 1], dtype=np.float32)
        return np.asarray(found[rows - first])


def _attributes(path: Path, file: h5py.File) -> dict[str, Any]:
    """Return classes and rate; version 0.1.0 kept the names in a way that only a process of its own reads safely."""
    try:
        names = plain_attribute(path, file, "class_names", "S")
        rate = plain_attribute(path, file, "samplerate_Hz")
    except DataError:
        return text_attributes(path)
    if names is None or rate is None:
        raise DataError(f"{path}: does not say of which classes it holds probabilities. Predict again.")
    return {"class_names": [name.decode() for name in names.tolist()], "samplerate_Hz": rate}
