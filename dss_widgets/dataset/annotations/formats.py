"""The registry of annotation formats: what reads which file, beside DAS's own tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.dataset.annotations.table import Annotations

Reader = Callable[[Path], Annotations]
"""Reads the annotations of one recording from a file."""

CollectionReader = Callable[[Path], Mapping[Path, Annotations]]
"""Reads the annotations of many recordings from a file, by the paths of the recordings."""

Recogniser = Callable[[Path], bool]
"""Says, by looking into a file, whether it is of a format; for endings that several formats share."""


@dataclass(frozen=True)
class _Format:
    suffix: str
    read: Reader | None = None
    read_many: CollectionReader | None = None
    recognise: Recogniser | None = None

    def fits(self, path: Path) -> bool:
        return path.name.lower().endswith(self.suffix) and (self.recognise is None or self.recognise(path))


_FORMATS: list[_Format] = []


def register_annotation_format(
    suffix: str,
    reader: Reader | None = None,
    *,
    collection: CollectionReader | None = None,
    recognise: Recogniser | None = None,
) -> None:
    """Teach the package another annotation format. What is registered last is asked first.

    A file is taken to annotate the recording that is named as it is without the suffix, with or without the recording's own
    ending: ``rec.txt`` and ``rec.wav.txt`` annotate ``rec.wav``.

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
    _FORMATS.insert(0, _Format(suffix.lower(), reader, collection, recognise))


def find_reader(path: Path) -> tuple[str, Reader] | None:
    """Return the name that a file shares with its recording, and what reads it; None if no format fits."""
    for known in _FORMATS:
        if known.read is not None and len(path.name) > len(known.suffix) and known.fits(path):
            return path.name[: -len(known.suffix)], known.read
    return None


def find_collection(path: Path) -> CollectionReader | None:
    """Return what reads a file about many recordings; None if it is no such file."""
    return next((known.read_many for known in _FORMATS if known.read_many is not None and known.fits(path)), None)


def _register_known_formats() -> None:
    from dss_widgets.dataset.annotations import label_tables, tool_files

    for suffix, recognise, reader in label_tables.FORMATS:
        register_annotation_format(suffix, reader, recognise=recognise)
    for suffix, reader in tool_files.FORMATS:
        register_annotation_format(suffix, reader)
    register_annotation_format("annotation.xml", collection=tool_files.read_koumura)
    register_annotation_format(".csv", collection=label_tables.read_generic_seq, recognise=label_tables.is_generic_seq)


_register_known_formats()
