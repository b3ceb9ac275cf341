"""Which recording of a folder is meant: by the name of a file beside it, or by a name or path within such a file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError
from dss_widgets.roots import why_refused


def one_form(text: str) -> str:
    """Return a text in the one Unicode form (NFC) in which names are compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _key(name: str) -> str:
    return one_form(name).casefold()


class NamedRecordings:
    """The recordings of a folder, by name."""

    def __init__(self, folder: Path, recordings: Sequence[Path]) -> None:
        self._folder = folder
        self._by_name: dict[str, list[Path]] = {}
        for path in recordings:
            self._by_name.setdefault(_key(path.name), []).append(path)
        self._by_stem: dict[str, list[Path]] = {}
        for path in recordings:
            self._by_stem.setdefault(_key(path.stem), []).append(path)

    def called(self, name: str) -> list[Path]:
        """Return the recordings of a name, with or without the ending; of several, those that are written just so."""
        found = self._by_name.get(_key(name)) or self._by_stem.get(_key(name)) or []
        exact = [path for path in found if one_form(name) in (one_form(path.name), one_form(path.stem))]
        return exact or found

    def named_in(self, file_name: str, suffixes: Sequence[str]) -> list[Path]:
        """Return the recordings that a file is named after: their name, perhaps something in between, an ending.

        Args:
            file_name: the name of the file.
            suffixes: the endings of its format.

        Raises:
            DataError: its name begins with those of several recordings, and none is surely meant.
        """
        endings = sorted((s for s in suffixes if file_name.lower().endswith(s)), key=len, reverse=True)
        for ending in endings:
            exact = self.called(file_name[: -len(ending)])
            if exact:
                return exact
        beginnings = [i for i in range(len(file_name) - 1, 0, -1) if not file_name[i].isalnum()]
        found = [(i, paths) for i in beginnings if (paths := self.called(file_name[:i]))]
        stems = {_key(path.stem) for _, paths in found for path in paths}
        if len(stems) > 1 and file_name[found[0][0]] != ".":
            told = " and ".join(sorted({paths[0].name for _, paths in found}))
            raise DataError(
                f"{file_name}: its name begins with those of {told}, so it is unclear whose song it marks. "
                "Name it as its recording, with another ending."
            )
        return found[0][1] if found else []

    def meant_by(self, reference: str) -> Path | None:
        """Return the recording that a name or path within a file means; None if it is not here.

        Paths are mostly those of another computer, so that only their last part counts, and only recordings of this folder, or
        of folders within it, are used.

        Raises:
            DataError: what is meant lies outside of the allowed folders, or there are several such recordings.
        """
        parts = [part for part in reference.strip().replace("\\", "/").split("/") if part not in ("", ".")]
        if not parts:
            return None
        if len(parts) > 1 and ".." not in parts and not reference.startswith("/"):
            below = self._folder.joinpath(*parts)
            if is_recording(below) and below.is_file():
                return self._allowed(below, reference)
        found = self.called(parts[-1]) or self.called(parts[-1].rsplit(".", 1)[0])
        if len(found) > 1:
            told = " and ".join(path.name for path in found)
            raise DataError(f"{reference!r} may be {told}. Write which of them is meant.")
        return self._allowed(found[0] if found else None, reference)

    def _allowed(self, path: Path | None, reference: str) -> Path | None:
        refused = why_refused(self._folder / reference if path is None else path)
        if refused:
            raise DataError(f"{reference!r} {refused} Copy the recording beside this file.")
        return path


def folder_of(reference: str) -> str:
    """Return the folder in a path of any system; '' if there is none."""
    return one_form(reference.strip().replace("\\", "/")).rpartition("/")[0].removeprefix("./").strip(".")
