"""What a run left, as one zip file: network, options, results and predicted annotations."""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs import Run
from dss_widgets.panels.results.outcome import outcome_of
from dss_widgets.panels.results.take_home import confusion_svg, loss_svg, scores_csv
from dss_widgets.panels.run_history import RunHistory
from dss_widgets.panels.style.words import size
from dss_widgets.results.replay import replay_file
from dss_widgets.results.stems import network_files, predictions_folder, results_on_others
from dss_widgets.results.validation import validation_path
from dss_widgets.roots import open_confined, why_refused

MOST_BYTES = 200_000_000
"""More does not go through a page: the browser, and a small server such as Binder's, hold all of it in memory."""

_PIECE = 2**20

_STORED = (".keras", ".h5")
"""Compressed already."""


@dataclass(frozen=True)
class Part:
    """Some of a run's files that belong together.

    Attributes:
        name: for programs.
        words: for people.
        files: what there is of it, none twice.
        make: makes files that are not on the disk, by their names; they are small.
    """

    name: str
    words: str
    files: tuple[Path, ...] = ()
    make: Callable[[], Mapping[str, bytes]] | None = None

    @property
    def n_bytes(self) -> int:
        """Size of the files together, 0 for those that are gone."""
        return sum(_size(file) for file in self.files)


def parts_of(run: Run) -> list[Part]:
    """Return what there is of a run, without what may not be read."""
    folder, name = run.folder.parent, run.name
    predicted = predictions_folder(run.stem)
    found = [
        Part("model", "network", _there(network_files(run.stem))),
        Part("params", "options", _there([folder / f"{name}{PARAMS_SUFFIX}", run.files.job, run.files.old_options])),
        Part("results", "results of the tests", _there(_results(run))),
        Part("annotations", "predicted annotations", _there(sorted(predicted.rglob("*.csv")))),
        Part("scores", "scores (csv)", make=partial(_scores, run)),
        Part("pictures", "pictures", make=partial(_pictures, run)),
    ]
    is_tested = run.results_path.is_file() and not why_refused(run.results_path)
    return [part for part in found if part.files or (part.make is not None and is_tested)]


def _results(run: Run) -> list[Path]:
    """Return where the results of tests, and what belongs to them, would lie."""
    beside = [replay_file(run.stem), validation_path(run.stem)]
    return [run.results_path, *beside, *_other_results(run.stem)]


def _scores(run: Run) -> Mapping[str, bytes]:
    outcome = outcome_of(run)
    return {} if outcome is None else {"scores.csv": scores_csv(outcome)}


def _pictures(run: Run) -> Mapping[str, bytes]:
    outcome, history = outcome_of(run), RunHistory(run)
    history.update()
    matrix = {} if outcome is None else {"confusion_matrix.svg": confusion_svg(outcome)}
    return {**matrix, "loss.svg": loss_svg(history)} if history.epochs else matrix


def _other_results(stem: Path) -> list[Path]:
    try:
        return [path for _, path in results_on_others(stem)]
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
        f"{size(n_bytes)} is too much to download through a page (at most {size(MOST_BYTES)}). Leave out what is large, or "
        f"copy the files from the server: scp 'SERVER:{run.stem}*' ."
    )


def zip_of(run: Run, parts: Sequence[Part]) -> IO[bytes]:
    """Return parts of a run as a zip file that has no name on the disk, under a folder of the run's name.

    Raises:
        DataError: they are too large, cannot be read, or lie elsewhere meanwhile.
    """
    if why_too_large(run, parts):
        raise DataError(why_too_large(run, parts))
    files = dict.fromkeys(file for part in parts for file in part.files)
    made = {f"{run.name}/{name}": data for part in parts if part.make for name, data in part.make().items()}
    return packed(((file, f"{run.name}/{file.relative_to(run.folder.parent)}") for file in files), made)


def packed(files: Iterable[tuple[Path, str]], made: Mapping[str, bytes] | None = None) -> IO[bytes]:
    """Return files, each with its name there, as a zip file: what lies inside of the allowed folders now.

    Args:
        files: paths with their names in the zip file.
        made: contents of others that are not on the disk, by their names.

    Returns:
        An open file without a name on the disk, which is gone when it is closed.

    Raises:
        DataError: they are too large, cannot be read, or may not be, or there is no room for the zip file.
    """
    content: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it is handed on
    try:
        room = MOST_BYTES
        with zipfile.ZipFile(content, "w") as archive:
            for path, name in files:
                room -= _add(archive, path, name, room)
            for name, data in (made or {}).items():
                archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    except BaseException as error:
        content.close()
        if isinstance(error, OSError):
            raise DataError(f"The zip file cannot be written ({error.strerror or error}). Is the disk full?") from error
        raise
    return content


def _add(archive: zipfile.ZipFile, path: Path, name: str, room: int) -> int:
    """Add a file to a zip file, a piece at a time; returns how many bytes it has.

    Raises:
        DataError: it is larger than there is room for, cannot be read, or may not be.
    """
    about, done = zipfile.ZipInfo(name, time.localtime()[:6]), 0
    about.compress_type = zipfile.ZIP_STORED if path.suffix in _STORED else zipfile.ZIP_DEFLATED
    about.external_attr = 0o600 << 16
    try:
        file = open_confined(path)
    except OSError as error:
        raise DataError(_unreadable(path, error)) from error
    with file, archive.open(about, "w") as into:
        while True:
            try:
                piece = file.read(_PIECE)
            except OSError as error:
                raise DataError(_unreadable(path, error)) from error
            if not piece:
                return done
            done += len(piece)
            if done > room:
                raise DataError(f"{path}: has become too large to download through a page. Leave it out.")
            into.write(piece)


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path}: cannot be read ({error.strerror or error}). Is it being deleted?"
