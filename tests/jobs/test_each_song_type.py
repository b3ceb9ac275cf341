"""A network for each song type, by one command: ordinary runs, one after the other, to be used together."""

import pytest

from dss_widgets.cli import main
from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.each_song_type import each_training
from dss_widgets.dataset.suited import advice_for
from dss_widgets.errors import DataError, OptionsError, RunError
from dss_widgets.events import OutcomeTold, Progressed, StateChanged
from dss_widgets.jobs import create_job, find_job, follow, list_runs, start_job
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.kinds import Task, training_each
from dss_widgets.jobs.worker import told_before
from dss_widgets.network import tensorflow_setup
from dss_widgets.options.each_song_type import EachSongTypeOptions
from dss_widgets.options.suggestion import as_options


@pytest.mark.slow
def test_trainings_that_were_stopped_go_on_and_their_networks_annotate_together(work, song, tmp_path, capsys):
    job = start_job("train_each", work("train_each").copy(epochs=6))
    for event in follow(job):
        if isinstance(event, Progressed) and event.doing == "network 2 of 2":
            job.stop()
    assert job.status().state == "stopped", job.status().message
    first, second = sorted(list_runs(tmp_path / "out"), key=lambda run: run.name)
    assert [first.status().state, second.status().state] == ["finished", "stopped"]
    weights = (tmp_path / "out" / f"{first.name}_model.h5").stat().st_mtime_ns

    assert main(["resume", str(job.folder)]) == 0
    told = capsys.readouterr().out
    assert job.outcome() == {"a": first.stem, "b": second.stem}
    assert (second.status().state, second.status().epoch) == ("finished", 6)
    assert (tmp_path / "out" / f"{first.name}_model.h5").stat().st_mtime_ns == weights
    assert f"Use them together: dss-widgets predict {first.stem} {second.stem} RECORDING" in told.replace("'", "")
    assert first.name.startswith("a_")
    assert first.options().song_type == "a"

    recording = str(next(song.glob("*.wav")))
    assert main(["predict", str(first.stem), str(second.stem), recording, "--out", str(tmp_path / "new")]) == 0
    printed = capsys.readouterr()
    assert [line.split(" (")[0] for line in printed.err.splitlines()[:2]] == [f"a from {first.name}", f"b from {second.name}"]


def test_each_network_is_trained_with_what_suits_its_song_type_but_for_what_was_chosen(work):
    options = work("train_each").copy(suit=True, chosen=["seed", "epochs"], epochs=3, seed=7, prefix="my")
    dataset = open_dataset(options.store_path)
    trainings = each_training(options, dataset)
    assert list(trainings) == ["a", "b"]
    for name, training in trainings.items():
        suited = as_options(advice_for(dataset, {"song_type": name, "seed": 7, "epochs": 3}))
        assert {option: getattr(training, option) for option in suited} == suited
        assert (training.song_type, training.prefix, training.seed, training.epochs) == (name, f"my_{name}", 7, 3)
    fixed = each_training(options.copy(suit=False), dataset)["a"]
    assert fixed.chunk_duration == options.chunk_duration


def test_the_command_keeps_what_was_typed_the_same_for_all(work, capsys):
    store = work("train_each").store_folder
    assert main(["train", store, "--each-song-type", "--seed", "7", "--create"]) == 0
    printed = capsys.readouterr()
    options = find_job(printed.out.strip()).options()
    assert (options.suit, options.chosen, options.seed) == (True, ["seed"], 7)
    assert "suggest" in printed.err
    assert main(["train", store, "--each-song-type", "--preset", "quick", "--create"]) == 0
    assert not find_job(capsys.readouterr().out.strip()).options().suit


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--song-type", "a"], "is 'a', but a network is trained for each one"),
        (["--dry-run"], "name its song type"),
        (["--devices", "2"], "by one process"),
    ],
)
def test_what_says_the_opposite_is_refused(work, flags, told, capsys):
    assert main(["train", work("train_each").store_folder, "--each-song-type", *flags]) == 1
    assert told in capsys.readouterr().err


def test_a_dataset_without_individual_targets_is_refused_with_the_mend(quick, tmp_path):
    with pytest.raises(OptionsError, match=r"individual targets.*--individual-targets"):
        start_job("train_each", EachSongTypeOptions(**quick(tmp_path / "out").as_dict()))
    assert not (tmp_path / "out").exists()


def test_what_an_attempt_came_to_is_there_for_the_next_one_though_another_died_before_it_told_anything(work):
    job = create_job("train_each", work("train_each"))
    begins = StateChanged(state="starting")
    told = [OutcomeTold(values={"networks": {"a": "x"}}), OutcomeTold(values={"networks": {"a": "x", "b": "y"}})]
    for event in (begins, *told, StateChanged(state="stopped"), begins, StateChanged(state="preparing"), begins):
        append_event(job.files.events, event)
    assert told_before(job).outcome == {"networks": {"a": "x", "b": "y"}}
    append_event(job.files.events, OutcomeTold(values={"other": 1}))
    assert told_before(job).outcome == {"other": 1}


def test_a_training_that_fails_holds_up_none_of_the_others(work, tmp_path, monkeypatch):
    def train(_task, _so_far, training, _number, _n):
        if training.song_type == "a":
            raise DataError("there is too little of it.")
        (tmp_path / "b_model.h5").touch()
        return tmp_path / "b"

    monkeypatch.setattr(training_each, "_trained", train)
    monkeypatch.setattr(tensorflow_setup, "set_up_worker_process", lambda: None)
    job, told = create_job("train_each", work("train_each")), []
    task = Task(job.options(), job.files, told.append, lambda: False, lambda: False, job.told_status(), 0.0)
    with pytest.raises(RunError, match=r"^a: there is too little of it\.\nThe others were trained\.$"):
        job.kind.work(task)
    assert told[-1].values == {"networks": {"b": str(tmp_path / "b")}}
