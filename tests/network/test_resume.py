"""Resuming a run from its checkpoint, to the same end."""

import errno
import json
import shutil

import numpy as np
import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.errors import RunError
from dss_widgets.events import EpochDone, StepDone
from dss_widgets.network.checkpoint import CHECKPOINT, TrainingState, load_checkpoint, save_checkpoint
from dss_widgets.network.schedule import BestSoFar, LearningRate
from dss_widgets.results import read_params

from .conftest import equal, weights


def rate():
    return LearningRate(1e-3, None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stop_after", "next_step"),
    [(17, (2, 6)), *(pytest.param(*cut, marks=pytest.mark.slow) for cut in ((5, (1, 6)), (12, (2, 1)), (22, (3, 1))))],
)
def test_a_run_that_is_stopped_and_resumed_continues_at_its_next_step_and_ends_in_the_same_weights(
    options, train, undisturbed, stop_after, next_step
):
    options = options.copy(epochs=4)
    through = undisturbed(options)
    train(options, "cut", stop_after=stop_after)
    resumed = train(options, "cut", resume=True)
    first = resumed.of(StepDone)[0]
    assert (first.epoch, first.step) == next_step
    assert equal(weights(resumed), weights(through))
    assert resumed.result.history["loss"] == through.result.history["loss"]
    assert resumed.result.best_epoch == through.result.best_epoch


@pytest.mark.slow
def test_what_a_killed_process_left_half_written_is_removed_at_the_next_start(options, train, tmp_path):
    run_folder = tmp_path / "out" / "a.run"
    run_folder.mkdir(parents=True)
    left = [run_folder / ".checkpoint.123.partial.npz", tmp_path / "out" / ".a_model.123.partial.h5"]
    other = tmp_path / "out" / ".b_model.123.partial.h5"
    for path in (*left, other):
        path.write_bytes(b"half")
    train(options.copy(epochs=1), "a")
    assert not any(path.exists() for path in left)
    assert other.exists()


@pytest.mark.slow
def test_a_run_cut_three_times_with_all_that_draws_at_random_ends_in_the_same_weights(options, train):
    options = options.copy(
        epochs=5, seed=4, augmentations=["gain", "noise", "time_shift", "mix_noise"], data_fraction=0.7, oversample_rare=True,
        learning_rate_schedule="fixed", reduce_learning_rate=True, reduce_learning_rate_patience=1, learning_rate=0.3,
    )  # fmt: skip
    through = train(options, "through")
    assert len(set(through.result.history["learning_rate"])) > 2, "it was lowered before and after a cut"
    for number, stop_after in enumerate((9, 14, 11)):
        train(options, "cut", stop_after=stop_after, resume=number > 0)
    resumed = train(options, "cut", resume=True)
    assert equal(weights(resumed), weights(through))
    assert resumed.result.history["learning_rate"] == through.result.history["learning_rate"]


@pytest.mark.slow
def test_a_finished_run_can_be_trained_for_longer(options, train):
    train(options.copy(learning_rate_schedule="fixed"), "short")
    longer = train(options.copy(learning_rate_schedule="fixed", epochs=5), "short", resume=True)
    at_once = train(options.copy(learning_rate_schedule="fixed", epochs=5), "long")
    assert [event.epoch for event in longer.of(EpochDone)] == [4, 5]
    assert equal(weights(longer), weights(at_once))


@pytest.mark.slow
def test_a_checkpoint_of_another_network_is_refused(options, train):
    train(options, "a")
    with pytest.raises(RunError, match="of another network"):
        train(options.copy(filters=5), "a", resume=True)


@pytest.mark.slow
def test_a_run_does_not_go_on_with_a_dataset_that_was_assembled_anew(options, train, store, tmp_path):
    own = shutil.copytree(store, tmp_path / "own.npy")
    options = options.copy(epochs=1, store_folder=str(own))
    run = train(options, "a")
    params, kept = read_params(run.stem), weights(run)
    write_attributes(own, {**open_dataset(own).attrs, "fingerprint": "f" * 64})
    with pytest.raises(RunError, match=r"own\.npy: has been reassembled since.*Assemble it as it was.*or start a new run"):
        train(options.copy(epochs=2), "a", resume=True)
    assert read_params(run.stem) == params
    assert equal(weights(run), kept)


@pytest.mark.slow
def test_a_run_continues_whose_seed_a_killed_process_left_half_written(options, train, tmp_path):
    folder = tmp_path / "out" / "20261124_120000.run"
    folder.mkdir(parents=True)
    (folder / "seed").write_text("")
    run = train(options.copy(seed=None, epochs=1), resume=True)
    assert (folder / "seed").read_text() == str(read_params(run.stem)["dss_widgets"]["seed_used"])
    assert not list(folder.glob(".seed*"))


def test_a_checkpoint_keeps_all_that_training_has_come_to(tmp_path):
    state = TrainingState(
        seed=3, epoch=2, step=16, seconds=1.5, best=BestSoFar(epoch=1, val_loss=0.5, waited=1), fingerprint="f",
        history={"loss": [0.6, 0.4], "macro_f1": [None, 0.5]}, zero_recall={"high": 2},
        first_epoch=1, first_step=8,
    )  # fmt: skip
    lowered, known = LearningRate(1e-3, None, 4, factor=0.01, best=0.5, waited=3), LearningRate(1e-3, None, 4)
    groups = [[np.full((2, 3), number, np.float32), np.array(number)] for number in range(4)]
    save_checkpoint(tmp_path, state, lowered, weights=groups[0], optimizer=groups[1], best_weights=groups[2], average=groups[3])
    found, *arrays = load_checkpoint(tmp_path, known)
    assert (found, known) == (state, lowered)
    assert all(equal(one, other) for one, other in zip(arrays, groups, strict=True))


def test_a_checkpoint_of_before_fingerprints_is_gone_on_with(tmp_path):
    save_checkpoint(tmp_path, TrainingState(seed=3, epoch=2), rate(), weights=[], optimizer=[], best_weights=[])
    with np.load(tmp_path / CHECKPOINT) as archive:
        told = json.loads(str(archive["told"]))
    del told["state"]["fingerprint"]
    np.savez(tmp_path / CHECKPOINT, told=np.array(json.dumps(told)))
    state, *_ = load_checkpoint(tmp_path, rate())
    assert (state.seed, state.epoch, state.fingerprint) == (3, 2, "")


@pytest.mark.parametrize("kept_bytes", [0, 10, 400, -30])
def test_a_damaged_checkpoint_is_told_of(tmp_path, kept_bytes):
    arrays = [np.arange(300.0)]
    save_checkpoint(tmp_path, TrainingState(seed=1), rate(), weights=arrays, optimizer=arrays, best_weights=arrays)
    path = tmp_path / CHECKPOINT
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(RunError, match=r"not a readable checkpoint.*Start a new run"):
        load_checkpoint(tmp_path, rate())


@pytest.mark.parametrize("told", ["[]", '{"state": {"seed": 1, "unknown": 2}}', '{"state": {"seed": 1}}'])
def test_a_checkpoint_that_says_something_else_is_told_of(tmp_path, told):
    np.savez(tmp_path / CHECKPOINT, told=np.array(told))
    with pytest.raises(RunError, match="not a readable checkpoint"):
        load_checkpoint(tmp_path, rate())


def test_a_checkpoint_that_cannot_be_written_leaves_the_last_one_and_nothing_half_written(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, TrainingState(seed=1), rate(), weights=[], optimizer=[], best_weights=[])
    before = (tmp_path / CHECKPOINT).read_bytes()

    def full(file, **_arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(RunError, match=r"No space left on device.*resume the run"):
        save_checkpoint(tmp_path, TrainingState(seed=2), rate(), weights=[], optimizer=[], best_weights=[])
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    assert (tmp_path / CHECKPOINT).read_bytes() == before
