"""What is kept in params beside DAS's keys, whoever made the network."""

import pytest

from dss_widgets.results.chosen_thresholds import ChosenThresholds, with_choice
from dss_widgets.results.labels import used_rules
from dss_widgets.results.own_params import own_value, with_own_value


@pytest.mark.parametrize("params", [{"dss_widgets": {"version": "0.2.0"}, "nb_hist": 5}, {"nb_hist": 5}])
def test_a_value_is_kept_and_forgotten_without_a_trace(params):
    kept = with_own_value(params, "temperature", 1.5)
    assert own_value(kept, "temperature") == 1.5
    assert ("dss_widgets" in kept) == ("dss_widgets" in params)
    assert with_own_value(kept, "temperature", None) == params


@pytest.mark.parametrize("told", [None, 5, {}, {"event": "x"}, {"event": 7}, {"event": True}, {"segment": float("nan")}])
def test_a_choice_that_cannot_be_counts_as_none(told):
    params = {"dss_widgets": {"thresholds": told}, "post_opt": {"event_thres": 0.3}}
    assert ChosenThresholds.of(params) is None
    assert used_rules(params)["event_thres"] == 0.3


def test_of_what_was_not_chosen_that_which_was_tuned_counts():
    params = with_choice({"post_opt": {"event_thres": 0.3, "segment_thres": 0.7}}, ChosenThresholds(segment=0.4))
    assert {"event_thres": 0.3, "segment_thres": 0.4}.items() <= used_rules(params).items()
