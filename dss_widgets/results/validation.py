"""``<stem>_validation.json``: what each threshold does on the validation data, on which it can be chosen, and how reliable
probabilities are there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.file_endings import VALIDATION_SUFFIX
from dss_widgets.results.calibration import Reliability
from dss_widgets.results.json_files import read_json, write_json
from dss_widgets.results.stems import stem_of
from dss_widgets.results.threshold_curves import ThresholdCurves


@dataclass(frozen=True)
class Validation:
    """What is known of a network from its validation data.

    Attributes:
        curves: what each threshold does.
        reliability: of its probabilities; None where it was not found.
    """

    curves: ThresholdCurves
    reliability: Reliability | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"thresholds": self.curves.as_dict(), "reliability": self.reliability.as_dict() if self.reliability else None}

    @classmethod
    def from_dict(cls, told: Any) -> Validation:
        """Make one of what :meth:`as_dict` returned.

        Raises:
            ValueError: it is something else.
        """
        if not isinstance(told, Mapping):
            raise ValueError("it holds no table")
        reliability = told.get("reliability")
        return cls(
            ThresholdCurves.from_dict(told.get("thresholds")), Reliability.from_dict(reliability) if reliability else None
        )


def validation_path(network: str | os.PathLike[str]) -> Path:
    """Return where it is kept for a network."""
    stem = stem_of(network)
    return stem.with_name(stem.name + VALIDATION_SUFFIX)


def read_validation(network: str | os.PathLike[str]) -> Validation | None:
    """Return what is known of a network from its validation data; None where nothing was kept.

    Raises:
        DataError: the file cannot be read, or is something else.
    """
    mend = f"Make it again: dss-widgets evaluate {stem_of(network)} --tune"
    return read_json(validation_path(network), Validation.from_dict, "does not tell what each threshold does", mend)


def write_validation(network: str | os.PathLike[str], validation: Validation) -> Path:
    """Keep what is known of a network; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    return write_json(validation_path(network), validation.as_dict())
