"""Thresholds by sliding: what they do is seen at once, what is chosen is taken for annotating."""

import pytest

from dss_widgets.options import PredictionOptions
from dss_widgets.panels import ResultsPanel
from dss_widgets.results import LabellingRules, read_params

from ..known_thresholds import write_network


@pytest.fixture
def view(tmp_path):
    return ResultsPanel(str(write_network(tmp_path / "20260101_000000"))).thresholds


def used(view):
    rules = LabellingRules.of(PredictionOptions(), read_params(view.run.stem))
    return {"events": rules.event_threshold, "segments": rules.segment_threshold}


def test_it_begins_with_those_in_use_and_marks_what_was_tuned(view):
    assert view.thresholds == view.in_use == {"events": 0.6, "segments": 0.5}
    assert ">tuned<" in view._pictures["events"].value
    assert view.use.disabled
    assert view.blockers == ("Annotating takes these already.",)


def test_sliding_shows_misses_and_false_alarms_on_validation_and_test_at_once(view):
    view.sliders["events"].value = 0.25
    assert "3 of 100" in view._table.value, "validation"
    assert "4 of 100" in view._table.value, "test"
    assert "at 0.25, recall 0.970" in view._pictures["events"].value
    assert view.prefer == ""
    assert not view.use.disabled


def test_a_preference_moves_the_sliders_and_is_kept_on_a_press(view):
    view.preference.value = "recall"
    assert view.thresholds["events"] < 0.4
    assert used(view)["events"] == 0.6, "nothing is kept before the press"
    view.use.click()
    assert used(view) == view.in_use == view.thresholds
    assert "fewest misses" in view._said.value
    assert ResultsPanel(str(view.run.stem)).thresholds.preference.value == "recall"
    view.forget.click()
    assert used(view)["events"] == 0.6
    assert view.preference.value is None


def test_without_validation_data_no_preference_is_offered_and_it_says_why(tmp_path):
    view = ResultsPanel(str(write_network(tmp_path / "1", validation=False))).thresholds
    assert "dss-off" in view.preference._dom_classes
    assert "look better than they are" in view._said.value


def test_results_of_an_earlier_version_say_what_to_do(tmp_path):
    view = ResultsPanel(str(write_network(tmp_path / "1", validation=False, test=False))).thresholds
    assert "dss-off" in view._body._dom_classes
    assert "Test again" in view._said.value


def test_params_that_cannot_be_written_are_told(view, monkeypatch):
    from dss_widgets.results import params_file

    def full(_path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(params_file, "appearing_whole", full)
    view.sliders["events"].value = 0.25
    view.use.click()
    assert "No space left" in view._said.value
