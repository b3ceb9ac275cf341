"""Running the test again, on the same or another dataset."""

import errno
import json
import shutil

import h5py
import numpy as np
import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import write_annotations
from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.errors import DataError
from dss_widgets.network.evaluate import evaluate
from dss_widgets.network.retune import retune
from dss_widgets.results import read_params, read_results, write_params

from .conftest import tone_song, write_store


def files_of(stem):
    """Contents of the run's own results and params."""
    return [path.read_bytes() for path in (results_of(stem), params_of(stem))]


def reassemble(store):
    """Change a dataset in place as another seed would: its fingerprint is another one."""
    write_attributes(store, {**open_dataset(store).attrs, "fingerprint": "f" * 64})


@pytest.fixture
def own_store(tmp_path, store):
    """A dataset to be changed."""
    return shutil.copytree(store, tmp_path / "own.npy")


@pytest.fixture
def stem(own_store, trained_run, tmp_path):
    """The files of a network that was trained on it."""
    for path in trained_run.stem.parent.glob(f"{trained_run.stem.name}_*"):
        shutil.copy(path, tmp_path)
    stem = tmp_path / trained_run.stem.name
    write_params(params_of(stem), {**read_params(stem), "data_dir": str(own_store)})
    return stem


def params_of(stem):
    return stem.with_name(f"{stem.name}_params.yaml")


def results_of(stem):
    return stem.with_name(f"{stem.name}_results.h5")


def test_a_dataset_outside_of_the_roots_is_not_opened_whatever_the_params_say(stem, tmp_path_factory, monkeypatch):
    inside = tmp_path_factory.mktemp("root")
    for path in stem.parent.glob(f"{stem.name}_*"):
        shutil.copy(path, inside)
    before = files_of(inside / stem.name)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(inside))
    for again in (evaluate, retune):
        with pytest.raises(DataError, match=r"own\.npy lies outside of the folders"):
            again(inside / stem.name)
    assert files_of(inside / stem.name) == before


def test_the_test_can_be_run_again_and_says_the_same(stem):
    before = read_results(stem)
    told = []
    scores = evaluate(stem, on_progress=lambda done, total: told.append((done, total)))
    assert scores.confusion_matrix.tolist() == before.scores.confusion_matrix.tolist()
    assert read_results(stem).history == before.history
    assert told[-1] == (4000, 4000)


def test_rows_of_the_confusion_matrix_are_annotated_also_where_a_class_is_missing(stem, tmp_path):
    store = write_store(tmp_path / "other.npy", test=1000)
    x, y = tone_song(1000, seed=4)
    low_only = y[:, 2] == 0
    np.save(store / "test" / "x.npy", x[low_only])
    np.save(store / "test" / "y.npy", y[low_only])
    scores = evaluate(stem, open_dataset(store))
    assert scores.confusion_matrix.shape == (3, 3)
    assert scores.support.tolist() == np.bincount(y[low_only].argmax(axis=1), minlength=3).tolist()
    assert scores.support[2] == 0
    assert scores.macro_f1 == pytest.approx(scores.f1[:2].mean())


def test_a_dataset_with_other_song_types_is_refused(stem, tmp_path):
    store = write_store(tmp_path / "other.npy", test=1000)
    attrs = {"samplerate_x_Hz": 1000.0, "samplerate_y_Hz": 1000.0, "class_types": ["segment"] * 3}
    write_attributes(store, {**attrs, "class_names": ["noise", "low", "other"]})
    with pytest.raises(DataError, match="was trained for noise, low, high"):
        evaluate(stem, open_dataset(store))
    write_attributes(store, {**attrs, "class_names": ["noise", "low", "high"], "samplerate_x_Hz": 2000.0})
    with pytest.raises(DataError, match="has 2000 Hz"):
        evaluate(stem, open_dataset(store))


# --- datasets other than the one trained on


def test_scores_on_another_dataset_are_written_beside_the_runs_own(stem, tmp_path):
    before = files_of(stem)
    other = open_dataset(write_store(tmp_path / "other.npy", test=1200))
    scores = evaluate(stem, other)
    assert files_of(stem) == before
    with h5py.File(stem.with_name(f"{stem.name}_results_other.h5")) as file:
        assert len(file["y_test"]) == 1200
        assert file["confusion_matrix"][:].tolist() == scores.confusion_matrix.tolist()
        tested_on = json.loads(file["params"][()])["tested_on"]
    assert tested_on == {"store_path": str(other.path.resolve()), "fingerprint": other.fingerprint}


def test_another_dataset_without_test_data_changes_no_file(stem, tmp_path):
    before = files_of(stem)
    assert evaluate(stem, open_dataset(write_store(tmp_path / "other.npy", test=0))) is None
    assert files_of(stem) == before
    assert not list(stem.parent.glob("*_results_*"))


def test_scores_stay_when_the_test_split_of_the_own_dataset_is_gone(stem, own_store):
    params = {name: value for name, value in read_params(params_of(stem)).items() if name not in ("dss_widgets", "data_hash")}
    write_params(params_of(stem), params)
    before = files_of(stem)
    shutil.rmtree(own_store / "test")
    assert evaluate(stem) is None
    assert files_of(stem) == before


def test_a_folder_that_cannot_be_written_is_a_clear_error(stem, own_store, monkeypatch):
    def denied(path, n_bytes):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("dss_widgets.results.whole_h5.reserve_room", denied)
    before = files_of(stem)
    with pytest.raises(DataError, match=r"_results\.h5: cannot be written \(Permission denied\)\. Make room, or copy"):
        evaluate(stem)
    assert files_of(stem) == before


def test_audio_that_is_no_number_is_no_noise_but_an_error_that_says_where(stem, tmp_path):
    store = write_store(tmp_path / "other.npy", test=1200)
    audio = np.load(store / "test" / "x.npy")
    audio[700] = np.nan
    np.save(store / "test" / "x.npy", audio)
    with pytest.raises(DataError, match=r"test \(audio\): holds NaN or infinite values, first at 0\.\d+ s"):
        evaluate(stem, open_dataset(store))
    assert not list(stem.parent.glob("*_results_other*"))


def test_the_own_dataset_is_known_wherever_it_lies(stem, own_store, tmp_path):
    moved = shutil.copytree(own_store, tmp_path / "moved.npy")
    results_of(stem).unlink()
    evaluate(stem, open_dataset(moved))
    assert read_results(stem).n_samples == 4000


def test_a_dataset_that_was_assembled_anew_since_the_training_is_tested_on_only_by_name(stem, own_store):
    before = files_of(stem)
    reassemble(own_store)
    with pytest.raises(DataError, match=r"reassembled since.*--dataset .*own\.npy.*may include training data.*train again"):
        evaluate(stem)
    assert evaluate(stem, open_dataset(own_store)) is not None
    assert files_of(stem) == before


def test_params_of_das_have_a_hash_of_another_kind_that_is_not_compared(stem):
    path = params_of(stem)
    params = {name: value for name, value in read_params(path).items() if name != "dss_widgets"}
    for others in ({**params, "data_hash": "c3a5f7b8"}, {k: v for k, v in params.items() if k != "data_hash"}):
        write_params(path, others)
        assert evaluate(stem) is not None
        assert read_params(path)["conf_mat"]


def test_a_damaged_results_file_does_not_hinder_a_new_test(stem):
    path = results_of(stem)
    path.write_bytes(b"damaged")
    assert evaluate(stem) is not None
    assert read_results(path).n_samples == 4000


def test_classes_that_the_annotations_file_does_not_tell_of_are_taken_from_the_targets(stem, own_store):
    rows = Annotations.of([("low", 0.06, 0.18)])
    write_annotations(own_store / "test" / "x_annotations.csv", rows)
    evaluate(stem)
    segments = read_results(stem).more_scores["annotations"]["segments"]
    assert segments["low"]["n_annotated"] == 1
    assert segments["high"]["n_annotated"] == 10
