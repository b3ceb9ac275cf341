"""Resampling: no drift, no dependence on blocks, along time and not along channels, at any rates."""

import numpy as np
import pytest

from dss_widgets.dataset.recordings.array_files import recording_of
from dss_widgets.dataset.recordings.resampling import resampled, resampled_length
from dss_widgets.errors import DataError

RATES = [(11025, 22050), (44100, 11025), (44101, 44100), (32000, 44100), (10000, 12345.678), (250000, 2500), (2500, 250000)]


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_tone_is_the_same_tone_at_another_rate(source, target):
    frequency = min(source, target) / 8
    tone = np.sin(2 * np.pi * frequency * np.arange(round(source)) / source)
    found = resampled(recording_of(tone, source, "tone"), target).read()[:, 0]
    expected = np.sin(2 * np.pi * frequency * np.arange(len(found)) / target)
    middle = slice(len(found) // 4, -len(found) // 4)
    np.testing.assert_allclose(found[middle], expected[middle], atol=1e-3)


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_block_has_the_same_values_as_the_whole(source, target):
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (round(source), 2))
    recording = resampled(recording_of(audio, source, "noise"), target)
    n, together = recording.n_samples, recording.read()
    for start, stop in [(0, 10), (n // 3, n // 3 + 777), (n - 5, n)]:
        np.testing.assert_allclose(recording.read(start, min(stop, n)), together[start:stop], atol=2e-6)


def test_an_hour_at_11025_hz_does_not_drift():
    assert resampled_length(11025 * 3600, 11025, 22050) == 22050 * 3600
    assert resampled_length(44101 * 3600, 44101, 44100) == 44100 * 3600
    assert resampled_length(44100 * 3600, 44100, 11025) == 11025 * 3600


def test_a_click_late_in_a_recording_stays_where_it_is():
    audio = np.zeros(11025 * 60)
    audio[11025 * 59] = 1
    found = resampled(recording_of(audio, 11025, "click"), 32000)
    part = found.read(32000 * 58, 32000 * 60)[:, 0]
    assert int(np.argmax(part)) == 32000


def test_channels_stay_apart():
    audio = np.column_stack([np.ones(1000), np.zeros(1000)])
    found = resampled(recording_of(audio, 1000, "two"), 500).read()
    assert found.shape == (500, 2)
    assert not found[:, 1].any()


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize(("source", "target"), [(44100, 100), (100, 44100), (44100, 22050), (44100, 44101)])
def test_the_shortest_recordings_are_resampled_and_none_vanishes(n, source, target):
    recording = resampled(recording_of(np.ones(n), source, "short"), target)
    assert recording.read().shape == (recording.n_samples, 1)
    assert (recording.n_samples > 0) == (n > 0)


def test_the_same_rate_is_the_same_recording():
    recording = recording_of(np.ones(10), 100, "same")
    assert resampled(recording, 100.0) is recording


def test_rates_that_are_all_but_equal_do_not_drift():
    rate = 31_999.99
    audio = np.zeros(round(rate * 600))
    audio[round(rate * 599)] = 1
    found = resampled(recording_of(audio, rate, "click"), 32_000).read(32_000 * 598, 32_000 * 600)[:, 0]
    assert int(np.argmax(found)) == pytest.approx(32_000, abs=1)


@pytest.mark.parametrize("rates", [(2**31 - 1, 1), (1, 10_000_000), (10_000, 9)])
def test_rates_that_are_worlds_apart_are_refused(rates):
    with pytest.raises(DataError, match=r"its sample rate of .* Hz cannot be changed to .* Hz. Is its header damaged"):
        resampled(recording_of(np.full(50, 0.5), rates[0], "a"), rates[1])
