"""Modules of the page: plain ES modules in the package, which a widget brings along; no bundler, no server of scripts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def page_module(name: str) -> str:
    """Return the text of the module ``page/<name>.js``, with what all of them share before it."""
    folder = files(__package__).joinpath("page")
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in ("shared", name))
