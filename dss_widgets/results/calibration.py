"""How far probabilities can be taken at their word: a temperature that mends them, and how often what they say is so.

A network that says 0.9 should be right in 9 of 10 cases. Where it is not, one number often mends it: probabilities that are
raised to the power of 1 / temperature, and scaled to a sum of 1 (temperature scaling; Guo et al. 2017, On calibration of modern
neural networks). The likeliest class of a sample stays the likeliest, but what is above a threshold does not stay above it. So
labels are made of the probabilities as DAS computes them, and so are the files that hold these; the temperature is told beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dss_widgets.results.own_params import own_value

TEMPERATURE = "temperature"
"""Name under which the params hold it."""

N_BINS = 10
"""Equal parts of 0 to 1 into which probabilities are sorted."""

ALL = "all"
"""Stands for the likeliest class of every sample, whichever that is."""

_COLDEST, _HOTTEST = 0.1, 10.0
_LEAST = 1e-7
"""Probabilities below it count as it: they were rounded."""

_MOST_SAMPLES, _MOST_VALUES = 2**18, 2**22


def temperature_of(params: Mapping[str, Any]) -> float | None:
    """Return the temperature that params hold; None where none was found."""
    told = own_value(params, TEMPERATURE)
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if is_number and _COLDEST <= told <= _HOTTEST else None


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities as they are at a temperature, float32 ``[samples, classes]``.

    Args:
        probabilities: of a network, ``[samples, classes]``.
        temperature: 1 leaves them, above 1 they are less sure, below more.
    """
    logs = np.log(np.maximum(np.asarray(probabilities, dtype=np.float32), _LEAST)) / np.float32(temperature)
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class EvenSamples:
    """Keeps samples that are spread evenly over a stream: neighbours are alike, so all of them would tell little more.

    Args:
        n_samples: of the whole stream.
        n_classes: columns.
    """

    def __init__(self, n_samples: int, n_classes: int) -> None:
        most = max(1, min(_MOST_SAMPLES, _MOST_VALUES // max(1, n_classes)))
        self._step, self._at = -(-n_samples // most) or 1, 0
        self._parts = [(np.zeros((0, n_classes), np.float32), np.zeros((0, n_classes), np.float32))]

    def add(self, probabilities: np.ndarray, targets: np.ndarray) -> None:
        """Take the next block: probabilities and targets, ``[samples, classes]`` each."""
        kept = slice(-self._at % self._step, None, self._step)
        self._parts.append((probabilities[kept].astype(np.float32), targets[kept].astype(np.float32)))
        self._at += len(probabilities)

    def kept(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what was kept: probabilities and targets, float32 ``[samples, classes]`` each."""
        p, targets = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        return p, targets


def find_temperature(probabilities: np.ndarray, targets: np.ndarray) -> float | None:
    """Return the temperature at which the targets are likeliest (the least cross-entropy); None without samples.

    Args:
        probabilities, targets: of validation data, ``[samples, classes]`` each.
    """
    from scipy.optimize import minimize_scalar  # imported late: 0.3 s that a dashboard need not spend

    if not len(probabilities):
        return None
    logs = np.log(np.maximum(probabilities, _LEAST))

    def loss(log_temperature: float) -> float:
        scaled = logs / np.float32(np.exp(log_temperature))
        scaled -= scaled.max(axis=1, keepdims=True)
        scaled -= np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return -float((targets * scaled).sum(dtype=np.float64)) / len(logs)

    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    return round(float(np.exp(found.x)), 4)


@dataclass(frozen=True)
class Bins:
    """How often probabilities of a class come true, sorted by their size into :data:`N_BINS` parts of 0 to 1.

    Attributes:
        counts: samples in every part.
        said: sum of their probabilities.
        true: how many of them are annotated so (sum of their targets).
    """

    counts: tuple[int, ...]
    said: tuple[float, ...]
    true: tuple[float, ...]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance, over the samples, of what is said and what is so in their part."""
        return sum(abs(said - true) for said, true in zip(self.said, self.true, strict=True)) / max(1, sum(self.counts))

    def points(self) -> list[tuple[float, float, int]]:
        """Return (mean probability, share that is annotated so, samples) of the parts that hold any."""
        return [
            (said / count, true / count, count)
            for said, true, count in zip(self.said, self.true, self.counts, strict=True)
            if count
        ]


@dataclass(frozen=True)
class Reliability:
    """How far the probabilities of a network can be taken at their word.

    Attributes:
        temperature: that was found on the validation data.
        before, after: by class, and for :data:`ALL`: as the network says, and at that temperature.
    """

    temperature: float
    before: Mapping[str, Bins]
    after: Mapping[str, Bins]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON, with the errors."""
        told: dict[str, Any] = {"temperature": self.temperature}
        for when in ("before", "after"):
            told[when] = {
                name: {"counts": list(b.counts), "said": list(b.said), "true": list(b.true), "error": b.error}
                for name, b in getattr(self, when).items()
            }
        return told

    @classmethod
    def from_dict(cls, told: Any) -> Reliability:
        """Make one of what :meth:`as_dict` returned.

        Raises:
            ValueError: it is something else.
        """
        try:
            before, after = ({str(n): _bins(b) for n, b in told[when].items()} for when in ("before", "after"))
            temperature = float(told["temperature"])
        except (AttributeError, LookupError, TypeError, OverflowError) as error:
            raise ValueError(f"its reliability does not fit ({type(error).__name__})") from error
        if not _COLDEST <= temperature <= _HOTTEST or list(before) != list(after):
            raise ValueError("its reliability does not fit")
        return cls(temperature, before, after)


def reliability_of(
    probabilities: np.ndarray, targets: np.ndarray, class_names: Sequence[str], temperature: float
) -> Reliability:
    """Return how often probabilities come true, as they are and at a temperature.

    Targets that are between 0 and 1, as those around events, count as shares: what is said of such a sample should be as high.

    Args:
        probabilities, targets: ``[samples, classes]`` each.
        class_names: of the columns.
        temperature: found on validation data.
    """
    before, after = (_sorted_by_class(p, targets, class_names) for p in (probabilities, calibrated(probabilities, temperature)))
    return Reliability(temperature, before, after)


def _sorted_by_class(p: np.ndarray, targets: np.ndarray, class_names: Sequence[str]) -> dict[str, Bins]:
    rows, likeliest = np.arange(len(p)), np.argmax(p, axis=1) if len(p) else np.zeros(0, np.int64)
    columns = {name: (p[:, i], targets[:, i]) for i, name in enumerate(class_names)}
    columns[ALL] = p[rows, likeliest], targets[rows, likeliest]
    return {name: _sorted_in(*column) for name, column in columns.items()}


def _sorted_in(p: np.ndarray, targets: np.ndarray) -> Bins:
    part = np.minimum((p * N_BINS).astype(np.int64), N_BINS - 1)
    counts, said, true = (np.bincount(part, weights=w, minlength=N_BINS).tolist() for w in (None, p, targets))
    return Bins(tuple(counts), tuple(said), tuple(true))


def _bins(told: Any) -> Bins:
    columns = [[float(value) for value in told[name]] for name in ("counts", "said", "true")]
    counts, said, true = columns
    if any(len(column) != N_BINS for column in columns) or not all(
        0 <= value <= n * (1 + 1e-6) + 1e-6 < np.inf for column in (said, true) for value, n in zip(column, counts, strict=True)
    ):
        raise ValueError("its reliability has counts that cannot be")
    return Bins(tuple(map(int, counts)), tuple(said), tuple(true))
