"""What a network has found in a recording: labels to propose, and the probabilities that are drawn under them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from dss_widgets.annotating import Session, read_proposals
from dss_widgets.annotating.proposals import Proposals
from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import DataError
from dss_widgets.panels.sound.sound import Curves
from dss_widgets.results.annotation_files import probabilities_path
from dss_widgets.results.probabilities_file import Probabilities
from dss_widgets.roots import why_refused


def _predicted_path(session: Session, place: str) -> Path | None:
    """Return the file with what a network has found in a recording; None where there is none, or it may not be used."""
    if not place or why_refused(place):
        return None
    folder = Path(place).expanduser()
    path = folder if folder.is_file() else folder / f"{session.recording.path.stem}{SUFFIX}"
    return path if path.is_file() else None


def proposals_for(session: Session, place: str) -> Proposals | None:
    """Return what a network proposes for a recording.

    Args:
        session: the recording's labels.
        place: the folder of predictions, or the file, as text.

    Returns:
        The proposals; None where there are none, or they were taken before.

    Raises:
        DataError: they cannot be read.
    """
    path = _predicted_path(session, place)
    if path is None or path.resolve() == session.table.resolve() or session.loaded.review.source == str(path.parent):
        return None
    return read_proposals(path)


def curves_of(session: Session, place: str) -> Curves | None:
    """Return the probabilities of a recording's song types, noise left out.

    Args:
        session: the recording's labels.
        place: the folder of predictions, or the file, as text; also beside the recording's own labels is looked.

    Returns:
        The curves; None where there are none, or they cannot be read.
    """
    for labels in filter(None, (_predicted_path(session, place), session.table)):
        path = probabilities_path(labels)
        if why_refused(path) or not path.is_file():
            continue
        try:
            found = Probabilities.of(path)
        except DataError:
            continue
        return Curves("Probabilities", found.class_names[1:], partial(_read, found, session.recording.samplerate_hz))
    return None


def _read(found: Probabilities, samplerate_hz: float, start: int, stop: int) -> np.ndarray:
    return found.read(start, stop, samplerate_hz)[:, 1:]
