"""Batches of chunks for training and validation: read, pooled to the network's frames and handed over in the background."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from dss_widgets.network.chunks import ChunkGrid, training_starts
from dss_widgets.network.rare import draw, epoch_length, repeats_of
from dss_widgets.network.rows import Rows

AHEAD = 4
"""Batches that are read ahead of the network."""

BLOCK_ROWS = 2**18
"""Rows read at once where a whole split is gone through."""


@dataclass(frozen=True)
class SplitReader:
    """Reads chunks of a split's audio and targets, the targets at the rate of the network's frames.

    A frame's target is the mean over its samples: the cross-entropy of a prediction that is repeated over a frame, averaged
    over the samples, is just that of the prediction and the mean target.

    Attributes:
        x: audio ``[samples, channels]``.
        y: targets ``[samples, classes]``.
        duration: samples of a chunk, a multiple of ``hop``.
        hop: samples of a frame.
    """

    x: Rows
    y: Rows
    duration: int
    hop: int

    @property
    def n_frames(self) -> int:
        """Frames of a chunk."""
        return math.ceil(self.duration / self.hop)

    def read(self, starts: np.ndarray, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Read a batch.

        Args:
            starts: first sample of every chunk ``[chunks]``.
            counted: first and last (excluded) sample of every chunk that count, ``[chunks, 2]``.

        Returns:
            Audio ``[chunks, samples, channels]`` (the last value goes on where the split ends), targets
            ``[chunks, frames, classes]``, and weights ``[chunks, frames]``: the share of a frame's samples that count. All
            float32.
        """
        n, n_classes = len(starts), self.y.shape[1]
        audio = np.zeros((n, self.duration, self.x.shape[1]), dtype=np.float32)
        targets = np.zeros((n, self.n_frames * self.hop, n_classes), dtype=np.float32)
        inside = np.zeros((n, self.n_frames * self.hop), dtype=np.float32)
        for i, (start, (first, last)) in enumerate(zip(starts.tolist(), counted.tolist(), strict=True)):
            block = self.x.read(start, start + self.duration)
            audio[i, : len(block)] = block
            if 0 < len(block) < self.duration:
                audio[i, len(block) :] = block[-1]
            block = self.y.read(start, start + self.duration)
            targets[i, : len(block)] = block
            inside[i, first - start : last - start] = 1
        if self.hop == 1:
            return audio, targets, inside
        framed = inside.reshape(n, self.n_frames, self.hop)
        shares = framed.mean(axis=2)
        sums = np.einsum("bfhc,bfh->bfc", targets.reshape(n, self.n_frames, self.hop, n_classes), framed)
        return audio, sums / np.maximum(framed.sum(axis=2), 1)[..., None], shares


@dataclass(frozen=True)
class TrainingBatches:
    """Every chunk of the train split once an epoch (or more often), in an order of its own each epoch.

    Attributes:
        reader: reads the chunks.
        boundary: samples at each end of a chunk that count nothing.
        batch_size: chunks of a batch; the last of an epoch may have fewer.
        fraction: share of the chunks that is used, the same in every epoch.
        seed: fixes the choice and the orders.
        shift: whether chunks move at random by up to half their stride, either way, every epoch.
        oversample_rare: whether chunks with rare song types come more than once in an epoch.
    """

    reader: SplitReader
    boundary: int
    batch_size: int
    fraction: float
    seed: int
    shift: bool = False
    oversample_rare: bool = False
    starts: np.ndarray = field(init=False)
    repeats: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        starts = training_starts(len(self.reader.x), self.reader.duration, self.reader.duration - 2 * self.boundary)
        starts = choose_fraction(starts, self.fraction, [self.seed, 1])
        repeats = np.ones(len(starts))
        if self.oversample_rare:
            repeats = repeats_of(self.reader.y, starts, self.reader.duration, self.boundary)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "repeats", repeats)

    def __len__(self) -> int:
        return math.ceil(epoch_length(self.repeats) / self.batch_size)

    def order(self, epoch: int) -> np.ndarray:
        """Return the chunks' starts in the order of an epoch (from 1), int64 ``[chunks]``; it depends on nothing else."""
        rng = np.random.default_rng([self.seed, 2, epoch])
        starts = rng.permutation(self.starts[draw(self.repeats, rng)] if self.oversample_rare else self.starts)
        if not self.shift:
            return starts
        most = (self.reader.duration - 2 * self.boundary) // 2
        moved = starts + rng.integers(-most, most + 1, len(starts))
        return np.clip(moved, 0, max(0, len(self.reader.x) - self.reader.duration))

    def read(self, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Read one batch by its chunks' starts; see :meth:`SplitReader.read`."""
        counted = np.stack([starts + self.boundary, starts + self.reader.duration - self.boundary], axis=1)
        counted = np.minimum(counted, len(self.reader.x))
        if len(self.reader.x) <= 2 * self.boundary:  # so little audio that nothing would count
            counted = np.stack([starts, np.minimum(starts + self.reader.duration, len(self.reader.x))], axis=1)
        return self.reader.read(starts, counted)

    def dataset(self, first_epoch: int = 1) -> tf.data.Dataset:
        """Return an endless stream of batches, epoch after epoch, read ahead in the background."""

        def batches() -> Iterator[np.ndarray]:
            epoch = first_epoch
            while True:
                order = self.order(epoch)
                for start in range(0, len(order), self.batch_size):
                    yield order[start : start + self.batch_size]
                epoch += 1

        indices = tf.data.Dataset.from_generator(batches, output_signature=tf.TensorSpec((None,), tf.int64))
        return _read_ahead(indices, self.read, self.reader)


@dataclass(frozen=True)
class ValidationBatches:
    """Every sample of the validation split once, in order; a split shorter than a batch, or a chunk, is not dropped.

    Attributes:
        reader: reads the chunks.
        grid: where they lie.
        batch_size: chunks of a batch.
        fraction: share of the chunks that is used.
        seed: fixes the choice.
    """

    reader: SplitReader
    grid: ChunkGrid
    batch_size: int
    fraction: float
    seed: int

    @property
    def chunks(self) -> np.ndarray:
        """Numbers of the chunks, int64."""
        return choose_fraction(np.arange(len(self.grid)), self.fraction, [self.seed, 3])

    def __len__(self) -> int:
        return math.ceil(len(self.chunks) / self.batch_size)

    def read(self, chunks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Read one batch by its chunks' numbers; see :meth:`SplitReader.read`."""
        starts = np.array([self.grid.start(int(chunk)) for chunk in chunks], dtype=np.int64)
        counted = np.array([self.grid.counted(int(chunk)) for chunk in chunks], dtype=np.int64)
        return self.reader.read(starts, counted)

    def dataset(self) -> tf.data.Dataset:
        """Return the batches, read ahead in the background."""
        indices = tf.data.Dataset.from_tensor_slices(self.chunks).batch(self.batch_size)
        return _read_ahead(indices, self.read, self.reader)


def choose_fraction(items: np.ndarray, fraction: float, seed: list[int]) -> np.ndarray:
    """Return a random share of items (at least one, if there are any), in their order."""
    if fraction >= 1 or not len(items):
        return items
    wanted = max(1, math.ceil(fraction * len(items) - 1e-9))
    return np.sort(np.random.default_rng(seed).choice(items, wanted, replace=False))


def class_weights(targets: Rows) -> np.ndarray:
    """Return weights by inverse frequency, float32 ``[classes]``: finite also for a class that does not occur (1).

    The classes that occur get the same total weight, and a sample has a weight of 1 on average.
    """
    totals = np.zeros(targets.shape[1])
    for start in range(0, len(targets), BLOCK_ROWS):
        totals += targets.read(start, start + BLOCK_ROWS).sum(axis=0, dtype=np.float64)
    occurs = totals > 0
    weights = np.ones(len(totals))
    weights[occurs] = totals.sum() / (occurs.sum() * totals[occurs])
    return weights.astype(np.float32)


def _read_ahead(indices: tf.data.Dataset, read: object, reader: SplitReader) -> tf.data.Dataset:
    def load(numbers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        audio, targets, weights = tf.numpy_function(read, [numbers], (tf.float32, tf.float32, tf.float32))
        audio.set_shape((None, reader.duration, reader.x.shape[1]))
        targets.set_shape((None, reader.n_frames, reader.y.shape[1]))
        weights.set_shape((None, reader.n_frames))
        return audio, targets, weights

    options = tf.data.Options()
    options.autotune.enabled = False  # its thread would hold up the end of training for up to a minute
    return indices.map(load, num_parallel_calls=2, deterministic=True).prefetch(AHEAD).with_options(options)
