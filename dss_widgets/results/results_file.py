"""``<stem>_results.h5``: how training went and how the test came out; written as the test goes, so of any length."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dss_widgets.dataset.stores.h5_attributes import text_attributes
from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError, reason
from dss_widgets.notebook_tables import counted, table_html
from dss_widgets.plain_h5 import holds, open_h5, plain_dataset, plain_group
from dss_widgets.results.calibration import Reliability
from dss_widgets.results.intervals import fitting_intervals
from dss_widgets.results.matching import fitting_scores
from dss_widgets.results.scores import Scores
from dss_widgets.results.stems import results_file, tested_stem
from dss_widgets.results.threshold_curves import ThresholdCurves
from dss_widgets.results.whole_h5 import WholeH5File
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

_ROWS = 2**16
"""Samples in a compressed piece of the file."""

_PER_SAMPLE = {"y_test": np.float16, "y_pred": np.float16, "labels_test": np.uint16, "labels_pred": np.uint16}
"""What is kept of every sample of the test split, under DAS's names: targets, probabilities and the classes of both."""

_TEXTS = ("class_names", "params", "scores")
"""What is kept as JSON."""

_MOST_EPOCHS = 1_000_000


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
        self._whole.write_text("class_names", json.dumps(list(class_names), ensure_ascii=False))
        self._whole.write_text("params", json.dumps(plain(dict(params)), ensure_ascii=False))
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
            told = {**scores.as_dict(), **plain(dict(more_scores or {}))}
            self._whole.write_text("scores", json.dumps(told, ensure_ascii=False))
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
        more_scores: ``annotations``: of events and segments; ``intervals``: how far scores can be trusted; ``thresholds``: what
            others would make (:class:`ThresholdCurves`); ``reliability`` of the probabilities (:class:`Reliability`).
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
        with _clear_errors(self.path), open_h5(self.path) as file:
            data = plain_dataset(self.path, file, name)
            return np.asarray(data[start:stop])


def read_results(path: str | os.PathLike[str]) -> Results:
    """Read a results file.

    Args:
        path: the file, or the stem before ``_results.h5``.

    Raises:
        DataError: there is no such file, or it is not one that this program wrote.
    """
    path = Path(path)
    if path.suffix != ".h5":  # the run's own results; those on another dataset have names of their own
        path = results_file(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file. Run the test: dss-widgets evaluate {tested_stem(path)}")
    with _clear_errors(path), open_h5(path) as file:
        texts = {name: json.loads(text) for name, text in _texts(path, file).items()}
        class_names, told = _class_names(texts["class_names"]), texts.get("scores")
        history = plain_group(path, file, "fit_hist")
        return Results(
            path=path,
            class_names=class_names,
            history={name: _column(plain_dataset(path, history, name)) for name in history},
            scores=_scores(told, class_names) if told else None,
            more_scores=_more_scores(told) if told else {},
            params=dict(texts["params"]),
            n_samples=_n_samples(path, file, len(class_names)),
        )


def change_params(path: str | os.PathLike[str], change: Callable[[Any], Any]) -> None:
    """Change what a results file says of the network; the file is replaced whole.

    Args:
        path: the results file.
        change: returns the new params for the old ones.

    Raises:
        DataError: the file is no results file, is damaged, or cannot be replaced.
    """
    path = Path(path)
    params = json.dumps(plain(change(dict(read_results(path).params))), ensure_ascii=False)
    with _clear_errors(path), appearing_whole(path) as partial:
        with open_confined(path) as old, open(partial, "wb") as new:
            shutil.copyfileobj(old, new)
        with h5py.File(partial, "r+") as file:
            del file["params"]
            file["params"] = np.bytes_(params.encode())


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """Tell whatever goes wrong with what a file holds as the package's own error."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{error} Run the test again.") from error
    except Exception as error:  # damaged files raise nearly anything
        raise DataError(f"{path}: is not a results file of this program ({reason(error)}). Run the test again.") from error


def _texts(path: Path, file: h5py.File) -> Mapping[str, str | bytes]:
    """Return the JSON texts by name; version 0.1.0 kept them as attributes of variable length."""
    if not holds(file, "class_names"):
        return {name: text for name, text in text_attributes(path).items() if name in _TEXTS}
    return {name: bytes(plain_dataset(path, file, name, "S")[()]) for name in _TEXTS if holds(file, name)}


def _class_names(told: Any) -> tuple[str, ...]:
    if not isinstance(told, list) or not told or not all(isinstance(name, str) for name in told):
        raise ValueError("its class_names are no list of names")
    return tuple(told)


def _scores(told: Mapping[str, Any], class_names: tuple[str, ...]) -> Scores:
    scores = Scores.from_dict(told)
    if scores.class_names != class_names:
        raise ValueError(f"its scores are those of {', '.join(scores.class_names)}, its classes are {', '.join(class_names)}")
    return scores


def _more_scores(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told beside the scores per sample; results of earlier versions have less of it."""
    readers: dict[str, Callable[[Any], Any]] = {
        "annotations": fitting_scores, "intervals": fitting_intervals, "thresholds": ThresholdCurves.from_dict,
        "reliability": Reliability.from_dict,
    }  # fmt: skip
    return {name: read(told[name]) for name, read in readers.items() if name in told}


def _n_samples(path: Path, file: h5py.File, n_classes: int) -> int:
    """Return of how many samples everything is there."""
    shapes = {name: plain_dataset(path, file, name).shape for name in _PER_SAMPLE if holds(file, name)}
    n = shapes["y_test"][0]
    odd = [name for name, shape in shapes.items() if shape != ((n, n_classes) if name.startswith("y") else (n,))]
    if odd:
        raise ValueError(f"{odd[0]} has the shape {shapes[odd[0]]} for {n} samples and {n_classes} classes")
    return int(n)


def _column(data: h5py.Dataset) -> list[float]:
    if data.ndim != 1 or len(data) > _MOST_EPOCHS:
        raise ValueError(f"{data.name} has the shape {data.shape}")
    return [float(value) for value in data[:]]
