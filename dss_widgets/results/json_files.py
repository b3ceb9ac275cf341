"""JSON files beside a network: read into what they mean, and written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from dss_widgets.errors import DataError, reason
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

Meant = TypeVar("Meant")


def read_json(path: Path, make: Callable[[Any], Meant], wrong: str, mend: str, *, most_bytes: int = 2**24) -> Meant | None:
    """Return what a file means; None where there is no such file.

    Args:
        path: the file.
        make: makes it of the document; raises ValueError, TypeError or AttributeError where that is something else.
        wrong: what the file does not do then, as it follows its path.
        mend: what to do about it, as a sentence.
        most_bytes: that such a file holds.

    Raises:
        DataError: the file cannot be read, or is something else.
    """
    try:
        with open_confined(path) as file:
            text = file.read(most_bytes)
        return make(json.loads(text))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path}: {wrong} ({reason(error)}). {mend}") from error


def write_json(path: Path, document: Any, *, indent: int | None = None) -> Path:
    """Write a document; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with appearing_whole(path) as partial:
            partial.write_text(json.dumps(document, indent=indent, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Make room or choose another place.") from error
    return path
