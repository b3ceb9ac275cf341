"""Annotations of a folder, of whatever format, written in another tool's format."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.writers.written_format import Labelled, WrittenFormat
from dss_widgets.dataset.annotations.written_formats import WRITTEN
from dss_widgets.dataset.survey import Survey, SurveyedRecording, survey
from dss_widgets.errors import DataError, DataProblemsError, Problem
from dss_widgets.options.paths import typed_path
from dss_widgets.roots import confined
from dss_widgets.whole_files import appearing_whole


def export_annotations(
    folder: str | os.PathLike[str],
    to: str,
    out_folder: str | os.PathLike[str],
    *,
    recordings: str | os.PathLike[str] | None = None,
    names_from: Sequence[str] = (),
    below: bool = False,
    overwrite: bool = False,
) -> list[Path]:
    """Write the annotations, or predictions, of a folder in another tool's format.

    Args:
        folder: holds annotations in any format that can be read.
        to: ``raven``, ``audacity``, ``textgrid`` (a file a recording) or ``generic-seq`` (one table for all).
        out_folder: where the files go, made if it is not there.
        recordings: the folder of the recordings, if they do not lie beside their annotations.
        names_from, below: see :func:`~dss_widgets.dataset.survey.survey`; files lie in folders as the recordings do.
        overwrite: whether files of the same names may be replaced.

    Returns:
        The files that were written.

    Raises:
        DataError: the annotations have errors, the format is none, or cannot hold a song type's name, a file is there
            already, or cannot be written.

    Example:
        >>> export_annotations("song", "raven", "song_in_raven")[0].name
        'bird-A_01.Table.1.selections.txt'
    """
    if to not in WRITTEN:
        raise DataError(f"{to!r} is no format that can be written. Choose one of {', '.join(WRITTEN)}.")
    found = survey(folder, names_from=names_from, recordings=recordings, below=below)
    found.check()
    return write_survey(found, to, out_folder, overwrite=overwrite)


def write_survey(found: Survey, to: str, out_folder: str | os.PathLike[str], *, overwrite: bool = False) -> list[Path]:
    """Write what a survey found; see :func:`export_annotations`."""
    out = confined(typed_path(out_folder))
    texts = {out / name: text for name, text in exported_texts(found, to).items()}
    there = [path for path in texts if path.exists()]
    if there and not overwrite:
        more = f", and {len(there) - 1} more" if len(there) > 1 else ""
        raise DataError(f"{there[0]}: is there already{more}. Choose another folder, or allow it to be replaced (--overwrite).")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with appearing_whole(path) as partial:
                partial.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise DataError(f"{out}: cannot be written to ({error.strerror}). Make room or choose another folder.") from error
    return list(texts)


def exported_texts(found: Survey, to: str) -> dict[str, str]:
    """Return the texts of the files that hold what a survey found in another tool's format, by their names.

    Raises:
        DataError: the format cannot hold a song type's name.
    """
    format_ = WRITTEN[to]
    _check_names(format_, found)
    return dict(format_.files(labelled_recordings(found)))


def labelled_recordings(found: Survey) -> list[Labelled]:
    """Return every recording's annotations in the order of time."""
    categories = {song_type.name: song_type.category for song_type in found.song_types}
    stems = Counter(_stem(entry).casefold() for entry in found.recordings)
    labelled = []
    for entry in found.recordings:
        recording, marked = entry.recording, entry.annotations
        order = np.lexsort((marked.names.astype(str), marked.stop_seconds, marked.start_seconds))
        base = _stem(entry) if stems[_stem(entry).casefold()] == 1 else entry.name
        labelled.append(
            Labelled(entry.name, base, recording.samplerate_hz, recording.duration_seconds, marked.select(order), categories)
        )
    return labelled


def _stem(entry: SurveyedRecording) -> str:
    """Return a recording's name without its ending, with its folders."""
    return entry.name.removesuffix(entry.recording.path.suffix)


def _check_names(format_: WrittenFormat, found: Survey) -> None:
    told = [(song_type.name, format_.why_not(song_type.name)) for song_type in found.song_types if song_type.count]
    problems = [
        Problem(f"{name!r} {why}, which {format_.name} cannot hold.", "Rename the song type, or choose another format.")
        for name, why in told
        if why
    ]
    if problems:
        raise DataProblemsError(problems)
