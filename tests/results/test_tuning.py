"""Finding the gap to fill and the shortest segment."""

import numpy as np
import pytest

from dss_widgets.dataset import Annotations
from dss_widgets.options import PredictionOptions
from dss_widgets.results import Labeller, LabellingRules
from dss_widgets.results.tuning import tune_durations

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


def test_segments_with_holes_and_specks_between_them_are_mended():
    broken = [part for start, stop in TRUE for part in ((start, start + 40), (start + 44, stop), (start + 250, start + 254))]
    found = tune_durations(labelled(*broken), annotations(*TRUE))
    assert found.f1_before < 0.1
    assert found.f1 == 1
    assert 0.004 < found.fill_gap_seconds <= 0.15
    assert 0.004 < found.minimum_duration_seconds <= 0.1


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
