"""Training another network as one was trained, by its params."""

from pathlib import Path

import pytest

from dss_widgets.cli import build_parser
from dss_widgets.cli.choosing import training_options
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.das_names import to_das
from dss_widgets.results import read_params, write_params
from dss_widgets.results.params_options import options_of_params
from dss_widgets.results.starting_point import read_starting_point

DAS = Path(__file__).parents[1] / "network" / "data"


@pytest.mark.parametrize("name", ["stft", "separable"])
def test_das_params_say_how_das_trained(name):
    params = read_params(DAS / f"das_{name}")
    values = options_of_params(params)
    assert values["chunk_duration"] == params["nb_hist"]
    assert values["learning_rate"] == params["learning_rate"]
    assert values["learning_rate_schedule"] == "fixed"
    assert not {"store_folder", "save_folder", "song_type"} & set(values)


def test_our_own_params_say_everything(tmp_path):
    options = TrainingOptions(store_folder="a.npy", epochs=7, learning_rate_schedule="cosine", tune_thresholds=True)
    path = write_params(tmp_path / "x_params.yaml", {**to_das(options), "dss_widgets": {"options": options.as_dict()}})
    values = options_of_params(read_params(path))
    assert TrainingOptions(**values) == options.copy(store_folder="")


def test_params_with_a_value_that_cannot_be_are_refused():
    with pytest.raises(OptionsError, match="chunk_duration"):
        options_of_params({"nb_hist": -3})


def test_a_terminal_takes_params_as_a_config():
    words = ["train", "a.npy", "--config", str(DAS / "das_stft_params.yaml"), "--epochs", "3"]
    options = training_options(build_parser().parse_args(words))
    assert options.chunk_duration == read_params(DAS / "das_stft")["nb_hist"]
    assert (options.epochs, options.store_folder, options.learning_rate_schedule) == (3, "a.npy", "fixed")


@pytest.mark.parametrize("name", ["stft", "separable"])
def test_a_network_of_das_is_a_start_whose_architecture_can_be_taken_over(name):
    start = read_starting_point(str(DAS / f"das_{name}_model.h5"))
    params = read_params(DAS / f"das_{name}")
    assert start.class_names == ("noise", "low", "high")
    assert start.samplerate_hz == 1000
    same = TrainingOptions(**start.architecture())
    assert start.differences(same) == {}
    assert same.filters == params["nb_filters"]
    assert "filters" in start.differences(same.copy(filters=same.filters + 1))


def test_a_start_outside_of_the_allowed_folders_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path))
    with pytest.raises(DataError, match="lies outside of the folders"):
        read_starting_point(str(DAS / "das_stft"))


@pytest.mark.parametrize("change", [{"nb_conv": 10**12}, {"nb_pre_conv": 10**9}, {"class_names": None}], ids=str)
def test_params_that_cannot_be_are_no_start(tmp_path, change):
    write_params(tmp_path / "x_params.yaml", {**read_params(DAS / "das_separable"), **change})
    (tmp_path / "x_model.h5").touch()
    with pytest.raises(DataError, match="do not describe a network"):
        read_starting_point(str(tmp_path / "x"))
