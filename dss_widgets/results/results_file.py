"""``<stem>_results.h5``: how training went and how the test came out; written as the test goes, so of any length."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError
from dss_widgets.notebook_tables import counted, table_html
from dss_widgets.results.scores import Scores
from dss_widgets.results.whole_h5 import WholeH5File

RESULTS_SUFFIX = "_results.h5"
"""Ending of the file's name, after the stem."""

_ROWS = 2**16
"""Samples in a compressed piece of the file."""

_PER_SAMPLE = {"y_test": np.float16, "y_pred": np.float16, "labels_test": np.uint16, "labels_pred": np.uint16}
"""What is kept of every sample of the test split, under DAS's names: targets, probabilities and the classes of both."""


class ResultsWriter:
    """Writes a results file, block by block; the file appears when it is complete, or not at all.

    Raises:
        DataError: it cannot be written; what was there is still there.

    Example:
        >>> with ResultsWriter(path, class_names, params=params, history=history) as results:
        ...     for targets, probabilities in blocks:
        ...         results.add(targets, probabilities)
        ...     results.finish(scores)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        class_names: Sequence[str],
        *,
        params: Mapping[str, Any],
        history: Mapping[str, Sequence[float | None]],
    ) -> None:
        self.path = Path(path)
        with self._clear_errors():
            self._whole = WholeH5File(self.path, n_bytes=8 * sum(len(values) for values in history.values()))
        self._file = self._whole.file
        n_classes = len(class_names)
        self._file.attrs["class_names"] = json.dumps(list(class_names), ensure_ascii=False)
        self._file.attrs["params"] = json.dumps(plain(dict(params)), ensure_ascii=False)
        group = self._file.create_group("fit_hist")
        for name, values in history.items():
            group[name] = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        for name, dtype in _PER_SAMPLE.items():
            columns = (n_classes,) if name.startswith("y") else ()
            self._file.create_dataset(
                name, shape=(0, *columns), maxshape=(None, *columns), chunks=(_ROWS, *columns), dtype=dtype,
                compression="gzip", compression_opts=1, shuffle=True,
            )  # fmt: skip

    def add(self, targets: np.ndarray, probabilities: np.ndarray) -> None:
        """Append the next samples: targets and probabilities ``[samples, classes]``."""
        blocks = {
            "y_test": targets,
            "y_pred": probabilities,
            "labels_test": np.argmax(targets, axis=1),
            "labels_pred": np.argmax(probabilities, axis=1),
        }
        with self._clear_errors():
            self._whole.reserve(2 * (len(targets) + _ROWS) * _row_bytes(targets.shape[1]))
        for name, block in blocks.items():
            data = self._file[name]
            start = len(data)
            data.resize(start + len(block), axis=0)
            data[start:] = np.asarray(block, dtype=data.dtype)  # HDF5's own way to float16 turns 0.9999 into 0.5

    def finish(self, scores: Scores | None, more_scores: Mapping[str, Any] | None = None) -> None:
        """Write the scores (None without test data) and let the file appear.

        Args:
            scores: per sample.
            more_scores: of events and segments, plain values.
        """
        if scores is not None:
            self._file["confusion_matrix"] = scores.confusion_matrix
            self._file.attrs["scores"] = json.dumps({**scores.as_dict(), **plain(dict(more_scores or {}))}, ensure_ascii=False)
        with self._clear_errors():
            self._whole.appear()

    def __enter__(self) -> ResultsWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        self._whole.discard()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be written ({error.strerror or error}). Make room, or copy the network's files to a "
                "folder where you may write, and test it there."
            ) from error


def _row_bytes(n_classes: int) -> int:
    """Return the bytes that are kept of one sample, uncompressed."""
    columns = (n_classes if name.startswith("y") else 1 for name in _PER_SAMPLE)
    return sum(n * np.dtype(dtype).itemsize for n, dtype in zip(columns, _PER_SAMPLE.values(), strict=True))


@dataclass(frozen=True, eq=False, repr=False)
class Results:
    """What a results file says; the test's targets and predictions stay in the file.

    Attributes:
        path: the file.
        class_names: the classes' names, noise first.
        history: values by name (``loss``, ``val_loss`` ...), one an epoch; NaN where there was none.
        scores: per sample, or None without test data.
        more_scores: of events and segments; empty without.
        params: what the network was made and trained with, under DAS's names.
        n_samples: samples of the test.
    """

    path: Path
    class_names: tuple[str, ...]
    history: Mapping[str, list[float]]
    scores: Scores | None
    more_scores: Mapping[str, Any]
    params: Mapping[str, Any]
    n_samples: int

    def __repr__(self) -> str:
        score = "not tested" if self.scores is None else f"macro F1 {self.scores.macro_f1:.3f}"
        return f"<Results {self.path.name}: {score}, {counted(self.n_samples, 'test sample')}>"

    def _repr_html_(self) -> str:
        per_class = self.scores.as_dict()["per_class"] if self.scores is not None else {}
        rows = [[name, *(s[key] for key in ("precision", "recall", "f1")), s["support"]] for name, s in per_class.items()]
        return table_html(repr(self)[1:-1], ["Class", "Precision", "Recall", "F1", "Samples"], rows)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Read ``y_test``, ``y_pred`` ``[samples, classes]``, ``labels_test`` or ``labels_pred`` ``[samples]`` in part.

        Raises:
            DataError: the file cannot be read.
        """
        if name not in _PER_SAMPLE:
            raise ValueError(f"{name!r} is none of {', '.join(_PER_SAMPLE)}")
        try:
            with h5py.File(self.path, "r") as file:
                return np.asarray(file[name][start:stop])
        except (OSError, KeyError) as error:
            raise DataError(f"{self.path}: {name} cannot be read ({error}). Run the test again.") from error


def read_results(path: str | os.PathLike[str]) -> Results:
    """Read a results file.

    Args:
        path: the file, or the stem before ``_results.h5``.

    Raises:
        DataError: there is no such file, or it is not one that this program wrote.
    """
    path = Path(path)
    if path.suffix != ".h5":  # the run's own results; those on another dataset have names of their own
        path = path.with_name(path.name + RESULTS_SUFFIX)
    if not path.is_file():
        raise DataError(
            f"{path}: there is no such file. Run the test: dss-widgets evaluate {path.name.partition('_results')[0]}"
        )
    try:
        with h5py.File(path, "r") as file:
            told = json.loads(file.attrs["scores"]) if "scores" in file.attrs else None
            return Results(
                path=path,
                class_names=tuple(json.loads(file.attrs["class_names"])),
                history={name: data[:].tolist() for name, data in file["fit_hist"].items()},
                scores=Scores.from_dict(told) if told else None,
                more_scores={name: told[name] for name in ("annotations",) if name in told} if told else {},
                params=json.loads(file.attrs["params"]),
                n_samples=len(file["y_test"]),
            )
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(f"{path}: is not a results file of this program ({error}). Run the test again.") from error
