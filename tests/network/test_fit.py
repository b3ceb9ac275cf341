"""Training from start to end."""

import json
from unittest.mock import ANY

import numpy as np
import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.recordings.sound_profile import SoundProfile
from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.events import (
    EpochDone,
    NetworkTested,
    Progressed,
    StateChanged,
    StepDone,
    TrainingBegan,
    Warned,
    event_of,
)
from dss_widgets.network import messages, trainer
from dss_widgets.network.batches import TrainingBatches
from dss_widgets.network.checkpoint import load_checkpoint
from dss_widgets.network.predict import probabilities
from dss_widgets.network.schedule import LearningRate
from dss_widgets.network.trained import load_trained
from dss_widgets.results import read_params, read_results
from dss_widgets.results.params_file import write_params
from dss_widgets.results.validation import read_validation

from .conftest import equal, weights, write_store

FILES = ("_model.keras", "_model.h5", "_params.yaml", "_results.h5")


def test_training_leaves_four_files_with_a_network_that_learned_the_song(trained_run):
    assert {path.name.removeprefix(trained_run.stem.name) for path in trained_run.stem.parent.glob("*_*.*")} >= set(FILES)
    assert trained_run.result.scores.macro_f1 > 0.9
    results = read_results(trained_run.stem)
    assert results.scores.macro_f1 == trained_run.result.scores.macro_f1
    assert results.scores.confusion_matrix.sum() == results.n_samples == 4000
    assert len(results.history["loss"]) == 20
    assert results.more_scores["annotations"]["all_segments"]["n_annotated"] > 0
    assert results.params["nb_hist"] == 256
    assert SoundProfile.from_dict(results.params["dss_widgets"]["sound"]).seconds > 0


def test_the_validation_loss_is_the_mean_cross_entropy_of_all_samples_that_validate(trained_run, store):
    val = open_dataset(store).split("val")
    found = probabilities(load_trained(trained_run.stem), val.x)
    loss = -np.log(found[np.arange(val.n_samples), val.y().argmax(axis=1)]).mean()
    assert trained_run.result.best_val_loss == pytest.approx(loss, rel=1e-3)


def test_it_tells_how_it_goes(trained_run):
    kinds = [type(event) for event in trained_run.events if not isinstance(event, Warned)]
    assert kinds[:3] == [StateChanged, StateChanged, TrainingBegan]
    assert [event.state for event in trained_run.of(StateChanged)] == ["preparing", "training", "testing"]
    (begin,) = trained_run.of(TrainingBegan)
    assert begin.epochs == 20
    assert begin.steps_per_epoch == 8
    assert begin.classes == ("noise", "low", "high")
    epochs = trained_run.of(EpochDone)
    assert [event.epoch for event in epochs] == list(range(1, 21))
    last = epochs[-1]
    assert set(last.recall) == set(last.f1) == {"noise", "low", "high"}
    assert last.best_val_loss == min(event.val_loss for event in epochs)
    assert last.seconds_left == 0
    assert all(0 <= event.waiting <= 1 for event in epochs)
    assert 0 < last.epochs_to_early_stop <= 20
    tested = trained_run.of(Progressed)[-1]
    assert (tested.done, tested.total, tested.doing) == (4000, 4000, "testing")
    (scores,) = trained_run.of(NetworkTested)
    assert scores.as_dict() | trained_run.result.scores.as_dict() == scores.as_dict() | {"frame_error_rate": ANY}
    assert all(event_of(json.loads(json.dumps(event.as_dict()))) == event for event in trained_run.events)
    step = trained_run.of(StepDone)[0]
    assert (step.epoch, step.step, step.steps) == (1, 1, 8)
    assert step.loss > 0


def test_steps_are_told_at_most_twice_a_second(monkeypatch):
    told, moment = [], [0.0]
    monkeypatch.setattr(messages.time, "monotonic", lambda: moment[0])
    throttle = messages.Throttle(told.append)
    for i in range(100):
        moment[0] = i * 0.1
        throttle(Progressed(done=i, total=100))
    assert len(told) == 20
    throttle(Progressed(done=100, total=100), now=True)
    assert told[-1].done == 100


@pytest.mark.slow
def test_data_that_comes_slowly_is_told_once(options, train, monkeypatch):
    moment = [0.0]
    stream = TrainingBatches.stream

    def slow(batches, *args):
        for batch in stream(batches, *args):
            moment[0] += 1.0
            yield batch

    monkeypatch.setattr(trainer.time, "monotonic", lambda: moment[0])
    monkeypatch.setattr(TrainingBatches, "stream", slow)
    run = train(options)
    assert [event.waiting for event in run.of(EpochDone)] == [1.0] * 3
    (told,) = [warning for warning in run.warnings if "waited for data" in warning]
    assert "100% of the last epoch" in told
    assert options.store_folder in told


@pytest.mark.slow
@pytest.mark.parametrize(("schedule", "kept", "kept_of_squares"), [("fixed", 0.9, 0.999), ("cosine", 0.8, 0.95)])
def test_a_fixed_rate_learns_with_the_adam_of_das_and_one_that_decays_forgets_sooner(
    options, train, schedule, kept, kept_of_squares
):
    run = train(options.copy(epochs=1, batch_size=1000, learning_rate_schedule=schedule))
    assert run.of(TrainingBegan)[0].steps_per_epoch == 1
    _, _, optimizer, *_ = load_checkpoint(run.stem.with_suffix(".run"), LearningRate(0.1, None))
    iterations, *moments = optimizer
    assert iterations == 1
    means, squares = (np.concatenate([m.ravel() for m in half]) for half in np.split(np.array(moments, dtype=object), 2))
    np.testing.assert_allclose(squares, (1 - kept_of_squares) * (means / (1 - kept)) ** 2, rtol=1e-4, atol=1e-12)
    assert squares.max() > 0


@pytest.mark.slow
def test_a_seed_gives_the_same_weights_twice_and_another_seed_others(options, train):
    one, same, other = (
        train(options.copy(seed=seed, data_fraction=0.5), name) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert equal(weights(one), weights(same))
    assert not equal(weights(one), weights(other))


@pytest.mark.slow
def test_the_kept_network_is_that_of_the_best_epoch(options, train):
    run = train(options.copy(epochs=6, learning_rate=0.5, learning_rate_schedule="fixed"))
    losses = [event.val_loss for event in run.of(EpochDone)]
    assert run.result.best_epoch == int(np.argmin(losses)) + 1
    shorter = train(options.copy(epochs=run.result.best_epoch, learning_rate=0.5, learning_rate_schedule="fixed"), "shorter")
    assert equal(weights(run), weights(shorter))


@pytest.mark.slow
def test_a_stop_is_looked_at_after_every_step_and_keeps_the_best_network(options, train):
    run = train(options.copy(epochs=50), stop_after=2 * (8 + 4) + 1)
    assert run.result.outcome == "stopped"
    assert len(run.of(EpochDone)) == 2
    assert run.result.scores is not None
    assert all((run.stem.parent / (run.stem.name + suffix)).is_file() for suffix in FILES)


def test_a_stop_in_the_first_epoch_keeps_the_network_as_it_is(options, train):
    run = train(options, stop_after=2)
    assert run.result.best_epoch == 0
    assert not run.of(EpochDone)
    assert run.result.scores is not None


@pytest.mark.slow
def test_without_a_seed_one_is_drawn_and_told(options, train):
    run = train(options.copy(seed=None, epochs=1))
    assert read_params(run.stem)["dss_widgets"]["seed_used"] >= 0


@pytest.mark.slow
def test_a_song_type_is_trained_alone(options, train):
    run = train(options.copy(song_type="high", epochs=1))
    assert read_params(run.stem)["class_names"] == ["noise", "high"]
    assert read_params(run.stem)["y_suffix"] == "high"
    assert run.result.scores.confusion_matrix.shape == (2, 2)


def test_an_unknown_song_type_is_an_error_rather_than_all_types(options, train):
    with pytest.raises(OptionsError, match="'igh' has no individual targets"):
        train(options.copy(song_type="igh"))


@pytest.mark.slow
def test_a_song_type_is_found_that_begins_as_its_files_do(options, train, tmp_path):
    store = write_store(tmp_path / "yips.npy")
    for split in ("train", "val", "test"):
        (store / split / "y_high.npy").rename(store / split / "y_yip.npy")
    attributes = {"class_names": ["noise", "low", "yip"], "class_types": ["segment"] * 3}
    write_attributes(store, {"samplerate_x_Hz": 1000.0, "samplerate_y_Hz": 1000.0, **attributes})
    run = train(options.copy(store_folder=str(store), song_type="yip", epochs=1))
    assert read_params(run.stem)["class_names"] == ["noise", "yip"]


@pytest.mark.slow
def test_a_data_fraction_takes_from_train_and_validation_and_never_from_test(options, train, monkeypatch):
    made = []
    keep = trainer.Trainer.run
    monkeypatch.setattr(trainer.Trainer, "run", lambda self: (made.append(self), keep(self)))
    run = train(options.copy(data_fraction=0.25, epochs=1))
    (told,) = made
    assert [len(told.train.starts), len(told.val.chunks)] == [32 // 4, 16 // 4]
    assert run.of(TrainingBegan)[0].steps_per_epoch == 2
    assert run.result.scores.confusion_matrix.sum() == 4000


@pytest.mark.slow
def test_validation_data_shorter_than_a_batch_and_a_chunk_still_validates(options, train, tmp_path):
    store = write_store(tmp_path / "short.npy", train=4000, val=200, test=300)
    run = train(options.copy(store_folder=str(store)))
    assert all(np.isfinite(event.val_loss) for event in run.of(EpochDone))
    assert run.result.scores.confusion_matrix.sum() == 300
    assert any("validation data" in message for message in run.warnings)


def test_without_validation_data_it_is_refused_and_names_the_option_that_mends_it(options, train, tmp_path):
    store = write_store(tmp_path / "noval.npy", train=4000, val=0)
    with pytest.raises(OptionsError, match="validation_from_train: needs a share"):
        train(options.copy(store_folder=str(store)))


@pytest.mark.slow
def test_validation_is_cut_from_train_on_request_the_same_when_it_continues(options, train, tmp_path):
    store = write_store(tmp_path / "noval.npy", train=8000, val=0)
    options = options.copy(store_folder=str(store), validation_from_train=0.2)
    through = train(options, "through")
    assert through.of(EpochDone)[-1].val_loss < through.of(EpochDone)[0].val_loss
    assert through.of(TrainingBegan)[0].steps_per_epoch < 8, "what validates is not learned from"
    assert "score_val" in read_params(through.stem)["post_opt"], "found on what was cut"
    train(options, "cut", stop_after=9)
    assert equal(weights(train(options, "cut", resume=True)), weights(through))


@pytest.mark.slow
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
    assert plain.of(EpochDone)[0].loss != balanced.of(EpochDone)[0].loss
    assert not equal(weights(plain), weights(balanced))


@pytest.fixture
def no_improvement(monkeypatch):
    """Have every epoch's validation come out a little worse than the one before."""
    judge = trainer.Trainer._validate
    losses = iter(range(1, 1000))

    def worse(self, val):
        scores = judge(self, val)
        self.state.so_far.val_loss_sum = next(losses) * self.state.so_far.val_weight_sum
        return scores

    monkeypatch.setattr(trainer.Trainer, "_validate", worse)


@pytest.mark.slow
def test_training_ends_by_itself_when_nothing_improves_for_20_epochs(options, train, no_improvement):
    run = train(options.copy(epochs=100))
    assert len(run.of(EpochDone)) == 1 + 20
    assert [event.epochs_to_early_stop for event in run.of(EpochDone)] == list(range(20, -1, -1))
    assert run.result.best_epoch == 1
    assert run.result.outcome == "finished"


@pytest.mark.slow
def test_a_fixed_learning_rate_is_lowered_on_a_plateau(options, train, no_improvement):
    changes = {"learning_rate_schedule": "fixed", "reduce_learning_rate": True, "reduce_learning_rate_patience": 2}
    run = train(options.copy(**changes, epochs=6))
    rates = [event.learning_rate for event in run.of(EpochDone)]
    assert rates[:3] == [options.learning_rate] * 3
    assert rates[3] < rates[2]
    assert rates[3] == rates[4] > rates[5]


@pytest.mark.slow
def test_balanced_classes_train_also_where_a_class_is_absent(options, train, store_without_high):
    run = train(options.copy(store_folder=str(store_without_high), balance_classes=True))
    assert np.isfinite([event.loss for event in run.of(EpochDone)]).all()


@pytest.mark.slow
def test_several_channels_lstm_and_separable_blocks_train(options, train, tmp_path):
    store = write_store(tmp_path / "three.npy", n_channels=3, train=4000)
    changes = {"frontend": "none", "separable": [True, False], "blocks": 2, "lstm_units": 3, "epochs": 1}
    run = train(options.copy(store_folder=str(store), **changes))
    assert read_params(run.stem)["use_separable"] == [True, False]
    assert read_params(run.stem)["nb_freq"] == 3
    assert load_trained(run.stem).network.n_weights == run.of(TrainingBegan)[0].n_weights


@pytest.mark.slow
def test_a_spectrogram_of_several_channels_is_learned_and_kept(options, train, tmp_path):
    store = write_store(tmp_path / "three.npy", n_channels=3)
    run = train(options.copy(store_folder=str(store)))
    history = run.result.history["loss"]
    assert history[-1] < history[0]
    trained = load_trained(run.stem)
    assert trained.settings.architecture.n_channels == 3
    assert trained.network.model.get_layer("conv1d").kernel.shape == (1, 3 * 9, 4)


@pytest.mark.slow
def test_a_type_that_is_never_found_is_told_once(options, train, store_without_high):
    run = train(options.copy(store_folder=str(store_without_high), epochs=messages.COLLAPSED_EPOCHS + 5))
    collapsed = [message for message in run.warnings if message.startswith("'high' has not been found")]
    assert len(collapsed) == 1


@pytest.mark.slow
def test_warnings_name_fields_as_forms_do(options, train):
    run = train(options.copy(epochs=1))
    told = [message for message in run.warnings if "training steps in all" in message]
    assert told
    assert told[0].startswith("Number of epochs: ")


@pytest.mark.slow
def test_params_that_cannot_be_written_after_training_lose_nothing(options, train, monkeypatch):
    wrong = []

    def full_later(path, params):
        if "post_opt" in params:
            wrong.append(path)
            raise DataError(f"{path}: cannot be written (No space left on device).")
        return write_params(path, params)

    monkeypatch.setattr("dss_widgets.network.tune.write_params", full_later)
    run = train(options)
    assert wrong
    assert any("No space left" in message for message in run.warnings)
    assert run.result.scores is not None
    assert read_validation(run.stem) is None, "nothing is told that the params do not hold"


@pytest.mark.slow
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
