"""How files are damaged for fuzz.py: as disks, transfers, editors and people with bad intent do it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dss_widgets.dataset.stores.npy_files import npy_header, read_attributes

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    2,
    3,
    10**9,
    2**31,
    2**63,
    10**400,
    0.5,
    -0.0,
    1e-300,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "a",
    "0",
    "noise",
    "\x00",
    "\x1b[31m",
    "é" * 300,
    "../../etc/passwd",
    "/dev/zero",
    "nan",
    "1e400",
    [],
    [[]],
    {},
    {"a": 1},
    [1, "a", None],
    ["noise", "noise"],
    {"": {}},
    [[[[[1]]]]],
)
"""Values that nobody expects."""

TEXTS = (
    b"",
    b"\n",
    b"\r",
    b"\t",
    b",",
    b";",
    b'"',
    b"'",
    b"{",
    b"[",
    b"]",
    b"- ",
    b": ",
    b"&a [*a, *a]",
    b"*a",
    b"!!python/name:os.system",
    b"nan",
    b"inf",
    b"-1",
    b"1e400",
    b"0x",
    b"9" * 5000,
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"2001-13-45",
    b"<a>",
    b"&lol;",
    b"[" * 3000,
    b"=1+1",
)
"""Pieces that text files do not expect."""

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**24, 2**28, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1)
"""Sizes that headers may claim."""

TEXT_SUFFIXES = (
    ".csv",
    ".txt",
    ".json",
    ".yaml",
    ".yml",
    ".jsonl",
    ".xml",
    ".textgrid",
    ".svl",
    ".eaf",
    ".rec",
    ".zarray",
    ".zattrs",
    ".zgroup",
    ".zmetadata",
)


def damaged(rng: np.random.Generator, folder: Path, pattern: str) -> None:
    """Damage one of the files in a folder that a pattern names."""
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    path = files[rng.integers(len(files))]
    deep = _DEEP.get(path.name) or _DEEP.get(path.suffix.lower())
    if deep is not None and rng.random() < 0.5:
        deep(rng, path)
        return
    content = bytearray(path.read_bytes())
    is_text = path.suffix.lower() in TEXT_SUFFIXES or path.name in TEXT_SUFFIXES
    for _ in range(rng.geometric(0.6)):
        content = _damage(rng, content, is_text=is_text)
    path.write_bytes(content)


def _damage(rng: np.random.Generator, content: bytearray, *, is_text: bool) -> bytearray:
    n = len(content)
    at = int(rng.integers(n + 1)) if rng.random() < 0.5 else int(min(n, rng.exponential(60)))  # headers come first
    length = int(rng.integers(1, 9))
    kind = rng.integers(9)
    if kind == 0 and at < n:  # a bit that fell over
        content[at] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        content[at : at + length] = rng.bytes(length)
    elif kind == 2:  # cut short
        del content[at:]
    elif kind == 3:  # a piece is missing
        del content[at : at + int(rng.integers(1, max(2, n // 4)))]
    elif kind == 4:  # a piece comes twice
        content[at:at] = content[at : at + int(rng.integers(1, 200))]
    elif kind == 5:  # a block of nothing, as after a crash
        content[at : at + int(rng.integers(1, 600))] = b"\0" * int(rng.integers(1, 600))
    elif kind == 6:
        other = int(rng.integers(n + 1))
        content[at : at + 40] = content[other : other + 40]
    elif is_text:
        content[at : at + int(rng.integers(0, 3))] = TEXTS[rng.integers(len(TEXTS))]
    else:  # a size that is too large
        width = int(rng.choice([1, 2, 4, 8]))
        number = NUMBERS[rng.integers(len(NUMBERS))] % 256**width
        content[at : at + width] = number.to_bytes(width, "little" if rng.random() < 0.8 else "big")
    return content


def _odd(rng: np.random.Generator, value: Any) -> Any:
    """Return a value with one of its parts replaced, removed or doubled."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = list(value)[rng.integers(len(value))]
        if rng.random() < 0.15:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: _odd(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        i = int(rng.integers(len(value)))
        if rng.random() < 0.3:
            return value[:i] + value[i + 1 :] if rng.random() < 0.5 else [*value, value[i]]
        return [*value[:i], _odd(rng, value[i]), *value[i + 1 :]]
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.dumps(_odd(rng, json.loads(value)))
        except ValueError:
            pass
    return ODD[rng.integers(len(ODD))]


def _attributes(rng: np.random.Generator, path: Path) -> None:
    value = _odd(rng, read_attributes(path.parent))
    path.write_bytes(
        npy_header((), np.dtype(object)) + pickle.dumps(np.array(value, dtype=object), protocol=int(rng.integers(6)))
    )


def _json(rng: np.random.Generator, path: Path) -> None:
    path.write_text(json.dumps(_odd(rng, json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")


def _json_lines(rng: np.random.Generator, path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    i = int(rng.integers(len(lines)))
    lines[i] = json.dumps(_odd(rng, json.loads(lines[i])))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes numbers of any length."""


def _long_number(dumper: yaml.SafeDumper, value: int) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:int", hex(value))


_Dumper.add_representer(int, _long_number)


def _yaml(rng: np.random.Generator, path: Path) -> None:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.dump(_odd(rng, value), Dumper=_Dumper, allow_unicode=True), encoding="utf-8")


def _array(rng: np.random.Generator, path: Path) -> None:
    """Save an array of another shape or type."""
    array = np.load(path)
    kind = rng.choice(["f2", "f8", ">f4", "i4", "c8", "U3", "bool", "M8[s]"])
    shape = tuple(rng.choice([0, 1, 2, 3, 100], int(rng.integers(0, 4))))
    np.save(path, array.astype(kind) if rng.random() < 0.5 else np.zeros(shape, array.dtype))


_DEEP: dict[str, Callable[[np.random.Generator, Path], None]] = {
    "attrs.npy": _attributes,
    ".json": _json,
    ".zarray": _json,
    ".zattrs": _json,
    ".jsonl": _json_lines,
    ".yaml": _yaml,
    ".npy": _array,
}
"""Damage of what a file says, by its name or ending; all others are damaged in their bytes only."""
