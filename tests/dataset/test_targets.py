"""Targets: rows that sum to 1, the same in blocks as whole, and annotations that keep their number, place and length."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations
from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.targets import RecordingTargets, TargetRules, open_gaps

RATE = 1000.0
N = 2000
TYPES = (SongType("call", "segment"), SongType("pulse", "event"), SongType("sine", "segment"))
CALL, PULSE, SINE = 1, 2, 3


def targets_of(entries, *, rate: float = RATE, n: int = N, types=TYPES, **rules) -> RecordingTargets:
    return RecordingTargets(Annotations.of(entries), types, rate, n, TargetRules(**rules))


def whole(entries, **options) -> np.ndarray:
    found = targets_of(entries, **options)
    return found.block(0, found.n_samples)


def peaks(column: np.ndarray) -> np.ndarray:
    """Return the samples at which a column has a local maximum; of a flat one, its middle."""
    padded = np.concatenate([[0], column, [0]])
    rises = np.flatnonzero(np.diff(padded) != 0)
    tops = [(a + b - 1) / 2 for a, b in itertools.pairwise(rises) if padded[a] < padded[a + 1] > padded[b + 1]]
    return np.array(tops)


seconds = st.floats(0, N / RATE)
segments = st.lists(st.tuples(st.sampled_from(["call", "sine"]), seconds, st.floats(0, 0.5)), max_size=12).map(
    lambda found: [(name, start, min(N / RATE, start + duration)) for name, start, duration in found]
)
events = st.lists(seconds, max_size=12).map(lambda found: [("pulse", time, time) for time in found])
rules = st.fixed_dictionaries(
    {
        "event_width_seconds": st.sampled_from([0.0, 0.0004, 0.0016, 0.01]),
        "gap_seconds": st.sampled_from([0.0, 0.002, 0.1, 1.0]),
        "onset_offset_targets": st.booleans(),
    }
)


# --- what holds always


@given(segments, events, rules)
def test_every_row_sums_to_one_and_nothing_is_negative(segments, events, rules):
    found = whole(segments + events, **rules)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert found.min() >= 0


@given(segments, events, rules, st.integers(0, N), st.integers(0, N))
def test_any_block_equals_that_part_of_the_whole(segments, events, rules, one, other):
    start, stop = sorted((one, other))
    found = targets_of(segments + events, **rules)
    np.testing.assert_array_equal(found.block(start, stop), found.block(0, N)[start:stop])


@given(segments, events, rules, st.randoms(use_true_random=False))
def test_the_order_of_the_annotations_does_not_matter(segments, events, rules, random):
    entries = segments + events
    shuffled = random.sample(entries, len(entries))
    np.testing.assert_array_equal(whole(entries, **rules), whole(shuffled, **rules))


@given(st.lists(st.integers(0, N - 1), unique=True, max_size=15), st.sampled_from([0.0, 0.0004, 0.0016]))
def test_events_keep_their_number_and_place_as_long_as_they_are_five_widths_apart(samples, width):
    times = sorted(samples)
    assume(all(b - a >= max(2, 5 * width * RATE) for a, b in itertools.pairwise(times)))
    found = peaks(whole([("pulse", t / RATE, t / RATE) for t in times], event_width_seconds=width)[:, PULSE])
    assert len(found) == len(times)
    np.testing.assert_allclose(found, times, atol=1)


@given(segments, st.sampled_from([0.001, 0.02, 0.3, 5.0]))
def test_a_gap_never_takes_more_than_half_of_a_segment(segments, gap):
    onsets, offsets = (np.array([entry[i] for entry in segments], dtype=float) for i in (1, 2))
    trimmed_onsets, trimmed_offsets = open_gaps(onsets, offsets, gap)
    assert (trimmed_onsets >= onsets).all()
    assert (trimmed_offsets <= offsets).all()
    assert (trimmed_offsets - trimmed_onsets >= (offsets - onsets) / 2 - 1e-12).all()


# --- segments


def test_a_segment_labels_from_round_of_its_onset_to_round_of_its_offset():
    found = whole([("sine", 0.1004, 0.2006)])
    assert np.flatnonzero(found[:, SINE]).tolist() == list(range(100, 201))
    assert (found[100:201, SINE] == 1).all()
    assert (found[100:201, 0] == 0).all()


def test_a_segment_shorter_than_a_sample_labels_one():
    assert np.flatnonzero(whole([("sine", 0.1001, 0.1002)])[:, SINE]).tolist() == [100]


@pytest.mark.parametrize(("start", "stop", "expected"), [(0, 0.003, [0, 1, 2]), (1.998, 2.0, [1998, 1999]), (2.0, 2.0, [1999])])
def test_segments_at_the_ends_of_the_recording_stay_within_it(start, stop, expected):
    assert np.flatnonzero(whole([("sine", start, stop)])[:, SINE]).tolist() == expected


def test_a_segment_cut_by_a_block_is_in_both():
    found = targets_of([("sine", 0.4, 0.6)])
    assert found.block(0, 500)[:, SINE].sum() == 100
    assert found.block(500, 1000)[:, SINE].sum() == 100


# --- events


def test_an_event_is_a_gaussian_of_peak_one_and_the_chosen_width():
    column = whole([("pulse", 0.5, 0.5)], event_width_seconds=0.003)[:, PULSE]
    x = np.arange(N) - 500
    np.testing.assert_allclose(column, np.exp(-0.5 * (x / 3) ** 2), atol=1e-5)


def test_an_event_between_two_samples_is_centred_between_them():
    column = whole([("pulse", 0.5005, 0.5005)], event_width_seconds=0.003)[:, PULSE]
    assert column[500] == column[501]


def test_events_of_width_zero_are_single_samples():
    assert np.flatnonzero(whole([("pulse", 0.5, 0.5), ("pulse", 0.502, 0.502)], event_width_seconds=0)[:, PULSE]).tolist() == [
        500,
        502,
    ]


def test_two_pulses_10_ms_apart_stay_two_peaks_that_are_never_summed():
    column = whole([("pulse", 0.5, 0.5), ("pulse", 0.51, 0.51)], rate=10_000.0, n=20_000)[:, PULSE]
    assert peaks(column).tolist() == [5000, 5100]
    assert column.max() == 1
    alone = whole([("pulse", 0.5, 0.5)], rate=10_000.0, n=20_000)[:, PULSE]
    np.testing.assert_array_equal(column[:5050], alone[:5050])


@pytest.mark.parametrize(("time", "sample"), [(0.0, 0), (2.0, N - 1), (1.9999, N - 1)])
def test_events_at_the_very_ends_are_not_lost(time, sample):
    column = whole([("pulse", time, time)])[:, PULSE]
    assert int(np.argmax(column)) == sample
    assert column.max() > 0.9


def test_events_are_not_lost_at_a_rate_at_which_their_width_is_less_than_a_sample():
    column = whole([("pulse", 0.5021, 0.5021)], rate=250.0, n=500)[:, PULSE]
    assert column.max() == 1


# --- gaps


def edges(column: np.ndarray) -> list[tuple[int, int]]:
    changes = np.flatnonzero(np.diff(np.concatenate([[0], column, [0]]) != 0))
    return [(int(a), int(b)) for a, b in zip(changes[::2], changes[1::2], strict=True)]


def test_close_segments_of_one_type_are_both_trimmed_alike():
    column = whole([("sine", 0.1, 0.2), ("sine", 0.21, 0.3)], gap_seconds=0.02)[:, SINE]
    assert edges(column) == [(100, 195), (215, 300)]


def test_close_segments_of_different_types_are_both_trimmed_alike():
    found = whole([("sine", 0.1, 0.2), ("call", 0.2, 0.3)], gap_seconds=0.02)
    assert edges(found[:, SINE]) == [(100, 190)]
    assert edges(found[:, CALL]) == [(210, 300)]
    assert (found[190:210, 0] == 1).all()


def test_ends_without_a_near_neighbour_stay_where_they_are():
    column = whole([("sine", 0.1, 0.2), ("sine", 0.3, 0.4), ("sine", 1.98, 2.0)], gap_seconds=0.05)[:, SINE]
    assert edges(column) == [(100, 200), (300, 400), (1980, 2000)]


def test_events_never_cut_segments():
    entries = [("sine", 0.1, 0.2), ("pulse", 0.15, 0.15), ("pulse", 0.201, 0.201)]
    found = targets_of(entries, gap_seconds=0.05)
    assert edges(found.individual_block("sine", 0, N)[:, 1]) == [(100, 200)]


def test_a_gap_with_events_only_is_no_obstacle():
    assert len(peaks(whole([("pulse", 0.1, 0.1), ("pulse", 0.11, 0.11)], gap_seconds=0.05)[:, PULSE])) == 2


def test_a_gap_at_the_end_of_the_recording_is_no_obstacle():
    column = whole([("sine", 1.8, 1.9), ("sine", 1.901, 2.0)], gap_seconds=0.01)[:, SINE]
    assert edges(column) == [(1800, 1896), (1906, 2000)]


def test_overlapping_segments_have_no_gap_between_them_and_keep_their_overlap():
    found = targets_of([("sine", 0.1, 0.3), ("call", 0.2, 0.4)], gap_seconds=0.05)
    assert edges(found.individual_block("sine", 0, N)[:, 1]) == [(100, 300)]
    assert edges(found.individual_block("call", 0, N)[:, 1]) == [(200, 400)]


def test_a_short_segment_between_two_loses_half_in_all():
    onsets, offsets = open_gaps(np.array([0.0, 1.0, 1.2]), np.array([0.99, 1.1, 2.0]), 0.5)
    assert offsets[1] - onsets[1] == pytest.approx(0.05)


def test_gaps_between_8000_segments_are_little_work(counted_calls):
    onsets = np.arange(8000) * 0.1
    with counted_calls() as calls:
        open_gaps(onsets, onsets + 0.099, 0.01)
    assert calls.n < 250_000


# --- overlaps, individual targets, onsets and offsets


def test_types_that_overlap_share_the_probability():
    found = whole([("sine", 0.1, 0.3), ("call", 0.2, 0.4)])
    assert found[250].tolist() == [0, 0.5, 0, 0.5]
    assert found[150].tolist() == [0, 0, 0, 1]


def test_an_individual_target_ignores_the_other_types():
    found = targets_of([("sine", 0.1, 0.3), ("call", 0.2, 0.4)])
    found.block(0, N)
    assert found.individual_block("sine", 250, 251).tolist() == [[0, 1]]


def test_individual_targets_of_events_and_segments_sum_to_one():
    found = targets_of([("pulse", 0.5, 0.5), ("sine", 0.4, 0.6)])
    for name in ("pulse", "sine", "call"):
        np.testing.assert_allclose(found.individual_block(name, 0, N).sum(axis=1), 1)


def test_onset_and_offset_targets_are_events_at_the_ends_of_every_segment():
    found = targets_of([("sine", 0.1, 0.3), ("call", 0.5, 0.7), ("pulse", 0.9, 0.9)], onset_offset_targets=True)
    assert found.class_names == ["noise", "call", "pulse", "sine", "syllable_onset", "syllable_offset"]
    assert found.class_types == ["segment", "segment", "event", "segment", "event", "event"]
    assert peaks(found.individual_block("syllable_onset", 0, N)[:, 1]).tolist() == [100, 500]
    assert peaks(found.individual_block("syllable_offset", 0, N)[:, 1]).tolist() == [300, 700]


def test_noise_is_what_is_left():
    found = whole([("pulse", 0.5, 0.5)])
    np.testing.assert_allclose(found[:, 0], 1 - found[:, PULSE])
    assert whole([])[:, 0].tolist() == [1] * N


def test_a_recording_of_one_sample_has_targets():
    assert whole([("sine", 0, 0.001), ("pulse", 0, 0)], n=1)[0].tolist() == [0, 0, 0.5, 0.5]


def test_a_block_of_an_hour_with_30_types_takes_the_memory_of_the_block():
    types = [SongType(f"type{i:02}", "segment") for i in range(30)]
    song = [(f"type{i % 30:02}", i * 0.4, i * 0.4 + 0.3) for i in range(9000)]
    tracemalloc.start()
    try:
        found = targets_of(song, types=types, rate=44_100.0, n=3600 * 44_100)
        found.block(44_100 * 1800, 44_100 * 1801)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * 44_100 * 31 * 4
