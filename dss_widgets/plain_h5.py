"""HDF5 files of unknown origin: only plain values that lie in the file itself are read, and only as many as can be there.

HDF5 can refer to other files (links, external storage, virtual datasets), load libraries that unpack (filters), and follow
references through a damaged heap without end (whatever is of variable length). Arrays of numbers need none of that, and a
file that somebody else made may hold it, so that everything goes through here before it is opened or read.
"""

from __future__ import annotations

import atexit
import math
import os
from contextlib import suppress
from functools import cache
from typing import TypeVar

import h5py
import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.roots import open_confined

NUMBERS = "fiub"
"""Kinds of NumPy's types that are numbers; with an ``S``, text of a fixed length too."""

_CLASSES = {"f": h5py.h5t.FLOAT, "i": h5py.h5t.INTEGER, "u": h5py.h5t.INTEGER, "b": h5py.h5t.ENUM, "S": h5py.h5t.STRING}
"""HDF5's classes of types, by NumPy's kinds; an enumeration is how h5py keeps what is true or false."""

_SMALLEST_SHARE = {h5py.h5z.FILTER_DEFLATE: 1032, h5py.h5z.FILTER_LZF: 132}
"""How many bytes one byte of a file can at most become, by filter that packs."""

_OTHER_FILTERS = {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}

_LARGEST_CHUNK = 2**28
"""Bytes of a chunk that are unpacked together, whatever part of it is wanted."""

_LARGEST_ATTRIBUTE = 2**20
"""Bytes of an attribute."""

_Kind = TypeVar("_Kind", h5py.Group, h5py.Dataset)


def open_h5(path: str | os.PathLike[str]) -> h5py.File:
    """Open an HDF5 file for reading, where the roots allow it.

    It is read through the file that was checked, never by its name again.

    Returns:
        The open file; close it. Take what it holds with :func:`plain_group`, :func:`plain_dataset` and
        :func:`plain_attribute` only: h5py's own ways follow links.

    Raises:
        DataError: it lies outside of the allowed folders, cannot be opened, or is no HDF5 file.
    """
    _close_all_in_the_end()
    file = None
    try:
        file = open_confined(path)
        return h5py.File(file, "r")  # keeps hold of the file until it is closed itself
    except BaseException as error:  # HDF5's errors for damaged files are of many classes
        if file is not None:
            file.close()
        if isinstance(error, DataError) or not isinstance(error, Exception):
            raise
        raise DataError(f"{path}: is not a readable HDF5 file ({error}). Copy it again or move it away.") from error


@cache
def _close_all_in_the_end() -> None:
    """Have the files that are still open closed before Python ends.

    HDF5 closes them itself otherwise, when the process does; it reads them through Python, which is gone by then: it crashes
    (h5py 3.14).
    """
    atexit.register(_close_all)


def _close_all() -> None:
    kinds = h5py.h5f.OBJ_FILE | h5py.h5f.OBJ_GROUP | h5py.h5f.OBJ_DATASET
    with suppress(Exception):  # as in open_h5; nobody is there any more to be told
        for part in h5py.h5f.get_obj_ids(h5py.h5f.OBJ_ALL, kinds):
            if part.valid:  # not closed with a file before
                file = h5py.h5i.get_file_id(part)
                if file.get_access_plist().get_driver() == h5py.h5fd.fileobj_driver:
                    h5py.File(file).close()


def holds(group: h5py.Group, name: str) -> bool:
    """Return whether a group has a member of a name, whatever it is; no link is followed."""
    return bool(group.id.links.exists(name.encode()))


def plain_group(path: str | os.PathLike[str], group: h5py.Group, name: str) -> h5py.Group:
    """Return a group within a group.

    Args:
        path: the file, for messages.
        group: where it is.
        name: its name there, without slashes.

    Raises:
        DataError: there is none, it is something else, a link leads to it, or it is damaged.
    """
    return _member(path, group, name, h5py.Group)


def plain_dataset(path: str | os.PathLike[str], group: h5py.Group, name: str, kinds: str = NUMBERS) -> h5py.Dataset:
    """Return a dataset whose values lie in the file itself.

    Its length is one that the file can hold; where it is packed, that may be up to a thousand times the file's size, so it
    is still to be read in blocks.

    Args:
        path: the file, for messages.
        group: where it is.
        name: its name there, without slashes.
        kinds: which of NumPy's kinds of types it may hold, out of ``fiubS``.

    Raises:
        DataError: there is none, it is something else, holds other kinds of values, lies or leads elsewhere, is packed in
            other ways than gzip and lzf, claims more values than the file has room for, or is damaged.
    """
    dataset = _member(path, group, name, h5py.Dataset)
    try:
        reason = _why_not_plain(dataset, kinds)
    except Exception as error:  # as in open_h5
        raise DataError(f"{path}: its {name!r} cannot be read ({error}). Copy it again or move it away.") from error
    if reason:
        raise DataError(f"{path}: its {name!r} {reason}")
    return dataset


def plain_attribute(
    path: str | os.PathLike[str], holder: h5py.Group | h5py.Dataset, name: str, kinds: str = NUMBERS
) -> np.ndarray | None:
    """Return an attribute of a file, group or dataset as an array; None if there is none.

    Args:
        path: the file, for messages.
        holder: what has the attribute.
        name: its name.
        kinds: as in :func:`plain_dataset`.

    Raises:
        DataError: it holds other kinds of values, more than a megabyte of them, or is damaged.
    """
    try:
        if not h5py.h5a.exists(holder.id, name.encode()):
            return None
        attribute = h5py.h5a.open(holder.id, name.encode())
        reason = _why_not_of(attribute.get_type(), kinds)
        if not reason and math.prod(attribute.shape) * attribute.dtype.itemsize > _LARGEST_ATTRIBUTE:
            reason = f"has the shape {attribute.shape}, too large for an attribute. Save it again."
        if not reason:
            value = np.empty(attribute.shape, dtype=attribute.dtype)
            attribute.read(value)
            return value
    except Exception as error:  # as in open_h5
        raise DataError(f"{path}: its attribute {name!r} cannot be read ({error}). Copy it again or move it away.") from error
    raise DataError(f"{path}: its attribute {name!r} {reason}")


def _member(path: str | os.PathLike[str], group: h5py.Group, name: str, kind: type[_Kind]) -> _Kind:
    word = "group" if kind is h5py.Group else "dataset"
    try:
        if "/" in name or not holds(group, name):
            raise DataError(f"{path}: has no {word} {name!r}. Save it again.")
        if group.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            raise DataError(f"{path}: its {name!r} is a link. Save the values themselves in the file.")
        member = group[name]
    except DataError:
        raise
    except Exception as error:  # as in open_h5
        raise DataError(f"{path}: its {name!r} cannot be read ({error}). Copy it again or move it away.") from error
    if not isinstance(member, kind):
        raise DataError(f"{path}: has no {word} {name!r}, but something else of that name. Save it again.")
    return member


def _why_not_of(type_: h5py.h5t.TypeID, kinds: str) -> str:
    """Return what is wrong with a type; '' for nothing. Only then it is safe to ask for NumPy's type."""
    kind = type_.get_class()
    if kind not in {_CLASSES[allowed] for allowed in kinds}:
        return "holds no plain numbers. Save it again, as an array of numbers."
    if isinstance(type_, h5py.h5t.TypeStringID) and type_.is_variable_str():
        return "holds text of no fixed length. Save it again."
    if type_.dtype.kind not in kinds:
        return f"is of type {type_.dtype}, not plain numbers. Save it again."
    return ""


def _why_not_plain(dataset: h5py.Dataset, kinds: str) -> str:
    """Return why a dataset is not to be read, as the end of a sentence; '' for nothing."""
    made = dataset.id.get_create_plist()  # the shape comes later: to know that of a virtual dataset, HDF5 opens its sources
    layout = made.get_layout()
    if layout not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS, h5py.h5d.CHUNKED) or made.get_external_count():
        return "lies in other files. Save the values themselves in the file."
    reason = _why_not_of(dataset.id.get_type(), kinds)
    if reason:
        return reason
    share = 1
    for i in range(made.get_nfilters()):
        code = made.get_filter(i)[0]
        if code not in _SMALLEST_SHARE and code not in _OTHER_FILTERS:
            return "is packed in a way that is not known here. Save it again with gzip, lzf or as it is."
        share *= _SMALLEST_SHARE.get(code, 1)
    n_bytes, file_bytes = math.prod(dataset.shape or ()) * dataset.dtype.itemsize, dataset.file.id.get_filesize()
    chunk_bytes = math.prod(dataset.chunks or (0,)) * dataset.dtype.itemsize
    if chunk_bytes > _LARGEST_CHUNK:
        return f"is stored in chunks of {chunk_bytes / 2**20:.0f} MB. Save it again with smaller ones."
    if layout == h5py.h5d.CONTIGUOUS and n_bytes:
        offset = dataset.id.get_offset()
        fits = offset is not None and offset + n_bytes <= file_bytes
    else:
        fits = n_bytes <= file_bytes * share
    return "" if fits else f"claims to be of shape {dataset.shape}, more than the file has room for. Copy or save it again."
