"""Paths as people type them."""

from __future__ import annotations

import os
from pathlib import Path

_LONGEST_NAME = 255
"""Bytes of a name that every file system takes."""


def typed_path(text: str | os.PathLike[str]) -> Path:
    """Return the path that a text stands for, with ``~`` for the home folder; of an unknown user, the text as it is."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def why_no_text(text: str, *, is_path: bool) -> str | None:
    """Return why a text can be no option, as the end of a sentence that begins with its label; None if it can.

    Args:
        text: what was typed, or is in a file.
        is_path: whether it is to name a file or folder, whose parts are of a limited length.
    """
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return "holds an incomplete character. Type it again."
    if b"\0" in encoded:
        return "holds a character that no name may have. Type it again."
    if is_path and max(map(len, encoded.replace(b"\\", b"/").split(b"/"))) > _LONGEST_NAME:
        return f"names a file or folder with more than {_LONGEST_NAME} letters. Shorten it."
    return None
