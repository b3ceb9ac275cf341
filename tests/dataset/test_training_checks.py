"""Readiness: what stands against training on a dataset is told before a network is built."""

import math

import pytest

from dss_widgets.dataset.dry_check import chunks_in, dry_check
from dss_widgets.dataset.training_checks import training_problems
from dss_widgets.options import TrainingOptions


@pytest.fixture
def song(folder):
    folder.many(2, 10)
    return folder


def problems(dataset, **options) -> dict[str, str]:
    """Return the worst severity by field."""
    found = training_problems(
        TrainingOptions(**{"store_folder": str(dataset.path), "chunk_duration": 512, "epochs": 500, **options})
    )
    return {str(problem.field): problem.severity for problem in sorted(found, key=lambda problem: problem.is_error)}


def test_a_dataset_that_fits_has_no_problems(song):
    assert problems(song.assemble()) == {}


def test_too_few_steps_of_learning_are_a_warning_that_tells_how_many_epochs_it_takes(song):
    dataset = song.assemble()
    few, enough = 3, 300
    assert problems(dataset, epochs=few) == {"epochs": "warning"}
    (told,) = training_problems(TrainingOptions(store_folder=str(dataset.path), chunk_duration=512, epochs=few))
    steps = dry_check(TrainingOptions(store_folder=str(dataset.path), chunk_duration=512, epochs=few), dataset).steps
    assert f"only {steps} training steps" in str(told)
    assert f"about {math.ceil(1000 / (steps // few))}," in str(told)
    assert problems(dataset, epochs=enough) == {}


def test_no_dataset_is_an_error_of_its_field(tmp_path):
    (tmp_path / "x.npy").mkdir()
    for store in ("", str(tmp_path), str(tmp_path / "no.npy"), str(tmp_path / "x.npy")):
        assert [p.field for p in training_problems(TrainingOptions(store_folder=store)) if p.is_error] == ["store_folder"]


def test_several_channels_go_with_either_frontend(folder):
    folder.add("rec", seconds=10, channels=3)
    dataset = folder.assemble()
    assert "frontend" not in problems(dataset)
    assert "frontend" not in problems(dataset, frontend="none")


def test_a_song_type_without_individual_targets_is_an_error_that_lists_those_there_are(song):
    dataset = song.assemble(individual_targets=True)
    assert problems(dataset, song_type="ine") == {"song_type": "error"}
    assert problems(dataset, song_type="sine") == {}
    message = str(training_problems(TrainingOptions(store_folder=str(dataset.path), chunk_duration=512, song_type="y_sine"))[0])
    assert "'y_sine' has no individual targets in this dataset (pulse, sine)" in message


def test_a_chunk_longer_than_the_training_data_is_an_error(song):
    dataset = song.assemble()
    assert problems(dataset, chunk_duration=16_384)["chunk_duration"] == "error"
    assert problems(dataset, chunk_duration=8192, data_fraction=0.1)["chunk_duration"] == "error"


def test_a_chunk_longer_than_the_validation_data_is_a_warning(song):
    assert problems(song.assemble(), chunk_duration=8192)["chunk_duration"] == "warning"


def test_an_empty_validation_split_is_refused_and_names_the_option_that_mends_it(song):
    dataset = song.assemble(train_fraction=0.8, val_fraction=0, test_fraction=0.2)
    assert problems(dataset) == {"validation_from_train": "error"}
    assert problems(dataset, validation_from_train=0.2) == {}


def test_validation_cut_from_train_has_no_effect_where_there_is_some(song):
    assert problems(song.assemble(), validation_from_train=0.2) == {"validation_from_train": "warning"}


def test_an_empty_test_split_is_a_warning(song):
    assert problems(song.assemble(train_fraction=0.8, val_fraction=0.2, test_fraction=0)) == {"store_folder": "warning"}


def test_a_song_type_that_is_missing_from_train_or_validation_is_a_warning(folder):
    folder.add("a", [("sine", 0.1, 0.3), ("rare", 0.5, 0.6)], seconds=4, rate=1000)
    folder.add("b", [("sine", 0.1, 0.3)], seconds=4, rate=1000)
    dataset = folder.assemble()
    missing = {name: [s for s in ("train", "val") if not dataset.shares(s)[name]] for name in ("sine", "rare")}
    told = [str(p) for p in training_problems(TrainingOptions(store_folder=str(dataset.path), chunk_duration=256))]
    for name, splits in missing.items():
        if splits == ["val"]:
            assert any(f"'{name}'" in message and "in its validation split" in message for message in told)
        elif "train" in splits:
            assert any(f"'{name}'" in message and "in its train split" in message for message in told)
    assert missing["rare"]


@pytest.mark.parametrize(
    ("n", "chunks"), [(0, 0), (1, 1), (512, 1), (513, 2), (512 + 416, 2), (512 + 417, 3)]
)  # the stride is 512 - 2 * 48
def test_the_chunks_of_a_split_cover_it_a_last_incomplete_one_included(n, chunks):
    assert chunks_in(n, TrainingOptions(chunk_duration=512)) == chunks
