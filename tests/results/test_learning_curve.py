"""Learning curves: what they say is what the numbers say, with how certain that is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.results.learning_curve import LearningCurve, Point


def curve(law, *, amounts=4, repeats=2, noise=0.0, seconds=100.0):
    """Return a curve of which the error is a law of the share of the data, but for some noise."""
    rng = np.random.default_rng(0)
    points = [
        Point(2.0**-k, seconds * 2.0**-k, repeat, float(1 - law(2.0**-k) + rng.normal(0, noise)))
        for k in range(amounts)
        for repeat in range(repeats)
    ]
    return LearningCurve("net", tuple(points))


def power(x):
    return 0.1 * x**-0.5


@pytest.mark.slow
@settings(max_examples=15)
@given(st.floats(0.02, 0.2), st.floats(0.2, 1), st.floats(0, 0.1))
def test_a_law_without_noise_is_gone_on_with(a, b, c):
    found = curve(lambda x: a * x**-b + c, amounts=5)
    likely, low, high = found.score(200)
    assert likely == pytest.approx(1 - a * 2**-b - c, abs=0.004)
    assert low <= likely <= high
    assert high - low < 0.01


def test_noise_makes_what_is_told_less_certain():
    widths = []
    for noise in (0.001, 0.02):
        _, low, high = curve(power, noise=noise).score(200)
        widths.append(high - low)
    assert widths[1] > 3 * widths[0]


def test_the_amount_that_reaches_a_score():
    found = curve(power, amounts=6)
    likely, low, high = found.seconds_for(0.95)
    assert likely == pytest.approx(400, rel=0.05)
    assert low <= likely <= high
    assert found.seconds_for(0.9) == pytest.approx((100, 100, 100), rel=0.02)
    assert found.seconds_for(0.99) is None, "it would take a hundred times as much"


def test_what_cannot_be_reached_is_said():
    found = curve(lambda x: 0.02 * x**-0.5 + 0.1, amounts=6)
    assert found.seconds_for(0.95) is None
    assert any("ten times as much would not be enough" in line for line in found.words(0.95))


def test_the_words_tell_gain_need_and_doubt():
    told = " ".join(curve(power, amounts=6).words(0.95))
    assert "With all of the training data (100 s of audio) macro F1 is about 0.900" in told
    assert "with twice as much it is likely 0.929" in told
    assert "To reach 0.95 it likely takes 6." in told
    assert "min of audio" in told
    assert "already" in " ".join(curve(power, amounts=6).words(0.8))
    assert "would hardly help" in " ".join(curve(lambda _x: 0.05).words())
    assert "take it with care" in " ".join(curve(power, noise=0.08, repeats=4).words())


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.floats(0.02, 0.2), st.floats(0.4, 1), st.floats(0, 0.3))
def test_where_a_curve_levels_off_is_found_and_what_reaches_most_of_it(a, b, c):
    found = curve(lambda x: a * x**-b + c, amounts=7)
    assert found.plateau[0] == pytest.approx(1 - c, abs=0.02)
    assert found.plateau[1] <= found.plateau[0] <= found.plateau[2]
    assert "levels off near" in found.words()[-2]


def test_few_trainings_are_told_to_say_nothing_of_how_certain_it_is():
    assert "3 trainings do not tell how certain that is" in " ".join(curve(power, amounts=3, repeats=1).words())
    assert "do not tell" not in " ".join(curve(power, amounts=3, repeats=2).words())


def test_plain_values_make_the_same_curve_and_others_are_an_error():
    found = curve(power)
    told = found.as_dict()
    assert LearningCurve.of("net", told["points"]) == found
    assert told["macro_f1_with_twice_as_much"]["likely"] == pytest.approx(1 - power(2), abs=0.01)
    with pytest.raises(TypeError):
        LearningCurve.of("net", [{"fraction": 1}])


def test_perfect_scores_are_no_trouble():
    found = curve(lambda _x: 0.0)
    assert found.score(200)[0] == pytest.approx(1, abs=1e-3)
    assert math.isfinite(found.score(200)[1])
