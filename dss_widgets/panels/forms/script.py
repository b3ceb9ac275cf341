"""What the page itself does: JavaScript, from files of its own, as an attribute of the element that it is about."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files


@cache
def handler(name: str) -> str:
    """Return the file ``<name>.js`` as the value of an attribute such as ``onclick``; in it, ``this`` is the element."""
    return escape(files(__package__).joinpath(f"{name}.js").read_text(encoding="utf-8"))
