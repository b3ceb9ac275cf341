"""Which of several networks answers which song type, told by their files alone."""

import json

import pytest

from dss_widgets.errors import DataError
from dss_widgets.results.chosen_thresholds import ChosenThresholds, keep_choice
from dss_widgets.results.ensemble import ENSEMBLE, plan_ensemble
from dss_widgets.results.params_file import read_params, write_params

from ..known_thresholds import TUNED, write_network


@pytest.fixture
def network(tmp_path):
    """Make the files of a network whose validation scores are known."""

    def make(name, **params):
        return write_network(tmp_path / name, validation=params.pop("validation", True), test=False, params=params)

    return make


def answers(ensemble):
    return {answer.song_type: [member.stem.name for member in answer.members] for answer in ensemble.answers}


def test_each_type_is_answered_by_the_network_with_the_highest_f1_at_the_thresholds_in_use(network):
    usual, other = network("usual"), network("other")
    keep_choice(other, ChosenThresholds(event=0.97))  # finds 3 of 100 pulses
    keep_choice(usual, ChosenThresholds(segment=0.9))  # finds 5 of 10 sines
    found = plan_ensemble([usual, other])
    assert answers(found) == {"pulse": ["usual"], "sine": ["other"]}
    assert found.words() == [
        "pulse from usual (F1 0.923 on validation data)", "sine from other (F1 0.900 on validation data)",
    ]  # fmt: skip
    assert found.notes == ()


def test_equals_are_answered_by_the_first_and_who_answers_nothing_is_told(network):
    found = plan_ensemble([network("one"), network("two")])
    assert answers(found) == {"pulse": ["one"], "sine": ["one"]}
    assert found.notes == ("two: is best at none of its song types, so it is not used.",)
    assert [member.stem.name for member in found.used] == ["one"]


def test_a_type_that_one_network_alone_knows_needs_no_score(network):
    whine = network("w", class_names=["noise", "whine"], class_types=["segment", "segment"], validation=False)
    found = plan_ensemble([network("one"), whine])
    assert answers(found) == {"pulse": ["one"], "sine": ["one"], "whine": ["w"]}
    assert found.words()[-1] == "whine from w (no validation score)"
    assert found.notes == ()


def test_without_scores_the_first_answers_and_that_is_told_with_the_mend(network):
    found = plan_ensemble([network("one", validation=False), network("two", validation=False)])
    assert answers(found)["pulse"] == ["one"]
    assert found.notes[0].startswith("pulse: none of the networks")
    assert "evaluate NETWORK --tune" in found.notes[0]


def test_who_has_no_score_is_passed_over_where_another_one_has(network):
    found = plan_ensemble([network("one", validation=False), network("two")])
    assert answers(found) == {"pulse": ["two"], "sine": ["two"]}
    assert found.notes[0] == "pulse: one has no validation score for it, so it was not considered."


def test_scores_on_different_data_are_told_to_compare_roughly(network):
    found = plan_ensemble([network("one", data_hash="a"), network("two", data_hash="b")])
    assert found.notes[0].startswith("pulse: the networks that know it were validated on different data")


def test_the_mean_is_of_all_that_know_a_type(network, tmp_path):
    found = plan_ensemble(
        [network("one"), network("two", class_names=["noise", "sine"], class_types=["segment", "segment"])], "mean"
    )
    assert answers(found) == {"pulse": ["one"], "sine": ["one", "two"]}
    assert found.words()[1] == ("sine from the mean of one (F1 0.900 on validation data) and two (F1 0.900 on validation data)")
    told = json.loads(found.write(tmp_path / ENSEMBLE).read_text())
    assert told["song_types"]["sine"] == {
        "category": "segment", "networks": [str(tmp_path / "one"), str(tmp_path / "two")], "validation_f1": [0.9, 0.9],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("combine", "params", "message"),
    [
        ("best", {"class_types": ["segment", "segment", "segment"]}, "'pulse': is a segment for other but an event for one"),
        ("best", {"nb_freq": 2}, "other knows audio of 2 channels, one of 1 channel"),
        ("mean", {"samplerate_x_Hz": 500.0}, "1000 and 500 Hz, whose probabilities have no mean.*--combine best"),
        ("best", {"samplerate_x_Hz": None}, "do not tell song types, sample rate and channels"),
        ("best", {"class_names": ["noise", "pulse"]}, "do not tell song types"),
    ],
)
def test_networks_that_do_not_go_together_are_refused(network, combine, params, message):
    with pytest.raises(DataError, match=message):
        plan_ensemble([network("one"), network("other", **params)], combine)


def test_a_network_is_named_once_by_whichever_of_its_names(network):
    one = network("one")
    with pytest.raises(DataError, match="one: is named twice"):
        plan_ensemble([one, f"{one}_params.yaml"])


def test_networks_of_other_rates_go_together_where_each_type_has_one(network):
    one = network("one")
    params = read_params(one) | {"class_names": ["noise", "low"], "class_types": ["segment", "segment"], "post_opt": TUNED}
    slow = one.with_name("slow")
    write_params(f"{slow}_params.yaml", params | {"samplerate_x_Hz": 500.0})
    found = plan_ensemble([one, slow])
    assert found.samplerates_hz == (1000.0, 500.0)
    with pytest.raises(DataError, match="one sample rate"):
        found.check_probabilities()
