"""Arrays from HDF5 files that somebody else made: only plain numbers that lie in the file itself.

HDF5 can refer to other files, compute what it seems to hold, and claim any size. Nothing of that is followed: a link is a plain
link, and an array is one piece of the file whose size is known beforehand. Texts of variable length, as Keras's attributes are,
are never read: in a damaged file HDF5 would look for them for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import prod
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5l, h5t

_MOST_NAMES = 10_000
"""Most parts of one group; the largest network has some hundred layers."""

_PLAIN_LAYOUTS = (h5d.CONTIGUOUS, h5d.COMPACT)


def follow(group: Any, path: str) -> Any:
    """Return what lies under a path in a file.

    Raises:
        ValueError: there is nothing, or only a reference to something elsewhere.
    """
    for part in path.split("/"):
        links = group.id.links
        name = part.encode()
        if not isinstance(group, h5py.Group) or not links.exists(name) or links.get_info(name).type != h5l.TYPE_HARD:
            raise ValueError(f"there is no {path} in it")
        group = group[part]
    return group


def names_in(group: h5py.Group) -> list[str]:
    """Return the names of what lies in a group.

    Raises:
        ValueError: there are more than a network can have.
    """
    names = list(islice(group, _MOST_NAMES + 1))
    if len(names) > _MOST_NAMES:
        raise ValueError(f"{group.name} holds more than {_MOST_NAMES} parts")
    return names


def arrays_in(group: h5py.Group, depth: int = 5) -> dict[str, tuple[int, ...]]:
    """Return paths and shapes of the arrays in a group and the groups in it, down to a depth."""
    found: dict[str, tuple[int, ...]] = {}
    for name in names_in(group):
        part = follow(group, name)
        if isinstance(part, h5py.Dataset):
            found[name] = part.shape
        elif isinstance(part, h5py.Group) and depth > 1:
            found |= {f"{name}/{path}": shape for path, shape in arrays_in(part, depth - 1).items()}
    return found


def read_array(group: Any, path: str, shape: Sequence[int]) -> np.ndarray:
    """Return an array of a known shape as float32.

    Raises:
        ValueError: there is none, it is no array of numbers, its shape is another, or it does not lie in the file.
    """
    dataset = follow(group, path)
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{path} is no array")
    if dataset.shape != tuple(shape):
        raise ValueError(f"{path} has the shape {dataset.shape} and not {tuple(shape)}")
    kind = dataset.id.get_type()
    how = dataset.id.get_create_plist()
    if kind.get_class() != h5t.FLOAT or kind.get_size() not in (2, 4, 8):
        raise ValueError(f"{path} holds no numbers")
    is_plain = how.get_layout() in _PLAIN_LAYOUTS and not how.get_external_count() and not how.get_nfilters()
    if not is_plain or dataset.id.get_storage_size() != kind.get_size() * prod(shape):
        raise ValueError(f"{path} does not lie in the file as it is")
    return np.asarray(dataset[()], dtype=np.float32)
