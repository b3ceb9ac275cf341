"""Validation cut from train: the same each time, apart from train, with every song type in it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.splits.validation_cut import cut_lengths, cut_validation


def targets(n: int, *, period: int = 400) -> np.ndarray:
    y = np.zeros((n, 3), dtype=np.float16)
    phase = np.arange(n) % period
    y[phase < 100, 1] = 1
    y[(phase >= 200) & (phase < 260), 2] = 1
    y[:, 0] = 1 - y[:, 1:].sum(axis=1)
    return y


def rows(spans) -> np.ndarray:
    return np.concatenate([np.arange(a, b) for a, b in spans]) if spans else np.zeros(0, dtype=int)


def test_every_song_type_gets_about_its_share():
    y = targets(40_000)
    cut = cut_validation(y, 0.2, 256)
    share = y[rows(cut.val)].sum(axis=0, dtype=float) / y.sum(axis=0, dtype=float)
    assert np.all((share > 0.1) & (share < 0.3))


def test_no_chunk_of_train_touches_validation():
    cut = cut_validation(targets(40_000), 0.2, 256)
    train, val = rows(cut.train), rows(cut.val)
    nearest = min(abs(int(t) - int(v)) for v in (val[0], val[-1]) for t in train)
    assert nearest > 256


@given(st.integers(0, 30_000), st.floats(0.01, 0.5), st.sampled_from([2, 256, 8192]))
def test_whatever_the_length_nothing_is_in_both_and_the_cut_is_the_same_each_time(n, share, chunk):
    y = targets(n)
    cut = cut_validation(y, share, chunk)
    assert cut == cut_validation(y, share, chunk)
    train, val = set(rows(cut.train).tolist()), set(rows(cut.val).tolist())
    assert not train & val
    assert train | val <= set(range(n))
    if n >= 100:
        assert val
        assert train


def test_the_lengths_are_known_without_looking():
    n_train, n_val = cut_lengths(40_000, 0.2, 256)
    cut = cut_validation(targets(40_000), 0.2, 256)
    assert abs(len(rows(cut.val)) - n_val) < 2500
    assert abs(len(rows(cut.train)) - n_train) < 5000
