"""Finding thresholds for a network that is trained already."""

import shutil

import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.errors import DataError
from dss_widgets.network.evaluate import evaluate
from dss_widgets.network.retune import retune
from dss_widgets.options import PredictionOptions
from dss_widgets.results import LabellingRules, read_params, read_results
from dss_widgets.results.chosen_thresholds import ChosenThresholds, keep_choice
from dss_widgets.results.params_file import write_params
from dss_widgets.results.validation import read_validation

from .conftest import write_store


@pytest.fixture
def stem(trained_run, tmp_path):
    for path in trained_run.stem.parent.glob(f"{trained_run.stem.name}_*"):
        shutil.copy(path, tmp_path)
    return tmp_path / trained_run.stem.name


@pytest.mark.slow
def test_what_is_found_is_kept_with_the_network_and_used_from_then_on(stem):
    assert "segment_thres" not in read_params(stem)["post_opt"], "only on request"
    found = retune(stem)
    assert found["score_val"] >= read_params(stem)["post_opt"]["score_val_before"]
    params = read_params(stem)
    assert params["post_opt"] == found
    assert LabellingRules.of(PredictionOptions(), params).segment_threshold == found["segment_thres"]
    evaluate(stem)
    assert read_results(stem).more_scores["annotations"]["segment_threshold"] == found["segment_thres"]


@pytest.mark.slow
def test_they_are_found_where_the_dataset_lies_now(stem, store, tmp_path):
    moved = shutil.copytree(store, tmp_path / "moved.npy")
    write_params(f"{stem}_params.yaml", {**read_params(stem), "data_dir": str(tmp_path / "gone.npy")})
    assert retune(stem, open_dataset(moved)) == read_params(stem)["post_opt"]
    with pytest.raises(DataError, match=r"gone\.npy"):
        retune(stem, open_dataset(write_store(tmp_path / "another.npy", train=5000)))


@pytest.mark.slow
def test_training_finds_them_on_request(options, train):
    run = train(options.copy(tune_thresholds=True))
    assert 0 < read_params(run.stem)["post_opt"]["segment_thres"] < 1


@pytest.mark.slow
def test_without_validation_data_it_says_so(options, train, tmp_path):
    store = write_store(tmp_path / "noval.npy", train=4000, val=0)
    run = train(options.copy(store_folder=str(store), validation_from_train=0.2, epochs=1), "cut")
    assert "segment_thres" in retune(run.stem), "found on what was cut from train"
    with pytest.raises(DataError, match="cannot be read"):
        retune(tmp_path / "nothing")


@pytest.mark.slow
def test_what_each_threshold_does_is_kept_and_a_preference_is_followed_when_it_changes(stem):
    kept = read_validation(stem)
    assert kept.curves.segments["low"].at(0.5).n_annotated == 10
    assert 0.1 <= read_params(stem)["dss_widgets"]["temperature"] == kept.reliability.temperature <= 10
    keep_choice(stem, ChosenThresholds(segment=0.99, prefer="recall"))
    retune(stem)
    again = ChosenThresholds.of(read_params(stem))
    assert again == ChosenThresholds.best(read_validation(stem).curves, "recall")
    keep_choice(stem, ChosenThresholds(segment=0.87))
    retune(stem)
    assert ChosenThresholds.of(read_params(stem)).segment == 0.87, "set by hand it stays"
    evaluate(stem)
    results = read_results(stem)
    assert results.more_scores["annotations"]["segment_threshold"] == 0.87
    for name, row in results.more_scores["annotations"]["segments"].items():
        assert results.more_scores["thresholds"].segments[name].at(0.87).n_matched == row["n_matched"]
    assert results.more_scores["reliability"].temperature == read_params(stem)["dss_widgets"]["temperature"]
