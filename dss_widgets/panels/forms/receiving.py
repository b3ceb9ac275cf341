"""Files that a browser sends, piece by piece, into a folder inside of the allowed ones: nothing else, and over nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from dss_widgets.dataset.annotations.formats import annotation_endings
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.dataset.recordings.sound_files import CBIN_HEADER
from dss_widgets.errors import DataError, Problem
from dss_widgets.file_endings import ENDINGS
from dss_widgets.panels.forms.saved_files import why_not_into
from dss_widgets.panels.style.words import size
from dss_widgets.roots import confined, why_refused

MOST_BYTES = 200_000_000
"""Of all files of one upload together."""
MOST_FILES = 500
_LONGEST_NAME = 200

_MOST_LEVELS = 8

Wanted = tuple[str, int]
"""A file's name, or its path in a folder that is sent, with ``/``, and its size in bytes, as the browser tells them."""


def is_left_out(name: str) -> bool:
    """Return whether a file is left out without a word: it lies in a folder that is sent, and is nothing that is read."""
    *folders, last = name.split("/")
    return bool(folders) and (last.startswith(".") or not _is_known(Path(last)))


def upload_problems(wanted: Sequence[Wanted], folder: Path, *, replace: bool = False) -> list[Problem]:
    """Return what stands against an upload; nothing: it may begin.

    Args:
        wanted: names and sizes, which are not to be trusted.
        folder: where the files are to go.
        replace: whether files that are there already may be replaced.
    """
    refused = why_refused(folder) or why_not_into(folder)
    if refused:
        return [Problem(f"The folder {refused}")]
    if len(wanted) > MOST_FILES:
        return [Problem(f"{len(wanted)} files are more than {MOST_FILES} at once.", "Send them in several parts.")]
    problems = [problem for name, _ in wanted for problem in _name_problems(name, folder, replace=replace)]
    n_bytes = sum(n for _, n in wanted)
    if n_bytes > MOST_BYTES or any(n < 0 for _, n in wanted):
        mend = "Copy them to the server with scp or a shared folder instead."
        problems.append(Problem(f"{size(n_bytes)} is more than the {size(MOST_BYTES)} that can be sent through a page.", mend))
    elif not problems and n_bytes > _free(folder):
        problems.append(
            Problem(f"{size(n_bytes)} do not fit on the server: {size(_free(folder))} are free.", "Make room first.")
        )
    if len({name.lower() for name, _ in wanted}) < len(wanted):
        problems.append(Problem("Two of the files have the same name.", "Rename one of them."))
    return problems


def is_there(name: str, folder: Path) -> bool:
    """Return whether a file of such a name is there already that could be replaced."""
    return _unfit(name) is None and not why_refused(folder / name) and (folder / name).is_file()


def _name_problems(name: str, folder: Path, *, replace: bool) -> list[Problem]:
    """Return what stands against a file's name, the first thing alone."""
    told = _unfit(name) or _taken(folder / name, replace=replace)
    return [Problem(*told, file=name[:_LONGEST_NAME])] if told else []


def _unfit(name: str) -> tuple[str, str] | None:
    """Return what is wrong with a path itself, and the mend."""
    *folders, last = name.split("/")
    if len(folders) > _MOST_LEVELS:
        return f"lies more than {_MOST_LEVELS} folders deep.", "Send a folder further in."
    if any(_unfit_anywhere(folder) for folder in folders):
        return "lies in a folder whose name cannot be used.", "Rename the folder, without a dot in front or strange characters."
    return _unfit_anywhere(last) or _unfit_for_file(last)


def _unfit_anywhere(name: str) -> tuple[str, str] | None:
    """Return what is wrong with the name of a file or a folder, and the mend."""
    plain = Path(name).name == name == PureWindowsPath(name).name and name not in ("", ".", "..") and name.isprintable()
    checks = [
        (not plain, "is not the plain name of a file.", "Rename it, without slashes."),
        (name.startswith("."), "is a hidden file.", "Rename it, without the dot in front."),
        (len(name.encode()) > _LONGEST_NAME, "has too long a name.", f"Give it one of at most {_LONGEST_NAME} letters."),
    ]
    return next(((what, mend) for applies, what, mend in checks if applies), None)


def _unfit_for_file(name: str) -> tuple[str, str] | None:
    """Return what is wrong with the ending of a file, and the mend."""
    checks = [
        (name.lower().endswith(ENDINGS), "is called like a network or its results, which are loaded.", "Rename it."),
        (not _is_known(Path(name)), "is neither a recording nor annotations, by its ending.", "Leave it out."),
    ]
    return next(((what, mend) for applies, what, mend in checks if applies), None)


def _is_known(name: Path) -> bool:
    return is_recording(name) or name.suffix.lower() in {*annotation_endings(), CBIN_HEADER}


def _taken(target: Path, *, replace: bool) -> tuple[str, str] | None:
    """Return what is wrong with putting a file there, and the mend."""
    if why_refused(target) or target.is_dir():
        return "is the name of something else there.", "Rename it."
    if target.exists() and not replace:
        return "is there already.", "Tick 'Replace files of the same name' and choose it again, or rename it."
    return None


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


class Receiving:
    """One upload: hidden files that appear under their names when all of it has arrived.

    Args:
        wanted: names and sizes.
        folder: where the files go.
        replace: whether files that are there already may be replaced.

    Attributes:
        received: bytes so far.
        total: bytes there are to be.

    Raises:
        DataError: something stands against it, or the folder cannot be written.
    """

    def __init__(self, wanted: Sequence[Wanted], folder: Path, *, replace: bool = False) -> None:
        problems = upload_problems(wanted, folder, replace=replace)
        if problems:
            raise DataError(str(problems[0]))
        self.wanted, self.folder, self.replace = list(wanted), folder, replace
        self.received, self.total = 0, sum(n for _, n in wanted)
        try:
            self._place: Path | None = Path(tempfile.mkdtemp(prefix=".upload-", dir=folder))
            for number in range(len(wanted)):
                (self._place / str(number)).touch()
        except OSError as error:
            raise DataError(f"{folder}: cannot be written ({error.strerror}). Choose another folder.") from error

    def add(self, number: int, at: int, data: bytes) -> None:
        """Take a piece of a file.

        Args:
            number: of the file, in the order in which they were announced.
            at: where the piece begins, in bytes; pieces come in order.
            data: the piece.

        Raises:
            DataError: it is not what was announced, the disk is full, or the folder was replaced by a link that leads out.
        """
        if self._place is None or not 0 <= number < len(self.wanted):
            raise DataError("An unexpected piece of a file arrived. Send the files again.")
        partial, (name, n_bytes) = self._place / str(number), self.wanted[number]
        confined(partial)
        try:
            if at != partial.stat().st_size or at + len(data) > n_bytes:
                raise DataError(f"{name}: arrived in pieces that do not fit together. Send it again.")
            with open(partial, "ab") as file:
                file.write(data)
        except OSError as error:
            raise DataError(f"{name}: cannot be written ({error.strerror}). Is the disk full?") from error
        self.received += len(data)

    def finish(self) -> list[Path]:
        """Let the files appear; returns them.

        Raises:
            DataError: they are not complete, one of that name came there meanwhile: that one stays, or a link that leads out.
        """
        if self._place is None or self.received != self.total:
            raise DataError("The files did not arrive complete. Send them again.")
        made = []
        for number, (name, _) in enumerate(self.wanted):
            target = confined(self.folder / name)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                if self.replace:
                    os.replace(self._place / str(number), target)
                else:
                    _appear(self._place / str(number), target)
            except FileExistsError as error:
                raise DataError(f"{name}: was added there meanwhile, and is kept. Rename yours, or tick 'Replace'.") from error
            except OSError as error:
                raise DataError(f"{name}: cannot be written ({error.strerror}). Choose another folder.") from error
            made.append(target)
        self.abandon()
        return made

    def abandon(self) -> None:
        """Remove what has arrived and not appeared."""
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)
            self._place = None


def _appear(partial: Path, target: Path) -> None:
    """Give a file its name, unless there is something of that name."""
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError(target) from None
        os.rename(partial, target)
