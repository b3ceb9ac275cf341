"""How far on- and offsets are off: also those that are off by more than the scores forgive."""

import pytest

from dss_widgets.dataset import Annotations
from dss_widgets.results.boundaries import boundary_errors, error_words, errors_in

NAMES, KINDS = ["noise", "pulse", "a", "b"], ["segment", "event", "segment", "segment"]


def errors(annotated, predicted):
    return boundary_errors(Annotations.of(annotated), Annotations.of(predicted), NAMES, KINDS)


def test_median_and_90th_percentile_of_each_end_over_the_segments_that_overlap():
    known = [("a", float(i), i + 0.5) for i in range(11)]
    found = [("a", i + 0.001 * i, i + 0.5 - 0.01 * i) for i in range(11)]
    told = errors(known, found)["a"]
    assert told["n"] == 11
    assert told["onset_median_seconds"] == pytest.approx(0.005)
    assert told["onset_p90_seconds"] == pytest.approx(0.009)
    assert told["offset_median_seconds"] == pytest.approx(0.05), "more than the 10 ms of a match"
    assert error_words(told, "onset") == "5.00 / 9.00"


def test_of_the_pieces_of_a_broken_segment_the_largest_counts_and_other_types_do_not():
    told = errors([("a", 0.0, 1.0)], [("a", 0.0, 0.2), ("b", 0.0, 1.0), ("a", 0.3, 0.9)])
    assert (told["a"]["n"], told["b"]["n"]) == (1, 0)
    assert told["a"]["onset_median_seconds"] == pytest.approx(0.3)
    assert error_words(told["b"], "onset") == "–"


def test_events_are_compared_with_their_nearest_unless_that_is_rather_another_one():
    known = [("pulse", t, t) for t in (0.0, 0.1, 0.2, 0.3)]
    told = errors(known, [("pulse", t, t) for t in (0.02, 0.104, 0.203, 0.95)])["pulse"]
    assert told["n"] == 3
    assert told["onset_median_seconds"] == pytest.approx(0.004)
    assert told["offset_median_seconds"] is None


def test_scores_of_earlier_versions_tell_their_medians():
    told = {"segments": {"a": {"median_error_seconds": 0.002, "median_offset_error_seconds": 0.003}}}
    assert error_words(errors_in(told, "a"), "offset") == "3.00"
