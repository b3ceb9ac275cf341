"""Which recordings of a dataset corrected ones are: by their place below its data folder, their name, or their content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from dss_widgets.dataset.corrected import Corrected
from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.errors import DataError


def made_of_folders_below(dataset: Dataset) -> bool:
    """Return whether a dataset was made of the folders below its data folder, too, so that recordings are named with them."""
    return bool(_options(dataset).get("folders_below"))


def holds_recordings_of(dataset: Dataset, place: Path) -> bool:
    """Return whether recordings that a dataset was made from lie in a folder."""
    return any((place / str(told["file"])).is_file() for told in dataset.stretches)


def recordings_beside(dataset: Dataset) -> Path | None:
    """Return the folder that a dataset was made from, where it lies beside it under the dataset's name; None: it does not."""
    place = dataset.path.with_suffix("")
    return place if place != dataset.path and holds_recordings_of(dataset, place) else None


def named_as_in(dataset: Dataset, corrected: Corrected, hash_of: Callable[[Recording], str]) -> Corrected:
    """Return what was corrected with recordings under the names that they have in a dataset, those that it does not hold, too.

    Args:
        dataset: the dataset.
        corrected: recordings, named by their place below the folder that was looked through.
        hash_of: returns what tells the contents of recordings apart.

    Raises:
        DataError: two of them are one recording of the dataset.
    """
    if not made_of_folders_below(dataset):
        return corrected
    names = _Names(dataset, hash_of)
    named: dict[str, SurveyedRecording] = {}
    for entry in corrected.survey.recordings:
        name = names.of(entry)
        if name in named:
            raise DataError(
                f"{entry.recording.path} and {named[name].recording.path}: are the same recording of {dataset.path}, {name}. "
                "Leave one of them out."
            )
        named[name] = entry
    entries = [replace(entry, below=_folders_of(name)) for name, entry in named.items()]
    own = {entry.name: name for name, entry in named.items()}
    return Corrected(
        replace(corrected.survey, recordings=tuple(entries)),
        {own.get(name, name): spans for name, spans in corrected.spans.items()},
        frozenset(own.get(name, name) for name in corrected.without_song),
    )


class _Names:
    """The names of a dataset's recordings."""

    def __init__(self, dataset: Dataset, hash_of: Callable[[Recording], str]) -> None:
        self._hash_of = hash_of
        folder = str(_options(dataset).get("data_folder") or "")
        self._home = Path(folder).expanduser().resolve() if folder else None
        self._known = {str(told["file"]) for told in dataset.stretches}
        self._alike: dict[str, list[tuple[str, str]]] = {}
        for name, sha256 in _recordings(dataset):
            self._known.add(name)
            self._alike.setdefault(PurePosixPath(name).name, []).append((name, sha256))

    def of(self, entry: SurveyedRecording) -> str:
        path = entry.recording.path.resolve()
        if self._home is not None and path.is_relative_to(self._home):
            return path.relative_to(self._home).as_posix()
        if entry.name in self._known:
            return entry.name
        alike = self._alike.get(entry.recording.path.name, [])
        sha256 = self._hash_of(entry.recording) if alike else ""
        return next((name for name, told in alike if told == sha256), entry.name)


def _recordings(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Yield the names of a dataset's recordings, and what tells their contents apart."""
    for told in dataset.attrs.get("recordings") or []:
        if isinstance(told, Mapping) and told.get("sha256"):
            yield str(told.get("file")), str(told["sha256"])


def _folders_of(name: str) -> str:
    folders = PurePosixPath(name).parent.as_posix()
    return "" if folders == "." else folders


def _options(dataset: Dataset) -> Mapping[str, Any]:
    told = dataset.attrs.get("options")
    return told if isinstance(told, Mapping) else {}
