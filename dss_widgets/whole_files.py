"""Files that appear whole or not at all: whoever reads them, and whenever the writer dies, they are never half written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def partial_path(path: Path) -> Path:
    """Return the hidden name, of this process, under which a file is written before it has its own; its ending stays."""
    return path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")


@contextmanager
def appearing_whole(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; it becomes ``path`` if all goes well, else it is removed.

    Raises:
        OSError: it cannot be moved to its place; what was there is still there.

    Example:
        >>> with appearing_whole(Path("notes.txt")) as partial:
        ...     partial.write_text("all of it")
    """
    partial = partial_path(path)
    try:
        yield partial
        os.replace(partial, path)
    finally:
        with suppress(OSError):
            partial.unlink()
