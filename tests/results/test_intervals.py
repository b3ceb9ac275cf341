"""Intervals of scores: they hold the scores of other recordings, and say what they were drawn from."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations
from dss_widgets.results.intervals import TestUnits, drawn_words, fitting_intervals, interval_of
from dss_widgets.results.scores import Scores, confusion_matrix

NAMES, KINDS, RATE = ["noise", "pulse", "sine"], ["segment", "event", "segment"], 100.0
NOTHING = Annotations.of([])


def stretches_of(lengths):
    """A test of recordings of these lengths in samples, each cut in two that lie apart."""
    told, position = [], 0
    for half in (0, 1):
        for i, length in enumerate(lengths):
            n = length // 2 if half else length - length // 2
            told.append({"file": f"r{i}.wav", "position": position, "first_sample": 0, "last_sample": n - 1})
            position += n
    return [stretch for stretch in told if stretch["last_sample"] >= 0], position


def a_test(n_recordings, rng, *, length=400):
    """Return recording by recording how well it is annotated, as annotated and predicted classes of one length."""
    wanted = rng.integers(0, 3, (n_recordings, length))
    quality = rng.uniform(0.3, 1, n_recordings)
    found = np.where(rng.uniform(size=wanted.shape) < quality[:, None], wanted, rng.integers(0, 3, wanted.shape))
    return wanted, found


def intervals_of(wanted, found, stretches=(), *, blocks=(), annotated=NOTHING, predicted=NOTHING):
    units = TestUnits(stretches, len(wanted), NAMES, KINDS)
    edges = sorted({0, len(wanted), *(b for b in blocks if b < len(wanted))})
    for start, stop in pairwise(edges):
        units.add(start, wanted[start:stop], found[start:stop])
    return units.intervals(annotated, predicted, RATE)


def whole(wanted, found):
    """A test whose recordings lie one after the other."""
    n = wanted.shape[1]
    stretches = [
        {"file": f"r{i}", "position": i * n, "first_sample": 0, "last_sample": n - 1} for i in range(len(wanted))
    ]  # fmt: skip
    return intervals_of(wanted.ravel(), found.ravel(), stretches)


@pytest.mark.slow
def test_nineteen_of_twenty_intervals_hold_the_score_of_many_other_recordings():
    rng = np.random.default_rng(0)
    wanted, found = a_test(2000, rng)
    truth = Scores.of(NAMES, confusion_matrix(wanted.ravel(), found.ravel(), 3)).macro_f1
    held = 0
    for _ in range(100):
        low, high = whole(*a_test(30, rng))["macro_f1"]
        held += low <= truth <= high
    assert 85 <= held <= 100


def test_samples_that_are_alike_do_not_make_an_interval_narrow():
    rng = np.random.default_rng(1)
    wanted, found = a_test(8, rng, length=100)
    short = whole(wanted, found)["macro_f1"]
    long = whole(np.repeat(wanted, 50, axis=1), np.repeat(found, 50, axis=1))["macro_f1"]
    assert long == pytest.approx(short)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.lists(st.integers(1, 700), max_size=6), st.integers(0, 99))
def test_they_do_not_depend_on_the_blocks_in_which_samples_come_and_hold_the_score(lengths, blocks, seed):
    stretches, n = stretches_of(lengths)
    rng = np.random.default_rng(seed)
    wanted, found = rng.integers(0, 3, n), rng.integers(0, 3, n)
    told = intervals_of(wanted, found, stretches, blocks=blocks)
    assert told == intervals_of(wanted, found, stretches)
    assert (told["over"], told["n"]) == (("recordings", len(lengths)) if len(lengths) >= 5 else ("parts", min(20, n)))
    low, high = told["macro_f1"]
    assert 0 <= low <= high <= 1


def test_a_perfect_network_leaves_no_doubt_and_a_type_that_is_missing_has_no_interval():
    wanted = np.tile([0, 0, 1], 200)
    told = intervals_of(wanted, wanted)
    assert told["macro_f1"] == [1, 1]
    assert told["f1"] == {"noise": [1, 1], "pulse": [1, 1], "sine": None}
    assert interval_of(told, "f1", "pulse") == "1.00 to 1.00"
    assert interval_of(told, "f1", "sine") == interval_of({}, "macro_f1") == ""
    assert drawn_words(told) == "over 20 parts of the test"


def test_annotations_have_intervals_too():
    lengths = [200] * 10
    stretches = [{"file": f"{i}", "position": 200 * i, "first_sample": 0, "last_sample": 199} for i in range(10)]
    silent = np.zeros(sum(lengths), dtype=int)
    right = [("pulse", 2 * i + 0.5, 2 * i + 0.5) for i in range(10)] + [("sine", 2 * i + 1, 2 * i + 1.5) for i in range(10)]
    half = [entry for i, entry in enumerate(right) if entry[0] == "sine" or i % 2]
    told = intervals_of(silent, silent, stretches, annotated=Annotations.of(right), predicted=Annotations.of(half))
    low, high = told["annotations"]["pulse"]
    assert low < 2 / 3 < high
    assert told["annotations"]["sine"] == told["annotations"]["all_segments"] == [1, 1]


def test_more_recordings_than_are_drawn_one_by_one_are_drawn_in_groups():
    told = whole(*a_test(250, np.random.default_rng(2), length=20))
    assert (told["over"], told["n"]) == ("recordings", 250)
    assert told["macro_f1"][0] < told["macro_f1"][1]


@pytest.mark.parametrize(
    "damaged",
    [3, [1], {"over": "moons"}, {"over": "parts", "f1": {}, "annotations": []}, {"macro_f1": [1]}, {"f1": {"a": [0, 2]}},
     {"f1": {"a": "b"}}],
)  # fmt: skip
def test_intervals_of_a_damaged_file_are_an_error(damaged):
    good = whole(*a_test(6, np.random.default_rng(0)))
    assert fitting_intervals(good) == good
    with pytest.raises(ValueError, match="intervals"):
        fitting_intervals({**good, **damaged} if isinstance(damaged, dict) and "over" not in damaged else damaged)
