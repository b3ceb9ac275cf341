"""From probabilities to annotations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.errors import DataError
from dss_widgets.options import PredictionOptions
from dss_widgets.results import Labeller, LabellingRules
from dss_widgets.results.labels import tuned_rules

RATE = 1000.0
NAMES, TYPES = ["noise", "pulse", "sine", "hum"], ["segment", "event", "segment", "segment"]


def annotate(probabilities, rules=None, *, cuts=()):
    labeller = Labeller(NAMES, TYPES, RATE, rules)
    for block in np.split(probabilities, cuts):
        labeller.add(block)
    found = labeller.finish()
    return list(zip(found.names, found.start_seconds, found.stop_seconds, strict=True))


def song(n=1000, **stretches):
    """Probabilities ``[n, 4]``: noise, and a list of (start, stop, probability) for every type."""
    p = np.zeros((n, 4), dtype=np.float32)
    for name, parts in stretches.items():
        for start, stop, value in parts:
            p[start:stop, NAMES.index(name)] = value
    p[:, 0] = 1 - p[:, 1:].sum(axis=1)
    return p


def pulses(n, *peaks, width=4):
    p = np.zeros((n, 4), dtype=np.float32)
    for at, height in peaks:
        p[:, 1] = np.maximum(p[:, 1], height * np.exp(-0.5 * ((np.arange(n) - at) / width) ** 2))
    p[:, 0] = 1 - p[:, 1]
    return p


def test_silence_has_no_annotations():
    assert annotate(song()) == []
    assert annotate(np.zeros((0, 4))) == []


def test_a_stretch_of_song_is_a_segment_with_its_exact_ends():
    assert annotate(song(sine=[(100, 250, 0.9)])) == [("sine", 0.1, 0.25)]


def test_song_up_to_both_ends_of_the_recording_is_kept():
    assert annotate(song(100, sine=[(0, 100, 0.8)])) == [("sine", 0.0, 0.1)]


def test_with_a_threshold_of_0_3_a_sample_of_0_31_noise_and_0_69_song_is_song():
    rules = LabellingRules(segment_threshold=0.3)
    assert annotate(song(sine=[(100, 200, 0.69)]), rules) == [("sine", 0.1, 0.2)]


def test_it_is_the_probability_of_any_song_that_counts():
    assert annotate(song(sine=[(100, 200, 0.3)], hum=[(100, 200, 0.25)])) == [("sine", 0.1, 0.2)]


def test_a_segment_is_labelled_by_the_majority_of_its_samples():
    assert annotate(song(sine=[(100, 140, 0.9)], hum=[(140, 250, 0.9)])) == [("hum", 0.1, 0.25)]


def test_gaps_shorter_than_the_limit_are_filled_and_others_stay():
    p = song(sine=[(100, 200, 0.9), (210, 300, 0.9), (320, 400, 0.9)])
    rules = LabellingRules(fill_gap_seconds=0.02)
    assert annotate(p, rules) == [("sine", 0.1, 0.3), ("sine", 0.32, 0.4)]


def test_short_segments_are_removed_after_gaps_are_filled():
    p = song(sine=[(100, 105, 0.9), (107, 112, 0.9), (300, 308, 0.9)])
    rules = LabellingRules(fill_gap_seconds=0.004, minimum_duration_seconds=0.01)
    assert annotate(p, rules) == [("sine", 0.1, 0.112)]


def test_an_event_is_a_peak_above_the_threshold():
    assert annotate(pulses(500, (100, 0.9), (300, 0.4))) == [("pulse", 0.1, 0.1)]


def test_two_pulses_15_ms_apart_are_two_events():
    assert [time for _, time, _ in annotate(pulses(500, (100, 0.9), (115, 0.8)))] == [0.1, 0.115]


def test_of_two_events_that_are_too_close_the_more_probable_stays():
    rules = LabellingRules(event_interval_seconds=0.03)
    assert [time for _, time, _ in annotate(pulses(500, (100, 0.7), (120, 0.9), (140, 0.8)), rules)] == [0.12]


def test_a_plateau_as_downsampling_makes_it_is_one_event_in_its_middle():
    p = np.zeros((64, 4), dtype=np.float32)
    p[16:32, 1] = 0.6
    p[32:48, 1] = 0.9
    assert annotate(p) == [("pulse", 0.0395, 0.0395)]


def test_events_with_neighbours_too_close_or_too_far_can_be_left_out():
    p = pulses(2000, (100, 0.9), (150, 0.9), (200, 0.9), (1500, 0.9))
    rules = LabellingRules(farthest_seconds=0.2)
    assert [time for _, time, _ in annotate(p, rules)] == [0.1, 0.15, 0.2]
    rules = LabellingRules(nearest_seconds=0.2)
    assert [time for _, time, _ in annotate(p, rules)] == [1.5]


def test_an_event_does_not_cut_a_segment_that_goes_on_below_it():
    p = song(sine=[(100, 200, 0.6)])
    p[150, 1], p[150, 0] = 0.4, 0.0
    assert annotate(p) == [("sine", 0.1, 0.2)]


def test_the_rules_come_from_the_options():
    rules = LabellingRules.of(PredictionOptions(segment_threshold=0.2, fill_gap_seconds=0.01, event_interval_seconds=0.5))
    assert (rules.segment_threshold, rules.fill_gap_seconds, rules.event_interval_seconds) == (0.2, 0.01, 0.5)


def test_distances_between_events_come_from_the_options():
    assert LabellingRules.of(PredictionOptions()).farthest_seconds == np.inf
    rules = LabellingRules.of(PredictionOptions(event_nearest_seconds=0.02, event_farthest_seconds=0.2))
    assert (rules.nearest_seconds, rules.farthest_seconds) == (0.02, 0.2)


@pytest.mark.parametrize(
    ("typed", "farthest"),
    [
        ({}, 0.3),
        ({"event_farthest_seconds": 0.1}, 0.1),
        ({"event_farthest_seconds": 0}, np.inf),
        ({"event_interval_seconds": 1}, np.inf),
    ],
)
def test_how_far_neighbours_may_be_is_what_was_found_unless_someone_chooses(typed, farthest):
    options = PredictionOptions(**typed)
    assert list(options.problems()) == []
    assert LabellingRules.of(options, {"post_opt": {"event_dist_max": 0.3}}).farthest_seconds == farthest


def test_thresholds_are_those_found_for_the_network_unless_someone_chooses():
    params = {"post_opt": {"event_thres": 0.3, "segment_thres": 0.7, "gap_dur": 0.01, "min_len": 0.02}}
    tuned = LabellingRules.of(PredictionOptions(), params)
    assert (tuned.event_threshold, tuned.segment_threshold) == (0.3, 0.7)
    chosen = LabellingRules.of(PredictionOptions(event_threshold=0.5), params)
    assert (chosen.event_threshold, chosen.segment_threshold) == (0.5, 0.7)
    untuned = LabellingRules.of(PredictionOptions(), {"post_opt": {"gap_dur": 0.01, "min_len": 0.02}})
    assert (untuned.event_threshold, untuned.segment_threshold) == (0.5, 0.5)


@given(
    st.lists(st.sampled_from([0.1, 0.45, 0.5, 0.9]), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=6),
    st.sampled_from([0.0, 0.003, 0.01]),
)
def test_the_annotations_do_not_depend_on_where_blocks_end(values, cuts, seconds):
    p = np.zeros((len(values), 4))
    p[:, 1] = np.array(values) * 0.6
    p[:, 2] = np.array(values[::-1]) * 0.9
    p[:, 0] = 1 - p.sum(axis=1)
    rules = LabellingRules(
        event_threshold=0.2, event_interval_seconds=seconds, fill_gap_seconds=seconds, minimum_duration_seconds=seconds / 2
    )
    cuts = sorted(min(cut, len(values)) for cut in cuts)
    assert annotate(p, rules, cuts=cuts) == annotate(p, rules)


def test_annotations_are_in_the_order_of_time():
    found = annotate(song(sine=[(300, 400, 0.9)], hum=[(100, 200, 0.9)], pulse=[(250, 251, 0.9)]))
    assert [name for name, _, _ in found] == ["hum", "pulse", "sine"]
    assert found[1][1] == pytest.approx(0.25)


@pytest.mark.parametrize("value", ["much", [1], {}, 10**400])
def test_tuned_durations_that_are_no_numbers_are_told(value):
    with pytest.raises(DataError, match="post_opt holds no numbers"):
        tuned_rules({"post_opt": {"gap_dur": value}})
