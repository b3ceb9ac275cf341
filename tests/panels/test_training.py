"""From a dataset to a run: choose, see what it means, start, watch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.dry_check import dry_check
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.options import PRESETS, TrainingOptions
from dss_widgets.options.cost import count_weights
from dss_widgets.options.suggestion import ADVISED
from dss_widgets.panels import TrainingPanel
from dss_widgets.panels.forms.samples_field import SamplesField, Sampling


@pytest.fixture
def panel(dataset):
    return TrainingPanel(TrainingOptions(store_folder=str(dataset)))


@pytest.fixture
def as_usual(dataset):
    """A panel whose options are the defaults, whatever suits the dataset."""
    return TrainingPanel(TrainingOptions(store_folder=str(dataset)), chosen=ADVISED)


def test_it_has_the_three_sections_of_deepss(panel):
    assert list(panel.form.sections) == ["Dataset", "Data and names", "Network", "Training"]


def test_it_says_what_the_dataset_holds_and_what_the_choice_means(as_usual):
    words = as_usual._meaning.value
    assert "32 kHz, one channel" in words
    assert "128 ms" in words, "a chunk of 4096 samples at 32 kHz"
    assert "0.5 ms" in words, "the time resolution, at 16 samples a frame"
    assert "2 kHz" in words
    assert "Compare with the durations of your song types" in words


def test_an_empty_save_folder_says_where_the_runs_will_go(panel):
    assert panel.form.fields["save_folder"].widget.placeholder == "bird.res, beside the dataset"
    panel.form.fields["store_folder"].widget.value = ""
    assert panel.form.fields["save_folder"].widget.placeholder == panel.options.declared()["save_folder"].placeholder


def test_what_it_means_follows_what_is_typed(panel):
    panel.form.fields["chunk_duration"].widget.value = "256"
    assert "256 ms" in panel._meaning.value


def test_a_preset_fills_in_the_network_and_keeps_the_folders(panel, dataset):
    panel.preset.value = "bengalese-finch"
    assert panel.options.filters == 64
    assert panel.form.fields["filters"].widget.value == "64"
    assert panel.options.store_folder == str(dataset)


def test_a_preset_learns_for_longer_from_little_data_and_keeps_its_name(panel):
    panel.preset.value = "quick"
    assert panel.options.epochs > PRESETS["quick"].options["epochs"]
    assert panel.preset.value == "quick"
    panel.options.epochs = PRESETS["quick"].options["epochs"]
    panel.options.batch_size = PRESETS["quick"].options["batch_size"]
    assert panel.preset.value == "quick"


def test_values_that_are_those_of_a_preset_are_named_and_stay(panel):
    panel.options.update(PRESETS["quick"].options)
    assert panel.preset.value == "quick"
    assert panel.options.epochs == PRESETS["quick"].options["epochs"], "naming it does not fill anything in"


def test_too_few_epochs_for_the_data_are_told_and_may_be_started(panel):
    panel.form.fields["epochs"].widget.value = "2"
    (told,) = [problem for problem in panel.form.problems if problem.field == "epochs"]
    assert "training steps in all" in str(told)
    assert not panel.start.disabled


def test_changing_a_value_of_a_preset_makes_it_ones_own(panel):
    panel.preset.value = "quick"
    panel.form.fields["filters"].widget.value = "20"
    assert panel.preset.value == "own"


def test_a_preset_mends_what_was_typed_wrongly(panel):
    panel.form.fields["filters"].widget.value = "many"
    assert panel.start.disabled
    panel.preset.value = "quick"
    assert not panel.blockers


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("store_folder", "", "Dataset: is empty."),
        ("store_folder", "/nowhere.npy", "is not a folder"),
        ("chunk_duration", "4100 samples", "Chunk duration: must be a multiple of the downsample factor"),
        ("chunk_duration", "2", "Chunk duration: must be longer than twice the ignored boundary"),
        ("separable", "True", "Separable TCN blocks: has 1 entries for 3 blocks."),
        ("song_type", "a", "has no individual targets"),
        ("batch_size", "0", "Batch size: must lie between 1 and 8192"),
    ],
)
def test_start_is_off_with_the_reason_beside_it(panel, field, text, reason):
    panel.options.blocks = 3
    panel.form.fields[field].widget.value = text
    assert panel.start.disabled
    assert any(reason in blocker for blocker in panel.blockers)
    assert "Before you can start" in panel._reasons.value
    assert panel.begin() is None


def test_without_a_dataset_it_says_what_to_do_first():
    assert "Assemble one first" in TrainingPanel()._meaning.value


def test_every_preset_of_one_channel_can_be_started_on_the_dataset(panel):
    for name in PRESETS:
        panel.preset.value = name
        assert not panel.blockers, name


def test_the_state_of_the_run_is_shown_while_it_is_watched(panel, pretend):
    run = pretend(epochs=10)
    panel.run = run.run
    run.epoch(3, 0.5, 0.6, best=3, best_loss=0.6)
    panel.curves.tick()
    assert "epoch 4 of 10" in panel.card._state.value
    assert "about 5 s left" in panel.card._state.value
    assert "30% of the epochs" in panel.card._progress.value
    assert "epoch 4 of 10, about 5 s left. Its loss is drawn above." in panel._going.value, (
        "also beside Start: in a narrow page the card is far below"
    )
    run.end()
    panel.curves.tick()
    assert not panel._going.value


def test_stop_asks_the_worker_and_says_so(panel, pretend):
    run = pretend()
    panel.run = run.run
    panel.card.stop.click()
    assert (run.run.folder / "stop").exists()
    assert "Stopping after this step" in panel.card._state.value


def test_a_run_that_died_shows_its_last_lines(panel, pretend):
    run = pretend()
    (run.run.folder / "log.txt").write_text("all is well\nOut of memory\n")
    run.end("died", scores=False)
    panel.run = run.run
    assert "ended without a word" in panel.card._trouble.value
    assert "Out of memory" in panel.card._trouble.value


def test_the_number_of_batches_counts_chunks_and_the_data_fraction(dataset):
    opened = open_dataset(dataset)
    options = TrainingOptions(store_folder=str(dataset), chunk_duration=4096, ignore_boundaries=False, batch_size=1)
    n_train = opened.split("train").n_samples
    assert dry_check(options, opened).batches == -(-n_train // 4096)
    options.data_fraction = 0.5
    assert dry_check(options, opened).batches == -(-int(n_train * 0.5) // 4096)


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"frontend": "none"}, {"separable": [True, False, True]}, {"lstm_units": 5}], ids=str)
def test_the_number_of_weights_is_that_of_the_real_network(more):
    from dss_widgets.network.architecture import Architecture
    from dss_widgets.network.model import build_network

    options = TrainingOptions(chunk_duration=1024, **more)
    assert count_weights(options, 1, 4) == build_network(Architecture.of(options, n_channels=1, n_classes=4)).n_weights


@pytest.mark.slow
def test_start_trains_in_a_process_of_its_own_until_there_are_scores(panel, wait_for):
    panel.preset.value = "quick"
    panel.form.fields["epochs"].widget.value = "1"
    run = panel.begin()
    assert panel.begin() is run, "a double click starts no second one"
    assert run is not None
    wait_for(lambda: not panel.curves.tick())
    assert run.status().state == "finished", run.log_tail()
    assert panel.curves.history.scores.macro_f1 > 0


def test_a_run_that_was_stopped_can_be_resumed_and_is_followed_again(panel, pretend, monkeypatch):
    run = pretend()
    run.end("stopped", scores=False)
    panel.run = run.run
    assert "dss-off" not in panel.card.resume._dom_classes
    again = []
    monkeypatch.setattr("dss_widgets.panels.monitoring.run_card.resume_job", again.append)
    looked = []
    monkeypatch.setattr(panel.curves, "follow_again", lambda: looked.append(1))
    panel.card.resume.click()
    assert again == [run.run]
    assert looked


def test_resuming_without_its_dataset_says_why(panel, pretend, dataset):
    run = pretend()
    run.end("stopped", scores=False)
    panel.run = run.run
    dataset.rename(dataset.with_name("elsewhere.npy"))
    panel.card.resume.click()
    assert "is not a folder" in panel.card._said.value


def test_a_run_is_deleted_only_after_asking(panel, pretend):
    run = pretend()
    panel.run = run.run
    assert "dss-off" in panel.card.delete._dom_classes, "not while it runs"
    run.end()
    panel.curves.tick()
    panel.card.delete.click()
    assert run.run.folder.is_dir()
    panel.card.really.click()
    assert not run.run.folder.exists()
    assert panel.run is None


def test_separable_blocks_are_ticked_and_follow_the_number_of_blocks(panel):
    panel.form.fields["blocks"].widget.value = "4"
    boxes = panel.form.fields["separable"].boxes
    assert len(boxes) == 4
    boxes[0].value = boxes[1].value = True
    assert panel.options.separable == [True, True, False, False]
    assert not panel.blockers


def test_a_run_and_its_loss_come_first_once_there_is_one(panel, pretend):
    assert all("dss-off" in part._dom_classes for part in (panel.card, panel.curves)), "nothing is said of no run"
    panel.run = pretend().run
    assert all("dss-off" not in part._dom_classes for part in (panel.card, panel.curves))


def test_preset_and_dataset_stand_in_front_and_the_rest_is_folded(panel):
    assert panel.form.children == (panel.form.sections["Dataset"], panel.form.advanced)
    assert not panel.form.advanced.is_open
    panel.options.filters = 8
    assert panel.form.advanced.button.description == "Advanced (1 changed)"
    panel.form.fields["epochs"].widget.value = "many"
    assert panel.form.advanced.is_open, "what is wrong is in sight"


def test_samples_are_typed_and_told_as_durations(as_usual):
    panel = as_usual
    chunk, window = panel.form.fields["chunk_duration"], panel.form.fields["frontend_filter_duration"]
    assert chunk.widget.value == "128"
    assert "ms · 4,096 samples" in chunk.widget.description
    assert panel.form.fields["filter_duration"].widget.value == "8"
    assert "ms · 16 samples after downsampling" in panel.form.fields["filter_duration"].widget.description
    for text, samples in (("100", 3200), ("99,9", 3200), ("4096 samples", 4096), ("0.1 ms", 16)):
        chunk.widget.value = text
        assert panel.options.chunk_duration == samples
    chunk.widget.value = "100.2"
    assert "ms · 3,200 samples, 100 ms" in chunk.widget.description
    window.widget.value = "3"
    assert (panel.options.frontend_filter_duration, window.widget.value) == (128, "3")
    assert "ms · 128 samples, 4 ms" in window.widget.description
    window.widget.value = "1000"
    assert "must lie between 0.0625 and 128 ms, not 1000." in window.fault
    panel.options.chunk_duration = 4097  # as a config file may say
    assert chunk.widget.value == "128.03"
    assert "Try 4112 samples" in chunk.widget.description


def test_without_a_dataset_durations_are_typed_in_samples():
    panel = TrainingPanel()
    assert panel.form.fields["chunk_duration"].widget.value == "4096"
    panel.form.fields["chunk_duration"].widget.value = "8192"
    assert panel.options.chunk_duration == 8192


@given(st.integers(2, 2**24), st.sampled_from([8000.0, 22_050.0, 32_000.0, 44_100.0, 250_000.0, 300_300.0]))
def test_a_number_of_samples_is_the_same_after_any_change_of_rate(n_samples, rate_hz):
    field = SamplesField(TrainingOptions.declared()["chunk_duration"], n_samples)
    field.sampling = Sampling(rate_hz)
    assert field.value == n_samples
    field.sampling = Sampling()
    assert (field.value, field.widget.value) == (n_samples, str(n_samples))


def test_presets_for_other_data_say_so_before_and_after_they_are_chosen(panel):
    words = {name: label for label, name in panel.preset.options}
    assert "for other data" in words["mouse"]
    assert "for other data" not in words["zebra-finch"]
    panel.preset.value = "mouse"
    assert "Made for ultrasonic calls, 250 to 300 kHz; this dataset has 32 kHz." in panel.presets.about.value
    panel.preset.value = "zebra-finch"
    assert "Note" not in panel.presets.about.value


def test_visitors_of_a_server_are_not_offered_what_is_not_theirs(dataset, monkeypatch):
    assert "dss-off" not in TrainingPanel(str(dataset)).form.fields["devices"]._dom_classes
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(dataset.parent))
    fields = TrainingPanel(str(dataset)).form.fields
    assert all("dss-off" in fields[name]._dom_classes for name in ("devices", "nodes"))
