"""Resuming within an epoch: little is lost, nothing is read or learned twice, and the weights are those of a run through."""

import os
import shutil

import numpy as np
import pytest

from dss_widgets.errors import DataError, RunError
from dss_widgets.events import EpochDone, StepDone
from dss_widgets.network import checkpoint
from dss_widgets.network.checkpoint import CHECKPOINT, CheckpointSchedule, load_checkpoint
from dss_widgets.network.schedule import LearningRate

from .conftest import Killed, equal, weights

STEPS, VALIDATION = 8, 4  # batches of an epoch of the tiny dataset

ALL_AT_RANDOM = {
    "epochs": 3, "augmentations": ["gain", "noise", "time_shift", "mix_noise"], "oversample_rare": True,
    "learning_rate_schedule": "fixed", "reduce_learning_rate": True, "reduce_learning_rate_patience": 1,
}  # fmt: skip


@pytest.fixture
def saved_after_every_batch(monkeypatch):
    monkeypatch.setattr(checkpoint, "SAVE_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "MAX_WRITING_SHARE", 1e9)


@pytest.mark.slow
@pytest.mark.usefixtures("saved_after_every_batch")
@pytest.mark.parametrize(
    ("batches", "next_step"),
    [
        pytest.param(STEPS + VALIDATION + 3, (2, 4), id="while learning"),
        pytest.param(STEPS + 2, (2, 1), id="while validating", marks=pytest.mark.slow),
        pytest.param(STEPS, (2, 1), id="between", marks=pytest.mark.slow),
        pytest.param(1, (1, 2), id="after the first step", marks=pytest.mark.slow),
    ],
)
def test_a_run_that_dies_within_an_epoch_resumes_there_and_ends_in_the_same_weights(
    options, train, undisturbed, batches, next_step
):
    options = options.copy(**ALL_AT_RANDOM)
    through = undisturbed(options)
    with pytest.raises(Killed):
        train(options, "cut", dies_after=batches)
    resumed = train(options, "cut", resume=True)
    first = resumed.of(StepDone)[0]
    assert (first.epoch, first.step) == next_step
    assert equal(weights(resumed), weights(through))
    for name in ("loss", "val_loss", "learning_rate", "macro_f1"):
        assert resumed.result.history[name] == through.result.history[name]


@pytest.mark.slow
@pytest.mark.parametrize("saves_after", [STEPS + VALIDATION + 5, STEPS + VALIDATION + STEPS + 1])
def test_a_run_whose_time_is_up_is_saved_at_once_and_resumes_to_the_same_end(options, train, undisturbed, saves_after):
    options = options.copy(**ALL_AT_RANDOM)
    cut = train(options, "cut", saves_after=saves_after)
    assert cut.result.outcome == "saved"
    assert cut.result.scores is None
    assert cut.asked == saves_after
    assert not cut.stem.with_name("cut_model.keras").exists()
    resumed = train(options, "cut", resume=True)
    assert resumed.result.outcome == "finished"
    assert equal(weights(resumed), weights(undisturbed(options)))


@pytest.mark.slow
def test_a_run_whose_time_is_up_while_it_is_tested_is_tested_when_it_resumes(options, train):
    options = options.copy(epochs=1)
    cut = train(options, "cut", saves_after=STEPS + VALIDATION + 2)
    assert (cut.result.outcome, cut.result.scores) == ("saved", None)
    assert not list(cut.stem.parent.glob(".*"))
    resumed = train(options, "cut", resume=True)
    assert not resumed.of(StepDone)
    assert (resumed.result.outcome, resumed.result.scores.confusion_matrix.sum()) == ("finished", 4000)


@pytest.mark.slow
def test_other_batches_than_before_begin_the_epoch_anew(options, train):
    train(options.copy(epochs=1), "cut", saves_after=6)
    resumed = train(options.copy(epochs=1, batch_size=8), "cut", resume=True)
    assert (resumed.of(StepDone)[0].step, resumed.of(StepDone)[0].steps) == (1, STEPS / 2)
    assert len(resumed.of(EpochDone)) == 1


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [0.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])
    return now


def moments(clock, times, *, took, epoch_ended):
    """Return the seconds of the next ten minutes at which a checkpoint that takes so long is written."""
    written = []
    begin = clock[0]
    while clock[0] < begin + 600:
        clock[0] += 1
        if times.is_due(epoch_ended=epoch_ended):
            written.append(clock[0])
            clock[0] += took
            times.written(clock[0] - took)
    return np.array(written)


@pytest.mark.parametrize(("took", "apart"), [(0.01, 30), (1, 30), (3, 60), (20, 400)])
@pytest.mark.parametrize("epoch_ended", [False, True])
def test_checkpoints_come_at_least_every_half_minute_and_take_few_percent_of_the_time(clock, took, apart, epoch_ended):
    times = CheckpointSchedule()
    written = moments(clock, times, took=took, epoch_ended=epoch_ended)
    gaps = np.diff(written) - took
    if epoch_ended and took < 0.2:
        assert len(written) > 500, "small ones after every epoch"
    else:
        assert gaps.max(initial=0) <= apart + 1
        assert gaps.min(initial=np.inf) >= took / 0.05 - 1


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("array", ["x.npy", "y.npy"])
def test_a_dataset_that_is_cut_short_while_training_ends_it_with_a_sentence(options, train, store, tmp_path, *, split, array):
    own = shutil.copytree(store, tmp_path / "own.npy")
    path = own / split / array

    def cut(event):
        if isinstance(event, StepDone):
            os.truncate(path, 3000)

    with pytest.raises(DataError) as caught:
        train(options.copy(epochs=50, store_folder=str(own)), also=cut)
    assert str(caught.value).startswith(f"{path}: was cut short while it was used")
    assert str(caught.value).endswith("then resume.")


@pytest.mark.slow
def test_the_claims_of_a_checkpoint_are_checked_before_memory_is_taken(tmp_path, options, train):
    run = train(options.copy(epochs=1))
    path = run.stem.with_suffix(".run") / CHECKPOINT
    data = path.read_bytes()
    assert b"'shape': (3,)" in data
    for claim in (b"'shape': (9,)", b"'shape': (-1)"):
        path.write_bytes(data.replace(b"'shape': (3,)", claim))
        with pytest.raises(RunError, match="not a readable checkpoint"):
            load_checkpoint(path.parent, LearningRate(0.1, None))
