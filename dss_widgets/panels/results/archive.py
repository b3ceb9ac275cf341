"""What a run left, as one zip file: network, options, results and predicted annotations."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.errors import DataError
from dss_widgets.jobs import Run
from dss_widgets.panels.style.words import size
from dss_widgets.roots import why_refused

MOST_BYTES = 200_000_000
"""More does not go through a page: the browser, and a small server such as Binder's, hold all of it in memory."""

_STORED = (".keras", ".h5")
"""Compressed already."""


@dataclass(frozen=True)
class Part:
    """Some of a run's files that belong together.

    Attributes:
        name: for programs.
        words: for people.
        files: what there is of it, none twice.
    """

    name: str
    words: str
    files: tuple[Path, ...]

    @property
    def n_bytes(self) -> int:
        """Size of the files together, 0 for those that are gone."""
        return sum(_size(file) for file in self.files)


def parts_of(run: Run) -> list[Part]:
    """Return what there is of a run, without what may not be read."""
    folder, name = run.folder.parent, run.name
    predicted = folder / f"{name}_predictions"
    found = [
        Part("model", "network", _there(folder / f"{name}{ending}" for ending in ("_model.keras", "_model.h5"))),
        Part("params", "options", _there([folder / f"{name}_params.yaml", run.folder / "options.yaml"])),
        Part("results", "results of the tests", _there([run.results_path, *_named(folder, f"{name}_results_", ".h5")])),
        Part("annotations", "predicted annotations", _there(sorted(predicted.rglob("*.csv")))),
    ]
    return [part for part in found if part.files]


def _named(folder: Path, begin: str, ending: str) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.startswith(begin) and path.name.endswith(ending))
    except OSError:
        return []


def _there(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(path for path in paths if path.is_file() and not why_refused(path))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def why_too_large(run: Run, parts: Sequence[Part]) -> str:
    """Return why parts are too much for a page, with what to do instead; '' if they are not."""
    n_bytes = sum(part.n_bytes for part in parts)
    if n_bytes <= MOST_BYTES:
        return ""
    return (
        f"{size(n_bytes)} is too much to go through a page (at most {size(MOST_BYTES)}). Leave out what is large, or copy the "
        f"files from the server: scp 'SERVER:{run.stem}*' ."
    )


def zip_of(run: Run, parts: Sequence[Part]) -> bytes:
    """Return parts of a run as the content of a zip file, under a folder of the run's name.

    Raises:
        DataError: they are too large, or cannot be read.
    """
    if why_too_large(run, parts):
        raise DataError(why_too_large(run, parts))
    content = io.BytesIO()
    try:
        with zipfile.ZipFile(content, "w") as archive:
            for file in dict.fromkeys(file for part in parts for file in part.files):
                kind = zipfile.ZIP_STORED if file.suffix in _STORED else zipfile.ZIP_DEFLATED
                archive.write(file, f"{run.name}/{file.relative_to(run.folder.parent)}", compress_type=kind)
    except OSError as error:
        raise DataError(
            f"{error.filename or run.stem}: cannot be read ({error.strerror}). Is the run being deleted?"
        ) from error
    return content.getvalue()
