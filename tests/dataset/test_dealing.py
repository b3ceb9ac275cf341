"""Dealing: every split gets its share of everything, as nearly as it can be done."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.splits.dealing import deal, deal_cost, in_parts

SHARES = np.array([0.6, 0.2, 0.2])


def cost(amounts: np.ndarray, bins: np.ndarray, shares: np.ndarray = SHARES) -> int:
    return deal_cost(in_parts(amounts), bins, np.rint(shares * 2**24).astype(np.int64))


def clumped_song(n: int, seed: int) -> np.ndarray:
    """Return amounts of units in which a few types are common, some are rare, and all come in clumps."""
    rng = np.random.default_rng(seed)
    song = rng.gamma(0.3, 1, (n, 5)) * [10, 5, 2, 1, 0.3]
    return np.column_stack([np.full(n, 10.0), song])


def test_a_small_deal_is_the_optimum():
    for seed in range(5):
        amounts = clumped_song(8, seed)
        optimum = min(cost(amounts, np.array(bins)) for bins in product(range(3), repeat=8) if len(set(bins)) == 3)
        found = deal(amounts, SHARES, np.random.default_rng(seed))
        assert cost(amounts, found) <= 1.05 * optimum


@pytest.mark.parametrize("n", [30, 200])
def test_a_deal_is_better_than_the_best_of_many_random_ones(n):
    amounts, rng = clumped_song(n, 0), np.random.default_rng(0)
    best = min(cost(amounts, rng.choice(3, n, p=SHARES)) for _ in range(2000))
    assert cost(amounts, deal(amounts, SHARES, rng)) < best / 5


def test_a_deal_of_very_many_units_is_little_work_and_still_better_than_random_ones(counted_calls):
    amounts, rng = clumped_song(36_000, 0), np.random.default_rng(0)
    with counted_calls() as calls:
        found = deal(amounts, SHARES, np.random.default_rng(1))
    assert calls.n < 600_000
    assert cost(amounts, found) < min(cost(amounts, rng.choice(3, 36_000, p=SHARES)) for _ in range(20)) / 5


@given(
    st.integers(1, 12),
    st.integers(0, 2**32),
    st.sampled_from([(0.8, 0.1, 0.1), (0.6, 0.2, 0.2), (0.34, 0.33, 0.33), (1, 0, 0)]),
)
def test_every_split_that_was_asked_for_gets_a_unit_if_there_are_enough(n, seed, shares):
    shares = np.array(shares, dtype=float)
    bins = deal(np.random.default_rng(seed).uniform(1, 100, (n, 1)), shares, np.random.default_rng(seed))
    filled = np.bincount(bins, minlength=3) > 0
    assert filled.sum() == min(n, (shares > 0).sum())
    assert not filled[shares == 0].any()


def test_a_bin_that_is_not_needed_may_stay_empty():
    shares, needed = np.array([0.5, 0.4999, 0.0001]), np.array([True, True, False])
    for seed in range(20):
        bins = deal(np.ones((4, 1)), shares, np.random.default_rng(seed), needed=needed)
        assert np.bincount(bins, minlength=3).tolist() == [2, 2, 0]


def test_units_without_any_song_are_dealt_by_number():
    assert sorted(np.bincount(deal(np.zeros((10, 2)), SHARES, np.random.default_rng(0))).tolist()) == [2, 2, 6]


def test_nothing_is_dealt_to_nobody():
    assert deal(np.zeros((0, 3)), SHARES, np.random.default_rng(0)).tolist() == []


def test_the_seed_decides():
    amounts = np.ones((30, 1))
    one, same, other = (deal(amounts, SHARES, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()
