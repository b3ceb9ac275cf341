"""A temperature mends probabilities that are too sure, and leaves the likeliest class the likeliest."""

from itertools import pairwise

import numpy as np
import pytest

from dss_widgets.results.calibration import (
    ALL,
    EvenSamples,
    Reliability,
    calibrated,
    find_temperature,
    reliability_of,
    temperature_of,
)

NAMES = ["noise", "a", "b"]


def too_sure(times, n=20_000):
    """Probabilities, the truth drawn from them, and the same made too sure of."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (n, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = np.eye(3)[(p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)]
    sure = np.exp(times * logits)
    return (sure / sure.sum(axis=1, keepdims=True)).astype(np.float32), targets.astype(np.float32)


@pytest.mark.parametrize("times", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_too_much_or_too_little_certainty(times):
    p, targets = too_sure(times)
    temperature = find_temperature(p, targets)
    assert temperature == pytest.approx(times, rel=0.05)
    told = reliability_of(p, targets, NAMES, temperature)
    assert all(told.after[name].error < 0.015 for name in (*NAMES, ALL))
    if times == 3.0:
        assert told.before[ALL].error > 0.08
    assert sum(told.before["a"].counts) == sum(told.after["a"].counts) == len(p)


def test_the_likeliest_class_stays_the_likeliest():
    p, _ = too_sure(1.0)
    for temperature in (0.2, 5.0):
        mended = calibrated(p, temperature)
        assert (mended.argmax(axis=1) == p.argmax(axis=1)).all()
        assert np.allclose(mended.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(calibrated(p, 1.0), p, atol=1e-5)


def test_samples_are_spread_over_the_stream_whatever_the_blocks():
    n, kept = 700_000, []
    for cuts in ((0, 300_001, n), (0, 7, 500_000, n)):
        samples = EvenSamples(n, 2)
        for start, stop in pairwise(cuts):
            rows = np.arange(start, stop, dtype=np.float32)[:, None].repeat(2, axis=1)
            samples.add(rows, rows)
        kept.append(samples.kept()[0])
    assert np.array_equal(*kept)
    assert len(kept[0]) <= 2**18
    assert set(np.diff(kept[0][:, 0])) == {3.0}


def test_it_comes_back_as_it_was_and_nonsense_is_refused():
    told = reliability_of(*too_sure(1.0, 1000), NAMES, 1.5)
    assert Reliability.from_dict(told.as_dict()) == told
    assert find_temperature(np.zeros((0, 3)), np.zeros((0, 3))) is None
    damaged = told.as_dict()
    damaged["after"]["a"]["true"][9] = 1e9
    for nonsense in (damaged, {**told.as_dict(), "temperature": 0}, {}, None, 5):
        with pytest.raises(ValueError, match="its reliability"):
            Reliability.from_dict(nonsense)


@pytest.mark.parametrize("told", [None, "warm", 0, -1, 1e9, True, float("nan")])
def test_a_temperature_that_cannot_be_counts_as_none(told):
    assert temperature_of({"dss_widgets": {"temperature": told}}) is None
