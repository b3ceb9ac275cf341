"""Song, a dataset and a trained network, made once, and work of every kind to do with them."""

import shutil
import threading
import time

import pytest

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.song import make_song
from dss_widgets.jobs import follow, start_run
from dss_widgets.options import PRESETS, AssemblyOptions, TrainingOptions
from dss_widgets.options.assembly import AssemblingOptions
from dss_widgets.options.card import SharingOptions
from dss_widgets.options.cross_validation import CrossValidationOptions
from dss_widgets.options.each_song_type import EachSongTypeOptions
from dss_widgets.options.evaluation import EvaluationOptions, VerificationOptions
from dss_widgets.options.false_alarms import FalseAlarmOptions
from dss_widgets.options.label_check import LabelCheckOptions
from dss_widgets.options.learning import LearningOptions
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.options.prediction import AnnotatingOptions
from dss_widgets.options.review import ReviewOptions
from dss_widgets.options.sweep import SweepOptions

SMALL = {"blocks": 1, "filters": 8, "filter_duration": 7}
"""Of a network that is made ready in half the time; what it learns matters to no test here."""


@pytest.fixture(scope="session")
def song(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs") / "bird's song"
    make_song(folder, "bird", n_files=3, seconds=4, seed=1)
    return folder


@pytest.fixture(scope="session")
def store(song):
    return assemble(plan_splits(survey(song), AssemblyOptions(data_folder=str(song), seed=1)))


@pytest.fixture(scope="session")
def quick(store):
    """Make the options of a short training of a small network, by the folder that it writes to."""

    def options(save_folder, epochs=2):
        values = {**PRESETS["quick"].options, **SMALL, "epochs": epochs}
        return TrainingOptions(**values, store_folder=str(store), save_folder=str(save_folder), seed=1)

    return options


@pytest.fixture(scope="session")
def trained(quick, tmp_path_factory):
    """A run that has finished."""
    run = start_run(quick(tmp_path_factory.mktemp("trained")))
    list(follow(run))
    assert run.status().state == "finished", run.status().message
    return run


@pytest.fixture
def options(quick, tmp_path):
    return quick(tmp_path / "out")


@pytest.fixture
def work(song, quick, tmp_path, request):
    """The options of a kind of work that has something to do."""

    def each():
        asked = AssemblyOptions(
            data_folder=str(song), store_folder=str(tmp_path / "each.npy"), seed=1, individual_targets=True,
            only_song_types=["a", "b"],
        )  # fmt: skip
        values = quick(tmp_path / "out", epochs=1).as_dict() | {"store_folder": str(assemble(plan_splits(survey(song), asked)))}
        return EachSongTypeOptions(**values, suit=False)

    def labelled():
        folder = shutil.copytree(song, tmp_path / "labelled")
        return LabelCheckOptions(data_folder=str(folder), like=str(request.getfixturevalue("trained").stem), folds=2, epochs=1)

    def sweep():
        values = {**quick(tmp_path / "out", epochs=1).as_dict(), "folds": 2, "by": "recordings"}
        return SweepOptions(**values, data_folder=str(song))

    without_network = {
        "assemble": lambda: AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"), seed=1),
        "train": lambda: quick(tmp_path / "out"),
        "measure": lambda: quick(tmp_path / "out"),
        "train_each": each,
        "check_labels": labelled,
        "cross_validate": lambda: CrossValidationOptions(data_folder=str(song), by="recordings", folds=2, epochs=1),
        "sweep": sweep,
    }

    def of(kind):
        if kind in without_network:
            return without_network[kind]()
        network = tmp_path / "network"
        shutil.copytree(request.getfixturevalue("trained").folder.parent, network, ignore=shutil.ignore_patterns("*.run"))
        return with_network(kind, str(network / request.getfixturevalue("trained").name))

    def with_network(kind, stem):
        recordings = sorted(str(path) for path in song.glob("*.wav"))
        grown = str(tmp_path / "grown.npy")
        return {
            "evaluate": EvaluationOptions(network=stem),
            "verify": VerificationOptions(network=stem),
            "card": SharingOptions(network=stem),
            "curve": LearningCurveOptions(network=stem, amounts=3, repeats=1),
            "learn": LearningOptions(network=stem, corrected_folder=str(song), start="weights", store_folder=grown),
            "false_alarms": FalseAlarmOptions(network=stem, recordings=recordings),
            "review": ReviewOptions(network=stem, recordings=recordings, count=3, seconds=0.5),
            "predict": AnnotatingOptions(network=stem, recordings=recordings, out_folder=str(tmp_path / "annotations")),
        }[kind]

    return of


def wait_for(condition, seconds=180):
    """Wait until a condition holds."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("waited in vain")
