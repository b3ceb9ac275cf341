"""Chunks with rare song types come more often, and every chunk comes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.network.batches import SplitReader, TrainingBatches
from dss_widgets.network.oversampling import COMMON_SHARE, MAX_REPEATS, chunks_per_epoch, draw, repeat_factors
from dss_widgets.network.rows import Rows


def targets(n_chunks=100, *, duration=100, rare=(7,), common=range(0, 100, 2)) -> np.ndarray:
    y = np.zeros((n_chunks * duration, 3), dtype=np.float32)
    for column, chunks in ((1, common), (2, rare)):
        for chunk in chunks:
            y[chunk * duration + 40 : chunk * duration + 60, column] = 1
    y[:, 0] = 1 - y[:, 1:].sum(axis=1)
    return y


def batches(y, **more) -> TrainingBatches:
    audio = np.zeros((len(y), 1), dtype=np.float32)
    return TrainingBatches(SplitReader(Rows(audio), Rows(y), 100, 1), 0, 8, 1.0, 3, oversample_rare=True, **more)


def test_only_chunks_with_rare_types_are_repeated():
    repeats = repeat_factors(Rows(targets(rare=(7, 9, 11))), np.arange(0, 10_000, 100), 100, 10)
    assert np.flatnonzero(repeats > 1).tolist() == [7, 9, 11]
    assert repeats[7] == pytest.approx(np.sqrt(COMMON_SHARE / 0.03))


def test_song_in_a_boundary_that_counts_nothing_does_not_count():
    y = targets(rare=())
    y[705:709, 2] = 1
    assert repeat_factors(Rows(y), np.arange(0, 10_000, 100), 100, 10).max() == 1


@given(st.lists(st.floats(1, MAX_REPEATS), min_size=1, max_size=50), st.integers(0, 2**32 - 1))
def test_every_chunk_comes_as_often_as_it_should_and_epochs_are_equally_long(repeats, seed):
    repeats = np.array(repeats)
    drawn = draw(repeats, np.random.default_rng(seed))
    counts = np.bincount(drawn, minlength=len(repeats))
    assert len(drawn) == chunks_per_epoch(repeats)
    assert counts.min() >= 1
    scaled = repeats * chunks_per_epoch(repeats) / repeats.sum()
    assert np.all(np.abs(counts - scaled) <= 1 + 1e-6)


class At:
    """Stands in for a random generator: where the drawing begins."""

    def __init__(self, place):
        self.random = lambda: place


PLACES = (np.arange(50) + 0.5) / 50
DURATION = 20


@st.composite
def songs(draw_one):
    """Targets with up to three types, each in some chunks, in their middle or at an edge; and the boundary that is ignored."""
    n_types, n_chunks = draw_one(st.integers(1, 3)), draw_one(st.integers(2, 60))
    y = np.zeros((n_chunks * DURATION, 1 + n_types), dtype=np.float32)
    for column in range(1, 1 + n_types):
        for chunk in draw_one(st.sets(st.integers(0, n_chunks - 1))):
            place = chunk * DURATION + draw_one(st.sampled_from([0, 9, 19]))
            y[place, column] = 1
    y[:, 0] = 1 - y[:, 1:].max(axis=1)
    return y, draw_one(st.integers(0, 5))


@given(songs())
def test_rare_types_are_shown_as_often_as_declared_and_other_chunks_once(song):
    y, boundary = song
    starts = np.arange(0, len(y) - DURATION + 1, DURATION - 2 * boundary)
    holds = np.array([(y[start + boundary : start + DURATION - boundary, 1:] > 0).any(axis=0) for start in starts])
    repeats = repeat_factors(Rows(y), starts, DURATION, boundary)
    shown = np.mean([np.bincount(draw(repeats, At(place)), minlength=len(starts)) for place in PLACES], axis=0)
    factors = np.sqrt(COMMON_SHARE / np.maximum(holds.mean(axis=0), 1e-9)).clip(1, MAX_REPEATS)
    for has, factor in zip(holds.T, factors, strict=True):
        assert (shown[has] >= factor - 1 / len(PLACES)).all()
    declared = np.array([max([1.0, *factors[has]]) for has in holds])
    assert (shown <= declared * (1 + 1 / len(starts)) + 1 / len(PLACES)).all(), "and no chunk more often, so common ones once"


@given(songs(), st.integers(0, 2**31 - 1), st.sampled_from([0.3, 1.0]))
def test_nothing_else_changes_where_rare_types_are_shown_more_often(song, seed, fraction):
    y, boundary = song
    reader = SplitReader(Rows(np.arange(len(y), dtype=np.float32)[:, None]), Rows(y), DURATION, 1)
    plain, more = (TrainingBatches(reader, boundary, 4, fraction, seed, oversample_rare=chosen) for chosen in (False, True))
    assert np.array_equal(plain.starts, more.starts)
    assert sorted(plain.order(1)) == plain.starts.tolist()
    assert sorted(set(more.order(1).tolist())) == plain.starts.tolist()
    for one, other in zip(plain.read(plain.starts), more.read(plain.starts), strict=True):
        assert np.array_equal(one, other)


def test_an_epoch_holds_them_more_often_in_an_order_that_depends_on_the_epoch_alone():
    made = batches(targets())
    order = made.order(2)
    assert set(order.tolist()) == set(range(0, 10_000, 100))
    assert (order == 700).sum() in (5, 6)
    assert np.array_equal(order, batches(targets()).order(2)), "so a run that goes on sees the same"
    assert not np.array_equal(order, made.order(3))
    assert len(made) == -(-len(order) // 8)


def test_with_nothing_rare_an_epoch_is_as_it_was():
    y = targets(rare=range(1, 100, 2))
    assert sorted(batches(y).order(1).tolist()) == list(range(0, 10_000, 100))
