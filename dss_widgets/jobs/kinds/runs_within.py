"""Trainings within a job of another kind: each has a run's folder, so it is seen, followed and stopped as any other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.events import OnEvent
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.kinds.several import as_run
from dss_widgets.jobs.kinds.training import Training
from dss_widgets.options import TrainingOptions
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

_SO_FAR = "so_far.json"
"""Name of the file in the job's folder that says what there is already, such as where each training lies."""


class SoFar:
    """What a job that can be gone on with has come to.

    Args:
        folder: the job's.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _SO_FAR
        self._told: dict[str, Any] = {}
        with (
            suppress(FileNotFoundError, ValueError),
            open_confined(self._path) as file,
        ):  # if damaged, begun again
            told = json.load(file)
            self._told = told if isinstance(told, dict) else {}

    def get(self, name: str) -> str:
        """Return what was kept; '' where nothing was."""
        return str(self._told.get(name) or "")

    def keep(self, name: str, value: str) -> None:
        """Keep something."""
        self._told[name] = value
        with appearing_whole(self._path) as partial:
            partial.write_text(json.dumps(self._told), encoding="utf-8")

    def run_folder(self, name: str, place: Callable[[], Path]) -> Path:
        """Return the run's folder of a training; a new one is made and kept."""
        if name not in self._told:
            folder = place()
            folder.mkdir(parents=True)
            self.keep(name, str(folder))
        return Path(self._told[name])


@dataclass(frozen=True)
class RunWithin:
    """A training that is about to begin.

    Attributes:
        stem: path of the files to write, without their endings.
        run_folder: where its checkpoint is kept.
        on_event: takes what it tells.
        should_stop: says whether somebody wants it to stop.
    """

    stem: Path
    run_folder: Path
    on_event: OnEvent
    should_stop: Callable[[], bool]


@contextmanager
def run_within(so_far: SoFar, name: str, training: TrainingOptions) -> Iterator[RunWithin]:
    """Give a training a run's folder, and have it tell how the training ended.

    Args:
        so_far: keeps where it lies.
        name: of the training, within its job.
        training: its options.

    Raises:
        RunError: it goes on already.
    """
    files = JobFolder(so_far.run_folder(name, lambda: Training().folder(training)))
    with as_run(files, training) as record:
        yield RunWithin(files.path.with_name(files.name), files.path, record, files.stop.exists)
