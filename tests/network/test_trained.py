"""Loading a trained network: never with other weights than its own, never running code."""

import os
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from dss_widgets.errors import DataError
from dss_widgets.file_endings import KERAS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.network.das_weights import save_das_weights
from dss_widgets.network.keras_file import save_whole_network
from dss_widgets.network.predict import probabilities
from dss_widgets.network.trained import load_trained
from dss_widgets.results import read_params, write_params
from dss_widgets.results.stems import stem_of

AUDIO = np.random.default_rng(0).normal(0, 0.1, (700, 1)).astype(np.float32)


@pytest.fixture
def copy(trained_run, tmp_path):
    """The files of a trained network, to be damaged."""
    for path in trained_run.stem.parent.glob(f"{trained_run.stem.name}_*"):
        shutil.copy(path, tmp_path)
    return tmp_path / trained_run.stem.name


def file(stem, suffix):
    return Path(f"{stem}{suffix}")


def test_any_of_a_runs_files_names_it(trained_run):
    for suffix in ("", "_params.yaml", "_model.keras", "_model.h5", "_results.h5", ".run"):
        assert stem_of(f"{trained_run.stem}{suffix}") == trained_run.stem


def test_both_weight_files_give_the_same_network(copy):
    whole = probabilities(load_trained(copy), AUDIO)
    file(copy, "_model.keras").unlink()
    assert np.array_equal(probabilities(load_trained(copy), AUDIO), whole)


def test_a_damaged_keras_file_falls_back_on_params_and_weights(copy, caplog):
    whole = probabilities(load_trained(copy), AUDIO)
    file(copy, "_model.keras").write_bytes(b"damaged")
    assert np.array_equal(probabilities(load_trained(copy), AUDIO), whole)
    assert "taken from" in caplog.text


def test_without_any_weights_loading_raises_rather_than_predicting_at_random(copy):
    file(copy, "_model.keras").unlink()
    file(copy, "_model.h5").unlink()
    with pytest.raises(DataError, match="the network has no weights"):
        load_trained(copy)


def test_weights_that_do_not_fit_the_params_raise(copy):
    params = read_params(copy)
    write_params(file(copy, "_params.yaml"), {**params, "nb_filters": 7})
    with pytest.raises(DataError, match="params describe"):
        load_trained(copy)


def test_a_network_that_would_run_code_is_not_loaded(tmp_path, copy):
    mark = str(tmp_path / "was_here")
    audio = keras.Input((None, 1))
    bad = keras.Model(audio, keras.layers.Lambda(lambda x: (open(mark, "w").close(), x)[1])(audio))
    bad.save(file(copy, "_model.keras"))
    Path(mark).unlink(missing_ok=True)
    file(copy, "_model.h5").unlink()
    with pytest.raises(DataError, match="holds another network than the params describe"):
        load_trained(copy)
    assert not Path(mark).exists()


def test_a_keras_file_is_a_zip_that_holds_architecture_and_weights(trained_run):
    with zipfile.ZipFile(file(trained_run.stem, "_model.keras")) as archive:
        assert {"config.json", "model.weights.h5"} <= set(archive.namelist())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_name": "stft_res_dense"}, "only 'tcn' and 'tcn_stft'"),
        ({"dilations": [1, 2, 4]}, "describes dilations"),
        ({"nb_filters": None}, "a value that cannot be"),
        ({"nb_hist": 4}, "do not count"),
        ({"nb_conv": 10**9}, "nb_conv 1000000000, which must be from 1 to 64"),
        ({"nb_filters": 4096, "kernel_size": 64}, r"weights, but .*_model\.keras has only"),
        ({"nb_pre_conv": 10**9}, "spectrogram that cannot be"),
        ({"pre_nb_dft": 48}, "spectrogram that cannot be"),
        ({"class_types": ["segment"]}, "categories of 1"),
        ({"samplerate_x_Hz": float("nan")}, "sample rate of nan"),
    ],
)
def test_params_of_another_kind_of_network_are_refused(copy, change, message):
    write_params(file(copy, "_params.yaml"), {**read_params(copy), **change})
    with pytest.raises(DataError, match=message):
        load_trained(copy)


def test_missing_params_are_named(copy):
    params = read_params(copy)
    del params["kernel_size"]
    write_params(file(copy, "_params.yaml"), params)
    with pytest.raises(DataError, match="lacks 'kernel_size'"):
        load_trained(copy)


@pytest.mark.parametrize("ending", ["_params.yaml", "_model.keras", "_model.h5"])
def test_files_that_lie_outside_of_the_allowed_folders_are_not_read(copy, tmp_path, monkeypatch, ending):
    inside = tmp_path / "inside"
    inside.mkdir()
    for path in tmp_path.glob(f"{copy.name}_*"):
        link = inside / path.name
        if path.name.endswith(ending):
            link.symlink_to(path)
        elif not (ending == "_model.h5" and path.name.endswith("_model.keras")):
            shutil.copy(path, link)
    if ending == "_model.keras":
        (inside / f"{copy.name}_model.h5").unlink()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(inside))
    with pytest.raises(DataError, match="lies outside of the folders"):
        load_trained(inside / copy.name)


def save_weights(path, network):
    save_das_weights(path, network.architecture, network.weights)


@pytest.mark.parametrize(("save", "suffix"), [(save_whole_network, KERAS_SUFFIX), (save_weights, WEIGHTS_SUFFIX)])
def test_a_file_that_cannot_be_written_whole_leaves_the_old_one_and_nothing_else(tmp_path, copy, monkeypatch, save, suffix):
    network = load_trained(copy).network
    path = tmp_path / "files" / f"a{suffix}"
    path.parent.mkdir()
    path.write_bytes(b"old")

    def full(_source, _target):
        raise OSError("full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="full"):
        save(path, network)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == b"old"
