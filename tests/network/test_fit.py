"""Training from start to end."""

import errno
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.errors import OptionsError, RunError
from dss_widgets.network import messages, trainer
from dss_widgets.network.batches import TrainingBatches
from dss_widgets.network.checkpoint import CHECKPOINT, TrainingState, load_checkpoint, save_checkpoint
from dss_widgets.network.predict import probabilities
from dss_widgets.network.schedule import BestSoFar, LearningRate
from dss_widgets.network.trained import load_trained
from dss_widgets.results import read_params, read_results

from .conftest import write_store

FILES = ("_model.keras", "_model.h5", "_params.yaml", "_results.h5")


def rate():
    return LearningRate(1e-3, None)


def weights(run):
    return load_trained(run.stem).network.model.get_weights()


def equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_training_leaves_four_files_with_a_network_that_learned_the_song(trained_run):
    assert {path.name.removeprefix(trained_run.stem.name) for path in trained_run.stem.parent.glob("*_*.*")} >= set(FILES)
    assert trained_run.result.scores.macro_f1 > 0.9
    results = read_results(trained_run.stem)
    assert results.scores.macro_f1 == trained_run.result.scores.macro_f1
    assert results.scores.confusion_matrix.sum() == results.n_samples == 4000
    assert len(results.history["loss"]) == 20
    assert results.more_scores["annotations"]["all_segments"]["n_annotated"] > 0
    assert results.params["nb_hist"] == 256


def test_the_validation_loss_is_the_mean_cross_entropy_of_all_samples_that_validate(trained_run, store):
    val = open_dataset(store).split("val")
    found = probabilities(load_trained(trained_run.stem), val.x)
    loss = -np.log(found[np.arange(val.n_samples), val.y().argmax(axis=1)]).mean()
    assert trained_run.result.best_val_loss == pytest.approx(loss, rel=1e-3)


def test_it_tells_how_it_goes(trained_run):
    kinds = [event["event"] for event in trained_run.events if event["event"] != "warning"]
    assert kinds[:3] == ["state", "state", "begin"]
    assert [event["state"] for event in trained_run.of("state")] == ["preparing", "training", "testing"]
    (begin,) = trained_run.of("begin")
    assert begin["epochs"] == 20
    assert begin["steps_per_epoch"] == 8
    assert begin["classes"] == ["noise", "low", "high"]
    epochs = trained_run.of("epoch")
    assert [event["epoch"] for event in epochs] == list(range(1, 21))
    last = epochs[-1]
    assert set(last["recall"]) == set(last["f1"]) == {"noise", "low", "high"}
    assert last["best_val_loss"] == min(event["val_loss"] for event in epochs)
    assert last["seconds_left"] == 0
    assert all(0 <= event["waiting"] <= 1 for event in epochs)
    assert 0 < last["epochs_to_early_stop"] <= 20
    assert trained_run.of("test")[-1]["done"] == trained_run.of("test")[-1]["total"] == 4000
    assert trained_run.of("scores")[0]["macro_f1"] == trained_run.result.scores.macro_f1
    step = trained_run.of("step")[0]
    assert (step["epoch"], step["step"], step["steps"]) == (1, 1, 8)
    assert step["loss"] > 0


def test_steps_are_told_at_most_twice_a_second(monkeypatch):
    told, moment = [], [0.0]
    monkeypatch.setattr(messages.time, "monotonic", lambda: moment[0])
    throttle = messages.Throttle(told.append)
    for i in range(100):
        moment[0] = i * 0.1
        throttle({"i": i})
    assert len(told) == 20
    throttle({"i": "now"}, now=True)
    assert told[-1] == {"i": "now"}


def test_data_that_comes_slowly_is_told_once(options, train, monkeypatch):
    moment = [0.0]
    dataset = TrainingBatches.dataset

    def slow(batches, *args):
        for batch in dataset(batches, *args):
            moment[0] += 1.0
            yield batch

    monkeypatch.setattr(trainer.time, "monotonic", lambda: moment[0])
    monkeypatch.setattr(TrainingBatches, "dataset", slow)
    run = train(options)
    assert [event["waiting"] for event in run.of("epoch")] == [1.0] * 3
    (told,) = [warning for warning in run.warnings if "waited for data" in warning]
    assert "100% of the last epoch" in told
    assert options.store_folder in told


def test_a_seed_gives_the_same_weights_twice_and_another_seed_others(options, train):
    one, same, other = (
        train(options.copy(seed=seed, data_fraction=0.5), name) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert equal(weights(one), weights(same))
    assert not equal(weights(one), weights(other))


@pytest.mark.slow
def test_the_kept_network_is_that_of_the_best_epoch(options, train):
    run = train(options.copy(epochs=6, learning_rate=0.5, learning_rate_schedule="fixed"))
    losses = [event["val_loss"] for event in run.of("epoch")]
    assert run.result.best_epoch == int(np.argmin(losses)) + 1
    shorter = train(options.copy(epochs=run.result.best_epoch, learning_rate=0.5, learning_rate_schedule="fixed"), "shorter")
    assert equal(weights(run), weights(shorter))


def test_a_stop_is_looked_at_after_every_step_and_keeps_the_best_network(options, train):
    run = train(options.copy(epochs=50), stop_after=21)
    assert run.result.stopped
    assert len(run.of("epoch")) == 2
    assert run.asked >= 21
    assert run.result.scores is not None
    assert all((run.stem.parent / (run.stem.name + suffix)).is_file() for suffix in FILES)


def test_a_stop_in_the_first_epoch_keeps_the_network_as_it_is(options, train):
    run = train(options, stop_after=2)
    assert run.result.best_epoch == 0
    assert not run.of("epoch")
    assert run.result.scores is not None


@pytest.mark.parametrize("stop_after", [12, *(pytest.param(n, marks=pytest.mark.slow) for n in (5, 17, 27))])
def test_a_run_that_is_resumed_ends_in_the_same_weights_as_one_run_through(options, train, stop_after):
    options = options.copy(epochs=4)
    through = train(options, "through")
    train(options, "cut", stop_after=stop_after)
    resumed = train(options, "cut", resume=True)
    assert equal(weights(resumed), weights(through))
    assert resumed.result.history["loss"] == pytest.approx(through.result.history["loss"])
    assert resumed.result.best_epoch == through.result.best_epoch


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
        epochs=5, augmentations=["gain", "noise", "time_shift", "mix_noise"], data_fraction=0.7, oversample_rare=True,
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
    assert [event["epoch"] for event in longer.of("epoch")] == [4, 5]
    assert equal(weights(longer), weights(at_once))


def test_a_checkpoint_of_another_network_is_refused(options, train):
    train(options, "a")
    with pytest.raises(RunError, match="of another network"):
        train(options.copy(filters=5), "a", resume=True)


def test_a_run_does_not_go_on_with_a_dataset_that_was_assembled_anew(options, train, store, tmp_path):
    own = shutil.copytree(store, tmp_path / "own.npy")
    options = options.copy(epochs=1, store_folder=str(own))
    run = train(options, "a")
    params, kept = read_params(run.stem), weights(run)
    write_attributes(own, {**open_dataset(own).attrs, "fingerprint": "f" * 64})
    with pytest.raises(RunError, match=r"own\.npy: was assembled anew since.*Assemble it as it was.*or start a new run"):
        train(options.copy(epochs=2), "a", resume=True)
    assert read_params(run.stem) == params
    assert equal(weights(run), kept)


def test_a_checkpoint_keeps_all_that_training_has_come_to(tmp_path):
    state = TrainingState(
        seed=3, epoch=2, step=16, seconds=1.5, best=BestSoFar(epoch=1, val_loss=0.5, waited=1), fingerprint="f",
        history={"loss": [0.6, 0.4], "macro_f1": [None, 0.5]}, zero_recall={"high": 2},
    )  # fmt: skip
    lowered, known = LearningRate(1e-3, None, 4, factor=0.01, best=0.5, waited=3), LearningRate(1e-3, None, 4)
    groups = [[np.full((2, 3), number, np.float32), np.array(number)] for number in range(3)]
    save_checkpoint(tmp_path, state, lowered, weights=groups[0], optimizer=groups[1], best_weights=groups[2])
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
    with pytest.raises(RunError, match=r"not a readable checkpoint.*Start the training anew"):
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
    with pytest.raises(RunError, match=r"No space left on device.*go on with the run"):
        save_checkpoint(tmp_path, TrainingState(seed=2), rate(), weights=[], optimizer=[], best_weights=[])
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_without_a_seed_one_is_drawn_and_told(options, train):
    run = train(options.copy(seed=None, epochs=1))
    assert read_params(run.stem)["dss_widgets"]["seed_used"] >= 0


def test_a_run_goes_on_whose_seed_a_killed_process_left_half_written(options, train, tmp_path):
    folder = tmp_path / "out" / "20261124_120000.run"
    folder.mkdir(parents=True)
    (folder / "seed").write_text("")
    run = train(options.copy(seed=None, epochs=1), resume=True)
    assert (folder / "seed").read_text() == str(read_params(run.stem)["dss_widgets"]["seed_used"])
    assert not list(folder.glob(".seed*"))


def test_a_song_type_is_trained_alone(options, train):
    run = train(options.copy(song_type="high", epochs=1))
    assert read_params(run.stem)["class_names"] == ["noise", "high"]
    assert read_params(run.stem)["y_suffix"] == "high"
    assert run.result.scores.confusion_matrix.shape == (2, 2)


def test_an_unknown_song_type_is_an_error_rather_than_all_types(options, train):
    with pytest.raises(OptionsError, match="'igh' has no individual targets"):
        train(options.copy(song_type="igh"))


def test_a_song_type_is_found_that_begins_as_its_files_do(options, train, tmp_path):
    store = write_store(tmp_path / "yips.npy")
    for split in ("train", "val", "test"):
        (store / split / "y_high.npy").rename(store / split / "y_yip.npy")
    attributes = {"class_names": ["noise", "low", "yip"], "class_types": ["segment"] * 3}
    write_attributes(store, {"samplerate_x_Hz": 1000.0, "samplerate_y_Hz": 1000.0, **attributes})
    run = train(options.copy(store_folder=str(store), song_type="yip", epochs=1))
    assert read_params(run.stem)["class_names"] == ["noise", "yip"]


def test_a_data_fraction_takes_from_train_and_validation_and_never_from_test(options, train, monkeypatch):
    made = []
    keep = trainer.Trainer.run
    monkeypatch.setattr(trainer.Trainer, "run", lambda self: (made.append(self), keep(self)))
    run = train(options.copy(data_fraction=0.25, epochs=1))
    (told,) = made
    assert [len(told.train.starts), len(told.val.chunks)] == [32 // 4, 16 // 4]
    assert run.of("begin")[0]["steps_per_epoch"] == 2
    assert run.result.scores.confusion_matrix.sum() == 4000


def test_validation_data_shorter_than_a_batch_and_a_chunk_still_validates(options, train, tmp_path):
    store = write_store(tmp_path / "short.npy", train=4000, val=200, test=300)
    run = train(options.copy(store_folder=str(store)))
    assert all(np.isfinite(event["val_loss"]) for event in run.of("epoch"))
    assert run.result.scores.confusion_matrix.sum() == 300
    assert any("validation data" in message for message in run.warnings)


def test_without_validation_data_it_is_refused_and_names_the_option_that_mends_it(options, train, tmp_path):
    store = write_store(tmp_path / "noval.npy", train=4000, val=0)
    with pytest.raises(OptionsError, match="validation_from_train: needs a share"):
        train(options.copy(store_folder=str(store)))


@pytest.mark.slow
def test_validation_is_cut_from_train_on_request_the_same_when_it_goes_on(options, train, tmp_path):
    store = write_store(tmp_path / "noval.npy", train=8000, val=0)
    options = options.copy(store_folder=str(store), validation_from_train=0.2)
    through = train(options, "through")
    assert through.of("epoch")[-1]["val_loss"] < through.of("epoch")[0]["val_loss"]
    assert through.of("begin")[0]["steps_per_epoch"] < 8, "what validates is not learned from"
    assert "score_val" in read_params(through.stem)["post_opt"], "found on what was cut"
    train(options, "cut", stop_after=9)
    assert equal(weights(train(options, "cut", resume=True)), weights(through))


def test_without_test_data_there_are_results_without_scores(options, train, tmp_path):
    store = write_store(tmp_path / "notest.npy", train=4000, test=0)
    run = train(options.copy(store_folder=str(store)))
    assert run.result.scores is None
    assert read_results(run.stem).scores is None
    assert len(read_results(run.stem).history["loss"]) == options.epochs


@pytest.fixture
def store_without_high(tmp_path):
    """A dataset of which the train split lacks one of the song types."""
    store = write_store(tmp_path / "absent.npy", train=2000, val=1000, test=1000)
    y = np.load(store / "train" / "y.npy")
    y[:, 0] += y[:, 2]
    y[:, 2] = 0
    np.save(store / "train" / "y.npy", y)
    return store


@pytest.mark.slow
def test_balanced_classes_have_a_say_in_what_is_learned(options, train):
    plain = train(options.copy(epochs=1), "20261124_120000")
    balanced = train(options.copy(epochs=1, balance_classes=True), "20261124_120001")
    assert plain.of("epoch")[0]["loss"] != balanced.of("epoch")[0]["loss"]
    assert not equal(weights(plain), weights(balanced))


@pytest.fixture
def no_improvement(monkeypatch):
    """Have every epoch's validation come out a little worse than the one before."""
    judge = trainer.Trainer._validate
    losses = iter(range(1, 1000))
    monkeypatch.setattr(trainer.Trainer, "_validate", lambda self: replace(judge(self), loss=float(next(losses))))


def test_training_ends_by_itself_when_nothing_improves_for_20_epochs(options, train, no_improvement):
    run = train(options.copy(epochs=100))
    assert len(run.of("epoch")) == 1 + 20
    assert [event["epochs_to_early_stop"] for event in run.of("epoch")] == list(range(20, -1, -1))
    assert run.result.best_epoch == 1
    assert not run.result.stopped


def test_a_fixed_learning_rate_is_lowered_on_a_plateau(options, train, no_improvement):
    changes = {"learning_rate_schedule": "fixed", "reduce_learning_rate": True, "reduce_learning_rate_patience": 2}
    run = train(options.copy(**changes, epochs=6))
    rates = [event["learning_rate"] for event in run.of("epoch")]
    assert rates[:3] == [options.learning_rate] * 3
    assert rates[3] < rates[2]
    assert rates[3] == rates[4] > rates[5]


def test_balanced_classes_train_also_where_a_class_is_absent(options, train, store_without_high):
    run = train(options.copy(store_folder=str(store_without_high), balance_classes=True))
    assert np.isfinite([event["loss"] for event in run.of("epoch")]).all()


@pytest.mark.slow
def test_several_channels_lstm_and_separable_blocks_train(options, train, tmp_path):
    store = write_store(tmp_path / "three.npy", n_channels=3, train=4000)
    changes = {"frontend": "none", "separable": [True, False], "blocks": 2, "lstm_units": 3, "epochs": 1}
    run = train(options.copy(store_folder=str(store), **changes))
    assert read_params(run.stem)["use_separable"] == [True, False]
    assert read_params(run.stem)["nb_freq"] == 3
    assert load_trained(run.stem).network.n_weights == run.of("begin")[0]["n_weights"]


def test_an_stft_on_several_channels_is_refused_with_the_field(options, train, tmp_path):
    store = write_store(tmp_path / "three.npy", n_channels=3)
    with pytest.raises(OptionsError) as caught:
        train(options.copy(store_folder=str(store)))
    assert [problem.field for problem in caught.value.problems] == ["frontend"]


@pytest.mark.slow
def test_a_type_that_is_never_found_is_told_once(options, train, store_without_high):
    run = train(options.copy(store_folder=str(store_without_high), epochs=messages.COLLAPSED_EPOCHS + 5))
    collapsed = [message for message in run.warnings if message.startswith("'high' has not been found")]
    assert len(collapsed) == 1


def test_a_test_that_runs_out_of_memory_loses_nothing(options, train, monkeypatch):
    def no_memory(*_args, **_more):
        raise MemoryError("too large")

    monkeypatch.setattr("dss_widgets.network.fit.evaluate", no_memory)
    run = train(options)
    assert run.result.scores is None
    assert any("dss-widgets evaluate" in message for message in run.warnings)
    assert load_trained(run.stem).class_names == ["noise", "low", "high"]


def test_a_chunk_that_is_all_boundary_is_refused_before_anything_starts(options, train):
    with pytest.raises(OptionsError, match="must be longer than twice the ignored boundary"):
        train(options.copy(chunk_duration=64, filter_duration=32))


def test_how_probabilities_become_segments_is_found_on_validation_data_and_kept_for_das(trained_run):
    found = read_params(trained_run.stem)["post_opt"]
    assert found["score_val"] >= found["score_val_before"]
    assert {"gap_dur", "min_len"} <= set(found)
    scores = read_results(trained_run.stem).more_scores["annotations"]
    assert scores["fill_gap_seconds"] == found["gap_dur"]
    assert scores["all_segments"]["f1"] > 0.5  # offsets of a network this small lie near the tolerance
