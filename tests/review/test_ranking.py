"""Where to look first: sums, candidates, oddities and rankings, on probabilities made for the purpose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.errors import DataError
from dss_widgets.review import Stretch, read_stretches, write_stretches
from dss_widgets.review.candidates import candidates
from dss_widgets.review.oddities import oddities
from dss_widgets.review.rankings import RANKINGS, ranked
from dss_widgets.review.windows import WindowSums, matched_columns

NAMES = ["noise", "a", "b"]
SURE_NOISE, SURE_A, SURE_B, A_OR_B = [0.98, 0.01, 0.01], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.52, 0.48]


def summed(*rows, rate=10.0, window=5, others=None):
    """Windows of half a second, of (probabilities, number of rows)."""
    sums = WindowSums(len(NAMES), rate, window)
    whole = np.concatenate([np.tile(values, (n, 1)) for values, n in rows])
    sums.add(whole, None if others is None else np.concatenate([np.tile(values, (n, 1)) for values, n in others]))
    return sums.finish()


def found_in(by, *, known=None, without=None, odd=None, count=3, **recordings):
    odd = odd or {}
    return ranked(candidates(recordings, odd, NAMES, known=known, without=without), by, count, odd)


@given(cuts=st.lists(st.integers(1, 40), max_size=6), n=st.integers(1, 120), window=st.integers(1, 30))
def test_sums_do_not_depend_on_the_blocks_and_lose_nothing(cuts, n, window):
    values = np.random.default_rng(n).dirichlet([1, 1, 1], n)
    whole, parts = WindowSums(3, 100.0, window), WindowSums(3, 100.0, window)
    whole.add(values)
    for part in np.split(values, np.cumsum(cuts)):
        parts.add(part)
    one, other = whole.finish(), parts.finish()
    assert one.seconds.sum() == pytest.approx(n / 100)
    np.testing.assert_allclose(one.by_class.sum(axis=0), values.sum(axis=0) / 100)
    for name in vars(one):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-12)


def test_the_stretch_in_which_the_network_wavers_comes_first_and_says_between_what():
    told = summed((SURE_A, 40), (A_OR_B, 20), (SURE_NOISE, 40))
    first = found_in("uncertainty", rec=told)[0]
    assert (first.recording, first.start_seconds, first.stop_seconds, first.worth) == ("rec", 4.0, 6.0, 1.0)
    assert "'b' or 'a'" in first.reason


def test_what_little_is_known_of_comes_first():
    told = summed((SURE_A, 40), (SURE_B, 20), (SURE_NOISE, 40))
    first = found_in("rare", rec=told, known=np.array([100.0, 50.0, 1.0]))[0]
    assert (first.start_seconds, first.stop_seconds) == (4.0, 6.0)
    assert first.reason.startswith("'b'")


def test_of_two_equal_doubts_the_rarer_type_comes_first():
    a_or_noise, b_or_noise = [0.5, 0.5, 0.0], [0.5, 0.0, 0.5]
    told = summed((SURE_NOISE, 20), (a_or_noise, 20), (SURE_NOISE, 20), (b_or_noise, 20))
    assert found_in("unsure-rare", rec=told, known=np.array([100.0, 50.0, 1.0]))[0].start_seconds == 6.0


def test_where_two_networks_differ_comes_first():
    told = summed((SURE_A, 60), others=[(SURE_A, 20), (SURE_B, 20), (SURE_A, 20)])
    first = found_in("disagreement", rec=told)[0]
    assert (first.start_seconds, first.stop_seconds) == (2.0, 4.0)
    assert "'a' to one, 'b' to the other" in first.reason


def test_an_odd_duration_comes_first_and_says_why():
    usual = [("a", t, t + 0.1) for t in np.arange(0, 9, 0.3)]
    odd = oddities({"rec": Annotations.of([*usual, ("a", 9.2, 9.9)])})
    (first, *_) = found_in("odd", rec=summed((SURE_A, 100)), odd=odd)
    assert first.start_seconds <= 9.2 < first.stop_seconds
    assert first.reason == "'a' of 700 ms, where 100 ms are usual"


def test_a_rare_transition_is_odd():
    names = ["a", "b"] * 30 + ["b"] + ["a", "b"] * 5
    (odd,) = oddities({"rec": Annotations.of([(name, t / 10, t / 10 + 0.05) for t, name in enumerate(names)])})["rec"]
    assert (odd.time, odd.reason) == (pytest.approx(6.0), "'b' after 'b', which is rare")


@pytest.mark.parametrize("by", RANKINGS)
def test_stretches_do_not_overlap_and_are_spread_over_recordings(by):
    told = summed((A_OR_B, 100), others=[(SURE_B, 100)])
    odd = {
        name: oddities({"x": Annotations.of([("a", t / 2, t / 2 + 0.1) for t in range(18)] + [("a", 9.0, 9.9)])})["x"]
        for name in "rs"
    }
    chosen = found_in(by, r=told, s=told, odd=odd, count=6)
    assert {stretch.recording for stretch in chosen[:2]} == {"r", "s"}
    assert [stretch.worth for stretch in chosen] == sorted((stretch.worth for stretch in chosen), reverse=True)
    for i, one in enumerate(chosen):
        for other in chosen[:i]:
            assert (
                one.recording != other.recording
                or one.stop_seconds <= other.start_seconds
                or one.start_seconds >= other.stop_seconds
            )


def test_what_was_reviewed_is_not_asked_for_again():
    chosen = found_in("uncertainty", rec=summed((A_OR_B, 100)), without={"rec": [(0.0, 5.0)]}, count=9)
    assert [(s.start_seconds, s.stop_seconds) for s in sorted(chosen, key=lambda s: s.start_seconds)] == [
        (5.0, 7.0),
        (7.0, 9.0),
    ]


def test_a_recording_shorter_than_a_stretch_is_one_and_one_without_samples_none():
    (only,) = found_in("uncertainty", short=summed((A_OR_B, 7)), empty=WindowSums(3, 10.0, 5).finish())
    assert (only.recording, only.start_seconds, only.stop_seconds) == ("short", 0.0, 0.7)


def test_other_networks_columns_are_matched_by_name():
    assert matched_columns(["noise", "a", "b"], ["noise", "b", "c"]).tolist() == [0, -1, 1]


def test_a_list_of_stretches_is_kept_in_a_file(tmp_path):
    chosen = [Stretch("/data/\u00e4.wav", 0.5, 2.5, "unsure whether 'a' or \"b\"", 1.0)]
    assert read_stretches(write_stretches(tmp_path / "s.json", chosen)) == chosen


@pytest.mark.parametrize("text", ["", "{}x", "[1]", '[{"recording": "a"}]', "3"])
def test_a_damaged_list_is_told(text, tmp_path):
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(DataError, match="no list of stretches"):
        read_stretches(tmp_path / "s.json")
