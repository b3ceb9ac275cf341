"""Finding what makes the best annotations: gaps to fill, shortest segments, thresholds."""

import numpy as np
import pytest

from dss_widgets.dataset import Annotations
from dss_widgets.options import PredictionOptions
from dss_widgets.results import Labeller, LabellingRules
from dss_widgets.results.tuning import (
    THRESHOLDS,
    spares_events,
    tune_durations,
    tune_event_threshold,
    tune_segment_threshold,
)

RATE = 1000.0


def labelled(*stretches, n=20_000):
    """A labeller that has taken song at the given samples."""
    p = np.zeros((n, 2))
    for start, stop in stretches:
        p[start:stop, 1] = 1
    p[:, 0] = 1 - p[:, 1]
    labeller = Labeller(["noise", "a"], ["segment", "segment"], RATE)
    labeller.add(p)
    return labeller


def annotations(*stretches):
    return Annotations.of(("a", start / RATE, stop / RATE) for start, stop in stretches)


TRUE = [(start, start + 100) for start in range(500, 19_000, 500)]


def test_predictions_that_are_right_are_left_alone():
    found = tune_durations(labelled(*TRUE), annotations(*TRUE))
    assert (found.fill_gap_seconds, found.minimum_duration_seconds) == (0, 0)
    assert found.f1 == found.f1_before == 1


def test_specks_that_validation_happens_not_to_have_are_left_out_where_that_costs_nothing():
    found = tune_durations(labelled(*TRUE), annotations(*TRUE), speck_seconds=0.025)
    assert (found.fill_gap_seconds, found.minimum_duration_seconds, found.f1) == (0, 0.02, 1)
    short = [(start, start + 10) for start, _ in TRUE]
    assert tune_durations(labelled(*short), annotations(*short), speck_seconds=0.025).minimum_duration_seconds == 0


def test_segments_with_holes_and_specks_between_them_are_mended():
    broken = [part for start, stop in TRUE for part in ((start, start + 40), (start + 44, stop), (start + 250, start + 254))]
    found = tune_durations(labelled(*broken), annotations(*TRUE))
    assert found.f1_before < 0.1
    assert found.f1 == 1
    assert 0.004 < found.fill_gap_seconds <= 0.15
    assert 0.004 < found.minimum_duration_seconds <= 0.1


def test_song_whose_edges_nobody_can_tell_exactly_is_still_made_one_piece():
    blurred = []
    for start, stop in TRUE:
        blurred += [(start - 15, start + 40), (start + 44, stop - 20), (start + 250, start + 252)]
    found = tune_durations(labelled(*blurred), annotations(*TRUE))
    assert found.f1 == 0, "none within 10 ms"
    assert 0.004 < found.fill_gap_seconds <= 0.1
    assert found.minimum_duration_seconds > 0.002
    assert found.score == 0.5


def test_without_annotated_segments_there_is_nothing_to_find():
    assert tune_durations(labelled(*TRUE), annotations()) is None


def test_only_segments_count_where_there_are_events_too():
    labeller = Labeller(["noise", "pulse", "a"], ["segment", "event", "segment"], RATE)
    labeller.add(np.eye(3)[np.repeat([0, 2, 0, 1, 0], [50, 100, 50, 1, 50])])
    truth = Annotations.of([("a", 0.05, 0.15), ("pulse", 0.2, 0.2)])
    assert tune_durations(labeller, truth).f1 == 1


def test_what_was_found_counts_unless_someone_chooses_durations():
    params = {"post_opt": {"gap_dur": 0.01, "min_len": 0.02}}
    tuned = LabellingRules.of(PredictionOptions(), params)
    assert (tuned.fill_gap_seconds, tuned.minimum_duration_seconds) == (0.01, 0.02)
    chosen = LabellingRules.of(PredictionOptions(fill_gap_seconds=0.5), params)
    assert (chosen.fill_gap_seconds, chosen.minimum_duration_seconds) == (0.5, 0.02)
    off = LabellingRules.of(PredictionOptions(fill_gap_seconds=0, minimum_duration_seconds=0), params)
    assert (off.fill_gap_seconds, off.minimum_duration_seconds) == (0, 0)


@pytest.mark.parametrize("params", [{}, {"post_opt": False}, {"post_opt": None}, {"post_opt": {"gap_dur": None}}])
def test_params_without_them_change_nothing(params):
    rules = LabellingRules.of(PredictionOptions(), params)
    assert (rules.fill_gap_seconds, rules.minimum_duration_seconds) == (0, 0)


def labellers(probabilities, kind):
    """A labeller for every threshold, each of which has taken the probabilities of one song type."""
    made = {}
    for threshold in THRESHOLDS:
        rules = LabellingRules(event_threshold=threshold, segment_threshold=threshold)
        made[threshold] = Labeller(["noise", "a"], ["segment", kind], RATE, rules)
        made[threshold].add(np.stack([1 - probabilities, probabilities], axis=1))
    return made


def test_a_threshold_is_found_that_lets_faint_song_through_and_keeps_noise_out():
    p = np.full(20_000, 0.05)
    for start, stop in TRUE:
        p[start:stop] = 0.35
        p[start + 200 : start + 300] = 0.25
    threshold, found = tune_segment_threshold(labellers(p, "segment"), annotations(*TRUE))
    assert threshold == 0.3
    assert found.f1 == 1


def test_of_equally_good_thresholds_the_middle_one_is_taken():
    p = np.zeros(20_000)
    for start, stop in TRUE:
        p[start:stop] = 1
    assert tune_segment_threshold(labellers(p, "segment"), annotations(*TRUE))[0] == 0.5


def test_a_threshold_of_events_is_found_by_their_matches():
    p = np.zeros(20_000)
    p[TIMES] = 0.75
    p[TIMES + 100] = 0.65
    truth = Annotations.of([("a", time / RATE, time / RATE) for time in TIMES])
    assert tune_event_threshold(labellers(p, "event"), truth) == (0.7, 1.0)


def test_without_annotated_events_there_is_no_threshold_to_find():
    assert tune_event_threshold(labellers(np.zeros(100), "event"), Annotations.of([])) is None


def test_lone_events_may_go_where_none_is_annotated():
    p = np.zeros(20_000)
    p[TIMES] = p[19_900] = 0.65
    truth = Annotations.of([("a", time / RATE, time / RATE) for time in TIMES])
    by_threshold = labellers(p, "event")
    assert spares_events(by_threshold[0.5], truth, 0.3)
    assert not spares_events(by_threshold[0.5], truth, 0.2), "all of them would go"
    assert spares_events(by_threshold[0.5], Annotations.of([]), 0.3) is None
    assert tune_event_threshold(by_threshold, truth, 0.3) == (0.5, 1.0)


TIMES = np.arange(500, 19_000, 250)
