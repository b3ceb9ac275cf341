"""Real song, a real dataset, and runs as workers leave them."""

import asyncio
import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dss_widgets.dataset.assembly.assemble import assemble
from dss_widgets.dataset.song import make_song
from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.survey import survey
from dss_widgets.events import StateChanged, event_of
from dss_widgets.jobs import Run, create_job, lock
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels import ResultsPanel, job_watch
from dss_widgets.results.params_file import write_params
from dss_widgets.results.results_file import ResultsWriter
from dss_widgets.results.scores import Scores


@pytest.fixture(autouse=True)
def own_state(monkeypatch, tmp_path):
    """Every test begins as a new user, confined to nothing, on no request."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("DSS_WIDGETS_ROOTS", "DSS_WIDGETS_FOLDER", "DSS_WIDGETS_STORE", "QUERY_STRING", "VOILA_PREHEAT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def song(tmp_path_factory) -> Path:
    """Three short recordings of bird song; not to be written to."""
    folder = tmp_path_factory.mktemp("song") / "bird"
    make_song(folder, "bird", n_files=3, seconds=4, seed=1)
    return folder


@pytest.fixture
def bird(song, tmp_path) -> Path:
    """A folder of bird song of one's own."""
    return Path(shutil.copytree(song, tmp_path / "bird"))


@pytest.fixture(scope="session")
def assembled(song) -> Path:
    """The bird song, assembled; not to be written to."""
    return assemble(plan_splits(survey(song), AssemblyOptions(data_folder=str(song), seed=1)))


@pytest.fixture
def dataset(bird, assembled) -> Path:
    """The bird song, assembled beside the folder of one's own."""
    return Path(shutil.copytree(assembled, bird.with_suffix(".npy")))


CLASSES = ["noise", "a", "b"]
CONFUSION = np.array([[90, 8, 2], [1, 19, 0], [5, 0, 0]])


class PretendedRun:
    """A run folder that is written as a worker writes it; the lock is held until :meth:`end`."""

    def __init__(self, folder: Path, store: Path, *, epochs: int = 10, **options) -> None:
        folder.mkdir(parents=True)
        used = TrainingOptions(store_folder=str(store), save_folder=str(folder.parent), epochs=epochs, **options)
        JobFolder(folder).write("train", used)
        self.run = Run(folder)
        self.epochs = epochs
        self._lock = lock.acquire(self.run.files.lock)
        self.tell("state", state="training")
        self.tell("begin", epochs=epochs, steps_per_epoch=4, n_weights=100, classes=CLASSES)

    def tell(self, event: str, **more) -> None:
        append_event(self.run.files.events, event_of({"event": event, **more}))

    def tell_many(self, events) -> None:
        lines = "".join(json.dumps({"time": 1.0, **event}) + "\n" for event in events)
        with open(self.run.files.events, "a", encoding="utf-8") as file:
            file.write(lines)

    def step(self, epoch: int, step: int, loss: float) -> None:
        self.tell("step", epoch=epoch, step=step, steps=4, loss=loss, seconds=1.0)

    def epoch(self, epoch: int, loss: float, val_loss: float | None, *, best: int, best_loss: float | None, **more) -> None:
        self.tell("epoch", **{**epoch_event(epoch, loss, val_loss, best, best_loss), **more})

    def many_epochs(self, n_epochs: int) -> None:
        """Tell epochs whose loss falls as one over their number."""
        self.tell_many({"event": "epoch", **epoch_event(i, 1 / i, 1 / i, i, 1 / i)} for i in range(1, n_epochs + 1))

    def end(self, state: str = "finished", *, scores: bool = True) -> None:
        if scores:
            self.tell("scores", **Scores.of(CLASSES, CONFUSION).as_dict())
        if state != "died":
            self.tell("state", state=state)
        self.drop_lock()

    def drop_lock(self) -> None:
        self._lock.close()


def epoch_event(epoch: int, loss: float, val_loss: float | None, best: int, best_loss: float | None) -> dict:
    return {
        "epoch": epoch, "loss": loss, "val_loss": val_loss, "learning_rate": 0.001, "seconds": 1.0,
        "best": best == epoch, "best_epoch": best, "best_val_loss": best_loss, "epochs_to_early_stop": 20 - (epoch - best),
        "seconds_left": 5.0, "recall": {"a": 0.5}, "f1": {"a": 0.5}, "macro_f1": 0.5,
    }  # fmt: skip


@pytest.fixture
def pretend(dataset):
    """Make runs in the dataset's save folder; locks are given back at the end."""
    made = []

    def make(name: str = "20260101_120000", **options) -> PretendedRun:
        made.append(PretendedRun(dataset.with_suffix(".res") / f"{name}.run", dataset, **options))
        return made[-1]

    yield make
    for run in made:
        run.drop_lock()


class PretendedJob:
    """A job that was started by a panel, whose worker is the test: it tells what it is made to, until :meth:`end`."""

    def __init__(self, job) -> None:
        self.job = job
        self._lock = lock.acquire(job.files.lock)
        self.tell(StateChanged(state="starting"))

    @property
    def is_asked_to_stop(self) -> bool:
        return self.job.files.stop.exists()

    def tell(self, *events) -> None:
        for event in events:
            append_event(self.job.files.events, event)

    def end(self, state: str = "finished", message: str = "") -> None:
        self.tell(StateChanged(state=state, message=message))
        self.drop_lock()

    def drop_lock(self) -> None:
        self._lock.close()


@pytest.fixture
def pretended_jobs(monkeypatch):
    """Have panels start jobs that no process does; returns the list of them."""
    made = []

    def start(kind, options, _place=None):
        made.append(PretendedJob(create_job(kind, options)))
        return made[-1].job

    monkeypatch.setattr(job_watch, "start_job", start)
    yield made
    for job in made:
        job.drop_lock()


async def _until(condition: Callable[[], object]) -> int:
    rounds = 0
    while not condition():
        await asyncio.sleep(0.002)
        rounds += 1
    return rounds


def _wait_for(condition: Callable[[], object]) -> None:
    pause = threading.Event()
    while not condition():
        pause.wait(0.002)


@pytest.fixture
def until():
    """Let a kernel's loop go round until a condition holds; returns how often it went round."""
    return _until


@pytest.fixture
def wait_for():
    """Wait in a thread until a condition holds."""
    return _wait_for


NAMES = ["noise", "a"]


def write_results(path, right):
    targets = np.zeros((100, 2), dtype=np.float32)
    targets[:, 0] = 1
    params = {"class_names": NAMES, "class_types": ["segment"] * 2, "samplerate_x_Hz": 1000.0}
    with ResultsWriter(path, NAMES, params=params, history={}) as results:
        results.add(targets, targets)
        results.finish(Scores.of(NAMES, np.array([[right, 100 - right], [0, 0]])))


@pytest.fixture
def panel(pretend, pretended_jobs):
    """The results of a run that was trained and tested; jobs that they start are pretended."""
    run = pretend()
    run.end()
    Path(f"{run.run.stem}_model.h5").touch()
    write_params(f"{run.run.stem}_params.yaml", {"class_names": NAMES})
    write_results(run.run.results_path, 90)
    return ResultsPanel(run.run)
