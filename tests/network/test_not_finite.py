"""A loss that is no number: the cause that is named is the real one, and an earlier network is kept."""

import math

import numpy as np
import pytest

from dss_widgets.errors import RunError
from dss_widgets.events import EpochDone
from dss_widgets.network.schedule import LearningRate

from .conftest import write_store


@pytest.fixture
def rate_too_high_from(monkeypatch):
    """Have the weights grow beyond all bounds from a step on."""

    def at(step):
        rate_at = LearningRate.at
        monkeypatch.setattr(LearningRate, "at", lambda self, now: 1e38 if now >= step else rate_at(self, now))

    return at


@pytest.mark.slow
@pytest.mark.parametrize(("value", "frontend"), [(math.nan, "stft"), (math.inf, "stft"), (-math.inf, "none")])
@pytest.mark.parametrize("split", ["train", "val"])
def test_audio_that_is_no_number_is_named_as_the_cause(options, train, tmp_path, *, split, value, frontend):
    store = write_store(tmp_path / "odd.npy", train=1000, val=1000)
    x = np.load(store / split / "x.npy")
    x[500] = value
    np.save(store / split / "x.npy", x)
    words = {"train": "training", "val": "validation"}[split]
    with pytest.raises(RunError, match=rf"in epoch 1\. The {words} audio holds NaN or infinite values: reassemble"):
        train(options.copy(store_folder=str(store), frontend=frontend))


@pytest.mark.slow
@pytest.mark.parametrize("n_samples", [4000, 900], ids=["in training", "in validation"])  # 900: one step an epoch
def test_a_learning_rate_that_is_too_high_is_named_as_the_cause(options, train, tmp_path, rate_too_high_from, n_samples):
    rate_too_high_from(0)
    store = write_store(tmp_path / "sound.npy", train=n_samples, val=1000)
    with pytest.raises(RunError, match=r"in epoch 1\. The learning rate of 0\.01 is likely too high: try 0\.0001"):
        train(options.copy(store_folder=str(store)))


@pytest.mark.slow
def test_a_loss_that_stops_being_a_number_ends_training_and_keeps_the_best(options, train, rate_too_high_from):
    rate_too_high_from(2 * 8)
    run = train(options.copy(epochs=5))
    assert len(run.of(EpochDone)) == 4, "two in each attempt"
    assert any("begins again after epoch 2" in message for message in run.warnings)
    (told,) = (message for message in run.warnings if "not a finite number" in message)
    assert "in epoch 5. The learning rate" in told
    assert f"the network of epoch {run.result.best_epoch} is kept" in told
    assert np.isfinite(run.result.scores.f1).all()
