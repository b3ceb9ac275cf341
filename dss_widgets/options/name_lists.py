"""Names in one line of text: ``a, b``, and what they become: ``a=b, c=``. Odd names stand between double quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_NAME = r'\s*("(?:[^"]|"")*"|[^",=]*?)\s*'
_ITEM = re.compile(_NAME + r"(?:=" + _NAME + r")?(?:,|$)", re.DOTALL)


def _items(text: str) -> list[tuple[str, str | None]]:
    items, position = [], 0
    while text[position:].strip():
        found = _ITEM.match(text, position)
        if found is None:
            raise ValueError(f'cannot be read from {text[position:].strip()!r} on; put names with , = or " between quotes.')
        items.append((_unquoted(found.group(1)), None if found.group(2) is None else _unquoted(found.group(2))))
        position = found.end()
    return items


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _quoted(name: str) -> str:
    if name and not re.search(r'[",=]', name) and name == name.strip():
        return name
    return '"' + name.replace('"', '""') + '"'


def parse_names(text: str) -> list[str]:
    """Read ``a, b, "c, d"``.

    Raises:
        ValueError: something is no name; the message ends a sentence that begins with an option's label.
    """
    names = []
    for name, new in _items(text):
        if new is not None:
            raise ValueError(f"must be names with commas between them; {name + '=' + new!r} has a '='.")
        if name:
            names.append(name)
    return names


def format_names(names: Sequence[str]) -> str:
    """Return names as :func:`parse_names` reads them."""
    return ", ".join(_quoted(name) for name in names)


def parse_mapping(text: str) -> dict[str, str]:
    """Read ``old=new, other=``.

    Raises:
        ValueError: a name has no '='; the message ends a sentence that begins with an option's label.
    """
    mapping = {}
    for old, new in _items(text):
        if new is None or not old:
            raise ValueError(f"must be written as old=new, old=new ...; {old!r} has no '='.")
        mapping[old] = new
    return mapping


def format_mapping(mapping: Mapping[str, str]) -> str:
    """Return names and their new names as :func:`parse_mapping` reads them."""
    return ", ".join(f"{_quoted(old)}={_quoted(new) if new else ''}" for old, new in mapping.items())
