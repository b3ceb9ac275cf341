"""Which recording every part of a dataset made by DAS comes from, as far as its attributes tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from dss_widgets.options.assembly import SPLITS


def das_stretches(attrs: Mapping[str, Any], n_samples: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the stretches of a dataset as this program's own datasets list them: file, first and last sample, split, position.

    DAS writes down the recordings in the order in which it went through them (``data_splits``), where it cut each, and which
    of them went whole to a split (``file_split_dict``), without their length. A split is told about only if all of it adds
    up: of the recordings that it has whole, one at most may be of unknown length.

    Args:
        attrs: the attributes, their names in the order in which DAS wrote them.
        n_samples: samples of every split.
    """
    cuts, whole = attrs.get("data_splits"), attrs.get("file_split_dict")
    if not isinstance(cuts, Mapping) or not all(isinstance(of, Mapping) for of in cuts.values()):
        return []
    stretches: list[dict[str, Any]] = []
    for split in SPLITS:
        pieces: list[tuple[str, int, int | None]] = []
        for base, by_split in cuts.items():
            file = PurePosixPath(str(base).replace("\\", "/")).name
            if isinstance(whole, Mapping) and whole.get(base) == split:
                pieces.append((file, 0, None))
            else:
                pieces += [(file, start, stop) for start, stop in _cuts(by_split.get(split))]
        stretches += _placed(pieces, split, n_samples.get(split, 0))
    return stretches


def _cuts(told: Any) -> list[tuple[int, int]]:
    """Return first and last sample (excluded) of every piece that a list tells of; none if it is no such list."""
    try:
        cuts = [(int(start), int(stop)) for start, stop in told or ()]
    except (TypeError, ValueError, OverflowError):
        return []
    return cuts if all(0 <= start < stop for start, stop in cuts) else []


def _placed(pieces: list[tuple[str, int, int | None]], split: str, n_samples: int) -> list[dict[str, Any]]:
    """Return pieces with their positions in the split; none if they do not add up to its samples."""
    known = sum(stop - start for _, start, stop in pieces if stop is not None)
    n_unknown, rest = sum(stop is None for _, _, stop in pieces), n_samples - known
    if n_unknown > 1 or (rest <= 0 if n_unknown else rest != 0):
        return []
    stretches, position = [], 0
    for file, start, known_stop in pieces:
        stop = rest if known_stop is None else known_stop
        stretches.append({"file": file, "first_sample": start, "last_sample": stop - 1, "split": split, "position": position})
        position += stop - start
    return stretches
