"""The recordings of a folder with how many labels each has, and the song types that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dss_widgets.annotating import Session
from dss_widgets.annotating.beside import content_of
from dss_widgets.annotating.reading import recordings_in, review_path
from dss_widgets.annotating.review_file import Review
from dss_widgets.dataset.annotations.annotations import PROPOSALS, Category
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.dataset.survey import survey
from dss_widgets.errors import DataError
from dss_widgets.panels.style.words import count
from dss_widgets.roots import confined, why_refused


@dataclass(frozen=True)
class Listed:
    """A recording in the list.

    Attributes:
        path: the audio file.
        n_labels: labels that count.
        n_open: proposals that nobody has looked at.
    """

    path: Path
    n_labels: int = 0
    n_open: int = 0

    @property
    def words(self) -> str:
        """The recording's name with how much there is of it."""
        open_ = f", {self.n_open:,} open" if self.n_open else ""
        return f"{self.path.name} · {count(self.n_labels, 'label')}{open_}"

    def as_in(self, session: Session) -> Listed:
        """Return it with the counts of labels at work."""
        document = session.document
        return replace(self, n_labels=sum(label.counts for label in document.labels.values()), n_open=document.n_open())


@dataclass(frozen=True)
class Listing:
    """What there is to annotate.

    Attributes:
        recordings: the recordings, by name.
        song_types: of all of them, with their categories, by name.
    """

    recordings: tuple[Listed, ...] = ()
    song_types: Mapping[str, Category] | None = None


def list_recordings(place: str) -> Listing:
    """Return what a path stands for: a folder's recordings, or one recording, with the song types of its folder.

    Raises:
        DataError: it is neither, or may not be used.
    """
    path = confined(place).expanduser()
    is_one = path.is_file() and is_recording(path)
    if not is_one and not path.is_dir():
        raise DataError(f"{path}: is neither a folder nor a recording. Choose a folder that holds recordings.")
    folder = path.parent if is_one else path
    paths = [path] if is_one else [found for found in recordings_in(folder) if not why_refused(found)]
    found = survey(folder)
    labelled = {entry.recording.path.name: len(entry.annotations) for entry in found.recordings}
    types = {song_type.name.removesuffix(PROPOSALS): song_type.category for song_type in found.song_types}
    listed = tuple(Listed(path, labelled.get(path.name, 0), _n_open(path)) for path in paths)
    return Listing(listed, dict(sorted(types.items())))


def _n_open(recording: Path) -> int:
    path = review_path(recording)
    try:
        content = content_of(path)
        proposals = Review.read(content, path).proposals if content is not None else ()
    except DataError:  # told where the recording is opened
        return 0
    return sum(proposal.state == "open" for proposal in proposals)


def folder_of(recordings: str) -> str:
    """Return the folder of recordings that a path stands for: of one recording, the one that it lies in."""
    path = Path(recordings).expanduser()
    is_one = bool(recordings) and not why_refused(recordings) and path.is_file()
    return str(path.parent) if is_one else recordings
