"""A sweep from the terminal: begins as a training does, tells what is wrong at once, and its outcome as a table."""

import pytest

from dss_widgets.cli import main
from dss_widgets.dataset import suited_options
from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.jobs import find_job
from dss_widgets.jobs.event_file import append_event
from dss_widgets.results.training_sweep import SweepResult, Swept, write_sweep


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "bird"
    assert main(["song", str(folder), "--kind", "bird", "--files", "3", "--seconds", "4", "--seed", "3"]) == 0
    assert main(["assemble", str(folder), "--seed", "1"]) == 0
    return folder.with_name("bird.npy")


def test_it_begins_as_a_training_does_with_the_recordings_beside_the_dataset(store, tmp_path, capsys):
    words = ["--vary", "learning-rate=0.001,0.003", "--fractions", "0.5,1", "--seeds", "2", "--folds", "3", "--filters", "7"]
    assert main(["sweep", str(store), "--save-folder", str(tmp_path), *words, "--create"]) == 0
    job = find_job(capsys.readouterr().out.splitlines()[-1])
    options = job.options()
    assert job.folder.parent == tmp_path
    assert options.vary == {"learning_rate": "0.001,0.003", "data_fraction": "0.5,1"}
    assert (options.seeds, options.folds, options.data_folder) == (2, 3, str(store.with_suffix("")))
    training = options.training(options.variants()[0], store_folder=str(store))
    suited = suited_options(store).copy(filters=7, learning_rate=0.001, data_fraction=0.5)
    assert training == suited.copy(seed=0, whole_validation=True, save_folder=str(tmp_path), store_folder=str(store))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vary", "epoch=1,2"], "Did you mean 'epochs'?"),
        (["--vary", "epochs"], "'epochs' has no '='. Write it as --vary epochs=10,20."),
        (["--vary", "epochs=1,2", "--vary", "epochs=3"], "epochs comes twice."),
        (["--vary", "chunk_duration=8192,1048576"], "chunk duration 1048576: "),
        ([], "holds one network alone."),
    ],
)
def test_what_cannot_be_tried_starts_nothing(words, told, store, tmp_path, capsys):
    assert main(["sweep", str(store), "--save-folder", str(tmp_path), *words]) == 1
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_its_outcome_is_told_as_a_table_with_the_best_network(store, tmp_path, capsys):
    assert main(["sweep", str(store), "--save-folder", str(tmp_path), "--vary", "epochs=1,2", "--create"]) == 0
    job = find_job(capsys.readouterr().out.splitlines()[-1])
    folder = job.folder.with_suffix("")
    folder.mkdir()
    scores = {"1": {"validation_f1": 0.7, "macro_f1": 0.9}, "2": {"validation_f1": 0.8}}
    found = tuple(Swept(f"{folder}/net{epochs}", {"epochs": epochs}, 0, scores=told) for epochs, told in scores.items())
    write_sweep(folder, SweepResult(found, 2))
    for event in (
        StateChanged(state="starting"), OutcomeTold(values={"folder": str(folder), "done": 2}), StateChanged(state="finished")
    ):  # fmt: skip
        append_event(job.files.events, event)
    assert main(["follow", str(job.folder)]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[2].split()[:3] == ["2", "1", "0.800"]
    assert f"Its best network: {folder}/net2" in told
    assert str(folder / "sweep.csv") in told
