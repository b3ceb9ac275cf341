"""Thresholds that somebody chose for a network: kept in its params beside those that validation found, and used before them.

DAS's own keys stay what they were, so DAS goes on with what validation found.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.results.own_params import own_value, with_own_value
from dss_widgets.results.params_file import read_params, write_params
from dss_widgets.results.stems import stem_of
from dss_widgets.results.threshold_curves import PREFER_WORDS, Prefer, ThresholdCurves

_KEY = "thresholds"


@dataclass(frozen=True)
class ChosenThresholds:
    """Thresholds of probability.

    Attributes:
        event, segment: the thresholds; None: what validation found counts.
        prefer: what they were chosen for; '' where they were set by hand.
    """

    event: float | None = None
    segment: float | None = None
    prefer: Prefer | str = ""

    @property
    def words(self) -> str:
        """Why they are what they are: ``fewest misses``, or ``set by hand``."""
        return PREFER_WORDS[self.prefer].lower() if self.prefer in PREFER_WORDS else "set by hand"

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> ChosenThresholds | None:
        """Return what params hold; None where nobody chose any."""
        told = own_value(params, _KEY)
        if not isinstance(told, Mapping):
            return None
        event, segment = (_probability(told.get(name)) for name in ("event", "segment"))
        if event is None and segment is None:
            return None
        return cls(event, segment, str(told.get("prefer") or ""))

    @classmethod
    def best(cls, curves: ThresholdCurves, prefer: Prefer) -> ChosenThresholds:
        """Return those that suit best what one prefers."""
        return cls(curves.best("events", prefer), curves.best("segments", prefer), prefer)


def with_choice(params: Mapping[str, Any], choice: ChosenThresholds | None) -> dict[str, Any]:
    """Return params with other thresholds chosen; None: with none."""
    told = None if choice is None else {name: value for name, value in asdict(choice).items() if value is not None}
    return with_own_value(params, _KEY, told)


def keep_choice(network: str | os.PathLike[str], choice: ChosenThresholds | None) -> Path:
    """Keep thresholds for a network: annotating takes them from then on.

    Args:
        network: the stem of its files, or one of them.
        choice: the thresholds; None: what validation found counts again.

    Returns:
        The params file.

    Raises:
        DataError: there is no such network, or its params cannot be written.
    """
    stem = stem_of(network)
    path = stem.with_name(stem.name + PARAMS_SUFFIX)
    return write_params(path, with_choice(read_params(path), choice))


def _probability(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None
