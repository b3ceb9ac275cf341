"""``.not.mat`` files of evsonganaly: a character a syllable, times in milliseconds."""

from __future__ import annotations

import numpy as np

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Marks, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.bounded import bounded_content
from dss_widgets.dataset.annotations.readers.mat_file import read_mat
from dss_widgets.errors import DataError

_VARIABLES = ("labels", "onsets", "offsets")


def _read(file: AnnotationFile) -> Reading:
    """Read the syllables that evsonganaly labelled.

    Raises:
        DataError: the file cannot be read, or is not of this kind.
    """
    try:
        found = read_mat(bounded_content(file), _VARIABLES)
        labels, onsets, offsets = (found[name] for name in _VARIABLES)
        names = [chr(int(code)) for code in labels]
        starts, stops = (times.astype(np.float64) / 1000 for times in (onsets, offsets))
    except KeyError as error:
        raise DataError(
            f"{file.path}: holds no {error.args[0]}, which a .not.mat of evsonganaly has. Save it again."
        ) from error
    except (ValueError, OverflowError) as error:
        raise DataError(
            f"{file.path}: cannot be read as a .not.mat of evsonganaly ({error}). Save it again with -v7."
        ) from error
    if not len(names) == len(starts) == len(stops):
        raise DataError(f"{file.path}: has {len(names)} labels, {len(starts)} onsets and {len(stops)} offsets. Save it again.")
    marks = Marks(file.name)
    for name, start, stop in zip(names, starts.tolist(), stops.tolist(), strict=True):
        marks.add(name, start, stop)
    return marks.reading()


NOTMAT = AnnotationFormat("evsonganaly", (".not.mat",), _read)
