"""The names of what a run leaves: a stem, and what follows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dss_widgets.file_endings import ENDINGS, NETWORK_SUFFIXES, PREDICTIONS_SUFFIX, RESULTS_SUFFIX

CHECKPOINT = "checkpoint.npz"
"""Name of the file in a run's folder from which a training goes on."""

_RESULTS, _HDF5 = os.path.splitext(RESULTS_SUFFIX)


def stem_of(text: str | os.PathLike[str]) -> Path:
    """Return the stem that a run's folder, one of its files, or the stem itself stands for."""
    path = Path(os.path.abspath(Path(text).expanduser()))
    for ending in ENDINGS:
        if path.name.endswith(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path


def network_files(stem: Path) -> list[Path]:
    """Return the files beside a stem that hold its network's weights, the one that counts first."""
    paths = [stem.with_name(stem.name + ending) for ending in NETWORK_SUFFIXES]
    return [path for path in paths if path.is_file()]


def results_file(stem: Path, dataset: str | os.PathLike[str] = "") -> Path:
    """Return where the results of a network's test lie: on its own dataset, or on another one that is named."""
    told = f"{_RESULTS}_{Path(dataset).stem}{_HDF5}" if dataset else RESULTS_SUFFIX
    return stem.with_name(stem.name + told)


def results_on_others(stem: Path) -> Iterator[tuple[str, Path]]:
    """Yield (dataset's name, results file) of a network's tests on other datasets than its own, by name.

    Raises:
        OSError: the folder cannot be read.
    """
    begin = f"{stem.name}{_RESULTS}_"
    for path in sorted(stem.parent.iterdir()):
        if path.name.startswith(begin) and path.suffix == _HDF5:
            yield path.stem.removeprefix(begin), path


def tested_stem(results: Path) -> str:
    """Return the name of the stem whose test a results file holds."""
    return results.name.partition(_RESULTS)[0]


def predictions_folder(stem: Path) -> Path:
    """Return the folder beside a stem for what its network finds in recordings."""
    return stem.with_name(stem.name + PREDICTIONS_SUFFIX)
