"""Trainings within a job of another kind: each has a run's folder, so it is seen, followed and stopped as any other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dss_widgets.errors import Cancelled, RunError
from dss_widgets.events import OnEvent, StateChanged
from dss_widgets.jobs import lock
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.folder import TRAIN, JobFolder
from dss_widgets.jobs.kinds.training import Training
from dss_widgets.options import TrainingOptions
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

if TYPE_CHECKING:
    from dss_widgets.network.learn_on import Attempt

_LAST_BREATH_SECONDS = 60.0
"""How long a training whose job was killed may take to write its checkpoint."""

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
        # a damaged file is as good as none
        with suppress(FileNotFoundError, ValueError), open_confined(self._path) as file:
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


@contextmanager
def as_run(files: JobFolder, training: TrainingOptions) -> Iterator[OnEvent]:
    """Let a training that is part of a job be a run of its own; yields what takes its events, and tells how it ended.

    Raises:
        RunError: somebody is at it already.
    """
    files.path.mkdir(parents=True, exist_ok=True)
    files.write(TRAIN, training)
    lock.wait_until_free(files.lock, seconds=_LAST_BREATH_SECONDS)
    held = lock.acquire(files.lock)
    if held is None:
        raise RunError(f"{files.name}: is running already.")
    with held:
        append_event(files.events, StateChanged(state="starting"))
        try:
            yield lambda event: append_event(files.events, event)
        except Cancelled as error:
            append_event(files.events, StateChanged(state="stopped", message=str(error)))
            raise
        except Exception as error:
            append_event(files.events, StateChanged(state="failed", message=str(error) or type(error).__name__))
            raise
        append_event(files.events, StateChanged(state="stopped" if files.stop.exists() else "finished"))


@contextmanager
def run_within(so_far: SoFar, name: str, training: TrainingOptions) -> Iterator[Attempt]:
    """Give a training a run's folder, and have it tell how the training ended.

    Args:
        so_far: keeps where it lies.
        name: of the training, within its job.
        training: its options.

    Raises:
        RunError: it goes on already.
    """
    from dss_widgets.network.learn_on import Attempt

    files = JobFolder(so_far.run_folder(name, lambda: Training().folder(training)))
    with as_run(files, training) as record:
        yield Attempt(files.path.with_name(files.name), files.path, record, files.stop.exists)
