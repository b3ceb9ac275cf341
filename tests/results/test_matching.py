"""Scores of annotations against annotations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations
from dss_widgets.results.matching import (
    annotation_scores,
    edit_distance,
    match_events,
    match_segments,
    n_changed,
    syllable_error_rate,
)
from dss_widgets.results.sweep import count_matched_events


def test_events_match_within_the_tolerance_one_to_one():
    scores = match_events(np.array([1.0, 2.0, 3.0]), np.array([1.002, 1.004, 2.5, 3.009]), 0.01)
    assert (scores.n_annotated, scores.n_predicted, scores.n_matched) == (3, 4, 2)
    assert scores.precision == pytest.approx(2 / 4)
    assert scores.recall == pytest.approx(2 / 3)
    assert scores.f1 == pytest.approx(4 / 7)


@pytest.mark.parametrize(("rate", "n_samples"), [(10_000, 100), (44_100, 441), (250_000, 2500)])
def test_an_error_of_just_the_tolerance_matches_wherever_in_the_recording(rate, n_samples):
    """The difference of two times on the samples' grid is off by a bit, to either side."""
    samples = np.arange(1, 2000) * rate // 9
    for other in (samples + n_samples, samples - n_samples):
        assert match_events(samples / rate, other / rate, 0.01).n_matched == len(samples)
        assert count_matched_events(samples / rate, other / rate, 0.01) == len(samples)
        assert match_events(samples / rate, (other + np.sign(other - samples)) / rate, 0.01).n_matched == 0


def test_the_median_time_error_is_that_of_the_pairs():
    scores = match_events(np.array([1.0, 2.0]), np.array([1.002, 1.996]), 0.01)
    assert scores.median_error_seconds == pytest.approx(0.003)


def test_nothing_annotated_or_nothing_predicted_gives_zeros_and_no_error():
    assert match_events(np.zeros(0), np.array([1.0])).f1 == 0
    assert match_events(np.array([1.0]), np.zeros(0)).median_error_seconds is None
    assert match_events(np.zeros(0), np.zeros(0)).f1 == 0


def test_a_segment_matches_when_onset_offset_and_name_match():
    annotated = Annotations.of([("a", 0.0, 0.1), ("a", 1.0, 1.1), ("b", 2.0, 2.1), ("b", 3.0, 3.1)])
    predicted = Annotations.of([("a", 0.005, 0.095), ("a", 1.0, 1.2), ("a", 2.0, 2.1), ("b", 3.02, 3.1)])
    scores = match_segments(annotated, predicted, 0.01)
    assert scores.n_matched == 1
    assert scores.median_error_seconds == pytest.approx(0.005)
    assert scores.median_offset_error_seconds == pytest.approx(0.005)


def test_as_many_segments_as_possible_are_matched():
    annotated = Annotations.of([("a", 0.000, 0.100), ("a", 0.008, 0.108)])
    predicted = Annotations.of([("a", 0.008, 0.108), ("a", 0.016, 0.116)])
    assert match_segments(annotated, predicted, 0.01).n_matched == 2


@pytest.mark.parametrize(
    ("annotated", "predicted", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("abcd", "acbd", 2)],
)
def test_edit_distance(annotated, predicted, distance):
    assert edit_distance(list(annotated), list(predicted)) == distance


@given(st.text("abc", max_size=12), st.text("abc", max_size=12))
def test_edit_distance_agrees_with_its_definition(one, other):
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i - 1] != other[j - 1]))
    assert edit_distance(list(one), list(other)) == table[len(one), len(other)]


def test_the_syllable_error_rate_is_relative_to_the_annotated_length():
    assert syllable_error_rate(list("abab"), list("abb")) == pytest.approx(1 / 4)
    assert syllable_error_rate([], []) == 0


def test_scores_of_a_mixed_set_by_type_and_together():
    annotated = Annotations.of([("pulse", 0.5, 0.5), ("a", 1.0, 1.1), ("b", 2.0, 2.1)])
    predicted = Annotations.of([("pulse", 0.501, 0.501), ("a", 1.0, 1.1), ("a", 2.0, 2.1)])
    told = annotation_scores(annotated, predicted, ["noise", "pulse", "a", "b"], ["segment", "event", "segment", "segment"])
    assert told["events"]["pulse"]["f1"] == 1
    assert told["segments"]["a"]["precision"] == 0.5
    assert told["all_segments"]["n_matched"] == 1
    assert told["syllable_error_rate"] == 0.5


@pytest.mark.parametrize(("right", "before", "changed"), [
    ([("a", 0.0, 1.0), ("p", 2.0, 2.0)], [("a", 0.0, 1.0), ("p", 2.0, 2.0)], 0),
    ([("a", 0.0, 1.0)], [("b", 0.0, 1.0)], 1),
    ([("a", 0.0, 1.0)], [("a", 0.0, 1.5)], 1),
    ([("p", 2.0, 2.0)], [("p", 2.005, 2.005)], 0),
    ([("p", 2.0, 2.0)], [("q", 2.0, 2.0), ("q", 3.0, 3.0)], 2),
    ([], [("a", 0.0, 1.0)], 1),
    ([("a", 0.0, 1.0)], [], 1),
    ([], [], 0),
])  # fmt: skip
def test_labels_that_were_changed_are_counted_once(right, before, changed):
    assert n_changed(Annotations.of(right), Annotations.of(before)) == changed
