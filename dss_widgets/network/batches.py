"""Batches of chunks for training and validation: read, pooled to the network's frames and handed over in the background."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np
import tensorflow as tf

from dss_widgets.network.chunks import ChunkGrid, training_starts
from dss_widgets.network.oversampling import chunks_per_epoch, draw, repeat_factors, types_in_chunks
from dss_widgets.network.rows import BLOCK_ROWS, Rows

AHEAD = 4
"""Batches that are read ahead of the network."""

READERS = 2
"""Threads that read them."""

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]
Batches = Generator[tuple[Any, Any, Any], None, None]
"""Audio, targets and weights, as :meth:`SplitReader.read` returns them, in TensorFlow's arrays; to be closed after use."""


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

    def read(self, starts: np.ndarray, counted: np.ndarray, own: slice = slice(None)) -> Arrays:
        """Read a batch.

        Args:
            starts: first sample of every chunk ``[chunks]``.
            counted: first and last (excluded) sample of every chunk that count, ``[chunks, 2]``.
            own: the chunks that are read; in place of the others there is silence that does not count.

        Returns:
            Audio ``[chunks, samples, channels]`` (the last value goes on where the split ends), targets
            ``[chunks, frames, classes]``, and weights ``[chunks, frames]``: the share of a frame's samples that count. All
            float32.
        """
        n, n_classes = len(starts), self.y.shape[1]
        audio = np.zeros((n, self.duration, self.x.shape[1]), dtype=np.float32)
        targets = np.zeros((n, self.n_frames * self.hop, n_classes), dtype=np.float32)
        inside = np.zeros((n, self.n_frames * self.hop), dtype=np.float32)
        read = list(enumerate(zip(starts.tolist(), counted.tolist(), strict=True)))[own]
        for i, (start, (first, last)) in read:
            block = self.x.read(start, start + self.duration)
            audio[i, : len(block)] = block
            if 0 < len(block) < self.duration:
                audio[i, len(block) :] = block[-1]
            block = self.y.read(start, start + self.duration)
            targets[i, : len(block)] = block
            inside[i, first - start : last - start] = 1
        if self.hop == 1:
            return audio, targets, inside
        framed, of_samples = inside[own].reshape(-1, self.n_frames, self.hop), targets[own]
        means, shares = (np.zeros((n, self.n_frames, *last), dtype=np.float32) for last in ((n_classes,), ()))
        sums = np.einsum("bfhc,bfh->bfc", of_samples.reshape(-1, self.n_frames, self.hop, n_classes), framed)
        means[own] = sums / np.maximum(framed.sum(axis=2), 1)[..., None]
        shares[own] = framed.mean(axis=2)
        return audio, means, shares


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
        own: which chunks of a batch of a length are read; left out, all.
    """

    reader: SplitReader
    boundary: int
    batch_size: int
    fraction: float
    seed: int
    shift: bool = False
    oversample_rare: bool = False
    own: Callable[[int], slice] = slice
    starts: np.ndarray = field(init=False)
    repeats: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        starts = training_starts(len(self.reader.x), self.reader.duration, self.reader.duration - 2 * self.boundary)
        if self.fraction < 1:
            holds = types_in_chunks(self.reader.y, starts, self.reader.duration, self.boundary)
            starts = starts[choose_fraction(len(starts), self.fraction, [self.seed, 1], holds)]
        repeats = np.ones(len(starts))
        if self.oversample_rare:
            repeats = repeat_factors(self.reader.y, starts, self.reader.duration, self.boundary)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "repeats", repeats)

    def __len__(self) -> int:
        return math.ceil(chunks_per_epoch(self.repeats) / self.batch_size)

    def order(self, epoch: int) -> np.ndarray:
        """Return the chunks' starts in the order of an epoch (from 1), int64 ``[chunks]``; it depends on nothing else."""
        rng = np.random.default_rng([self.seed, 2, epoch])
        starts = rng.permutation(self.starts[draw(self.repeats, rng)] if self.oversample_rare else self.starts)
        if not self.shift:
            return starts
        most = (self.reader.duration - 2 * self.boundary) // 2
        moved = starts + rng.integers(-most, most + 1, len(starts))
        return np.clip(moved, 0, max(0, len(self.reader.x) - self.reader.duration))

    def read(self, starts: np.ndarray) -> Arrays:
        """Read one batch by its chunks' starts; see :meth:`SplitReader.read`."""
        counted = np.stack([starts + self.boundary, starts + self.reader.duration - self.boundary], axis=1)
        counted = np.minimum(counted, len(self.reader.x))
        if len(self.reader.x) <= 2 * self.boundary:  # so little audio that nothing would count
            counted = np.stack([starts, np.minimum(starts + self.reader.duration, len(self.reader.x))], axis=1)
        return self.reader.read(starts, counted, self.own(len(starts)))

    def stream(self, epoch: int = 1, step: int = 0) -> Batches:
        """Yield batches without end, epoch after epoch, read ahead in the background.

        Args:
            epoch: the first one, from 1.
            step: batches of it that are left out; they are not read.

        Raises:
            DataError: the data cannot be read.
        """

        def batches() -> Iterator[np.ndarray]:
            for number in count(epoch):
                order = self.order(number)
                first = step if number == epoch else 0
                yield from _in_batches(order[first * self.batch_size :], self.batch_size)

        return _read_ahead(batches(), self.read)


@dataclass(frozen=True)
class ValidationBatches:
    """Every sample of the validation split once, in order; a split shorter than a batch, or a chunk, is not dropped.

    Attributes:
        reader: reads the chunks.
        grid: where they lie.
        batch_size: chunks of a batch.
        fraction: share of the chunks that is used.
        seed: fixes the choice.
        own: which chunks of a batch of a length are read; left out, all.
    """

    reader: SplitReader
    grid: ChunkGrid
    batch_size: int
    fraction: float
    seed: int
    own: Callable[[int], slice] = slice

    @property
    def chunks(self) -> np.ndarray:
        """Numbers of the chunks, int64."""
        return choose_fraction(len(self.grid), self.fraction, [self.seed, 3])

    def __len__(self) -> int:
        return math.ceil(len(self.chunks) / self.batch_size)

    def read(self, chunks: np.ndarray) -> Arrays:
        """Read one batch by its chunks' numbers; see :meth:`SplitReader.read`."""
        starts = np.array([self.grid.start(int(chunk)) for chunk in chunks], dtype=np.int64)
        counted = np.array([self.grid.counted(int(chunk)) for chunk in chunks], dtype=np.int64)
        return self.reader.read(starts, counted, self.own(len(starts)))

    def stream(self, step: int = 0) -> Batches:
        """Yield the batches from one on, which is numbered from 0, read ahead in the background; raises DataError."""
        return _read_ahead(_in_batches(self.chunks[step * self.batch_size :], self.batch_size), self.read)


def choose_fraction(n: int, fraction: float, seed: list[int], holds: np.ndarray | None = None) -> np.ndarray:
    """Return a random share of the numbers from 0 to ``n``, int64, in their order: of a smaller share, all are in a larger one.

    Args:
        n: how many there are.
        fraction: the share; at least one is chosen, if there are any.
        seed: fixes the choice.
        holds: which song types there are in each, bool ``[n, types]``: every type is chosen, rare ones first, as long as there
            is room.
    """
    if fraction >= 1 or not n:
        return np.arange(n)
    order = np.random.default_rng(seed).permutation(n)
    if holds is not None:
        order = _every_type_first(order, holds[order])
    return np.sort(order[: max(1, math.ceil(fraction * n - 1e-9))])


def _every_type_first(order: np.ndarray, holds: np.ndarray) -> np.ndarray:
    """Return an order that begins with an item of every type, of the rarest type first; else it stays as it is."""
    first: list[int] = []
    counts = holds.sum(axis=0)
    for column in np.argsort(counts, kind="stable"):
        if counts[column] and not holds[first, column].any():
            first.append(int(np.argmax(holds[:, column])))
    return np.concatenate([order[first], np.delete(order, first)])


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


def _in_batches(numbers: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(numbers), batch_size):
        yield numbers[start : start + batch_size]


def _read_ahead(batches: Iterator[np.ndarray], read: Callable[[np.ndarray], Arrays]) -> Batches:
    """Yield what is read for each batch, in their order, while others are read in the background."""

    def load(numbers: np.ndarray) -> tuple[Any, Any, Any]:
        audio, targets, weights = read(numbers)
        with tf.device("CPU"):  # where there is a GPU, its memory is for the network
            return tf.convert_to_tensor(audio), tf.convert_to_tensor(targets), tf.convert_to_tensor(weights)

    with ThreadPoolExecutor(READERS, thread_name_prefix="reader") as readers:
        upcoming = deque(readers.submit(load, numbers) for numbers in islice(batches, AHEAD))
        try:
            while upcoming:
                yield upcoming.popleft().result()
                upcoming.extend(readers.submit(load, numbers) for numbers in islice(batches, 1))
        finally:
            for batch in upcoming:
                batch.cancel()
