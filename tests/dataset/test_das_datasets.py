"""Datasets that DAS 0.32.13 itself made (tests/benchmarks/reads_das_datasets.py made the archive) are read here."""

import tarfile
from pathlib import Path

import numpy as np
import pytest

from dss_widgets.cli import main
from dss_widgets.dataset import open_dataset, open_recording, read_annotations
from dss_widgets.dataset.stores.das_sources import das_stretches
from dss_widgets.options.assembly import SPLITS

ARCHIVE = Path(__file__).parent / "data" / "das.tar.gz"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("das")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(params=["made.npy", "made.zarr", "made.h5"])
def dataset(made, request):
    return open_dataset(made / request.param)


def test_rate_classes_and_individual_targets_are_those_of_das(dataset):
    assert dataset.samplerate_hz == 1000
    assert list(zip(dataset.class_names, dataset.class_types, strict=True)) == [
        ("noise", "segment"),
        ("pulse", "event"),
        ("sine", "segment"),
    ]
    assert dataset.song_types == ["pulse", "sine"]
    assert dataset.classes("pulse") == (["noise", "pulse"], ["segment", "event"])
    assert {name: split.n_samples for name, split in dataset.splits.items()} == {"train": 700, "val": 300, "test": 500}


def test_targets_are_whole_and_say_what_was_annotated(dataset):
    for split in dataset.splits.values():
        np.testing.assert_allclose(np.asarray(split.y()[:], float).sum(axis=1), 1, atol=2e-3)
    assert dataset.shares("test")["sine"] == pytest.approx(0.2, abs=0.01)
    assert dataset.shares("test", "sine") == pytest.approx({"noise": 0.8, "sine": 0.2}, abs=0.01)


def test_all_containers_hold_the_same_audio_of_the_whole_recording_in_test(made, dataset):
    recording = open_recording(made / "song" / "rec0.wav")
    np.testing.assert_allclose(np.asarray(dataset.split("test").x[:], np.float32), recording.read(), atol=1e-3)


def test_every_part_of_a_folder_that_das_made_says_where_it_comes_from(made):
    dataset = open_dataset(made / "made.npy")
    lengths = dict.fromkeys(SPLITS, 0)
    for stretch in dataset.stretches:
        audio = open_recording(made / "song" / f"{stretch['file']}.wav").read(
            stretch["first_sample"], stretch["last_sample"] + 1
        )
        there = dataset.split(stretch["split"]).x[stretch["position"] : stretch["position"] + len(audio)]
        np.testing.assert_allclose(np.asarray(there, np.float32), audio, atol=1e-3)
        lengths[stretch["split"]] += len(audio)
    assert lengths == {"train": 700, "val": 300, "test": 500}


def test_where_the_order_of_the_recordings_is_lost_nothing_is_claimed(made):
    assert open_dataset(made / "made.h5").stretches == []


def test_recordings_that_do_not_add_up_are_not_placed():
    attrs = {"data_splits": {"a": {}, "b": {}}, "file_split_dict": {"a": "train", "b": "train"}}
    assert das_stretches(attrs, {"train": 100}) == [], "two recordings of unknown length"
    assert das_stretches({"data_splits": {"a": {"train": [[0, 50]]}}}, {"train": 100}) == []
    assert das_stretches({"data_splits": {"train": 0.8, "val": 0.2}}, {"train": 100}) == [], "the fractions of older versions"
    assert das_stretches({}, {"train": 100}) == []


def test_the_annotations_that_das_writes_into_its_datasets_are_read(made):
    annotations, problems = read_annotations(made / "made.npy" / "train" / "x_annotations.csv")
    assert not problems
    assert set(annotations.names) <= {"pulse", "sine"}
    assert len(annotations)


def test_arrays_are_indexed_alike_in_every_container(made, dataset):
    there, expected = dataset.split("train").y(), open_dataset(made / "made.npy").split("train").y()
    assert (len(there), there.shape, there.ndim, there.dtype) == (len(expected), expected.shape, 2, expected.dtype)
    for key in (slice(10, 20), (slice(10, 20), 1), (slice(None, None, 7), [2, 1]), 5, (5, [1, 2]), ([3, 1, 3], 0), slice(5, 5)):
        np.testing.assert_array_equal(there[key], expected[key])
    np.testing.assert_array_equal(np.asarray(there, dtype=np.float32), expected)


def test_inspect_tells_what_a_dataset_of_das_holds(dataset, capsys):
    assert main(["inspect", str(dataset.path)]) == 0
    told = capsys.readouterr().out
    assert "1000 Hz, 1 channel(s), individual targets: pulse, sine" in told
