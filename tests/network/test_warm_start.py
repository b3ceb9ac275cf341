"""Going on from another network's weights: all that fits is taken, the rest is learned again, other networks are refused."""

from pathlib import Path

import numpy as np
import pytest

from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.events import EpochDone, TrainingBegan
from dss_widgets.network.architecture import OUTPUT, Architecture
from dss_widgets.network.model import build_network
from dss_widgets.network.trained import load_trained
from dss_widgets.network.warm_start import warm_start
from dss_widgets.options import TrainingOptions
from dss_widgets.results.starting_point import read_starting_point

from .conftest import RATE, TINY, write_store

DATA = Path(__file__).parent / "data"


def rename(store, names):
    write_attributes(
        store, {"samplerate_x_Hz": RATE, "samplerate_y_Hz": RATE, "class_names": names, "class_types": ["segment"] * len(names)}
    )
    return store


def network(n_classes=3, **more):
    options = TrainingOptions(**{**TINY, **more})
    return build_network(Architecture.of(options, n_channels=1, n_classes=n_classes), seed=5)


def test_a_network_for_the_same_song_types_gets_all_weights(trained_run):
    mine = network()
    told = warm_start(mine, str(trained_run.stem), ["noise", "low", "high"])
    theirs = load_trained(trained_run.stem).network.model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(mine.model.get_weights(), theirs, strict=True))
    assert (told.known, told.new) == (("low", "high"), ())


def test_of_other_song_types_those_of_the_same_name_are_taken_over_wherever_they_stand(trained_run):
    mine = network(4)
    before = [np.array(array) for array in mine.model.get_layer(OUTPUT).get_weights()]
    told = warm_start(mine, f"{trained_run.stem}_model.h5", ["noise", "high", "trill", "low"])
    assert (told.known, told.new) == (("high", "low"), ("trill",))
    assert "knows high, low" in str(told)
    theirs = load_trained(trained_run.stem).network.model.get_layer(OUTPUT).get_weights()
    for mine_now, was, other in zip(mine.model.get_layer(OUTPUT).get_weights(), before, theirs, strict=True):
        assert np.array_equal(mine_now[..., 1], other[..., 2])
        assert np.array_equal(mine_now[..., 3], other[..., 1])
        assert np.array_equal(mine_now[..., 2], was[..., 2])


def test_another_architecture_is_refused(trained_run):
    with pytest.raises(DataError, match="another architecture"):
        warm_start(network(filters=5), str(trained_run.stem), ["noise", "low", "high"])


@pytest.mark.slow
def test_training_continues_from_where_the_other_network_was(options, train, trained_run):
    fresh = train(options.copy(epochs=1, learning_rate=1e-4), "fresh")
    going_on = train(options.copy(epochs=1, learning_rate=1e-4, initial_weights=str(trained_run.stem)), "going_on")
    assert going_on.of(EpochDone)[0].val_loss < 0.5 * fresh.of(EpochDone)[0].val_loss
    assert "knows low, high" in going_on.of(TrainingBegan)[0].start


@pytest.mark.slow
def test_training_on_other_song_types_learns_the_new_one(options, train, trained_run, tmp_path):
    store = rename(write_store(tmp_path / "other.npy", train=8000), ["noise", "low", "whistle"])
    trained = train(options.copy(store_folder=str(store), initial_weights=str(trained_run.stem), epochs=4), "other")
    assert "whistle is new to it" in trained.of(TrainingBegan)[0].start
    assert load_trained(trained.stem).class_names == ["noise", "low", "whistle"]


def test_a_network_that_does_not_fit_is_refused_with_what_differs(options, train, trained_run):
    with pytest.raises(OptionsError, match=r"initial_weights: has another architecture: Number of filters 4 instead of 6"):
        train(options.copy(initial_weights=str(trained_run.stem), filters=6), "no")


@pytest.mark.slow
def test_once_there_is_a_checkpoint_the_other_network_is_not_needed(options, train, trained_run, tmp_path):
    options = options.copy(initial_weights=str(trained_run.stem))
    train(options, "cut", stop_after=12)
    resumed = train(options.copy(initial_weights=str(tmp_path / "gone")), "cut", resume=True)
    assert len(resumed.result.history["loss"]) == options.epochs


@pytest.mark.parametrize("name", ["stft", "separable"])
def test_a_network_of_das_is_a_start(name):
    start = read_starting_point(str(DATA / f"das_{name}_model.h5"))
    options = TrainingOptions(**start.architecture())
    mine = build_network(Architecture.of(options, n_channels=start.n_channels, n_classes=4), seed=2)
    told = warm_start(mine, str(start.stem), ["noise", "high", "low", "trill"])
    assert told.new == ("trill",)
    theirs = load_trained(start.stem).network
    first = theirs.model.get_layer("conv1d").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(mine.model.get_layer("conv1d").get_weights(), first, strict=True))
    assert np.array_equal(
        mine.model.get_layer(OUTPUT).get_weights()[0][:, 1], theirs.model.get_layer(OUTPUT).get_weights()[0][:, 2]
    )
