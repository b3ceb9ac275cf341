"""What the network is given: every chunk once an epoch, the right targets, little memory."""

import os
from contextlib import closing
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.errors import DataError
from dss_widgets.network.batches import SplitReader, TrainingBatches, ValidationBatches, choose_fraction, class_weights
from dss_widgets.network.chunks import ChunkGrid
from dss_widgets.network.rows import Rows


def reader(n_samples=1000, *, duration=100, hop=1, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    x = np.arange(n_samples, dtype=np.float32)[:, None]
    y = rng.dirichlet(np.ones(n_classes), n_samples).astype(np.float32)
    return SplitReader(Rows(x), Rows(y), duration, hop)


def training(source=None, *, boundary=10, batch_size=4, fraction=1.0, seed=1):
    return TrainingBatches(source or reader(), boundary, batch_size, fraction, seed)


def test_an_epoch_visits_every_chunk_exactly_once():
    batches = training()
    for epoch in (1, 2, 3):
        assert sorted(batches.order(epoch)) == batches.starts.tolist()


def test_the_stream_of_batches_goes_through_epoch_after_epoch():
    batches = training()
    stream = iter(batches.stream())
    for epoch in (1, 2):
        firsts = [start for _ in range(len(batches)) for start in next(stream)[0].numpy()[:, 0, 0].astype(int)]
        assert firsts == batches.order(epoch).tolist()


def test_the_order_differs_between_epochs_and_seeds_and_is_the_same_for_a_seed():
    batches = training()
    assert batches.order(1).tolist() != batches.order(2).tolist()
    assert batches.order(1).tolist() == training().order(1).tolist()
    assert batches.order(1).tolist() != training(seed=2).order(1).tolist()


def test_a_stream_can_begin_at_a_later_epoch():
    first = next(iter(training().stream(3)))[0].numpy()[:, 0, 0].astype(int)
    assert first.tolist() == training().order(3)[:4].tolist()


def test_a_stream_can_begin_within_an_epoch_and_reads_nothing_of_what_came_before(monkeypatch):
    batches, read, original = training(reader(20_000)), [], SplitReader.read

    def noting(self, starts, counted, own):
        read.extend(starts.tolist())
        return original(self, starts, counted, own)

    monkeypatch.setattr(SplitReader, "read", noting)
    with closing(batches.stream(3, step=20)) as stream:
        first = next(stream)[0].numpy()[:, 0, 0].astype(int)
    assert first.tolist() == batches.order(3)[80:84].tolist()
    assert set(read) <= set(batches.order(3)[80:])
    assert next(batches.stream(3, step=len(batches)))[0].numpy()[0, 0, 0] == batches.order(4)[0]


@pytest.mark.parametrize("hop", [1, 10])
@pytest.mark.parametrize("own", [slice(2), slice(1, 3), slice(0, 0), slice(None)])
def test_of_a_batch_that_others_share_only_the_own_chunks_are_read(monkeypatch, hop, own):
    source, read, original = reader(hop=hop), [], Rows.read
    whole = training(source)
    shared = replace(whole, own=lambda _n_chunks: own)
    starts = whole.order(1)[:4]
    wanted = whole.read(starts)
    monkeypatch.setattr(Rows, "read", lambda self, start, stop: read.append(start) or original(self, start, stop))
    for found, all_of_it in zip(shared.read(starts), wanted, strict=True):
        assert found.dtype == all_of_it.dtype
        assert found.shape == all_of_it.shape
        np.testing.assert_array_equal(found[own], all_of_it[own])
        assert not np.delete(found, np.arange(4)[own], axis=0).any()
    assert set(read) == set(starts[own].tolist())


def test_what_cannot_be_read_is_told_as_such(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((1000, 1), np.float16))
    x = Rows(np.load(tmp_path / "x.npy", mmap_mode="r"))
    os.truncate(tmp_path / "x.npy", 1000)
    batches = training(SplitReader(x, Rows(np.zeros((1000, 3))), 100, 1))
    with pytest.raises(DataError, match=r"x\.npy: was cut short while it was used: it ends before sample \d+ of 1000"):
        list(islice(batches.stream(), len(batches)))


def test_the_last_batch_of_an_epoch_keeps_the_chunks_that_are_left():
    batches = training(batch_size=5)
    stream = iter(batches.stream())
    sizes = [len(next(stream)[0]) for _ in range(len(batches))]
    assert sum(sizes) == len(batches.starts)


def test_boundaries_count_nothing():
    _, _, weights = training().read(np.array([80, 160]))
    assert weights[:, :10].sum() == weights[:, -10:].sum() == 0
    assert (weights[:, 10:-10] == 1).all()


def test_where_the_split_ends_its_last_value_continues_and_counts_nothing():
    audio, targets, weights = training(reader(90)).read(np.array([0]))
    assert audio[0, :, 0].tolist() == [*range(90), *[89] * 10]
    assert (targets[0, 90:] == 0).all()
    assert weights[0].sum() == 80
    assert (weights[0, 90:] == 0).all()


def test_a_frame_has_the_mean_target_of_its_samples():
    source = reader(duration=96, hop=8)
    audio, targets, weights = training(source, boundary=0).read(np.array([5]))
    assert audio[0, :, 0].tolist() == list(range(5, 101))
    assert targets[0, 2] == pytest.approx(source.y.read(21, 29).mean(axis=0))
    assert (weights == 1).all()


def test_a_frame_of_which_only_a_part_counts_weighs_as_much_less():
    source = reader(duration=96, hop=8)
    _, targets, weights = training(source, boundary=12).read(np.array([0]))
    assert weights[0, :3].tolist() == [0, 0.5, 1]
    assert targets[0, 1] == pytest.approx(source.y.read(12, 16).mean(axis=0))


def test_the_loss_at_the_frame_rate_is_that_at_the_sample_rate():
    source = reader(duration=96, hop=8)
    _, pooled, weights = training(source, boundary=12).read(np.array([0]))
    log_p = np.log(np.random.default_rng(3).dirichlet(np.ones(3), 12))
    by_frame = -(pooled[0] * log_p).sum(axis=1) @ weights[0] * 8
    by_sample = -(source.y.read(12, 84) * np.repeat(log_p, 8, axis=0)[12:84]).sum()
    assert by_frame == pytest.approx(by_sample, rel=1e-5)


def validation(source, *, boundary=10, batch_size=4, fraction=1.0):
    grid = ChunkGrid(len(source.x), source.duration, boundary)
    return ValidationBatches(source, grid, batch_size, fraction, 1)


def test_validation_can_begin_at_any_batch():
    batches = validation(reader(1000))
    whole = [audio.numpy() for audio, _, _ in batches.stream()]
    for step in (0, 1, len(batches)):
        rest = [audio.numpy() for audio, _, _ in batches.stream(step)]
        assert [audio.tolist() for audio in rest] == [audio.tolist() for audio in whole[step:]]


@pytest.mark.parametrize("n_samples", [1, 9, 50, 99, 101, 333, 1000])
def test_validation_counts_every_sample_once_also_where_there_is_less_than_a_batch_or_a_chunk(n_samples):
    batches = validation(reader(n_samples))
    counted = [weights.numpy() for _, _, weights in batches.stream()]
    assert sum(weights.sum() for weights in counted) == n_samples
    assert len(counted) == len(batches) > 0


def test_a_fraction_chooses_some_chunks_for_good_and_at_least_one():
    half = training(fraction=0.5)
    assert len(half.starts) == np.ceil(len(training().starts) / 2)
    assert set(half.starts) <= set(training().starts)
    assert half.starts.tolist() == training(fraction=0.5).starts.tolist()
    assert half.starts.tolist() != training(fraction=0.5, seed=2).starts.tolist()
    assert len(training(fraction=1e-6).starts) == 1
    assert len(validation(reader(), fraction=1e-6).chunks) == 1


def test_class_weights_are_by_inverse_frequency_with_a_mean_of_one():
    y = np.zeros((1000, 3), np.float16)
    y[:800, 0], y[800:, 1] = 1, 1
    weights = class_weights(Rows(y))
    assert weights[1] / weights[0] == pytest.approx(4)
    assert (y @ weights).mean() == pytest.approx(1, rel=1e-3)


def test_the_weight_of_a_class_that_does_not_occur_is_finite():
    y = np.zeros((10, 3), np.float16)
    y[:, 0] = 1
    assert class_weights(Rows(y)).tolist() == [1, 1, 1]


def test_rows_of_a_mapped_file_are_read_without_keeping_them_in_memory(tmp_path):
    array = np.random.default_rng(0).normal(size=(1000, 3)).astype(np.float16)
    np.save(tmp_path / "y.npy", array)
    rows = Rows(np.load(tmp_path / "y.npy", mmap_mode="r"))
    assert rows._file is not None
    assert np.array_equal(rows.read(10, 500), array[10:500])
    assert rows.read(990, 2000).shape == (10, 3)
    assert rows.read(2000, 3000).shape == (0, 3)
    assert np.array_equal(Rows(np.load(tmp_path / "y.npy", mmap_mode="r")[10:]).read(0, 5), array[10:15])


@settings(deadline=None)
@given(
    holds=st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=40).map(np.array),
    fractions=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted),
    seed=st.integers(0, 9),
)
def test_a_smaller_fraction_is_part_of_a_larger_one_and_keeps_every_type_that_it_has_room_for(holds, fractions, seed):
    small, large = (choose_fraction(len(holds), fraction, [seed], holds) for fraction in fractions)
    assert set(small) <= set(large)
    assert small.tolist() == sorted(set(small.tolist()))
    occurring = holds.any(axis=0)
    if len(small) >= occurring.sum():
        assert (holds[small].any(axis=0) == occurring).all()
