"""The annotation formats that are known, beside DAS's own tables.

One format is one file of this package with one declared :class:`AnnotationFormat`: the endings of its files, how to
recognise one, and how to read it. It is listed in :data:`BUILT_IN`, most particular first, and that is all:

    SONGEXPLORER = AnnotationFormat("SongExplorer", (".csv",), read=_read, recognise=_is_songexplorer)

``read`` gets an ``AnnotationFile`` (its bytes, text or table) and returns a ``Reading``, mostly made with ``Marks`` (all three
are in ``annotation_file``): names as text, times in seconds or samples, and, where the file names them, the recordings. Which
recording of the folder is meant, and whether its rows can be (``noise``, no name, no number, beyond the end), is decided for
all formats alike in ``sources`` and in ``checks``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from dss_widgets.dataset.annotations import audacity, headed_tables
from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.readers import (
    avisoft,
    das_tables,
    dcase,
    deepsqueak,
    elan,
    koumura,
    notmat,
    songexplorer,
    sonic_visualiser,
    textgrid,
    usvseg,
    whisperseg,
)
from dss_widgets.roots import confined

BUILT_IN: tuple[AnnotationFormat, ...] = (
    headed_tables.GENERIC_SEQ,
    headed_tables.SIMPLE_SEQ,
    das_tables.OLDER_DAS,
    dcase.DCASE,
    usvseg.USVSEG,
    whisperseg.WHISPERSEG_TABLE,
    whisperseg.WHISPERSEG_JSON,
    songexplorer.SONGEXPLORER,
    deepsqueak.DEEPSQUEAK,
    headed_tables.RAVEN,
    sonic_visualiser.SVL,
    sonic_visualiser.TABLE,
    deepsqueak.BOXES,
    elan.ELAN,
    textgrid.TEXTGRID,
    notmat.NOTMAT,
    koumura.KOUMURA,
    avisoft.AVISOFT,
    headed_tables.TIMES_TABLE,  # after all formats with headings of their own
    audacity.AUDACITY,
)
"""The formats that come with the package; the first that fits a file reads it."""

_own: list[AnnotationFormat] = []
"""Users' formats; the last registered is asked first, and all of them before the built-in ones."""


def register_annotation_format(
    suffix: str,
    reader: Callable[[Path], Annotations] | None = None,
    *,
    collection: Callable[[Path], Mapping[Path, Annotations]] | None = None,
    recognise: Callable[[Path], bool] | None = None,
) -> None:
    """Teach the package another annotation format. What is registered last is asked first.

    A file is taken to annotate the recording that it is named after: ``rec.txt``, ``rec.wav.txt`` and ``rec.mine.txt`` annotate
    ``rec.wav``.

    Args:
        suffix: the file names' ending, such as ``.labels``, or a whole name; letter case does not matter.
        reader: reads the annotations of one recording, times in seconds; raises
            :class:`~dss_widgets.errors.DataError` where it cannot.
        collection: instead of ``reader``, for files about many recordings: returns their annotations by path.
        recognise: says whether a file with this ending is of this format, where the ending alone does not.

    Raises:
        ValueError: not exactly one of ``reader`` and ``collection`` was given, or the suffix is empty.
    """
    if not suffix or (reader is None) == (collection is None):
        raise ValueError("a format needs a suffix, and either a reader or a collection reader")

    def read(file: AnnotationFile) -> Reading:
        confined(file.path)
        if reader is not None:
            return Reading({"": reader(file.path)})
        assert collection is not None
        return Reading({str(path): found for path, found in collection(file.path).items()})

    def fits(file: AnnotationFile) -> bool:
        return recognise is None or recognise(confined(file.path))

    _own.insert(0, AnnotationFormat(suffix, (suffix.lower(),), read, fits))


def has_own_formats() -> bool:
    """Return whether users' formats were registered in this process, which no other process knows."""
    return bool(_own)


def annotation_endings() -> set[str]:
    """Return the endings of all files that some format is read from, with their dots, in lower case."""
    return {Path(f"name{suffix}").suffix for known in (*_own, *BUILT_IN) for suffix in known.suffixes}


def format_of(file: AnnotationFile) -> AnnotationFormat | None:
    """Return the format of a file; None if none fits."""
    return next((known for known in (*_own, *BUILT_IN) if not known.within_recording and known.fits(file)), None)


def format_within(file: AnnotationFile) -> AnnotationFormat | None:
    """Return the format of the annotations that a recording's own file holds; None if it holds none."""
    return next((known for known in BUILT_IN if known.within_recording and known.fits(file)), None)
