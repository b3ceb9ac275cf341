"""``<stem>_rounds.json``: what each round of correcting brought, up to the network that it lies beside."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.file_endings import ROUNDS_SUFFIX
from dss_widgets.results.cross_validation import scores_of
from dss_widgets.results.json_files import read_json, write_json
from dss_widgets.results.results_file import read_results
from dss_widgets.results.stems import stem_of


@dataclass(frozen=True)
class Round:
    """A round of correcting, and the network that learned from it.

    Attributes:
        number: 0 is the network before anything was corrected.
        network, dataset: their names.
        test: fingerprint of the test data: scores can be compared where it is the same.
        minutes: of recordings that were looked through.
        minutes_without_song: of these, in recordings that are said to hold no song.
        labels: labels in what was looked through.
        changed: those that the network before had not, or had otherwise, and what it had too many.
        start: ``weights``: it went on from the network before; ``anew``: from random weights; '' for the first.
        losses: validation loss of each way that was tried.
        scores: on the test data: ``macro_f1``; where there are segments ``segment_f1`` and ``syllable_error_rate``.
    """

    number: int
    network: str
    dataset: str
    test: str = ""
    minutes: float = 0.0
    minutes_without_song: float = 0.0
    labels: int = 0
    changed: int = 0
    start: str = ""
    losses: Mapping[str, float | None] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        return asdict(self)


def rounds_path(network: str | os.PathLike[str]) -> Path:
    """Return where the rounds of a network are kept."""
    stem = stem_of(network)
    return stem.with_name(stem.name + ROUNDS_SUFFIX)


def read_rounds(network: str | os.PathLike[str]) -> list[Round]:
    """Return the rounds up to a network, in their order; none where nothing was corrected.

    Raises:
        DataError: the file cannot be read, or is something else.
    """
    known = {item.name for item in fields(Round)}

    def rounds(rows: Any) -> list[Round]:
        return [Round(**{name: value for name, value in row.items() if name in known}) for row in rows]

    return read_json(rounds_path(network), rounds, "holds no rounds of correcting", "Move it away to begin anew.") or []


def write_rounds(network: str | os.PathLike[str], rounds: Sequence[Round]) -> Path:
    """Write the rounds up to a network; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    return write_json(rounds_path(network), [this.as_dict() for this in rounds], indent=1)


def scores_on_test(network: str | os.PathLike[str]) -> dict[str, float | None]:
    """Return what a network reached on its test data; nothing where it was not tested."""
    try:
        results = read_results(stem_of(network))
    except DataError:
        return {}
    told = scores_of(results)
    return {name: told[name] for name in ("macro_f1", "segment_f1", "syllable_error_rate") if name in told}
