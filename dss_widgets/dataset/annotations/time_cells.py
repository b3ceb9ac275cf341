"""Times as people and programs write them: with a decimal point or comma, or as a clock shows them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d?(?:[.,]\d*)?)")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+)")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d*(?:[eE][-+]?\d+)?")


def times_of(cells: Sequence[str]) -> list[float | None]:
    """Read the times of a table.

    A comma is a decimal mark where no cell has a point; where both occur, it may as well stand between two numbers, and what
    has one is not read.

    Args:
        cells: the text of all cells with times in the table.

    Returns:
        A number for every cell, mostly seconds; NaN where it is empty or says so, None where it cannot be read.
    """
    if "_" not in "".join(cells):  # 1_0 is a number to Python, and to nobody else
        try:
            return list(map(float, cells))
        except ValueError:
            pass
    with_points = any("." in cell and "," not in cell for cell in cells)
    return [_time(cell.strip(), comma=not with_points) for cell in cells]


def _time(text: str, *, comma: bool) -> float | None:
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.group(1), int(clock.group(2)), float(clock.group(3).replace(",", "."))
        fits = seconds < 60 and (minutes < 60 or hours is None)
        return int(hours or 0) * 3600 + minutes * 60 + seconds if fits else None
    if _THOUSANDS.fullmatch(text):
        mark = max(text.rfind(","), text.rfind("."))
        return float(re.sub("[.,]", "", text[:mark]) + "." + text[mark + 1 :])
    if comma and _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return math.nan if not text else None if "_" in text else float(text)
    except ValueError:
        return None


def is_time(cell: str) -> bool:
    """Return whether a cell holds a time, or some other number."""
    found = times_of([cell])[0]
    return found is not None and math.isfinite(found)
