"""Scores per sample: the confusion matrix, and precision, recall and F1 of every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


def confusion_matrix(true: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Count which class was taken for which.

    Args:
        true: annotated classes ``[samples]``, integers from 0.
        predicted: predicted classes ``[samples]``.
        n_classes: all classes, also those that occur in neither.

    Returns:
        int64 ``[classes, classes]``; rows are annotated, columns predicted.

    Raises:
        ValueError: the two differ in length, or a class lies outside.
    """
    true, predicted = np.asarray(true, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if true.shape != predicted.shape:
        raise ValueError(f"{true.shape} annotated for {predicted.shape} predicted samples")
    for name, labels in (("annotated", true), ("predicted", predicted)):
        if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
            raise ValueError(f"{name} classes run from {labels.min()} to {labels.max()}, not within 0 to {n_classes - 1}")
    counts = np.bincount(true * n_classes + predicted, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(part, whole, out=np.zeros(len(part), dtype=np.float64), where=whole > 0)
    return ratio


@dataclass(frozen=True, eq=False)
class Scores:
    """What a confusion matrix says.

    Attributes:
        class_names: the classes' names, noise first.
        confusion_matrix: counts ``[classes, classes]``; rows are annotated, columns predicted.
    """

    class_names: tuple[str, ...]
    confusion_matrix: np.ndarray

    @classmethod
    def of(cls, class_names: Sequence[str], matrix: np.ndarray) -> Scores:
        """Make scores of a confusion matrix.

        Raises:
            ValueError: the matrix does not have a row and a column for every class, or holds no counts.
        """
        names = tuple(str(name) for name in class_names)
        matrix = np.asarray(matrix)
        if matrix.shape != (len(names), len(names)):
            raise ValueError(f"a confusion matrix of {len(names)} classes cannot have the shape {matrix.shape}")
        if matrix.dtype.kind not in "iuf" or not (np.isfinite(matrix) & (matrix >= 0)).all():
            raise ValueError("a confusion matrix holds counts, from 0 on")
        return cls(names, matrix)

    @property
    def support(self) -> np.ndarray:
        """Annotated samples of every class, ``[classes]``."""
        samples: np.ndarray = self.confusion_matrix.sum(axis=1)
        return samples

    @property
    def recall(self) -> np.ndarray:
        """Share of a class's annotated samples that were found, ``[classes]``; 0 where there are none."""
        return _ratio(np.diagonal(self.confusion_matrix), self.support)

    @property
    def precision(self) -> np.ndarray:
        """Share of a class's predicted samples that are right, ``[classes]``; 0 where there are none."""
        return _ratio(np.diagonal(self.confusion_matrix), self.confusion_matrix.sum(axis=0))

    @property
    def f1(self) -> np.ndarray:
        """Harmonic mean of precision and recall, ``[classes]``."""
        both = self.support + self.confusion_matrix.sum(axis=0)
        return _ratio(2 * np.diagonal(self.confusion_matrix), both)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the classes that occur in the annotations, noise included; 0 if there are none."""
        occurs = self.support > 0
        return float(self.f1[occurs].mean()) if occurs.any() else 0.0

    @property
    def accuracy(self) -> float:
        """Share of all samples that are right; one minus this is the frame error rate."""
        total = self.confusion_matrix.sum()
        return float(np.trace(self.confusion_matrix) / total) if total else 0.0

    @property
    def frame_error_rate(self) -> float:
        """Share of all samples that are wrong."""
        return 1 - self.accuracy if self.confusion_matrix.sum() else 0.0

    def per_class(self) -> dict[str, dict[str, float]]:
        """Return precision, recall, F1 and support by class name."""
        columns = zip(self.class_names, self.precision, self.recall, self.f1, self.support, strict=True)
        return {
            name: {"precision": float(p), "recall": float(r), "f1": float(f), "support": round(float(n))}
            for name, p, r, f, n in columns
        }

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {
            "macro_f1": self.macro_f1,
            "accuracy": self.accuracy,
            "frame_error_rate": self.frame_error_rate,
            "per_class": self.per_class(),
            "class_names": list(self.class_names),
            "confusion_matrix": self.confusion_matrix.tolist(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Scores:
        """Make scores of what :meth:`as_dict` returned.

        Raises:
            ValueError, LookupError, TypeError: it is something else.
        """
        return cls.of(values["class_names"], np.asarray(values["confusion_matrix"]))
