"""What every threshold does is what labelling with it does, and what one prefers chooses among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations
from dss_widgets.results import Labeller, LabellingRules
from dss_widgets.results.matching import annotation_scores
from dss_widgets.results.sweep import ThresholdSweep
from dss_widgets.results.threshold_curves import THRESHOLDS, ThresholdCurves

from ..known_thresholds import curve

NAMES, KINDS, RATE = ["noise", "pulse", "a", "b"], ["segment", "event", "segment", "segment"], 1000.0


def smooth_probabilities(rng, n):
    """Probabilities that rise and fall like a network's."""
    raw = np.apply_along_axis(lambda column: np.convolve(column, np.ones(9), "same"), 0, rng.normal(size=(n, 4)))
    exp = np.exp(raw)
    return (exp / exp.sum(axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=12)
@given(
    seed=st.integers(0, 10_000),
    threshold=st.sampled_from(THRESHOLDS),
    cut=st.integers(1, 599),
    farthest=st.sampled_from([0.03, np.inf]),
)
def test_each_threshold_counts_as_labelling_with_it_does(seed, threshold, cut, farthest):
    rng = np.random.default_rng(seed)
    truth = smooth_probabilities(rng, 600)
    p = (0.7 * truth + 0.3 * smooth_probabilities(rng, 600)).astype(np.float32)
    annotated = Labeller(NAMES, KINDS, RATE)
    annotated.add(truth)
    known = annotated.finish()
    rules = LabellingRules(
        threshold,
        farthest_seconds=farthest,
        segment_threshold=threshold,
        fill_gap_seconds=0.003,
        minimum_duration_seconds=0.004,
    )
    labeller, sweep = Labeller(NAMES, KINDS, RATE, rules), ThresholdSweep(NAMES, KINDS, RATE)
    for block in (p[:cut], p[cut:]):
        labeller.add(block)
        sweep.add(block)
    scores = annotation_scores(known, labeller.finish(), NAMES, KINDS)
    curves = sweep.curves(known, rules)
    for kind in ("events", "segments"):
        for name, row in scores[kind].items():
            told = curves.of(kind)[name].at(threshold).as_dict()
            assert {key: told[key] for key in ("n_annotated", "n_predicted", "n_matched")} == {
                key: row[key] for key in ("n_annotated", "n_predicted", "n_matched")
            }
            assert told["f1"] == pytest.approx(row["f1"])


CURVES = ThresholdCurves(
    {"pulse": curve(100, {0.01: (200, 100), 0.2: (118, 97), 0.4: (95, 90), 0.7: (76, 76), 0.95: (3, 3)})}, {}, 10.0
)


def test_what_one_prefers_decides():
    few_misses, balanced, few_alarms = (CURVES.best("events", prefer) for prefer in ("recall", "f1", "precision"))
    assert 0.2 <= few_misses < 0.4 <= balanced < 0.7 <= few_alarms < 0.95
    assert balanced == pytest.approx(0.545, abs=0.01), "the middle one of equally good ones"
    assert few_alarms - 0.7 > 0.94 - few_alarms, "a high one where false alarms count more"
    effect = CURVES.events["pulse"].at(few_misses)
    assert (effect.misses, effect.false_alarms) == (3, 21)
    assert CURVES.best("segments", "f1") is None, "nothing annotated"


def test_curves_come_back_as_they_were_and_nonsense_is_refused():
    told = CURVES.as_dict()
    assert ThresholdCurves.from_dict(told) == CURVES
    for damaged in (
        {**told, "events": 5}, {**told, "seconds": "x"}, {}, None,
        {**told, "events": {"pulse": {**told["events"]["pulse"], "matched": [101] * 99}}},
        {**told, "events": {"pulse": {**told["events"]["pulse"], "predicted": [1]}}},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"its counts|are matched"):
            ThresholdCurves.from_dict(damaged)


def test_silence_gives_nothing_at_any_threshold():
    sweep = ThresholdSweep(NAMES, KINDS, RATE)
    curves = sweep.curves(Annotations.of([("a", 0.1, 0.2)]))
    assert set(curves.segments["a"].n_predicted) == {0}
    assert curves.segments["a"].n_annotated == 1
