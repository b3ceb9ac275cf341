"""Where chunks lie, and which samples count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.dry_check import chunks_in
from dss_widgets.network.chunks import ChunkGrid, training_starts
from dss_widgets.options import TrainingOptions


@given(st.integers(0, 5000), st.integers(0, 40), st.integers(1, 300))
def test_every_sample_counts_in_exactly_one_chunk_which_contains_it(n_samples, boundary, stride):
    grid = ChunkGrid(n_samples, stride + 2 * boundary, boundary)
    counts = np.zeros(n_samples, dtype=int)
    for chunk in range(len(grid)):
        first, last = grid.counted(chunk)
        assert grid.start(chunk) <= first <= last <= grid.start(chunk) + grid.duration
        counts[first:last] += 1
    assert (counts == 1).all()


@given(st.integers(1, 5000), st.integers(0, 40), st.integers(1, 300))
def test_counted_samples_have_their_boundary_on_both_sides_unless_the_audio_ends(n_samples, boundary, stride):
    grid = ChunkGrid(n_samples, stride + 2 * boundary, boundary)
    for chunk in range(1, len(grid)):
        assert grid.counted(chunk)[0] - grid.start(chunk) == boundary
    for chunk in range(len(grid) - 1):
        assert grid.start(chunk) + grid.duration - grid.counted(chunk)[1] == boundary


@given(st.integers(1, 5000), st.integers(1, 300), st.integers(0, 100))
def test_training_chunks_lie_within_the_audio_and_leave_out_nothing(n_samples, stride, overlap):
    duration = stride + overlap
    starts = training_starts(n_samples, duration, stride)
    assert starts[0] == 0
    assert len(set(starts.tolist())) == len(starts)
    if n_samples >= duration:
        assert starts[-1] + duration == n_samples
        assert (np.diff(starts) <= stride).all()


def test_no_audio_has_no_chunks():
    assert len(ChunkGrid(0, 100, 10)) == 0
    assert len(training_starts(0, 100, 80)) == 0


@pytest.mark.parametrize("n_samples", [4096, 5000, 10_000, 123_457])
def test_the_dry_check_counts_the_same_chunks(n_samples):
    options = TrainingOptions(chunk_duration=1024)
    assert chunks_in(n_samples, options) == len(training_starts(n_samples, 1024, options.chunk_stride))
