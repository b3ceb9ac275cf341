"""Learning that goes wrong from the start is tried differently once; the average of weights; validation without song."""

import numpy as np
import pytest

from dss_widgets.events import EpochDone, TrainingBegan
from dss_widgets.network import trainer
from dss_widgets.network.averaging import decay_at
from dss_widgets.network.early_trouble import LEAST_STEPS, MUCH_SLOWER, SLOWER, trouble
from dss_widgets.results import read_params

from .conftest import equal, weights, write_store

HEALTHY, COLLAPSED = np.array([[90, 2], [3, 5]]), np.array([[92, 0], [8, 0]])
FALLING, FLAT = [0.7, 0.4, 0.3], [0.7, 0.7, 0.7]


@pytest.mark.parametrize(
    ("losses", "steps", "confusion", "wrong"),
    [
        (FALLING, LEAST_STEPS, HEALTHY, None),
        (FALLING, LEAST_STEPS, COLLAPSED, ("takes everything for the same", SLOWER)),
        (FALLING, LEAST_STEPS - 1, COLLAPSED, None),
        (FALLING, LEAST_STEPS, np.array([[100, 0], [0, 0]]), None),
        (FLAT, LEAST_STEPS, None, ("the loss is still 0.7", SLOWER)),
        ([0.7, 1.5], 10, HEALTHY, ("the loss grew from 0.7 to 1.5", MUCH_SLOWER)),
        ([0.7], 10_000, COLLAPSED, None),
    ],
)
def test_what_counts_as_going_wrong(losses, steps, confusion, wrong):
    found = trouble(losses, steps, 600, confusion)
    assert (found is None) == (wrong is None)
    if found is not None:
        assert wrong[0] in found[0]
        assert found[1] == wrong[1]


@pytest.fixture
def goes_wrong(monkeypatch):
    """Have every first attempt go wrong in its second epoch."""
    monkeypatch.setattr(trainer, "trouble", lambda losses, *_: ("it was told to", 0.5) if len(losses) == 2 else None)


@pytest.mark.slow
def test_it_begins_again_once_and_says_so(options, train, goes_wrong):
    plain, run = options.copy(epochs=3, average_weights=True), None
    run = train(plain)
    assert [began.epochs for began in run.of(TrainingBegan)] == [3, 5]
    assert [done.epoch for done in run.of(EpochDone)] == [1, 2, 3, 4, 5]
    (told,) = (message for message in run.warnings if "begins again after epoch 2" in message)
    assert "it was told to" in told
    rates = [done.learning_rate for done in run.of(EpochDone)]
    assert rates[2] == pytest.approx(rates[0] / 2)
    assert run.of(EpochDone)[2].loss > run.of(EpochDone)[1].loss, "other first weights"


@pytest.mark.slow
@pytest.mark.parametrize("stop_after", [12, 17, 30])
def test_a_second_attempt_that_is_stopped_and_resumed_ends_in_the_same_weights(
    options, train, undisturbed, goes_wrong, stop_after
):
    options = options.copy(epochs=3, average_weights=True, augmentations=["noise", "time_shift"])
    through = undisturbed(options, "goes wrong")
    train(options, "cut", stop_after=stop_after)
    resumed = train(options, "cut", resume=True)
    assert equal(weights(resumed), weights(through))
    assert resumed.result.history == {**through.result.history, "seconds": resumed.result.history["seconds"]}


@pytest.mark.slow
def test_the_average_of_weights_is_what_is_kept_and_learning_goes_on_as_without(options, train):
    plain, averaged = train(options.copy(epochs=2), "plain"), train(options.copy(epochs=2, average_weights=True), "averaged")
    assert averaged.result.history["loss"] == plain.result.history["loss"]
    assert averaged.result.history["val_loss"] != plain.result.history["val_loss"]
    assert not equal(weights(averaged), weights(plain))
    assert read_params(averaged.stem)["dss_widgets"]["options"]["average_weights"] is True
    assert decay_at(0) < decay_at(100) <= decay_at(10_000) < 1


@pytest.mark.slow
def test_where_validation_has_no_song_the_last_network_is_kept(options, train, tmp_path):
    store = write_store(tmp_path / "silent.npy", train=4000, val=1000)
    targets = np.load(store / "val" / "y.npy")
    targets[:] = np.eye(targets.shape[1])[0]
    np.save(store / "val" / "y.npy", targets)
    run = train(options.copy(store_folder=str(store), epochs=4))
    assert run.result.best_epoch == 4
