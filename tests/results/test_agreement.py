"""How well two sets of annotations agree: by labels, by time, by name."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations
from dss_widgets.dataset.two_sets import Pair, TwoSets
from dss_widgets.results.comparing_sets import compare_sets

SECONDS = 2.0
KINDS = {"pulse": "event", "a": "segment", "b": "segment"}
MILLISECONDS = st.integers(0, 1999)
LABELS = st.lists(
    st.one_of(
        st.builds(lambda at: ("pulse", at / 1000, at / 1000), MILLISECONDS),
        st.builds(
            lambda name, at, long: (name, at / 1000, min(at + long, 2000) / 1000),
            st.sampled_from("ab"), MILLISECONDS, st.integers(1, 300),
        ),
    ),
    max_size=12,
)  # fmt: skip
SETS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=3)


def compared(recordings, **changed):
    """Compare recordings, each given as its two lists of labels."""
    pairs = tuple(
        Pair(f"rec{i}.wav", ((0.0, SECONDS),), Annotations.of(one), Annotations.of(other))
        for i, (one, other) in enumerate(recordings)
    )
    return compare_sets(TwoSets(Path("one"), Path("other"), pairs, KINDS), **changed)


def by_name(found):
    return {told.name: told for told in found.by_type}


@given(SETS)
def test_to_swap_the_sets_swaps_precision_and_recall_and_leaves_kappa(recordings):
    here, there = compared(recordings), compared([(other, one) for one, other in recordings])
    for one, other in zip((*here.by_type, here.together), (*there.by_type, there.together), strict=True):
        assert (one.precision, one.recall, one.f1) == (other.recall, other.precision, other.f1)
        assert one.kappa == pytest.approx(other.kappa, abs=1e-9)
    assert {each.name: each.f1 for each in here.recordings} == {each.name: each.f1 for each in there.recordings}


@given(st.lists(LABELS, min_size=1, max_size=3))
def test_a_set_agrees_with_itself(recordings):
    found = compared([(labels, labels) for labels in recordings])
    assert found.together.kappa == 1
    assert all(told.f1 == told.kappa == 1 for told in found.by_type)
    assert all(recording.f1 == 1 for recording in found.recordings)
    assert found.syllable_error_rate in (0, None)
    assert found.disagreements == found.differing == []


@given(SETS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(recordings, random):
    shuffled = [tuple(random.sample(labels, len(labels)) for labels in both) for both in recordings]
    assert compared(recordings).as_dict() == compared(shuffled).as_dict()


@given(SETS)
def test_kappa_is_that_of_frames_by_its_definition(recordings):
    """All times are whole milliseconds, and events reach 10 ms to either side: so frames of 1 ms are exact."""
    frames = [[], []]
    for both in recordings:
        for which, labels in enumerate(both):
            frames[which] += [frozenset()] * 2000
            for name, start, stop in labels:
                first, last = round(1000 * start) - 10 * (name == "pulse"), round(1000 * stop) + 10 * (name == "pulse")
                for frame in range(max(0, first), min(2000, last)):
                    frames[which][len(frames[which]) - 2000 + frame] |= {name}
    found = compared(recordings)
    assert found.together.kappa == pytest.approx(_kappa(*frames), abs=1e-9)
    for name, told in by_name(found).items():
        assert told.kappa == pytest.approx(_kappa(*([name in frame for frame in each] for each in frames)), abs=1e-9)


def _kappa(one, other):
    if one == other:
        return 1.0
    observed = np.mean([a == b for a, b in zip(one, other, strict=True)])
    expected = sum(one.count(state) * other.count(state) for state in {*one, *other}) / len(one) ** 2
    return (observed - expected) / (1 - expected)


def test_differences_are_signed_and_told_beyond_the_tolerance():
    one = [("a", 0.1, 0.2), ("a", 0.5, 0.6), ("a", 1.0, 1.1), ("pulse", 1.5, 1.5), ("pulse", 1.9, 1.9)]
    other = [("a", 0.104, 0.198), ("a", 0.53, 0.6), ("a", 1.006, 1.099), ("pulse", 1.497, 1.497)]
    found = by_name(compared([(one, other)]))
    assert (found["a"].scores.n_matched, found["a"].onset.n) == (2, 3), "the one that is 30 ms off is no match, but told"
    assert found["a"].onset.median_seconds == pytest.approx(0.006)
    assert found["a"].offset.median_seconds == pytest.approx(-0.001)
    assert found["pulse"].onset.median_seconds == pytest.approx(-0.003)
    assert found["pulse"].offset is None
    assert (found["pulse"].precision, found["pulse"].recall) == (1, 0.5)


def test_what_is_called_otherwise_or_lacks_is_told_most_often_first():
    one = [("a", 0.1, 0.2), ("a", 0.3, 0.4), ("b", 0.5, 0.6), ("pulse", 1.5, 1.5)]
    other = [("b", 0.1, 0.2), ("b", 0.31, 0.4), ("b", 0.5, 0.6), ("a", 0.8, 0.9)]
    found = compared([(one, other)])
    assert found.disagreements == [("a", "b", 2), ("", "a", 1), ("pulse", "", 1)]
    assert found.taken_for["b", "b"] == 1
    assert found.syllable_error_rate == pytest.approx(3 / 3), "a and a for b and b, and one more at the end"


def test_every_label_that_differs_is_told_with_its_times():
    one = [("a", 0.1, 0.2), ("a", 0.3, 0.4), ("b", 0.5, 0.6), ("pulse", 1.5, 1.5)]
    other = [("a", 0.1, 0.205), ("b", 0.31, 0.4), ("b", 0.5, 0.63), ("a", 0.8, 0.9)]
    told = [(each.start_seconds, each.stop_seconds, each.words("one", "other")) for each in compared([(one, other)]).differing]
    assert told == [
        (0.3, 0.4, "'a' in the one, 'b' in the other"),
        (0.5, 0.63, "'b': onset +0.0 ms, offset +30.0 ms in the other"),
        (0.8, 0.9, "'a' in the other, nothing in the one"),
        (1.5, 1.5, "'pulse' in the one, nothing in the other"),
    ]


def test_nothing_against_nothing_agrees_and_nothing_against_song_does_not():
    song = [("a", 0.1, 0.2)]
    found = compared([([], []), (song, []), (song, song)])
    assert [(each.name, each.f1) for each in found.recordings] == [("rec1.wav", 0), ("rec0.wav", 1), ("rec2.wav", 1)]
    assert found.recordings[0].together.kappa == pytest.approx(0)
    assert (found.together.precision, found.together.recall) == (1, 0.5)
    silent = compared([([], [])])
    assert (silent.by_type, silent.together.kappa, silent.syllable_error_rate) == ((), 1, None)


def test_lone_events_of_different_moments_are_not_each_other():
    found = compared([([("pulse", 0.1, 0.1)], [("pulse", 1.9, 1.9)])])
    assert found.together.onset.n == 0
    assert set(found.taken_for) == {("pulse", ""), ("", "pulse")}


def test_intervals_take_five_recordings():
    song, moved = [("a", 0.1, 0.2), ("a", 0.5, 0.6)], [("a", 0.1, 0.2), ("a", 0.55, 0.6)]
    assert compared([(song, moved)] * 4).together.f1_interval is None
    low, high = compared([(song, moved)] * 3 + [(song, song)] * 3).together.f1_interval
    assert 0.5 <= low < 0.75 < high <= 1
