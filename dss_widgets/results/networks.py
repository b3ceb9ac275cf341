"""The trained networks of a folder, told by their files: where they were copied to, or made by DAS, there is nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX, RESULTS_SUFFIX
from dss_widgets.results.params_file import read_params
from dss_widgets.results.results_file import read_results
from dss_widgets.results.scores import Scores
from dss_widgets.results.stems import network_files
from dss_widgets.roots import why_refused

_TIME = len("YYYYMMDD_hhmmss")


@dataclass(frozen=True)
class Network:
    """A trained network.

    Attributes:
        stem: path of its files without their endings.
    """

    stem: Path

    @property
    def name(self) -> str:
        """The stem's name."""
        return self.stem.name

    @property
    def macro_f1(self) -> float | None:
        """Of its test, as its files tell it; None where they do not."""
        return _macro_f1(self.stem, *(_written(self.stem, suffix) for suffix in (RESULTS_SUFFIX, PARAMS_SUFFIX)))

    @property
    def class_names(self) -> tuple[str, ...]:
        """What it tells apart, noise first; none where that is not told."""
        return self._listed("class_names")

    @property
    def class_types(self) -> tuple[str, ...]:
        """Whether each of its classes is an ``event`` or a ``segment``, noise among the latter; none where that is not told."""
        return self._listed("class_types")

    def _listed(self, name: str) -> tuple[str, ...]:
        try:
            told = read_params(self.stem).get(name)
        except DataError:
            return ()
        return tuple(map(str, told)) if isinstance(told, list) else ()


def has_network(stem: str | os.PathLike[str]) -> bool:
    """Return whether there are weights under a stem."""
    return bool(network_files(Path(stem)))


def stems_in(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the stems of a folder that have parameters, latest name first; none of a folder that may not be used."""
    folder = Path(folder).expanduser()
    return sorted(_stems(folder), key=lambda stem: stem.name, reverse=True) if not why_refused(folder) else []


def networks_in(folder: str | os.PathLike[str]) -> list[Network]:
    """Return the networks of a folder that annotate: parameters and weights are there. The latest comes first.

    Args:
        folder: a save folder; of one that is not there, or may not be used, nothing is returned.
    """
    found = [stem for stem in stems_in(folder) if has_network(stem)]
    return [Network(stem) for stem in sorted(found, key=lambda stem: (stem.name[-_TIME:], stem.name), reverse=True)]


def _stems(folder: Path) -> Iterator[Path]:
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if name.endswith(PARAMS_SUFFIX) and not why_refused(folder / name):
            yield folder / name.removesuffix(PARAMS_SUFFIX)


def _written(stem: Path, suffix: str) -> int:
    try:
        return stem.with_name(stem.name + suffix).stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1024)
def _macro_f1(stem: Path, results_written: int, params_written: int) -> float | None:
    """Return the score in a network's files; they are read again once they were written again."""
    try:
        if results_written and (scores := read_results(stem).scores) is not None:
            return scores.macro_f1
    except DataError:
        pass  # DAS's results are of another kind: its params tell
    try:
        params = read_params(stem) if params_written else {}
        return Scores.of(params["class_names"], np.asarray(params["conf_mat"])).macro_f1
    except (DataError, KeyError, ValueError, TypeError):
        return None
