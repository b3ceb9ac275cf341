"""Probabilities as long as the audio, block by block, in bounded memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.dataset.recordings.recording import to_float32
from dss_widgets.dataset.recordings.resampling import resampled
from dss_widgets.errors import DataError
from dss_widgets.network.in_advance import one_in_advance
from dss_widgets.network.trained import TrainedNetwork

BLOCK_SAMPLES = 2**18
"""Samples (times channels) that are predicted together: what bounds the memory."""

Read = Callable[[int, int], np.ndarray]
OnNotice = Callable[[str], None]
OnProgress = Callable[[int, int], None]

_log = logging.getLogger("dss_widgets")


def probability_blocks(
    trained: TrainedNetwork, read: Read, n_samples: int, *, block_samples: int = BLOCK_SAMPLES, source: str = "The audio"
) -> Iterator[tuple[int, np.ndarray]]:
    """Predict block by block; while one is worked with, the next is computed, and the one after that is read.

    Audio is cut into the chunks that the network was trained on, on the same grid as in DAS, and each sample's probabilities
    come from the chunk in whose inner part it lies; so they do not depend on ``block_samples`` (on a GPU, but for rounding).
    Beyond the end, the last value goes on.

    Args:
        trained: the network.
        read: returns samples [start, stop) of the audio, ``[samples, channels]``, at the network's sample rate.
        n_samples: length of the audio.
        block_samples: samples that are computed together, at least one chunk.
        source: what the audio is called in messages.

    Yields:
        First sample, and probabilities float32 ``[samples, classes]``; the blocks follow each other without gaps.

    Raises:
        DataError: the audio holds NaN or infinite values.
    """
    settings = trained.settings
    grid = settings.grid(n_samples)
    per_batch = max(1, block_samples // (settings.chunk_duration * settings.architecture.n_channels))

    def load(first: int) -> np.ndarray:
        chunks = range(first, min(first + per_batch, len(grid)))
        start = grid.start(chunks[0])
        span = grid.start(chunks[-1]) + settings.chunk_duration - start
        audio = np.asarray(read(start, min(start + span, n_samples)), dtype=np.float32)
        finite = np.isfinite(audio).all(axis=1)
        if not finite.all():
            first_seconds = (start + int(np.argmin(finite))) / trained.samplerate_hz
            raise DataError(f"{source}: holds NaN or infinite values, first at {first_seconds:.3f} s. Use it without these.")
        audio = np.pad(audio, ((0, span - len(audio)), (0, 0)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(audio, settings.chunk_duration, axis=0)[:: grid.stride]
        return np.ascontiguousarray(windows.swapaxes(1, 2))

    firsts = range(0, len(grid), per_batch)
    # most recordings of a season have but one: for these a thread costs more than it gains
    beside = one_in_advance if len(firsts) > 1 else iter
    audio = beside((first, load(first)) for first in firsts)
    yield from beside(
        (grid.counted(first)[0], _counted_samples(trained.frames(chunks), grid, first, settings.architecture.hop))
        for first, chunks in audio
    )


def _counted_samples(frames: np.ndarray, grid: Any, first: int, hop: int) -> np.ndarray:
    """Return the counted samples' probabilities ``[samples, classes]`` of frames ``[chunks, frames, classes]``."""
    parts = []
    for i, chunk_frames in enumerate(frames):
        start = grid.start(first + i)
        begin, end = (sample - start for sample in grid.counted(first + i))
        first_frame, last_frame = begin // hop, -(-end // hop)
        samples = np.repeat(chunk_frames[first_frame:last_frame], hop, axis=0) if hop > 1 else chunk_frames[begin:end]
        offset = begin - first_frame * hop if hop > 1 else 0
        parts.append(samples[offset : offset + end - begin])
    return np.concatenate(parts)


def probabilities(
    trained: TrainedNetwork,
    audio: np.ndarray | Recording,
    *,
    block_samples: int = BLOCK_SAMPLES,
    on_notice: OnNotice | None = None,
) -> np.ndarray:
    """Return the probabilities of audio, float32 ``[samples, classes]``: as many rows as there are samples.

    A process that is forked loads its networks itself: those that computed before the fork have no threads there.

    Args:
        trained: from :func:`~dss_widgets.network.trained.load_trained`.
        audio: ``[samples, channels]`` or ``[samples]`` at the network's sample rate, integers scaled by their type's full scale
            as in recordings; or a recording at any rate: it is resampled, and the rows are samples at the network's rate.
        block_samples: samples that are computed together; the result does not depend on it.
        on_notice: takes notices, such as that audio is resampled; by default they are logged.

    Raises:
        DataError: the audio has other channels than the network knows, or cannot be read.
    """
    if isinstance(audio, Recording):
        audio = fitting(trained, audio, on_notice)
        read, n_samples = audio.read, audio.n_samples
    else:
        array = np.asarray(audio)
        array = array[:, None] if array.ndim == 1 else array
        check_channels(trained, array.shape[1], "the audio")
        n_samples = len(array)

        def read(start: int = 0, stop: int | None = None) -> np.ndarray:
            return to_float32(array[start:stop])

    result = np.empty((n_samples, len(trained.class_names)), dtype=np.float32)
    for start, block in probability_blocks(trained, read, n_samples, block_samples=block_samples):
        result[start : start + len(block)] = block
    return result


def check_channels(trained: TrainedNetwork, n_channels: int, source: str) -> None:
    """Raise DataError if audio has other channels than the network was trained with; ``source`` is what it is called."""
    wanted = trained.settings.architecture.n_channels
    if n_channels != wanted:
        raise DataError(f"{source} has {n_channels} channels, but the network was trained with {wanted}.")


def fitting(trained: TrainedNetwork, recording: Recording, on_notice: OnNotice | None = None) -> Recording:
    """Return a recording at the network's sample rate; tell if it is resampled, and what is odd about its file.

    Raises:
        DataError: its channels do not fit.
    """
    check_channels(trained, recording.n_channels, str(recording.path))
    if recording.remark:
        (on_notice or _log.warning)(f"{recording.path.name}: {recording.remark}")
    if recording.samplerate_hz != trained.samplerate_hz:
        (on_notice or _log.warning)(
            f"{recording.path.name}: resampled from {recording.samplerate_hz:g} Hz to the {trained.samplerate_hz:g} Hz that "
            "the network was trained with."
        )
    return resampled(recording, trained.samplerate_hz)
