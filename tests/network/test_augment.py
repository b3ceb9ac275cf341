"""Random variations of training audio."""

import numpy as np
import pytest
import tensorflow as tf

from dss_widgets.network.augment import DROP_SHARE, GAIN_DECIBEL, vary
from dss_widgets.network.batches import SplitReader, TrainingBatches
from dss_widgets.network.rows import Rows

RNG = np.random.default_rng(0)
AUDIO = RNG.normal(size=(16, 64, 4)).astype(np.float32)
NOISE_ONLY = np.tile(np.float32([1, 0]), (16, 16, 1))


def varied(*names, audio=AUDIO, targets=NOISE_ONLY, seed=1, step=3):
    return vary(names, seed)(tf.constant(audio), tf.constant(targets), tf.constant(step)).numpy()


def test_nothing_chosen_changes_nothing():
    assert np.array_equal(varied(), AUDIO)


@pytest.mark.parametrize("name", ["gain", "noise", "polarity", "channel_drop", "mix_noise"])
def test_a_variation_depends_on_seed_and_step_and_on_nothing_else(name):
    one = varied(name)
    assert np.array_equal(one, varied(name))
    assert not np.array_equal(one, varied(name, step=4))
    assert not np.array_equal(one, varied(name, seed=2))
    assert one.shape == AUDIO.shape


def test_gain_is_one_factor_a_chunk_within_its_bounds():
    factors = varied("gain") / AUDIO
    assert factors.std(axis=(1, 2)).max() < 1e-4
    assert np.abs(20 * np.log10(factors)).max() <= GAIN_DECIBEL + 1e-3
    assert factors.std() > 0.1


def test_polarity_turns_some_chunks_around():
    signs = (varied("polarity") / AUDIO).mean(axis=(1, 2))
    assert set(np.round(signs).astype(int)) == {-1, 1}


def test_noise_is_added_to_some_chunks_only():
    changed = np.abs(varied("noise") - AUDIO).max(axis=(1, 2)) > 0
    assert 0 < changed.sum() < len(changed)


def test_dropped_channels_are_silent_and_a_single_channel_never_is():
    silent = (varied("channel_drop") == 0).all(axis=1)
    assert 0 < silent.mean() < 3 * DROP_SHARE
    single = AUDIO[..., :1]
    assert np.array_equal(varied("channel_drop", audio=single), single)


def test_only_noise_is_mixed_in_never_song():
    song = np.tile(np.float32([0, 1]), (16, 16, 1))
    assert np.array_equal(varied("mix_noise", targets=song), AUDIO)
    half = NOISE_ONLY.copy()
    half[:, 8:] = [0, 1]
    changed = np.abs(varied("mix_noise", targets=half) - AUDIO).max(axis=(0, 2)) > 0
    assert changed[:32].all()
    assert not changed[32:].any()


def test_a_time_shift_moves_chunks_within_the_audio_by_less_than_their_stride():
    reader = SplitReader(Rows(np.zeros((1000, 1))), Rows(np.zeros((1000, 2))), 100, 1)
    still, moving = (TrainingBatches(reader, 10, 4, 1.0, 1, shift=shift) for shift in (False, True))
    difference = moving.order(1) - still.order(1)
    assert 0 < np.abs(difference).max() <= 40
    assert moving.order(1).min() >= 0
    assert moving.order(1).max() <= 900


def test_training_with_every_variation_gives_the_same_weights_twice(options, train):
    everything = ["gain", "noise", "time_shift", "polarity", "channel_drop", "mix_noise"]
    runs = [train(options.copy(augmentations=everything, epochs=1), name) for name in ("a", "b")]
    plain = train(options.copy(epochs=1), "c")
    losses = [run.result.history["loss"][0] for run in (*runs, plain)]
    assert losses[0] == losses[1] != losses[2]
