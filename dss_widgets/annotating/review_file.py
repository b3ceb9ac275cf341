"""``<recording>_annotations.review.json``: the proposals of a recording and what became of each.

Beside them it tells which table was written last by this program, so that a table that somebody else wrote is known as such.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dss_widgets.annotating.labels import STATES, Label
from dss_widgets.dataset.annotations.annotations import name_problem
from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import DataError

REVIEW_SUFFIX = "_annotations.review.json"

_MOST_BYTES = 2**28
_FORMAT = 1


@dataclass(frozen=True)
class Review:
    """What is kept of a review.

    Attributes:
        proposals: those that are open, approved, changed or rejected; their numbers mean nothing.
        table: digest of the table that was written with them; '' for none.
        source: where the proposals come from.
    """

    proposals: tuple[Label, ...] = ()
    table: str = ""
    source: str = ""

    def content(self) -> bytes:
        """Return the file's bytes."""
        proposals = [
            {"name": p.name, "start_seconds": p.start_seconds, "stop_seconds": p.stop_seconds, "state": p.state}
            | ({} if p.probability is None else {"probability": p.probability})
            for p in self.proposals
        ]
        told = {"format": _FORMAT, "table": self.table, "source": self.source, "proposals": proposals}
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def read(cls, content: bytes, path: Path) -> Review:
        """Return what a file tells.

        Raises:
            DataError: it is no such file.
        """
        try:
            if len(content) > _MOST_BYTES:
                raise ValueError("it is too large")
            told = json.loads(content)
            if told["format"] != _FORMAT:
                raise ValueError(f"it has the format {told['format']!r}")
            proposals = tuple(_label(i, entry) for i, entry in enumerate(told["proposals"]))
            return cls(proposals, str(told["table"]), str(told["source"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            mend = f"Move it away to begin the review anew; the labels in {path.name.removesuffix(REVIEW_SUFFIX)}{SUFFIX} stay."
            raise DataError(f"{path}: is not the file of a review ({error}). {mend}") from error


def _label(number: int, entry: dict[str, Any]) -> Label:
    name, state, probability = entry["name"], entry["state"], entry.get("probability")
    start, stop = float(entry["start_seconds"]), float(entry["stop_seconds"])
    if name_problem("", None, name) is not None or state not in STATES or state == "human":
        raise ValueError(f"proposal {number + 1} cannot be")
    if not (math.isfinite(start) and math.isfinite(stop) and 0 <= start <= stop):
        raise ValueError(f"proposal {number + 1} has no times")
    if probability is not None and not 0 <= float(probability) <= 1:
        raise ValueError(f"proposal {number + 1} has a probability of {probability!r}")
    return Label(number, name, start, stop, state, None if probability is None else float(probability))


def reconciled(counting: Sequence[Label], proposals: Iterable[Label], *, in_step: bool) -> list[Label]:
    """Return all labels of a recording, from what its table holds and what is known of its proposals.

    The two files are written one after the other, and others write the table: what a table holds counts, whatever is known of
    it. A proposal that counted and is in the table no more was deleted there, or moved: it is taken as rejected. An open one
    that is in a table of others was approved there.

    Args:
        counting: the labels of the table, with numbers.
        proposals: with numbers that mean nothing.
        in_step: whether the table is the one that was written with the proposals.

    Returns:
        The labels; those of the table first, with their numbers.
    """
    at: dict[tuple[str, float, float], list[int]] = {}
    for i, label in enumerate(counting):
        at.setdefault((label.name, label.start_seconds, label.stop_seconds), []).append(i)
    labels, rest = list(counting), []
    for proposal in sorted(proposals, key=lambda proposal: not proposal.counts):  # these have the first claim
        same = at.get((proposal.name, proposal.start_seconds, proposal.stop_seconds))
        is_there = proposal.counts or (proposal.state == "open" and not in_step)
        if same and is_there:
            i = same.pop()
            state = proposal.state if proposal.counts else "approved"
            labels[i] = replace(labels[i], state=state, probability=proposal.probability)
        else:
            rest.append(replace(proposal, state="rejected") if proposal.counts else proposal)
    first = max((label.id for label in labels), default=0) + 1
    return [*labels, *(replace(label, id=first + i) for i, label in enumerate(rest))]
