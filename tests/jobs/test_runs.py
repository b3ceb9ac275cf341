"""Runs: the folder is the only interface, and what it says is true whatever happens to the worker."""

import os
import signal
import subprocess
import sys

import pytest

from dss_widgets.errors import OptionsError, RunError
from dss_widgets.events import EpochDone, NetworkTested, StateChanged
from dss_widgets.jobs import create_job, find_run, follow, launch, list_runs, lock, resume_job, start_run
from dss_widgets.jobs.event_file import append_event
from dss_widgets.results.stems import stem_of

from .conftest import wait_for


@pytest.fixture
def run(options):
    return create_job("train", options)


WORKER = """
import json, os, sys
from dss_widgets.events import StateChanged
from dss_widgets.jobs.event_file import append_event
folder = sys.argv[1]
append_event(__import__("pathlib").Path(folder) / "events.jsonl", StateChanged(state="training"))
print("the last thing it said", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def stand_in_worker(run):
    """A process that holds the run's lock as a worker does, until it is killed."""
    held = lock.acquire(run.files.lock)
    with open(run.files.log, "w") as log:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(run.folder)], stdin=subprocess.PIPE, stdout=log, pass_fds=(held.fileno(),)
        )
    held.close()
    wait_for(lambda: run.log_tail(1))
    yield worker
    worker.kill()
    worker.wait()


def test_a_new_run_has_a_folder_with_its_options(run, options):
    assert run.folder.name.endswith(".run")
    assert run.options().copy(save_folder=options.save_folder) == options


def test_a_save_folder_may_be_relative(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = create_job("train", options.copy(save_folder="here"))
    assert run.folder.is_absolute()
    assert run.options().save_folder == str(tmp_path / "here")


def test_two_runs_in_the_same_second_get_two_names(options):
    assert create_job("train", options).name != create_job("train", options).name


def test_a_prefix_begins_the_name(options):
    assert create_job("train", options.copy(prefix="bird")).name.startswith("bird_2")


def test_options_that_cannot_be_start_nothing(options, tmp_path):
    with pytest.raises(OptionsError, match="chunk_duration"):
        start_run(options.copy(chunk_duration=64, blocks=8))
    assert not (tmp_path / "out").exists()


def test_a_save_folder_that_cannot_be_written_is_named(options, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises((OptionsError, RunError), match="file"):
        create_job("train", options.copy(save_folder=str(tmp_path / "file" / "out")))


def test_a_worker_that_lives_is_running(run, stand_in_worker):
    assert run.status().state == "training"
    assert run.status().is_running


def test_a_worker_that_is_killed_is_shown_as_died_with_its_last_words(run, stand_in_worker):
    os.kill(stand_in_worker.pid, signal.SIGKILL)
    wait_for(lambda: not run.status().is_running)
    assert run.status().state == "died"
    assert "the last thing it said" in run.status().message


def test_a_second_worker_for_the_same_run_is_refused(run, stand_in_worker):
    with pytest.raises(RunError, match="running already"):
        launch(run)


def test_a_running_run_is_not_deleted(run, stand_in_worker):
    with pytest.raises(RunError, match="Stop it first"):
        run.delete()


def test_deleting_a_run_removes_its_files_and_no_others(run):
    other = run.folder.parent / "other_model.h5"
    other.touch()
    (run.folder.parent / f"{run.name}_model.h5").touch()
    (run.folder.parent / f"{run.name}_results_other_birds.h5").touch()
    run.delete()
    assert list(run.folder.parent.iterdir()) == [other]


def test_stopping_leaves_a_request_in_the_folder(run):
    run.stop()
    assert run.files.stop.exists()


@pytest.mark.parametrize("ending", ["", ".run", "_model.keras", "_model.h5", "_params.yaml", "_results.h5"])
def test_a_run_is_found_by_its_stem_folder_or_any_file(run, ending):
    assert find_run(f"{run.stem}{ending}") == run


def test_a_stem_keeps_its_dots(tmp_path):
    assert stem_of(tmp_path / "v1.2_20260101_000000_model.h5").name == "v1.2_20260101_000000"


def test_a_save_folder_named_instead_of_a_run_is_told_apart(run):
    with pytest.raises(RunError, match=run.name):
        find_run(run.folder.parent)


def test_runs_are_listed_newest_first(options):
    first, second = create_job("train", options.copy(prefix="z")), create_job("train", options.copy(prefix="a"))
    names = [run.name for run in list_runs(options.save_path)]
    assert set(names) == {first.name, second.name}
    assert sorted(names, key=lambda name: name[-15:], reverse=True) == names


def test_no_folder_has_no_runs(tmp_path):
    assert list_runs(tmp_path / "nowhere") == []


@pytest.mark.slow
def test_a_run_tells_each_epoch_and_its_test(trained):
    events, _ = trained.events()
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == [1, 2]
    assert NetworkTested in map(type, events)
    assert trained.results_path.is_file()


def test_a_run_is_not_asked_for_fewer_epochs_than_it_has_been_trained_for(run):
    append_event(run.files.events, EpochDone(epoch=3))
    append_event(run.files.events, StateChanged(state="finished"))
    before = run.options()
    with pytest.raises(RunError, match="has been trained for 3 epochs already"):
        resume_job(run, epochs=2)
    assert run.options() == before


@pytest.mark.slow
def test_a_run_that_is_stopped_keeps_its_best_network(options):
    run = start_run(options.copy(epochs=1000))
    for event in follow(run):
        if isinstance(event, EpochDone) and event.epoch == 1:
            run.stop()
    assert run.status().state == "stopped"
    assert run.stem.with_name(run.name + "_model.h5").is_file()
    assert run.status().macro_f1 is not None


@pytest.mark.slow
def test_a_killed_run_is_told_and_goes_on_where_it_was(options):
    run = start_run(options.copy(epochs=12))
    for event in follow(run):
        if isinstance(event, EpochDone) and event.epoch == 2:
            run.kill()
    assert run.status().state == "died"
    told, (_, position) = run.status().epoch, run.events()
    resume_job(run)
    assert run.status().is_running
    list(follow(run))
    assert run.status().state == "finished"
    epochs = [event.epoch for event in run.events(position)[0] if isinstance(event, EpochDone)]
    # one that was told but is not yet in the checkpoint is learned again; never an earlier one
    assert epochs[0] in (told, told + 1)
    assert epochs == list(range(epochs[0], 13))


def test_a_running_run_is_not_resumed(run, stand_in_worker):
    with pytest.raises(RunError, match="running already"):
        resume_job(run)


def test_a_run_whose_dataset_is_gone_is_not_resumed(run, store):
    moved = store.rename(store.with_name("moved.npy"))
    try:
        with pytest.raises(OptionsError, match="store_folder"):
            resume_job(run)
    finally:
        moved.rename(store)
    assert not run.status().is_running


def test_looking_does_not_disturb_others_who_look(run):
    """A dead run stays dead for everybody, however many look at once."""
    from concurrent.futures import ThreadPoolExecutor

    path = run.files.lock
    path.touch()
    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(lambda _: lock.is_held(path), range(2000)))


def test_a_run_in_the_current_folder_is_found(run, monkeypatch):
    monkeypatch.chdir(run.folder)
    assert find_run(".") == run


def test_a_run_without_a_name_is_refused():
    with pytest.raises(RunError, match="no name"):
        find_run("")


def test_what_tensorflow_says_of_itself_is_nobodys_last_words(run):
    (run.files.log).write_text(
        "out of song\nI0000 00:00:1795443191.785499   20030 port.cc:153] oneDNN custom operations are on.\n"
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    )
    assert run.log_tail(1) == ["out of song"]
