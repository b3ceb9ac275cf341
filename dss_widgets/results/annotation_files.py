"""Where the annotations that a network makes are written, and whether something is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PROBABILITIES_SUFFIX
from dss_widgets.results.stems import predictions_folder


def annotations_path(recording: Path, out_folder: Path | None, below: Path | None = None) -> Path:
    """Return where the annotations of a recording go: into a folder, or (None) beside the recording.

    Args:
        recording: the recording.
        out_folder: the folder for the annotations.
        below: the folders within it, as the recording lies in them.
    """
    folder = recording.parent if out_folder is None else out_folder / (below or "")
    return folder / f"{recording.stem}{SUFFIX}"


def annotations_folder(network: Path, recordings: str) -> Path:
    """Return where the predictions of a network go: beside its files, in a folder named as that of the recordings.

    So recordings of one name in two folders do not get in each other's way.

    Args:
        network: path of the network's files, without their endings.
        recordings: a folder of recordings, or one of them.
    """
    place = Path(recordings).expanduser()
    folder = (place.parent if place.is_file() else place).resolve().name
    return predictions_folder(network) / folder


def probabilities_path(annotations: Path) -> Path:
    """Return where the probabilities go that annotations are made of."""
    return annotations.with_name(annotations.name.removesuffix(SUFFIX) + PROBABILITIES_SUFFIX)


def check_free(targets: Sequence[Path], *, overwrite: bool) -> None:
    """Make sure that no two recordings would write the same file, and that no human work would be replaced.

    Raises:
        DataError: so it would be; the message names the files.
    """
    twice = sorted({path.name for path, count in Counter(targets).items() if count > 1})
    if twice:
        more = f" and {len(twice) - 3} more" if len(twice) > 3 else ""
        raise DataError(
            f"{', '.join(twice[:3])}{more}: several recordings have this name. Name the folder that they lie in or below, or "
            "predict them into different folders."
        )
    there = [] if overwrite else [target for target in targets if target.exists()]
    if there:
        more = f", and {len(there) - 1} more" if len(there) > 1 else ""
        raise DataError(
            f"{there[0]}: is there already{more}. Choose another folder (--out), or allow it to be replaced (--overwrite): "
            "annotations by hand would be lost."
        )
