"""What the training form offers before a start: what suits the data, a measured epoch, networks to start from, the dataset."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from dss_widgets.cli import build_parser
from dss_widgets.cli.choosing import training_options
from dss_widgets.dataset import assemble, plan_splits, suited_options, survey
from dss_widgets.dataset.song import make_song
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.events import OutcomeTold
from dss_widgets.options import PRESETS, AssemblyOptions, TrainingOptions
from dss_widgets.options.files import options_as_yaml
from dss_widgets.options.suggestion import as_options, suggest
from dss_widgets.panels import TrainingPanel
from dss_widgets.panels.memory import recall
from dss_widgets.results import write_params
from dss_widgets.results.measured import Measured

FOUND = Measured(step_seconds=0.2, epoch_seconds=30.0, start_seconds=6.0, peak_bytes=900_000_000)


@pytest.fixture
def panel(dataset):
    return TrainingPanel(TrainingOptions(store_folder=str(dataset)))


# --- what suits the data


def test_a_new_dataset_fills_the_form_and_says_why(panel, dataset):
    suggested = as_options(suggest(song_facts(open_dataset(dataset))))
    values = panel.options.as_dict()
    assert {name: values[name] for name in suggested} == suggested
    epochs = panel.form.fields["epochs"]
    assert epochs.widget.value == str(suggested["epochs"])
    assert "suits your data" in epochs.widget.description
    assert "steps in all" in epochs.children[1].value, "the help says why"
    assert "song is recognised by its frequencies" in panel.suggestion.told.value
    assert panel.preset.value == "suited"
    assert panel.form.advanced.button.description == "Advanced"
    assert not panel.blockers


def test_what_is_chosen_is_marked_and_the_button_takes_it_back(panel):
    filters = panel.form.fields["filters"]
    filters.widget.value = "5"
    assert "changed</span>, suggested 32" in filters.widget.description
    assert "1 is your own choice" in panel.suggestion.told.value
    assert panel.preset.value == "own"
    assert panel.form.advanced.button.description == "Advanced (1 changed)"
    panel.form.fields["epochs"].widget.value = "many"
    panel.suggestion.button.click()
    assert (panel.options.filters, panel.preset.value, panel.blockers) == (32, "suited", ())


@pytest.fixture
def flies(tmp_path):
    """A dataset of another animal, at another rate."""
    make_song(tmp_path / "flies", "fly", n_files=2, seconds=4, seed=1)
    options = AssemblyOptions(data_folder=str(tmp_path / "flies"), seed=1)
    return assemble(plan_splits(survey(tmp_path / "flies"), options))


def test_another_dataset_fills_in_all_but_what_was_chosen(panel, flies):
    panel.form.fields["filters"].widget.value = "5"
    panel.form.fields["store_folder"].widget.value = str(flies)
    suited = suited_options(flies, filters=5)
    assert panel.options.as_dict() == suited.as_dict()
    assert panel.options.frontend == "none", "or it would fit birds, too"


@pytest.mark.parametrize("way", ["preset", "config", "argument"])
def test_a_whole_choice_stays_with_another_dataset(panel, dataset, flies, way):
    wanted = {**PRESETS["bengalese-finch"].options, "epochs": 7}
    if way == "preset":
        panel.preset.value = "bengalese-finch"
        wanted = {name: getattr(panel.options, name) for name in wanted}
    elif way == "config":
        panel.load.load_text(options_as_yaml(TrainingOptions(store_folder=str(dataset), **wanted)), "saved.yaml")
    else:
        panel = TrainingPanel(TrainingOptions(store_folder=str(dataset), **wanted))
    panel.form.fields["store_folder"].widget.value = str(flies)
    values = panel.options.as_dict()
    assert {name: values[name] for name in wanted} == wanted
    assert "for other data" not in dict(panel.preset.options)
    panel.preset.value = "suited"
    assert panel.options.as_dict() == suited_options(flies).as_dict()


def test_a_preset_is_the_same_wherever_it_is_chosen(panel):
    flags = training_options(build_parser().parse_args(["train", panel.options.store_folder, "--preset", "zebra-finch"]))
    panel.preset.value = "zebra-finch"
    assert panel.options.as_dict() == flags.as_dict()


def test_only_what_was_chosen_comes_back_next_time(panel, dataset, monkeypatch):
    monkeypatch.setattr("dss_widgets.panels.training.panel.start_run", lambda *_: None)
    panel.form.fields["filters"].widget.value = "5"
    panel.begin()
    again = TrainingOptions(store_folder=str(dataset))
    assert recall("training", again, str(dataset)) == ("store_folder", "filters")
    panel = TrainingPanel(again, chosen=["filters"])
    assert panel.options.as_dict() == suited_options(dataset, filters=5).as_dict()


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
    panel.options.epochs = 16
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
    assert panel.options.validation_from_train == 0.15, "as suits it"
    panel.form.fields["validation_from_train"].widget.value = ""
    assert any("Validation from train: needs a share" in blocker for blocker in panel.blockers)
    panel.form.fields["validation_from_train"].widget.value = "0.2"
    assert not panel.blockers
    assert json.dumps(panel.options.as_dict()["validation_from_train"]) == "0.2"
