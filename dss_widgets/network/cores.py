"""All of a machine's cores at work: parts of a batch side by side, each on a core of its own.

A network of this kind is many small operations. To divide each of them among the cores costs more than half of what it gains;
to give each core chunks of its own costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

from dss_widgets.machine import n_cores, own_cores
from dss_widgets.network.gpu import gpus

MOST_PARTS = 8
"""Parts that a batch is divided into at most; where there are more cores, they share a part's operations."""

LEAST_CHUNKS = 2
"""Chunks that a part has at least."""


def threads() -> tuple[int, int]:
    """Return among how many cores to divide an operation, and how many operations to do side by side; 0: TensorFlow decides.

    Among how many cores an operation is divided changes how it is rounded: so that is the same in processes that share them.
    """
    if gpus() or n_cores() == 1:
        return 0, 0
    return _cores_of_part(), most_parts() + 1  # one more prepares the data


def side_by_side(function: Callable[..., Any], *arrays: Any, index: int = 0, n: int = 1, most: int | None = None) -> list[Any]:
    """Return what a function returns for each part of arrays, divided along the first axis, in their order.

    Args:
        function: lets go of Python's lock while it computes, as TensorFlow's do.
        arrays: of equal length, which is at least 1.
        index, n: which of how many processes this is, each of which does some of the parts; together they divide arrays as one
            process with the cores of all would. Few parts may leave none for this one.
        most: parts that each process does at most, the same in all of them; None: as many as this one's cores can.
    """
    length = len(arrays[0])
    bounds = parts_of(length, index, n, most)
    parts = [arrays if bounds == [(0, length)] else [array[start:stop] for array in arrays] for start, stop in bounds]
    if len(parts) <= 1:
        return [function(*part) for part in parts]
    return list(_workers().map(lambda part: function(*part), parts))


def parts_of(length: int, index: int = 0, n: int = 1, most: int | None = None) -> list[tuple[int, int]]:
    """Return where the parts that a process does of arrays of a length begin and end; see :func:`side_by_side`."""
    n_parts = max(1, min(n * (most or most_parts()), length // LEAST_CHUNKS))
    bounds = [length * part // n_parts for part in range(n_parts + 1)]
    return list(pairwise(bounds))[n_parts * index // n : n_parts * (index + 1) // n]


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(most_parts(), thread_name_prefix="part")


@cache
def most_parts() -> int:
    """Return how many parts a batch is divided into at most: one on a GPU, which divides the work itself."""
    return 1 if gpus() else max(1, min(own_cores() // _cores_of_part(), MOST_PARTS))


def _cores_of_part() -> int:
    return n_cores() // min(n_cores(), MOST_PARTS)
