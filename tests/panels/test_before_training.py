"""What the training form offers before a start: suggestions, a measured epoch, networks to start from, the dataset as it is."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.events import OutcomeTold
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.options.suggestion import as_options, suggest
from dss_widgets.panels import TrainingPanel
from dss_widgets.results import write_params
from dss_widgets.results.measured import Measured

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
    assert "song is recognised by its frequencies" in panel.suggestion.told.value
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


@pytest.fixture
def measure(panel, pretended_jobs):
    """Press *Measure*, and have the worker find something."""

    def press(found=FOUND, state="finished", message=""):
        panel.measure.button.click()
        if state == "finished":
            pretended_jobs[-1].tell(OutcomeTold(values=asdict(found)))
        pretended_jobs[-1].end(state, message)
        panel.measure.watch.tick()

    return press


def test_what_can_be_known_without_trying_is_always_there(panel):
    words = panel._meaning.value
    for fact in ("Batches per epoch", "of validation", "Memory", "Disk", "are free"):
        assert fact in words


def test_measure_says_how_long_it_will_take_and_leaves_nothing(panel, measure, dataset):
    measure()
    assert not dataset.with_suffix(".res").exists()
    assert "30.0 s per epoch" in panel.measure.told.value
    assert "at most 8 min 06 s in all" in panel.measure.told.value
    assert "900 MB" in panel.measure.told.value
    assert not panel.measure.busy


def test_what_was_measured_goes_once_something_else_is_chosen(panel, measure):
    measure()
    panel.form.fields["filters"].widget.value = "5"
    assert panel.measure.measured is None
    assert "an epoch" not in panel.measure.told.value


def test_what_cannot_be_measured_says_why(panel, measure):
    measure(state="failed", message="no room")
    assert "no room" in panel.measure.told.value
    assert not panel.measure.busy


def test_measure_is_off_while_anything_is_wrong(panel):
    assert not panel.measure.button.disabled
    panel.form.fields["chunk_duration"].widget.value = "2"
    assert panel.measure.button.disabled


def test_measuring_can_be_cancelled_and_begun_again(panel, pretended_jobs):
    panel.measure.button.click()
    assert panel.measure.busy
    pretended_jobs[0].drop_lock()  # as a worker that was ended
    panel.measure.cancel.click()
    assert not panel.measure.busy
    assert not pretended_jobs[0].job.folder.exists()
    panel.measure.button.click()
    assert panel.measure.busy


def test_changing_an_option_ends_a_measurement_that_goes_on(panel, pretended_jobs):
    panel.measure.button.click()
    pretended_jobs[0].drop_lock()
    panel.form.fields["filters"].widget.value = "5"
    assert not panel.measure.busy
    assert panel.measure.measured is None
    assert not pretended_jobs[0].job.folder.exists()


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
