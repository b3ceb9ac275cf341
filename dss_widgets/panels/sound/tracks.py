"""Labels over the time of a sound, packed for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations
from dss_widgets.panels.style.palette import ink_on


@dataclass(frozen=True, eq=False)
class Track:
    """Labels in a row of their own.

    Attributes:
        title: the words before it.
        labels: what is in it.
        colours: of the song types, as ``#rrggbb`` or the name of a variable of the style sheet (``--dss-error``).
        total: where the labels bear no name, what is said of their total duration; None: they bear their names.
    """

    title: str
    labels: Annotations
    colours: Mapping[str, str]
    total: str | None = None

    def packed(self) -> dict[str, Any]:
        """Return what is sent: labels by their onset as float64 and uint16 in little-endian bytes, names and colours beside."""
        labels = self.labels
        order = np.argsort(labels.start_seconds, kind="stable")
        names, kinds = np.unique(labels.names[order].astype(str), return_inverse=True)
        colours = [self.colours.get(name.removesuffix(PROPOSALS), "--dss-line-strong") for name in names.tolist()]
        return {
            "title": self.title,
            "names": names.tolist(),
            "colours": colours,
            "inks": [ink_on(colour) for colour in colours],
            "total": self.total,
            "kinds": kinds.astype("<u2").tobytes(),
            "starts": labels.start_seconds[order].astype("<f8").tobytes(),
            "stops": labels.stop_seconds[order].astype("<f8").tobytes(),
        }
