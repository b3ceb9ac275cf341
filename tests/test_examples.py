"""The examples in docstrings are run, in a folder with what they speak of: recordings, a dataset and a run."""

import doctest
import importlib
import os
import shutil
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import traitlets

import dss_widgets
from dss_widgets import dataset, jobs, options, panels, results
from dss_widgets.dataset.song import make_song
from dss_widgets.events import EpochDone, NetworkTested, StateChanged, TrainingBegan
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.results.params_file import write_params
from dss_widgets.results.results_file import ResultsWriter
from dss_widgets.results.scores import Scores

PACKAGE = Path(dss_widgets.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)
CLASS_NAMES, RUN = ["noise", "sine"], "20261123_141500"
PARAMS = {"class_names": CLASS_NAMES, "class_types": ["segment"] * 2, "samplerate_x_Hz": 1000.0}
BLOCK = np.eye(2, dtype=np.float32)[[0] * 50 + [1] * 50]
SCORES = Scores.of(CLASS_NAMES, np.array([[50, 0], [0, 50]]))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with recordings (``song``), their dataset (``song.npy``), and a run that has finished in ``song.res``."""
    folder = tmp_path_factory.mktemp("examples")
    make_song(folder / "song", "bird", n_files=3, seconds=4, seed=1)
    shutil.copytree(folder / "song", folder / "new_recordings")
    chosen = options.AssemblyOptions(data_folder=str(folder / "song"), seed=1)
    store = dataset.assemble(dataset.plan_splits(dataset.survey(chosen.data_folder), chosen))
    files = JobFolder(folder / "song.res" / f"{RUN}.run")
    files.path.mkdir(parents=True)
    files.write("train", options.TrainingOptions(store_folder=str(store), epochs=1))
    tested = NetworkTested(class_names=("noise", "sine"), macro_f1=1.0)
    ended = StateChanged(state="finished")
    for event in (StateChanged(state="starting"), TrainingBegan(epochs=1), EpochDone(epoch=1, loss=0.5), tested, ended):
        append_event(files.events, event)
    write_params(folder / "song.res" / f"{RUN}_params.yaml", PARAMS)
    with ResultsWriter(folder / "song.res" / f"{RUN}_results.h5", CLASS_NAMES, params=PARAMS, history={}) as written:
        written.add(BLOCK, BLOCK)
        written.finish(SCORES)
    return folder


def names(folder):
    """Return what examples use without making it."""
    known = {name: getattr(room, name) for room in (options, dataset, results, jobs, panels) for name in room.__all__}
    return {
        **known, "Path": Path, "VBox": ipywidgets.VBox, "traitlets": traitlets, "np": np, "audio": np.zeros(2 * 32000),
        "class_names": CLASS_NAMES, "params": PARAMS, "history": {}, "scores": SCORES, "path": folder / "made_results.h5",
        "run": jobs.find_run(folder / "song.res" / RUN),
    }  # fmt: skip


class Checker(doctest.OutputChecker):
    """What is shown and not told in the example (a panel, for one) is not compared."""

    def check_output(self, want, got, optionflags):
        return not want or super().check_output(want, got, optionflags)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_do_what_they_say(module, place, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(place)
    loaded = importlib.import_module(module)
    blocks = [(BLOCK, BLOCK)] if "results_file" in module else [BLOCK]
    runner = doctest.DocTestRunner(Checker(), optionflags=doctest.ELLIPSIS)
    told = []
    for example in doctest.DocTestFinder(exclude_empty=True).find(loaded, extraglobs={**names(place), "blocks": blocks}):
        runner.run(example, out=told.append)
    assert runner.tries, "no example was found where there is one"
    assert not runner.failures, "".join(told)
    assert os.getcwd() == str(place)
