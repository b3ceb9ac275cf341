"""Amounts: what lies between two times, counted the fast way as the slow way."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations
from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.splits.amounts import SongAmounts

TYPES = [SongType("a", "segment"), SongType("b", "segment")]
times = st.integers(0, 20).map(lambda n: n / 2)
entries = st.lists(st.tuples(st.sampled_from(["a", "b", "other"]), times, times), max_size=10).map(
    lambda found: [(name, min(one, two), max(one, two)) for name, one, two in found]
)
edges = st.lists(times, min_size=2, max_size=6).map(lambda found: np.array(sorted(found)))


@given(entries, edges)
def test_annotations_count_where_they_begin(entries, edges):
    found = SongAmounts(Annotations.of(entries), TYPES).counts(edges)
    for i, (start, stop) in enumerate(itertools.pairwise(edges)):
        for k, name in enumerate("ab"):
            assert found[i, k] == sum(1 for n, onset, _ in entries if n == name and start <= onset < stop)


@given(entries, edges)
def test_seconds_count_where_they_lie(entries, edges):
    found = SongAmounts(Annotations.of(entries), TYPES).seconds(edges)
    for i, (start, stop) in enumerate(itertools.pairwise(edges)):
        for k, name in enumerate("ab"):
            expected = sum(max(0, min(offset, stop) - max(onset, start)) for n, onset, offset in entries if n == name)
            assert abs(found[i, k] - expected) < 1e-9


def test_without_song_types_there_are_no_columns():
    amounts = SongAmounts(Annotations.of([("a", 0, 1)]), [])
    assert amounts.counts(np.array([0, 1, 2])).shape == amounts.seconds(np.array([0, 1, 2])).shape == (2, 0)
