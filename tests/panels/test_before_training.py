"""What the training form offers before a start: suggestions, a measured epoch, networks to start from, the dataset as it is."""

import asyncio
import json
import threading

import numpy as np
import pytest

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.errors import RunError
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.options.suggestion import as_options, suggest
from dss_widgets.panels import TrainingPanel
from dss_widgets.panels.training import estimate
from dss_widgets.results import write_params
from dss_widgets.runs.measuring import Measured, Measuring

FOUND = Measured(step_seconds=0.2, epoch_seconds=30.0, start_seconds=6.0, peak_bytes=900_000_000)


@pytest.fixture
def panel(dataset):
    return TrainingPanel(TrainingOptions(store_folder=str(dataset)))


# --- suggest


def test_suggest_fills_the_form_and_says_why(panel, dataset):
    panel.suggestion.button.click()
    suggested = as_options(suggest(song_facts(open_dataset(dataset))))
    for name, value in suggested.items():
        assert getattr(panel.options, name) == value
    assert panel.form.fields["epochs"].widget.value == str(suggested["epochs"])
    assert "song is told by its frequencies" in panel.suggestion.told.value
    assert panel.preset.value == "own", "it is no preset, whichever has the same values"
    assert not panel.blockers


def test_suggest_mends_what_was_typed_wrongly(panel):
    panel.form.fields["epochs"].widget.value = "many"
    panel.suggestion.button.click()
    assert not panel.blockers


def test_the_reasons_go_once_something_else_is_chosen(panel):
    panel.suggestion.button.click()
    panel.form.fields["filters"].widget.value = "5"
    assert panel.suggestion.told.value == ""


def test_without_a_dataset_nothing_can_be_suggested(panel):
    assert TrainingPanel().suggestion.button.disabled
    assert not panel.suggestion.button.disabled
    panel.form.fields["store_folder"].widget.value = "/nowhere.npy"
    assert panel.suggestion.button.disabled


# --- measure


class Pretended:
    """A measurement whose end is in the test's hands."""

    def __init__(self, answer) -> None:
        self.answer, self.cancelled, self.may_end = answer, False, threading.Event()

    def result(self):
        self.may_end.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def cancel(self):
        self.cancelled = True
        self.may_end.set()


@pytest.fixture
def pretend_measuring(monkeypatch):
    """Have measurements give an answer, at once or when the test lets them."""
    made = []

    def use(answer, *, at_once=True):
        def start(_options):
            made.append(Pretended(answer))
            if at_once:
                made[-1].may_end.set()
            return made[-1]

        monkeypatch.setattr(estimate, "Measuring", start)
        return made

    yield use
    for job in made:
        job.may_end.set()


def test_what_can_be_known_without_trying_is_always_there(panel):
    words = panel._meaning.value
    for fact in ("Batches per epoch", "of validation", "Memory", "Disk", "are free"):
        assert fact in words


def test_measure_says_how_long_it_will_take(panel, pretend_measuring):
    pretend_measuring(FOUND)
    panel.measure.button.click()
    assert "30.0 s per epoch" in panel.measure.told.value
    assert "at most 8 min 06 s in all" in panel.measure.told.value
    assert "900 MB" in panel.measure.told.value
    assert not panel.measure.busy


def test_what_was_measured_goes_once_something_else_is_chosen(panel, pretend_measuring):
    pretend_measuring(FOUND)
    panel.measure.button.click()
    panel.form.fields["filters"].widget.value = "5"
    assert panel.measure.measured is None
    assert "an epoch" not in panel.measure.told.value


def test_what_cannot_be_measured_says_why(panel, pretend_measuring):
    pretend_measuring(RunError("It could not be measured: no room"))
    panel.measure.button.click()
    assert "no room" in panel.measure.told.value
    assert not panel.measure.busy


def test_measure_is_off_while_anything_is_wrong(panel):
    assert not panel.measure.button.disabled
    panel.form.fields["chunk_duration"].widget.value = "64"
    assert panel.measure.button.disabled


def test_measuring_stops_nothing_else_and_can_be_cancelled(panel, pretend_measuring, until):
    made = pretend_measuring(FOUND, at_once=False)

    async def press_and_cancel():
        panel.measure.button.click()
        assert panel.measure.busy
        panel.form.fields["prefix"].fault  # noqa: B018 - the form answers
        panel.measure.cancel.click()
        assert not panel.measure.busy
        assert made[0].cancelled
        made[0].may_end.set()
        await asyncio.sleep(0)
        panel.measure.button.click()
        made[1].may_end.set()
        await until(lambda: not panel.measure.busy)

    asyncio.run(press_and_cancel())
    assert panel.measure.measured == FOUND


def test_changing_an_option_ends_a_measurement_that_goes_on(panel, pretend_measuring):
    made = pretend_measuring(FOUND, at_once=False)

    async def press_and_type():
        panel.measure.button.click()
        panel.form.fields["filters"].widget.value = "5"
        assert made[0].cancelled
        assert not panel.measure.busy

    asyncio.run(press_and_type())
    assert panel.measure.measured is None


@pytest.mark.slow
def test_a_real_measurement_is_a_process_of_its_own_and_leaves_nothing(dataset):
    before = sorted(dataset.parent.rglob("*"))
    options = TrainingOptions(store_folder=str(dataset), filters=4, blocks=1)
    found = Measuring(options).result()
    assert found.epoch_seconds > found.step_seconds > 0
    assert sorted(dataset.parent.rglob("*")) == before


@pytest.mark.slow
def test_a_measurement_that_is_cancelled_or_cannot_work_says_so(dataset):
    cancelled = Measuring(TrainingOptions(store_folder=str(dataset)))
    cancelled.cancel()
    with pytest.raises(RunError, match="ended before it was done"):
        cancelled.result()
    with pytest.raises(RunError, match="chunk_duration"):
        Measuring(TrainingOptions(store_folder=str(dataset), chunk_duration=64)).result()


# --- start from a network


@pytest.fixture
def network(dataset):
    folder = dataset.with_name("nets")
    folder.mkdir()
    params = {
        "nb_filters": 12, "kernel_size": 8, "nb_conv": 2, "nb_hist": 2048, "nb_pre_conv": 3, "pre_nb_dft": 32,
        "use_separable": False, "class_names": ["noise", "a"], "samplerate_x_Hz": 32000.0, "nb_channels": 1,
    }  # fmt: skip
    write_params(folder / "20260101_000000_params.yaml", params)
    (folder / "20260101_000000_model.h5").write_bytes(b"")
    return folder / "20260101_000000_model.h5"


def test_a_network_of_another_architecture_blocks_until_its_architecture_is_taken_over(panel, network):
    assert not panel.take.differs
    panel.form.fields["initial_weights"].value = str(network)
    assert any("has another architecture: Downsample factor 8 instead of 16" in blocker for blocker in panel.blockers)
    assert panel.take.differs
    panel.take.button.click()
    assert not panel.blockers
    assert (panel.options.filters, panel.form.fields["filters"].widget.value) == (12, "12")
    assert not panel.take.differs


def test_a_network_that_is_none_stands_under_its_field(panel, tmp_path):
    panel.form.fields["initial_weights"].value = str(tmp_path / "nothing_model.h5")
    assert any("Start from network" in blocker for blocker in panel.blockers)


# --- the dataset as it is


def test_a_dataset_assembled_anew_is_seen_without_choosing_it_again(panel, bird, dataset):
    before = open_dataset(dataset).split("train").n_samples
    assert panel._dataset.split("train").n_samples == before
    options = AssemblyOptions(data_folder=str(bird), seed=1, train_fraction=0.3)
    assemble(plan_splits(survey(bird), options), overwrite=True)
    panel.form.review()
    after = open_dataset(dataset).split("train").n_samples
    assert after != before
    assert panel._dataset.split("train").n_samples == after


def test_a_dataset_that_is_gone_is_noticed(panel, dataset):
    dataset.rename(dataset.with_name("elsewhere.npy"))
    panel.form.review()
    assert panel._dataset is None
    assert panel.blockers


def test_validation_can_be_cut_from_train_in_the_form(dataset):
    for name in ("x", "y"):
        array = np.load(dataset / "val" / f"{name}.npy")
        np.save(dataset / "val" / f"{name}.npy", array[:0])
    panel = TrainingPanel(TrainingOptions(store_folder=str(dataset)))
    assert any("Validation from train: needs a share" in blocker for blocker in panel.blockers)
    panel.form.fields["validation_from_train"].widget.value = "0.2"
    assert not panel.blockers
    assert json.dumps(panel.options.as_dict()["validation_from_train"]) == "0.2"
