"""Predictions: probabilities as long as the audio, in bounded memory, and annotations made of them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from dss_widgets.dataset.annotations.table import SUFFIX, Annotations, write_annotations
from dss_widgets.dataset.recordings.opening import Recording, open_recording
from dss_widgets.dataset.recordings.recording import to_float32
from dss_widgets.dataset.recordings.resampling import resampled, resampled_length
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import PredictionOptions
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.results.probabilities_file import PROBABILITIES_SUFFIX, ProbabilitiesWriter, probabilities_file

BLOCK_SAMPLES = 2**18
"""Samples (times channels) that are predicted together: what bounds the memory."""

PROPOSALS = "_proposals"
"""Ending of song types' names in annotations that are meant for proof-reading."""

Read = Callable[[int, int], np.ndarray]
OnNotice = Callable[[str], None]
OnBlock = Callable[[np.ndarray], None]
OnProgress = Callable[[int, int], None]
Item = TypeVar("Item")
Done = TypeVar("Done")

_log = logging.getLogger("dss_widgets")


def probability_blocks(
    trained: TrainedNetwork, read: Read, n_samples: int, *, block_samples: int = BLOCK_SAMPLES, source: str = "The audio"
) -> Iterator[tuple[int, np.ndarray]]:
    """Predict block by block.

    Audio is cut into the chunks that the network was trained on, on the same grid as in DAS, and each sample's probabilities
    come from the chunk in whose inner part it lies; so they do not depend on ``block_samples``. Beyond the end, the last
    value goes on.

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

    with ThreadPoolExecutor(1) as reader:  # the next block is read while the network works on this one
        firsts = list(range(0, len(grid), per_batch))
        upcoming = reader.submit(load, 0) if firsts else None
        for first in firsts:
            assert upcoming is not None
            audio = upcoming.result()
            if first + per_batch < len(grid):
                upcoming = reader.submit(load, first + per_batch)
            frames = trained.network.predict_frames(audio).numpy()
            yield grid.counted(first)[0], _counted_samples(frames, grid, first, settings.architecture.hop)


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
        audio = _fitting(trained, audio, on_notice or _log.warning)
        read, n_samples = audio.read, audio.n_samples
    else:
        array = np.asarray(audio)
        array = array[:, None] if array.ndim == 1 else array
        _check_channels(trained, array.shape[1], "the audio")
        n_samples = len(array)

        def read(start: int = 0, stop: int | None = None) -> np.ndarray:
            return to_float32(array[start:stop])

    result = np.empty((n_samples, len(trained.class_names)), dtype=np.float32)
    for start, block in probability_blocks(trained, read, n_samples, block_samples=block_samples):
        result[start : start + len(block)] = block
    return result


def _check_channels(trained: TrainedNetwork, n_channels: int, source: str) -> None:
    wanted = trained.settings.architecture.n_channels
    if n_channels != wanted:
        raise DataError(f"{source} has {n_channels} channels, but the network was trained with {wanted}.")


def _fitting(trained: TrainedNetwork, recording: Recording, on_notice: OnNotice) -> Recording:
    """Return the recording at the network's sample rate."""
    _check_channels(trained, recording.n_channels, str(recording.path))
    if recording.samplerate_hz != trained.samplerate_hz:
        on_notice(
            f"{recording.path.name}: resampled from {recording.samplerate_hz:g} Hz to the {trained.samplerate_hz:g} Hz that "
            "the network was trained with."
        )
    return resampled(recording, trained.samplerate_hz)


def annotate(
    trained: TrainedNetwork,
    recording: Recording,
    options: PredictionOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    on_block: OnBlock | None = None,
) -> Annotations:
    """Return the annotations that a network gives a recording, of any length, in bounded memory.

    Args:
        trained: the network.
        recording: at any sample rate.
        options: thresholds and durations.
        on_progress: called with samples done and in total, at the network's sample rate.
        on_notice: takes notices; by default they are logged.
        on_block: takes the probabilities ``[samples, classes]``, block by block.

    Raises:
        DataError: as :func:`probabilities`.
    """
    options = options or PredictionOptions()
    fitting = _fitting(trained, recording, on_notice or _log.warning)
    labeller = Labeller(
        trained.class_names, trained.class_types, trained.samplerate_hz, LabellingRules.of(options, trained.params)
    )
    for start, block in probability_blocks(trained, fitting.read, fitting.n_samples):
        labeller.add(block)
        if on_block:
            on_block(block)
        if on_progress:
            on_progress(start + len(block), fitting.n_samples)
    found = labeller.finish()
    ending = PROPOSALS if options.proposals else ""
    latest = recording.duration_seconds
    return Annotations.of(
        (f"{name}{ending}", min(float(start), latest), min(float(stop), latest))
        for name, start, stop in zip(found.names, found.start_seconds, found.stop_seconds, strict=True)
    )


def predict(
    stem: str | os.PathLike[str],
    recordings: Iterable[str | os.PathLike[str]],
    out_folder: str | os.PathLike[str] | None = None,
    options: PredictionOptions | None = None,
    *,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
) -> list[Path]:
    """Annotate recordings with a trained network.

    Args:
        stem: path of the network's files, without their endings.
        recordings: audio files, or one.
        out_folder: where ``<base>_annotations.csv`` are written, made if it is not there; None: beside each recording.
        options: thresholds and durations.
        overwrite: whether annotations that are there already may be replaced.
        on_progress: called with samples done and in total, of all recordings together, at the network's sample rate.
        on_notice: takes notices, such as that a recording is resampled; by default they are logged.

    Returns:
        The files that were written, in the order of the recordings; where probabilities are kept, those after the annotations.

    Raises:
        OptionsError: the thresholds and durations leave nothing to be found; nothing was written.
        DataError: the network cannot be used, or annotations are there already: nothing was written. Or a recording cannot be
            read to its end; the others were annotated all the same.
    """
    options = options or PredictionOptions()
    _refuse_errors(options)
    opened = _each(open_recording, [recordings] if isinstance(recordings, str | os.PathLike) else list(recordings))
    folder = None if out_folder is None else Path(out_folder).expanduser()
    targets = [(folder or recording.path.parent) / f"{recording.name}{SUFFIX}" for recording in opened]
    _check_targets([*targets, *(_beside(target) for target in targets if options.probabilities)], overwrite=overwrite)
    trained = load_trained(stem)
    _each(lambda recording: _check_channels(trained, recording.n_channels, str(recording.path)), opened)
    lengths = [resampled_length(recording.n_samples, recording.samplerate_hz, trained.samplerate_hz) for recording in opened]
    starts = [sum(lengths[:i]) for i in range(len(lengths))]

    def annotate_one(i: int) -> list[Path]:
        def progress(done: int, _total: int) -> None:
            if on_progress:
                on_progress(starts[i] + done, sum(lengths))

        return _annotate_file(trained, opened[i], targets[i], options, on_progress=progress, on_notice=on_notice)

    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        written = _each(annotate_one, range(len(opened)), "The other recordings were annotated.")
    except OSError as error:
        place = folder or "beside the recording"
        raise DataError(f"{place}: annotations cannot be written ({error.strerror}). Choose another folder.") from error
    return [path for paths in written for path in paths]


def _refuse_errors(options: PredictionOptions) -> None:
    """Raise OptionsError if nothing could be found with such options."""
    errors = [problem for problem in options.problems() if problem.is_error]
    if errors:
        raise OptionsError(errors)


def _each(work: Callable[[Item], Done], items: Sequence[Item], others: str = "") -> list[Done]:
    """Do something with every item, also with those after one that fails.

    Args:
        work: what to do with an item.
        items: recordings, or their places in a list of them.
        others: what to say of those that did not fail.

    Raises:
        DataError: some failed; the message tells of each.
    """
    done, failed = [], []
    for item in items:
        try:
            done.append(work(item))
        except DataError as error:
            failed.append(str(error))
    if failed:
        raise DataError("\n".join([*failed, *([others] if others and done else [])]))
    return done


def _annotate_file(
    trained: TrainedNetwork,
    recording: Recording,
    target: Path,
    options: PredictionOptions,
    *,
    on_progress: OnProgress,
    on_notice: OnNotice | None,
) -> list[Path]:
    """Write the annotations of a recording and, where they are kept, its probabilities; returns the files."""
    with ExitStack() as kept:
        keep = None
        if options.probabilities:
            keep = kept.enter_context(_probabilities_file(_beside(target), trained, recording, options)).add
        found = annotate(trained, recording, options, on_progress=on_progress, on_notice=on_notice, on_block=keep)
    return [write_annotations(target, found), *([_beside(target)] if options.probabilities else [])]


def _beside(target: Path) -> Path:
    """Return where the probabilities go that annotations are made of."""
    return target.with_name(target.name.removesuffix(SUFFIX) + PROBABILITIES_SUFFIX)


def _probabilities_file(
    path: Path, trained: TrainedNetwork, recording: Recording, options: PredictionOptions
) -> AbstractContextManager[ProbabilitiesWriter]:
    return probabilities_file(
        path, trained.class_names, trained.class_types, trained.samplerate_hz,
        recording=recording.path.name, network=trained.stem.name, options=options,
    )  # fmt: skip


def _check_targets(targets: list[Path], *, overwrite: bool) -> None:
    """Raise if two recordings would write the same file, or human work would be replaced."""
    twice = sorted({target.name for target in targets if targets.count(target) > 1})
    if twice:
        raise DataError(f"{', '.join(twice)}: several recordings have this name. Predict them into different folders.")
    there = [target for target in targets if target.exists()]
    if there and not overwrite:
        raise DataError(
            f"{there[0]}: is there already{f', and {len(there) - 1} more' if len(there) > 1 else ''}. "
            "Choose another folder, so that no annotations are lost."
        )


class _CallableModule(ModuleType):
    """This module, so that ``from dss_widgets.network import predict`` gives something that predicts, too."""

    __call__ = staticmethod(predict)


sys.modules[__name__].__class__ = _CallableModule
