"""What the page says about labels, and what it is told: checked word by word, packed in columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from dss_widgets.annotating import edits
from dss_widgets.annotating.labels import STATES, Label

MOST_IDS = 100_000
"""Labels that one edit may name."""


def edit_of(told: object) -> edits.Edit:
    """Return the edit that a page asks for.

    Raises:
        ValueError: it is none, or says something that cannot be.
    """
    does = told.get("do") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(does, str) or does not in _EDITS:
        raise ValueError("no such edit")
    return _EDITS[does](told)


def _number(told: Mapping[str, Any], key: str) -> float:
    value = told.get(key, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} is no number")
    return float(value)


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is no text")
    return value


def _ids(told: Mapping[str, Any]) -> tuple[int, ...]:
    value = told.get("ids")
    if not isinstance(value, list) or len(value) > MOST_IDS or not all(type(number) is int for number in value):
        raise ValueError("ids are no numbers of labels")
    return tuple(value)


_EDITS: Mapping[str, Callable[[Mapping[str, Any]], edits.Edit]] = {
    "make": lambda told: edits.Make(_text(told, "name"), _number(told, "start"), _number(told, "stop")),
    "move": lambda told: edits.Move(_ids(told), _number(told, "by")),
    "stretch": lambda told: edits.Stretch(_ids(told), _number(told, "start_by"), _number(told, "stop_by")),
    "split": lambda told: edits.Split(_ids(told), _number(told, "at")),
    "merge": lambda told: edits.Merge(_ids(told)),
    "relabel": lambda told: edits.Relabel(_ids(told), _text(told, "name")),
    "delete": lambda told: edits.Delete(_ids(told)),
    "approve": lambda told: edits.Approve(_ids(told)),
    "reject": lambda told: edits.Reject(_ids(told)),
    "approve_within": lambda told: edits.ApproveWithin(_number(told, "start"), _number(told, "stop")),
    "approve_above": lambda told: edits.ApproveAbove(_number(told, "probability")),
    "add_type": lambda told: edits.AddType(_text(told, "name"), _text(told, "category")),
}


def packed(labels: Iterable[Label]) -> tuple[list[str], list[bytes]]:
    """Return labels as the page takes them.

    Returns:
        The names, and columns in little-endian bytes: number (uint32), place of its name (uint16), place of its state in
        :data:`STATES` (uint8), onset and offset (float64, seconds), probability (float32, NaN: not known).
    """
    these = list(labels)
    places: dict[str, int] = {}
    kinds = [places.setdefault(label.name, len(places)) for label in these]
    columns = (
        ([label.id for label in these], "<u4"), (kinds, "<u2"), ([STATES.index(label.state) for label in these], "u1"),
        ([label.start_seconds for label in these], "<f8"), ([label.stop_seconds for label in these], "<f8"),
        ([math.nan if label.probability is None else label.probability for label in these], "<f4"),
    )  # fmt: skip
    return list(places), [np.asarray(values, kind).tobytes() for values, kind in columns]
