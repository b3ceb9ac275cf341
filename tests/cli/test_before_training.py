"""What the terminal says before a training starts: suggestions, a dry run, networks to start from."""

import json
import shutil
import subprocess
import sys

import pytest
import yaml

from dss_widgets.cli import build_parser, main
from dss_widgets.cli.choosing import training_choice, training_options
from dss_widgets.dataset import open_dataset, suited_options
from dss_widgets.options import PRESETS, TrainingOptions, load_options, save_options
from dss_widgets.results import write_params


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before") / "bird"
    assert main(["song", str(folder), "--kind", "bird", "--files", "3", "--seconds", "4", "--seed", "3"]) == 0
    assert main(["assemble", str(folder), "--seed", "1"]) == 0
    return folder.with_name("bird.npy")


@pytest.fixture
def store(made, tmp_path):
    return shutil.copytree(made, tmp_path / "bird.npy")


def options(*words):
    return training_options(build_parser().parse_args([str(word) for word in words]))


def test_suggest_prints_values_with_their_reasons(store, capsys):
    assert main(["suggest", str(store)]) == 0
    told = capsys.readouterr().out
    assert "Downsample factor" in told
    assert "song is recognised by its frequencies" in told
    assert f"train {store}" in told


def test_suggest_for_a_song_type_prints_what_trains_it(made, tmp_path, capsys):
    store = tmp_path / "own targets.npy"
    assert main(["assemble", str(made.with_suffix("")), str(store), "--seed", "1", "--individual-targets"]) == 0
    name = open_dataset(store).song_types[0]
    assert main(["suggest", str(store), "--song-type", name]) == 0
    assert f"train --song-type {name} '{store}'" in capsys.readouterr().out


def test_suggest_json_and_the_saved_config_say_the_same_as_train_does(store, tmp_path, capsys):
    saved = tmp_path / "suggested.yaml"
    assert main(["suggest", str(store), "--json", "--save", str(saved)]) == 0
    suggested = {item["option"]: item["value"] for item in json.loads(capsys.readouterr().out)["suggested"]}
    config = load_options(TrainingOptions, saved)
    trained = options("train", store, "--suggest")
    for name, value in suggested.items():
        assert getattr(config, name) == getattr(trained, name) == value


def test_what_suits_the_data_is_what_trains_and_flags_config_and_presets_count_more(store, tmp_path):
    suited = suited_options(store)
    assert options("train", store) == options("train", store, "--suggest") == suited
    assert suited.chunk_duration != TrainingOptions().chunk_duration, "or this test says nothing"
    assert options("train", store, "--filters", 7) == suited.copy(filters=7)
    assert options("train", store, "--no-suggest", "--filters", 7) == TrainingOptions(store_folder=str(store), filters=7)
    assert options("train", store, "--preset", "quick").filters == PRESETS["quick"].options["filters"]
    config = save_options(TrainingOptions(epochs=3), tmp_path / "few.yaml", changed_only=True)
    assert options("train", store, "--config", config) == TrainingOptions(store_folder=str(store), epochs=3)
    both = options("train", store, "--config", config, "--suggest", "--filters", 7)
    assert both == suited.copy(epochs=3, filters=7)


def test_what_is_chosen_goes_with_what_was_typed(store):
    found = options("train", store, "--blocks", 4, "--chunk-duration", 16384)
    assert found.chunk_duration == 16384
    assert found.batch_size < options("train", store).batch_size
    plain = options("train", store, "--frontend", "none")
    assert plain.learning_rate < options("train", store).learning_rate
    assert not [problem for problem in plain.problems() if problem.is_error]


def test_what_is_chosen_can_be_left_out(store):
    found = options("train", store, "--frontend", "none", "--augmentations", "none", "--separable", "none")
    assert (found.augmentations, found.separable) == ([], [])


def test_train_says_in_a_few_lines_what_it_chose_and_why(store, capsys):
    training_choice(build_parser().parse_args(["train", str(store)])).tell()
    told = capsys.readouterr().err
    assert "Chosen to suit this dataset" in told
    assert "Chunk duration" in told
    assert "The network sees" in told
    assert len(told.splitlines()) < 16
    training_choice(build_parser().parse_args(["train", str(store), "--no-suggest"])).tell()
    assert capsys.readouterr().err == ""


def test_a_preset_for_other_data_says_so(store):
    choice = training_choice(build_parser().parse_args(["train", str(store), "--preset", "mouse"]))
    assert any("'mouse' may not fit. Made for ultrasonic calls" in remark for remark in choice.remarks)


def test_a_suggestion_and_a_preset_exclude_each_other(store):
    with pytest.raises(SystemExit) as ended:
        options("train", store, "--suggest", "--preset", "mouse")
    assert ended.value.code == 2


def test_a_preset_learns_for_longer_from_little_data_unless_flags_say_how_long(store, capsys):
    preset, words = PRESETS["bengalese-finch"].options, ["train", str(store), "--preset", "bengalese-finch"]
    choice = training_choice(build_parser().parse_args(words))
    assert choice.options.epochs > 16
    assert choice.options.batch_size < preset["batch_size"]
    choice.tell()
    assert f"number of epochs {choice.options.epochs} instead of 16" in capsys.readouterr().err
    chosen = training_choice(build_parser().parse_args([*words, "--epochs", "3", "--batch-size", "8"]))
    assert (chosen.options.epochs, chosen.options.batch_size) == (3, 8)
    assert chosen.remarks == ()


def test_suggest_for_what_is_no_dataset_says_so(tmp_path, capsys):
    assert main(["suggest", str(tmp_path / "no.npy")]) == 1
    assert "is not a folder" in capsys.readouterr().err


@pytest.mark.slow
def test_a_dry_run_measures_and_leaves_nothing(store):
    before = sorted(store.parent.rglob("*"))
    small = ["--preset", "quick", "--blocks", "1", "--filters", "8", "--filter-duration", "7"]
    words = [sys.executable, "-m", "dss_widgets", "train", str(store), *small, "--epochs", "20", "--dry-run"]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    for fact in ("batches an epoch", "around every moment", "memory", "are free", "an epoch", "20 epochs"):
        assert fact in told.stdout
    told = subprocess.run([*words, "--json"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["ok"] is True
    assert document["measured"]["epoch_seconds"] > 0
    assert document["check"]["batches"] > 0
    assert sorted(store.parent.rglob("*")) == before


def test_a_dry_run_of_what_cannot_work_names_the_field(store, capsys):
    assert main(["train", str(store), "--chunk-duration", "64", "--dry-run"]) == 1
    assert "chunk_duration" in capsys.readouterr().err


def test_more_memory_than_there_is_is_refused(store, capsys):
    assert main(["train", str(store), "--batch-size", "8192", "--filters", "4096", "--frontend", "none", "--dry-run"]) == 1
    told = capsys.readouterr().err
    assert "batch_size: takes at least" in told
    assert "Use a smaller batch" in told


def trained(folder, store, **more):
    """Leave the params of a network, and a file where its weights would be."""
    params = {
        "nb_filters": 12, "kernel_size": 8, "nb_conv": 2, "nb_hist": 2048, "nb_pre_conv": 3, "pre_nb_dft": 32,
        "use_separable": False, "class_names": ["noise", "a"], "samplerate_x_Hz": 32000.0, "nb_channels": 1, **more,
    }  # fmt: skip
    write_params(folder / "20260101_000000_params.yaml", params)
    (folder / "20260101_000000_model.h5").write_bytes(b"")
    return folder / "20260101_000000"


def test_a_network_of_another_architecture_is_refused_with_what_differs(store, tmp_path, capsys):
    stem = trained(tmp_path, store)
    assert main(["train", str(store), "--initial-weights", str(stem)]) == 1
    told = capsys.readouterr().err
    assert "initial_weights: has another architecture" in told
    assert "Number of filters 12 instead of 32" in told
    assert "Downsample factor 8 instead of 16" in told
    assert not store.with_suffix(".res").exists()


def test_its_architecture_is_taken_over_on_request(store, tmp_path):
    found = options("train", store, "--initial-weights", trained(tmp_path, store), "--same-architecture", "--epochs", 3)
    assert (found.filters, found.filter_duration, found.blocks, found.chunk_duration) == (12, 8, 2, 2048)
    assert (found.downsample_factor, found.frontend_filter_duration, found.epochs) == (8, 32, 3)


def test_the_same_architecture_needs_a_network(store, capsys):
    assert main(["train", str(store), "--same-architecture"]) == 1
    assert "initial_weights" in capsys.readouterr().err


def test_a_network_without_weights_or_that_is_none_is_refused(store, tmp_path, capsys):
    stem = trained(tmp_path, store)
    (tmp_path / "20260101_000000_model.h5").unlink()
    assert main(["train", str(store), "--initial-weights", str(stem)]) == 1
    assert "no weights" in capsys.readouterr().err
    assert main(["train", str(store), "--initial-weights", str(tmp_path / "nothing")]) == 1
    assert "initial_weights" in capsys.readouterr().err


def test_a_network_for_other_channels_is_refused(store, tmp_path, capsys):
    stem = trained(tmp_path, store, nb_channels=9)
    assert main(["train", str(store), "--initial-weights", str(stem), "--same-architecture"]) == 1
    assert "knows audio with 9 channels" in capsys.readouterr().err


def test_das_separable_flags_of_a_network_are_understood(store, tmp_path):
    stem = trained(tmp_path, store, use_separable=[True, False], nb_conv=4, nb_pre_conv=0)
    found = options("train", store, "--initial-weights", stem, "--same-architecture")
    assert found.separable == [True, False, False, False]


def test_every_way_in_names_the_new_options(store, tmp_path, capsys):
    words = [
        "--initial-weights",
        str(trained(tmp_path, store)),
        "--same-architecture",
        "--oversample-rare",
        "--tune-thresholds",
    ]
    assert main(["script", str(store), *words]) == 0
    script = capsys.readouterr().out
    config = script.split("<<'OPTIONS'\n")[1].split("\nOPTIONS\n")[0]
    values = yaml.safe_load(config)
    assert "/20260101_000000  #" in script
    assert values["oversample_rare"] is values["tune_thresholds"] is True
    assert set(values) == set(TrainingOptions.declared())
    assert set(PRESETS) >= {"quick", "fly", "mouse"}
