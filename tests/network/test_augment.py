"""Random variations of training audio, measured on what comes out."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.network.augment import DROP_SHARE, GAIN_DECIBEL, MIX, SNR_DECIBEL, TONE_DECIBEL, vary
from dss_widgets.network.batches import SplitReader, TrainingBatches
from dss_widgets.network.rows import Rows

RNG = np.random.default_rng(0)
AUDIO = (RNG.normal(size=(400, 512, 3)) * RNG.uniform(0.001, 1, (400, 1, 1))).astype(np.float32)
"""Chunks of unlike loudness."""
NOISE_ONLY = np.tile(np.float32([1, 0]), (400, 128, 1))
OF_AUDIO = ["gain", "noise", "polarity", "channel_drop", "mix_noise", "microphone"]


def varied(*names, audio=AUDIO, targets=NOISE_ONLY, seed=1, step=3):
    return vary(names, seed)(tf.constant(audio), tf.constant(targets[: len(audio)]), tf.constant(step)).numpy()


def power(audio):
    return np.square(audio, dtype=np.float64).mean(axis=(1, 2))


def assert_evenly_spread(values, low, high):
    """Every quarter of the range has about a quarter of the values, and nothing has none."""
    counts, _ = np.histogram(values, np.linspace(low, high, 5))
    assert counts.sum() == len(values), f"{values.min()} to {values.max()}"
    assert (np.abs(counts / len(values) - 0.25) < 0.1).all(), counts


@pytest.mark.parametrize("names", [[], ["time_shift"]])
def test_nothing_chosen_changes_nothing(names):
    assert vary(names, 1) is None


@pytest.mark.parametrize("name", OF_AUDIO)
def test_a_variation_depends_on_seed_and_step_and_on_nothing_else(name):
    one = varied(name)
    assert np.array_equal(one, varied(name))
    assert not np.array_equal(one, varied(name, step=4))
    assert not np.array_equal(one, varied(name, seed=2))
    assert one.shape == AUDIO.shape


@pytest.mark.parametrize("name", OF_AUDIO)
@given(loudness=st.floats(1e-3, 1e3), n_chunks=st.integers(1, 9), step=st.integers(0, 10**6))
def test_louder_recordings_are_varied_in_the_same_way(name, loudness, n_chunks, step):
    audio = AUDIO[:n_chunks]
    found = varied(name, audio=audio * np.float32(loudness), step=step)
    np.testing.assert_allclose(found, varied(name, audio=audio, step=step) * loudness, rtol=1e-4, atol=1e-4 * loudness)


@pytest.mark.parametrize("name", OF_AUDIO)
def test_digital_silence_stays_silent(name):
    assert not varied(name, audio=np.zeros_like(AUDIO)).any()


def test_gain_is_one_factor_a_chunk_spread_over_its_range():
    factors = varied("gain") / AUDIO
    assert (factors.std(axis=(1, 2)) < 1e-4 * factors.mean(axis=(1, 2))).all()
    assert_evenly_spread(20 * np.log10(factors.mean(axis=(1, 2))), -GAIN_DECIBEL, GAIN_DECIBEL)


def test_polarity_turns_half_of_the_chunks_around_and_changes_nothing_else():
    signs = varied("polarity") / AUDIO
    assert set(np.unique(signs)) == {-1, 1}
    assert (signs == signs[:, :1, :1]).all()
    assert (signs[:, 0, 0] < 0).mean() == pytest.approx(0.5, abs=0.1)


def test_noise_is_added_to_half_of_the_chunks_at_the_ratios_that_are_stated():
    added = varied("noise").astype(np.float64) - AUDIO
    noisy = added.any(axis=(1, 2))
    assert noisy.mean() == pytest.approx(0.5, abs=0.1)
    ratios = 10 * np.log10(power(AUDIO[noisy]) / power(added[noisy]))
    least, most = SNR_DECIBEL
    assert_evenly_spread(ratios, least - 0.5, most + 0.5)  # power of so few samples is known to half a decibel
    white = added[noisy] / np.sqrt(power(added[noisy]))[:, None, None]
    assert np.abs((white[:, 1:] * white[:, :-1]).mean()) < 0.01
    assert np.abs((white[:, :, 0] * white[:, :, 1]).mean()) < 0.01


def test_the_stated_share_of_channels_is_silenced_and_others_are_left_as_they_are():
    audio = np.concatenate([AUDIO] * 3, axis=2)
    found = varied("channel_drop", audio=audio)
    silent = (found == 0).all(axis=1)
    assert silent.mean() == pytest.approx(DROP_SHARE, abs=0.02)
    assert np.array_equal(found, audio * ~silent[:, None])
    assert np.ptp(silent.sum(axis=1)) > 2, "each channel by itself"


@given(n_channels=st.integers(1, 3), step=st.integers(0, 10**6))
def test_never_are_all_channels_silenced(n_channels, step):
    audio = AUDIO[..., :n_channels]
    assert varied("channel_drop", audio=audio, step=step).any(axis=(1, 2)).all()


def test_noise_of_another_chunk_is_mixed_in_at_the_levels_that_are_stated():
    added = varied("mix_noise").astype(np.float64) - AUDIO
    others = np.roll(AUDIO, 1, axis=0)
    levels = (added * others).sum(axis=(1, 2)) / (others.astype(np.float64) ** 2).sum(axis=(1, 2))
    assert_evenly_spread(levels, MIX[0], MIX[1])
    np.testing.assert_allclose(added, others * levels[:, None, None], atol=1e-5)


def test_only_noise_is_mixed_in_never_song():
    song = np.tile(np.float32([0, 1]), (400, 128, 1))
    assert np.array_equal(varied("mix_noise", targets=song), AUDIO)
    half = NOISE_ONLY.copy()
    half[:, 64:] = [0, 1]
    changed = np.abs(varied("mix_noise", targets=half) - AUDIO).max(axis=(0, 2)) > 0
    assert changed[:256].all()
    assert not changed[256:].any()


def test_a_chunk_alone_in_its_batch_gets_no_noise_of_its_own():
    assert np.array_equal(varied("mix_noise", audio=AUDIO[:1]), AUDIO[:1])


def batches(*, shift, n_samples=100_000, boundary=10, hop=4):
    place = np.arange(n_samples, dtype=np.float32)[:, None]
    reader = SplitReader(Rows(place), Rows(np.hstack([place, -place])), 100, hop)
    return TrainingBatches(reader, boundary, 4, 1.0, 1, shift=shift)


def test_a_time_shift_moves_chunks_by_up_to_half_their_stride_anew_in_every_epoch():
    moves = {epoch: batches(shift=True).order(epoch) - batches(shift=False).order(epoch) for epoch in (1, 2)}
    assert_evenly_spread(moves[1], -40, 40)
    assert not np.array_equal(moves[1], moves[2])


@given(n_samples=st.integers(100, 1000), boundary=st.integers(0, 20), epoch=st.integers(1, 50))
def test_targets_are_shifted_with_their_audio_and_chunks_stay_within_it(n_samples, boundary, epoch):
    moving = batches(shift=True, n_samples=n_samples, boundary=boundary, hop=1)
    starts = moving.order(epoch)
    audio, targets, _ = moving.read(starts)
    assert np.array_equal(audio[..., 0], starts[:, None] + np.arange(100))
    assert np.array_equal(targets[..., 0], audio[..., 0])


def test_targets_of_frames_are_those_of_the_shifted_samples():
    moving = batches(shift=True, boundary=0)
    audio, targets, _ = moving.read(moving.order(1)[:8])
    np.testing.assert_allclose(targets[..., 0], audio[..., 0].reshape(8, 25, 4).mean(axis=2))


@pytest.mark.slow
def test_training_with_every_variation_gives_the_same_loss_twice(options, train):
    options = options.copy(augmentations=[*OF_AUDIO, "time_shift"], epochs=1)
    assert train(options, "a").result.history["loss"] == train(options, "b").result.history["loss"]


@pytest.mark.slow
def test_what_is_learned_from_is_varied_and_what_validates_is_not(options, train):
    options = options.copy(epochs=1, learning_rate=1e-9)  # so that all have the same network
    chosen = {"plain": [], "shifted": ["time_shift"], "noisy": ["noise"]}
    history = {name: train(options.copy(augmentations=names), name).result.history for name, names in chosen.items()}
    assert len({round(values["loss"][0], 5) for values in history.values()}) == 3
    for values in history.values():
        assert values["val_loss"] == pytest.approx(history["plain"]["val_loss"], rel=1e-5)


def test_another_microphone_colours_every_other_chunk_smoothly_and_all_its_channels_alike():
    audio = np.random.default_rng(1).normal(size=(400, 512, 3)).astype(np.float32)
    found = varied("microphone", audio=audio)
    ratio = np.fft.rfft(found, axis=1) / np.fft.rfft(audio, axis=1)
    decibel = 20 * np.log10(np.abs(ratio))
    coloured = np.ptp(decibel, axis=(1, 2)) > 0.1
    assert 0.4 < coloured.mean() < 0.6
    np.testing.assert_allclose(found[~coloured], audio[~coloured], atol=1e-5)
    assert np.abs(decibel).max() <= TONE_DECIBEL + 0.01
    assert np.abs(np.angle(ratio)).max() < 0.01, "nothing is shifted in time"
    np.testing.assert_allclose(decibel, decibel[..., :1].repeat(3, axis=2), atol=0.05)
    assert np.abs(np.diff(decibel[:, 16:], axis=1)).max() < 2 * TONE_DECIBEL * np.log2(17 / 16) + 0.1, "no jumps"
    assert_evenly_spread(decibel[coloured, 256, 0], -TONE_DECIBEL, TONE_DECIBEL)


@pytest.mark.parametrize("n", [1, 2, 3, 511])
def test_chunks_of_any_length_can_be_coloured(n):
    assert varied("microphone", audio=AUDIO[:, :n], targets=NOISE_ONLY[:, :1]).shape == (400, n, 3)
