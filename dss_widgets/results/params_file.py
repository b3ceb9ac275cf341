"""``<stem>_params.yaml``: what a network was made and trained with, under DAS's names, as plain YAML values.

DAS's own files hold NumPy numbers, NumPy arrays and tuples under Python tags. Those are decoded here, by a loader that
knows how to make numbers and lists and nothing else; no file can make it run anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

_LARGEST_BYTES, _MOST_VALUES = 2**24, 10**6
"""Most that a params file may hold, in bytes and in values; DAS puts all that is known of the dataset's recordings into it."""

_NUMERIC = "fiubSU"
"""Kinds of NumPy types that hold numbers and text."""


class _PlainDumper(yaml.SafeDumper):
    """Writes no anchors: every value stands where it belongs."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def write_params(path: str | os.PathLike[str], params: Mapping[str, Any]) -> Path:
    """Write parameters as plain YAML; the file appears whole or not at all.

    Raises:
        DataError: the file cannot be written.
    """
    path = Path(path)
    text = yaml.dump(plain(dict(params)), Dumper=_PlainDumper, allow_unicode=True, sort_keys=True, width=120)
    try:
        with appearing_whole(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another save folder.") from error
    return path


def trained_fingerprint(params: Mapping[str, Any]) -> str | None:
    """Return the fingerprint of the dataset that params say was trained on; None in those that DAS wrote.

    DAS's ``data_hash`` is of another kind, so it cannot be compared.
    """
    return str(params["data_hash"]) if "dss_widgets" in params and params.get("data_hash") else None


class _DasLoader(yaml.SafeLoader):
    """The safe loader, and DAS's tags for tuples, NumPy numbers and arrays, decoded without calling anything named."""

    def flatten_mapping(self, _node: yaml.MappingNode) -> None:
        """Merge nothing: neither program writes mappings that take over others, which could double without end."""


class _TypeOf:
    """A NumPy type that a file describes; ``dtype`` is None where it is none of numbers or text."""

    def __init__(self, code: Any) -> None:
        self.dtype: np.dtype | None = None
        if isinstance(code, str) and len(code) <= 8:
            try:
                dtype = np.dtype(code)
            except (TypeError, ValueError, SyntaxError):
                return
            self.dtype = dtype if dtype.kind in _NUMERIC else None


def _arguments(loader: yaml.SafeLoader, node: yaml.Node) -> tuple[list[Any], Any]:
    """Return arguments and state of a ``python/object/apply`` node."""
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True), None
    if isinstance(node, yaml.MappingNode):
        parts = loader.construct_mapping(node, deep=True)
        return list(parts.get("args") or []), parts.get("state")
    return [], None


def _tuple(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else None


def _dtype(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    arguments, state = _arguments(loader, node)
    if not arguments:
        return _TypeOf(None)
    order = state[1] if isinstance(state, list) and len(state) > 1 and state[1] in ("<", ">") else ""
    return _TypeOf(order + arguments[0] if isinstance(arguments[0], str) else None)


def _scalar(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    arguments, _ = _arguments(loader, node)
    if len(arguments) == 2 and isinstance(arguments[0], _TypeOf) and isinstance(arguments[1], bytes):
        dtype, raw = arguments[0].dtype, arguments[1]
        if dtype is not None and dtype.itemsize and len(raw) == dtype.itemsize:
            return np.frombuffer(raw, dtype=dtype)[0].item()
    return arguments[1] if len(arguments) == 2 and isinstance(arguments[1], str) else None


def _array(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    _, state = _arguments(loader, node)
    if not isinstance(state, list) or len(state) != 5 or not isinstance(state[2], _TypeOf):
        return None
    _, shape, kind, fortran, raw = state
    if kind.dtype is None:
        return plain(raw) if isinstance(raw, list) else None  # an array of objects comes as their list
    if not isinstance(raw, bytes):
        return None
    try:
        return np.frombuffer(raw, dtype=kind.dtype).reshape(shape, order="F" if fortran else "C").tolist()
    except (TypeError, ValueError):
        return None


def _nothing(_loader: yaml.SafeLoader, _suffix: str, _node: yaml.Node) -> None:
    """Any other Python tag: what it names is neither looked up nor called."""


_NUMPY_TAGS: dict[str, Callable[[yaml.SafeLoader, yaml.Node], Any]] = {
    "dtype": _dtype,
    "core.multiarray.scalar": _scalar,
    "core.multiarray._reconstruct": _array,
    "_core.multiarray.scalar": _scalar,
    "_core.multiarray._reconstruct": _array,
}
for _name, _constructor in _NUMPY_TAGS.items():
    _DasLoader.add_constructor(f"tag:yaml.org,2002:python/object/apply:numpy.{_name}", _constructor)
_DasLoader.add_constructor("tag:yaml.org,2002:python/tuple", _tuple)
_DasLoader.add_multi_constructor("tag:yaml.org,2002:python/", _nothing)


def read_params(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read parameters that this program or DAS wrote, without running anything.

    Args:
        path: the file, or the stem before ``_params.yaml``.

    Returns:
        Plain values by DAS's names. A value under a tag that is not known here is None.

    Raises:
        DataError: there is no such file, or it holds no parameters.
    """
    path = Path(path)
    if not path.name.endswith(PARAMS_SUFFIX):
        path = path.with_name(path.name + PARAMS_SUFFIX)
    try:
        with open_confined(path) as file:
            content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        told = error.strerror or str(error)
        raise DataError(f"{path}: cannot be read ({told}). Keep it beside the network's other files.") from error
    return parse_params(content, str(path))


def parse_params(content: bytes, name: str) -> dict[str, Any]:
    """Read parameters from the content of a file; see :func:`read_params`.

    Args:
        content: of the file.
        name: of the file, for messages.

    Raises:
        DataError: it holds no parameters.
    """
    if len(content) > _LARGEST_BYTES:
        raise DataError(f"{name}: is far larger than the parameters of a network. Copy it again.")
    try:
        params = yaml.load(content.decode("utf-8"), Loader=_DasLoader)
        if isinstance(params, dict):
            _count_values(params, {})
            values: dict[str, Any] = plain(params)
            return values
    except Exception as error:  # numbers and dates that cannot be raise whatever Python makes of them
        mark = getattr(error, "problem_mark", None)
        where = f", row {mark.line + 1}" if mark else ""
        raise DataError(f"{name}{where}: is not a readable YAML file. Copy it again.") from error
    raise DataError(f"{name}: holds no parameters. Copy it again from where the network was trained.")


def _count_values(value: Any, known: dict[int, int]) -> int:
    """Return how many values there are if each stands where it belongs, though a file may name one that it repeats.

    Args:
        value: of a file.
        known: what was counted already, by identity; 0 of what is being counted.

    Raises:
        ValueError: there are more than parameters have, or one contains itself.
    """
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 0
        items = [*value, *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count_values(item, known) for item in items)
    if not 0 < known[id(value)] <= _MOST_VALUES:
        raise ValueError("its values repeat each other without end")
    return known[id(value)]
