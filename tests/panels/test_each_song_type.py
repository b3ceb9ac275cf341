"""Training a network for each song type from the form, and taking them up where they are used; no process does it here."""

import pytest

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.events import OutcomeTold, Progressed
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import PredictPanel, TrainingPanel

from ..known_thresholds import write_network


@pytest.fixture
def store(bird, tmp_path):
    """A dataset with individual targets for two song types."""
    options = AssemblyOptions(
        data_folder=str(bird),
        store_folder=str(tmp_path / "each.npy"),
        seed=1,
        individual_targets=True,
        only_song_types=["a", "b"],
    )
    return assemble(plan_splits(survey(bird), options))


def is_off(widget):
    return "dss-off" in widget._dom_classes


def test_one_press_trains_them_and_another_takes_all_of_them_up(store, bird, pretended_jobs):
    panel = TrainingPanel(str(store))
    each = panel.each_type
    assert not is_off(each)
    panel.options.epochs = 5
    panel.options.song_type = "a"
    each.start.click()
    options = pretended_jobs[0].job.options()
    assert (options.epochs, options.chosen, options.suit, options.song_type) == (5, ["epochs"], True, "")
    assert each.start.disabled
    pretended_jobs[0].tell(Progressed(done=0.5, total=2, doing="network 1 of 2"))
    each.watch.tick()
    assert "Training network 1 of 2: 25%" in each._progress.value

    folder = panel.options.save_path
    for name in ("a_1", "b_2", "all_3"):
        params = {"class_names": ["noise", name[0]], "class_types": ["segment"] * 2} if name != "all_3" else {}
        write_network(folder / name, test=False, params=params)
        (folder / f"{name}_model.h5").write_bytes(b"")
    pretended_jobs[0].tell(OutcomeTold(values={"networks": {"a": f"{folder}/a_1", "b": f"{folder}/b_2"}}))
    pretended_jobs[0].end()
    each.watch.tick()
    assert "<b>b</b>: b_2" in each._progress.value
    assert not each.start.disabled

    predict = PredictPanel(str(folder), str(bird))
    assert not predict.networks.others.networks
    assert not is_off(predict.networks.others.of_each)
    predict.networks.others.of_each.click()
    assert predict.job_options().networks == [f"{folder}/a_1", f"{folder}/b_2"]
    assert "<b>b</b> from b_2" in predict.networks.others._words.value


def test_without_individual_targets_there_is_no_such_button(dataset):
    assert is_off(TrainingPanel(str(dataset)).each_type)


def test_trainings_that_go_on_are_found_again_when_the_page_is_opened_anew(store, pretended_jobs):
    TrainingPanel(str(store)).each_type.begin()
    pretended_jobs[0].tell(Progressed(done=1.5, total=2, doing="network 2 of 2"))
    again = TrainingPanel(str(store)).each_type
    assert "network 2 of 2" in again._progress.value
    assert not is_off(again.cancel)
    again.cancel.click()
    assert pretended_jobs[0].is_asked_to_stop
