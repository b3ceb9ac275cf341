"""Logs for TensorBoard: what was written is read back from the files."""

from contextlib import suppress

import pytest
import tensorflow as tf

from dss_widgets.events import EpochDone
from dss_widgets.network import checkpoint
from dss_widgets.network.checkpointing import Checkpointing
from dss_widgets.network.tensorboard import FOLDER, tensorboard_logger


def logged(stem):
    """Return the values of a run's files, by name and epoch; a value that is there twice is an error."""
    values = {}
    for value, epoch in (found for path in (stem.parent / FOLDER / stem.name).iterdir() for found in whole_records(path)):
        assert (value.tag, epoch) not in values, "logged twice"
        assert value.metadata.plugin_data.plugin_name == "scalars"
        values[value.tag, epoch] = float(tf.make_ndarray(value.tensor))
    return values


def whole_records(path):
    with suppress(tf.errors.DataLossError):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            yield from ((value, event.step) for value in event.summary.value)


def told(events):
    """Return the values that the events of epochs tell and TensorBoard is to show, by name and epoch; the last word counts."""
    values = {}
    for event in events:
        for name in ("loss", "val_loss", "learning_rate", "macro_f1"):
            if getattr(event, name) is not None:
                values[name, event.epoch] = getattr(event, name)
        values |= {(f"f1/{name}", event.epoch): value for name, value in event.f1.items()}
    return pytest.approx(values, rel=1e-6)


@pytest.mark.slow
def test_what_is_logged_is_what_the_epochs_told(options, undisturbed):
    run = undisturbed(options.copy(tensorboard=True))
    values = logged(run.stem)
    assert values == told(run.of(EpochDone))
    assert {epoch for _, epoch in values} == {1, 2, 3}
    assert {name for name, _ in values} == {
        "loss", "val_loss", "learning_rate", "macro_f1", "f1/noise", "f1/low", "f1/high"
    }  # fmt: skip


@pytest.mark.slow
def test_logs_of_two_runs_lie_in_two_folders_and_without_the_option_there_are_none(options, train):
    options = options.copy(epochs=1)
    runs = [train(options.copy(tensorboard=chosen), name) for name, chosen in (("a", True), ("b", True), ("c", False))]
    folders = sorted((runs[0].stem.parent / FOLDER).iterdir())
    assert [folder.name for folder in folders] == ["a", "b"]
    for run in runs[:2]:
        assert logged(run.stem) == told(run.of(EpochDone))


@pytest.fixture
def dies_before_checkpoint(monkeypatch):
    """Have training die when it has told of an epoch and not yet kept it, however long keeping takes on a busy machine."""
    monkeypatch.setattr(checkpoint, "MAX_WRITING_SHARE", 1e9)

    def at(epoch):
        write = Checkpointing.write

        def dying(checkpointing, state, *args):
            if state.epoch == epoch:
                monkeypatch.setattr(Checkpointing, "write", write)
                raise KeyboardInterrupt
            write(checkpointing, state, *args)

        monkeypatch.setattr(Checkpointing, "write", dying)

    return at


@pytest.mark.slow
@pytest.mark.parametrize("epoch", [1, 2])
def test_an_epoch_that_is_learned_again_is_logged_once(options, train, undisturbed, dies_before_checkpoint, epoch):
    options = options.copy(tensorboard=True)
    dies_before_checkpoint(epoch)
    with pytest.raises(KeyboardInterrupt):
        train(options, "a")
    rest = train(options, "a", resume=True)
    assert [event.epoch for event in rest.of(EpochDone)] == list(range(epoch, 4))
    assert logged(rest.stem) == told(undisturbed(options).of(EpochDone))


@pytest.mark.parametrize("lost_bytes", [1, 30, 200, 1000])
def test_of_an_epoch_that_was_half_logged_the_rest_is_logged(tmp_path, lost_bytes):
    events = [EpochDone(epoch=epoch, loss=0.5, val_loss=0.25 / epoch, f1={"low": 0.75}) for epoch in (1, 2, 3)]
    for event in events[:2]:
        tensorboard_logger(tmp_path / "a")(event)
    newest = max((tmp_path / FOLDER / "a").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:-lost_bytes])
    log = tensorboard_logger(tmp_path / "a")
    for event in events[1:]:
        log(event)
    assert logged(tmp_path / "a") == told(events)
