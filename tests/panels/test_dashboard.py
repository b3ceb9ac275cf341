"""The dashboard: its steps, the next one off with its reason, and runs that are found again."""

import shutil

import numpy as np
import pytest

from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels import AnnotationPanel, Dashboard
from dss_widgets.panels.annotation.here import ToCorrect
from dss_widgets.panels.memory import remember
from dss_widgets.results.params_file import write_params
from dss_widgets.results.scores import Scores
from dss_widgets.review import Stretch

ASSEMBLE, TRAIN, RESULTS, PREDICT = range(4)
CLASSES = ["noise", "a", "b"]
CONFUSION = np.array([[90, 8, 2], [1, 19, 0], [5, 0, 0]])


def test_it_opens_on_the_first_step_with_the_folder_of_the_link(bird, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", f"folder={bird}")
    dashboard = Dashboard()
    assert dashboard.step == ASSEMBLE
    assert dashboard.panel(ASSEMBLE).options.data_folder == str(bird)
    assert list(dashboard.panels) == [ASSEMBLE], "the others are built when they are opened"


def test_the_next_step_is_off_and_says_why(bird):
    dashboard = Dashboard(folder=str(bird))
    assert dashboard._next.disabled
    assert "assemble a dataset first" in dashboard._why.value


def test_after_assembling_the_dataset_is_ready_to_train_on(bird, wait_for):
    dashboard = Dashboard(folder=str(bird))
    panel = dashboard.panel(ASSEMBLE)
    panel.assemble()
    wait_for(lambda: not panel.tick())
    assert not dashboard._next.disabled
    assert "assembled bird.npy" in dashboard._buttons[0].description
    dashboard._next.click()
    assert dashboard.step == TRAIN
    assert dashboard.panel(TRAIN).options.store_folder == str(bird.with_name("bird.npy"))
    assert not dashboard.panel(TRAIN).blockers


def test_what_comes_next_stands_beside_what_is_done_now(bird, dataset):
    dashboard = Dashboard(folder=str(bird))
    assembly = dashboard.panel(ASSEMBLE)
    assert dashboard._next in assembly.actions.children
    dashboard._next.click()
    assert dashboard._next not in assembly.actions.children
    assert dashboard._next in dashboard.panel(TRAIN).actions.children
    assert "dss-off" in dashboard._next._dom_classes, "there is nothing to judge yet, and the reason is told"
    assert "train a network first" in dashboard._why.value
    dashboard.step = RESULTS
    assert dashboard._next in dashboard.panel(RESULTS).results.actions.children, "in sight, under the verdict"
    assert dashboard._next not in dashboard.panel(TRAIN).actions.children


def test_one_step_is_shown_at_a_time(bird):
    dashboard = Dashboard(folder=str(bird))
    dashboard._buttons[TRAIN].click()
    assert "dss-off" in dashboard.panels[ASSEMBLE]._dom_classes
    assert "dss-off" not in dashboard.panels[TRAIN]._dom_classes
    dashboard._buttons[ASSEMBLE].click()
    assert "dss-off" not in dashboard.panels[ASSEMBLE]._dom_classes


def test_a_new_tab_finds_the_run_still_going(bird, dataset, pretend):
    run = pretend()
    dashboard = Dashboard(folder=str(bird))
    assert dashboard.step == TRAIN
    assert dashboard.panel(TRAIN).run == run.run
    assert "training, epoch 1 of 10" in dashboard._buttons[TRAIN].description


@pytest.mark.parametrize("asked", ["20260101_120000", "{folder}", "{folder}/../20260101_120000"])
def test_a_link_opens_its_run_by_name_folder_or_stem(dataset, bird, pretend, monkeypatch, asked):
    run = pretend()
    run.end()
    asked = asked.format(folder=run.run.folder)
    monkeypatch.setenv("QUERY_STRING", f"folder={bird}&run={asked}")
    dashboard = Dashboard()
    assert dashboard.run == run.run
    assert dashboard.step == RESULTS


def test_a_link_to_a_run_that_is_gone_says_so_and_opens(bird, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", f"folder={bird}&run=20200101_000000")
    dashboard = Dashboard()
    assert dashboard.step == ASSEMBLE
    assert "there is no such run" in dashboard._said.value


def test_what_a_link_got_wrong_is_forgotten_once_another_run_is_looked_at(bird, dataset, pretend, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", f"folder={bird}&run=20200101_000000")
    dashboard = Dashboard()
    dashboard.run = pretend().run
    assert not dashboard._said.value


def test_a_link_to_a_run_alone_shows_the_project_of_that_run(bird, dataset, pretend, monkeypatch, tmp_path):
    remember("assembly", str(tmp_path), AssemblyOptions(data_folder=str(tmp_path)))
    run = pretend(epochs=7, learning_rate=0.007)
    run.end()
    monkeypatch.setenv("QUERY_STRING", f"run={run.run.folder}")
    dashboard = Dashboard()
    assert dashboard._training_options.learning_rate == 0.007
    assert dashboard._assembly_options.data_folder == str(bird)


def test_a_link_to_a_run_whose_dataset_is_gone_opens_it_all_the_same(bird, dataset, pretend, monkeypatch):
    run = pretend()
    run.end()
    shutil.rmtree(dataset)
    monkeypatch.setenv("QUERY_STRING", f"run={run.run.folder}")
    dashboard = Dashboard()
    assert dashboard.run == run.run
    assert not dashboard._said.value


def test_remarks_do_not_name_what_is_not_there(bird, monkeypatch):
    monkeypatch.setenv("QUERY_STRING", f"folder={bird.with_name('gone')}&store={bird.with_name('gone.npy')}")
    dashboard = Dashboard()
    assert "choose a folder of recordings" in dashboard._buttons[ASSEMBLE].description
    assert "needs a dataset" in dashboard._buttons[TRAIN].description


def test_when_the_run_has_ended_the_results_are_there(bird, dataset, pretend):
    run = pretend()
    dashboard = Dashboard(folder=str(bird))
    dashboard.step = RESULTS
    run.end()
    dashboard.panel(TRAIN).curves.tick()
    assert "macro F1" in dashboard._buttons[RESULTS].description


def test_scores_of_before_a_run_went_on_are_not_shown_as_its_outcome(bird, dataset, pretend):
    run = pretend()
    run.epoch(1, 0.5, 0.6, best=1, best_loss=0.6)
    run.tell("scores", **Scores.of(CLASSES, CONFUSION).as_dict())
    run.tell("state", state="stopped")
    run.tell("state", state="training")
    dashboard = Dashboard(folder=str(bird))
    dashboard.step = RESULTS
    assert "after training" in dashboard._buttons[RESULTS].description
    assert "tested before training went on" in dashboard.panel(RESULTS).results._title.value
    run.end()
    dashboard.panel(RESULTS).results.tick()
    assert "before" not in dashboard.panel(RESULTS).results._title.value


def test_two_tabs_on_one_run_see_the_same(bird, dataset, pretend):
    run = pretend()
    first, second = Dashboard(folder=str(bird)), Dashboard(folder=str(bird))
    run.epoch(1, 0.5, 0.6, best=1, best_loss=0.6)
    for dashboard in (first, second):
        dashboard.panel(TRAIN).curves.tick()
    assert first.panel(TRAIN).card._state.value == second.panel(TRAIN).card._state.value


def test_a_new_visitor_without_anything_is_asked_for_a_folder():
    dashboard = Dashboard()
    assert "choose a folder of recordings" in dashboard._buttons[ASSEMBLE].description
    assert "needs a dataset" in dashboard._buttons[TRAIN].description


def another_folder(bird, name):
    return shutil.copytree(bird, bird.with_name(name))


def test_what_is_next_is_about_the_recordings_on_the_page(bird, dataset):
    dashboard = Dashboard(folder=str(bird))
    assert not dashboard._next.disabled, "the dataset of these recordings is there"
    dashboard.panel(ASSEMBLE).options.data_folder = str(another_folder(bird, "mouse"))
    assert dashboard._next.disabled
    assert "assemble a dataset first" in dashboard._why.value
    assert not stands_out(dashboard._next)
    dashboard.step = TRAIN
    assert dashboard.panel(TRAIN).start.disabled, "nothing trains on the recordings of before"
    assert "needs a dataset" in dashboard._buttons[TRAIN].description
    dashboard.step = ASSEMBLE
    dashboard.panel(ASSEMBLE).options.data_folder = str(bird)
    assert not dashboard._next.disabled
    assert dashboard.panel(TRAIN).options.store_folder == str(dataset)


def test_a_training_that_goes_on_is_found_again_with_its_recordings(bird, dataset, pretend):
    run = pretend()
    dashboard = Dashboard(folder=str(bird))
    options = dashboard.panel(ASSEMBLE).options
    options.data_folder = str(another_folder(bird, "mouse"))
    assert dashboard.run is None
    options.data_folder = str(bird)
    assert dashboard.run == run.run


def test_a_folder_that_is_half_typed_changes_nothing_further_on(bird, dataset):
    dashboard = Dashboard(folder=str(bird))
    dashboard.panel(ASSEMBLE).options.data_folder = str(bird) + "x"
    assert dashboard.panel(TRAIN).options.store_folder == str(dataset)


def stands_out(button):
    return {"dss-primary"} <= set(button._dom_classes) and not button.disabled and "dss-off" not in button._dom_classes


def standing_out(dashboard):
    """Return the buttons that can be pressed and are drawn as the one to press."""
    panel = dashboard.panels[dashboard.step]
    own = [button for button in (getattr(panel, "start", None), dashboard._next) if button is not None]
    return [button.description for button in own if stands_out(button)]


def test_one_button_stands_out_before_a_training(bird, wait_for):
    dashboard = Dashboard(folder=str(bird))
    assembly = dashboard.panel(ASSEMBLE)
    assert standing_out(dashboard) == ["Assemble"]
    assembly.assemble()
    wait_for(lambda: not assembly.tick())
    assert standing_out(dashboard) == ["Next: train a network →"]
    assembly.overwrite.value = True
    assert standing_out(dashboard) == ["Assemble"], "who ticks 'Replace' is about to"
    assembly.overwrite.value = False
    dashboard._next.click()
    assert standing_out(dashboard) == ["Start training"]


def test_one_button_stands_out_during_a_training_and_after(bird, dataset, pretend):
    run = pretend()
    dashboard = Dashboard(folder=str(bird))
    assert dashboard.step == TRAIN
    assert standing_out(dashboard) == ["Next: check the results →"]
    run.end()
    dashboard.panel(TRAIN).curves.tick()
    assert standing_out(dashboard) == ["Next: check the results →"]
    dashboard.panel(TRAIN).options.epochs = 3
    assert standing_out(dashboard) == ["Start training"], "something else is to be trained"
    dashboard.panel(TRAIN).options.epochs = TrainingOptions().epochs
    dashboard._next.click()
    assert len(standing_out(dashboard)) <= 1


def write_network(run, folder):
    write_params(folder / f"{run.name}_params.yaml", {"class_names": ["noise", "a"], "class_types": ["segment"] * 2})
    (folder / f"{run.name}_model.h5").write_bytes(b"")


def test_the_networks_that_annotate_follow_the_runs(bird, dataset, pretend):
    run = pretend()
    dashboard = Dashboard(folder=str(bird))
    dashboard.step = PREDICT
    panel = dashboard.panel(PREDICT)
    assert panel.networks.network.value is None
    assert "results folder" in panel.blockers[0]
    write_network(run.run, run.run.folder.parent)
    panel.networks.follow()
    assert panel.networks.network.value == str(run.run.stem)
    assert panel.blockers == ()


def test_the_watched_run_is_chosen_once_it_has_a_network_and_a_choice_of_ones_own_stays(bird, dataset, pretend):
    earlier, later = pretend("20260101_120000"), pretend("20260102_120000")
    write_network(earlier.run, earlier.run.folder.parent)
    dashboard = Dashboard(folder=str(bird))
    dashboard.run = later.run
    panel = dashboard.panel(PREDICT)
    assert panel.networks.network.value == str(earlier.run.stem)
    write_network(later.run, later.run.folder.parent)
    panel.networks.follow()
    assert panel.networks.network.value == str(later.run.stem)
    panel.networks.network.value = str(earlier.run.stem)
    panel.networks.follow()
    assert panel.networks.network.value == str(earlier.run.stem)


def test_what_another_step_found_is_corrected_in_the_last(bird):
    dashboard = Dashboard(folder=str(bird))
    recording = max(bird.glob("*.wav"))
    stretch = Stretch(str(recording), 0.5, 1.0, "odd", 1.0)
    dashboard.panel(PREDICT).correct.take(ToCorrect(str(bird), "", (stretch,)))
    panel = dashboard.panel(dashboard.step)
    assert isinstance(panel, AnnotationPanel)
    assert (panel.recording, panel.walk.shown) == (str(recording), stretch)
    assert recording.name in dashboard._buttons[-1].description
