"""Ranking stretches of recordings by what correcting them is likely worth: one pass of prediction, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.recordings.opening import Recording, open_recording
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.dataset.stores.store import Split
from dss_widgets.errors import Cancelled, DataError, DssWidgetsError
from dss_widgets.network.ahead import Ahead
from dss_widgets.network.evaluate import own_dataset
from dss_widgets.network.probabilities import OnNotice, OnProgress, check_channels, fitting, probability_blocks
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options.prediction import PredictionOptions
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.review.candidates import WINDOWS_A_STRETCH, Candidates, Span, candidates
from dss_widgets.review.oddities import Oddity, oddities
from dss_widgets.review.rankings import DEFAULT, ranked
from dss_widgets.review.stretches import Stretch
from dss_widgets.review.windows import Windows, WindowSums, matched_columns

RATE_HZ = 1000.0
"""Probabilities a second that are looked at; there are no finer ones behind most frontends."""

_BLOCK_ROWS, _MOST_BLOCKS = 2**18, 64
"""Blocks of targets that are looked at to know how much of every class was learned from."""

Rows = tuple[np.ndarray, np.ndarray | None]


@dataclass
class Judged:
    """What networks say of recordings, in the order in which they were judged.

    Attributes:
        class_names: of the network, noise first.
        windows: sums of probabilities, by recording.
        annotations: what the network finds, by recording.
        failures: why recordings were left out.
    """

    class_names: list[str]
    windows: dict[str, Windows] = field(default_factory=dict)
    annotations: dict[str, Annotations] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def candidates(
        self, known: np.ndarray | None = None, without: Mapping[str, Sequence[Span]] | None = None
    ) -> tuple[Candidates, dict[str, list[Oddity]]]:
        """Return what could be asked for, and what is odd in each recording."""
        odd = oddities(self.annotations)
        return candidates(self.windows, odd, self.class_names, known=known, without=without), odd


def review(
    network: str | os.PathLike[str],
    recordings: Iterable[str | os.PathLike[str]],
    *,
    by: str = DEFAULT,
    count: int = 20,
    seconds: float = 2.0,
    other: str | os.PathLike[str] | None = None,
    without: Mapping[str, Sequence[Span]] | None = None,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Stretch]:
    """Rank stretches of recordings by what correcting the network there is likely worth.

    Args:
        network: a trained network: the stem of its files, one of them, or its run's folder.
        recordings: audio files, at any rate; one that cannot be read holds up none of the others.
        by: what to go by, see :data:`~dss_widgets.review.rankings.RANKINGS`.
        count: stretches, at most.
        seconds: duration of each; a recording that is shorter is one.
        other: a second network, for ``disagreement``.
        without: spans of recordings that are not asked for, by their paths.
        on_progress: called with samples done and in total, of all recordings together.
        on_notice: takes notices, such as that a recording is resampled; by default they are logged.
        should_stop: is asked after every block.

    Returns:
        Stretches, the worthiest first, none overlapping, spread over the recordings.

    Raises:
        DataError: a network cannot be used, or no recording can be read.
        Cancelled: ``should_stop`` said so.
    """
    trained = load_trained(network)
    second = load_trained(other) if other else None
    if by == "disagreement" and second is None:
        raise DataError(
            "To tell where two networks disagree takes a second one. Name it (--other RUN), or rank by another way."
        )
    judged = judge(
        trained, recordings, second, seconds=seconds, on_progress=on_progress, on_notice=on_notice, should_stop=should_stop
    )
    if judged.failures and not judged.windows:
        raise DataError("\n".join(judged.failures))
    found, odd = judged.candidates(learned_seconds(trained), without)
    return ranked(found, by, count, odd)


def judge(
    trained: TrainedNetwork,
    recordings: Iterable[str | os.PathLike[str]],
    second: TrainedNetwork | None = None,
    *,
    seconds: float = 2.0,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Judged:
    """Let one network or two judge recordings, block by block; see :func:`review`."""
    judged = Judged(trained.class_names)
    paths = [Path(path) for path in recordings]
    ahead, window_rows = Ahead(paths), max(1, round(seconds * RATE_HZ / WINDOWS_A_STRETCH))
    for path in paths:
        recording = _opened(trained, path, judged)
        if recording is None:
            ahead.left_out(path)
            continue
        ahead.opened(path, resampled_length(recording.n_samples, recording.samplerate_hz, trained.samplerate_hz))
        sums = WindowSums(len(judged.class_names), RATE_HZ, window_rows)
        labeller = Labeller(
            trained.class_names,
            trained.class_types,
            trained.samplerate_hz,
            LabellingRules.of(PredictionOptions(), trained.params),
        )

        def on_block(block: np.ndarray, labeller: Labeller = labeller) -> None:
            labeller.add(block)
            ahead.done += len(block)
            if on_progress:
                on_progress(ahead.done, ahead.total)
            if should_stop is not None and should_stop():
                raise Cancelled("Ranking was stopped.")

        try:
            for rows, others in _rows_of_both(trained, second, recording, on_block, on_notice):
                sums.add(rows, others)
        except (DataError, MemoryError) as error:
            judged.failures.append(str(error) or f"{recording.path}: there is not enough memory for it.")
            (on_notice or (lambda _text: None))(judged.failures[-1])
            continue
        judged.windows[str(recording.path)] = sums.finish()
        judged.annotations[str(recording.path)] = labeller.finish()
    return judged


def _opened(trained: TrainedNetwork, path: Path, judged: Judged) -> Recording | None:
    try:
        recording = open_recording(path)
        check_channels(trained, recording.n_channels, str(path))
        return recording
    except DataError as error:
        judged.failures.append(str(error))
        return None


def _rows_of_both(
    trained: TrainedNetwork,
    second: TrainedNetwork | None,
    recording: Recording,
    on_block: Callable[[np.ndarray], None],
    on_notice: OnNotice | None,
) -> Iterator[Rows]:
    """Yield rows of the network's probabilities, and of the other's at the same times in the network's columns."""
    own = _rows(trained, recording, on_notice, on_block)
    if second is None:
        for rows in own:
            yield rows, None
        return
    columns = matched_columns(trained.class_names, second.class_names)
    others, waiting = _rows(second, recording, on_notice), np.zeros((0, len(columns)), dtype=np.float32)
    for rows in own:
        while len(waiting) < len(rows) and (more := next(others, None)) is not None:
            matched = np.where(columns >= 0, more[:, columns], 0)
            waiting = np.concatenate([waiting, matched])
        n = min(len(rows), len(waiting))  # rounding may leave one of them a row longer
        yield rows[:n], waiting[:n]
        waiting = waiting[n:]


def _rows(
    trained: TrainedNetwork,
    recording: Recording,
    on_notice: OnNotice | None,
    on_block: Callable[[np.ndarray], None] | None = None,
) -> Iterator[np.ndarray]:
    """Yield a network's probabilities at :data:`RATE_HZ`: those of the samples nearest in time."""
    fitted = fitting(trained, recording, on_notice)
    step, taken = trained.samplerate_hz / RATE_HZ, 0
    for start, block in probability_blocks(trained, fitted.read, fitted.n_samples, source=str(recording.path)):
        last = int(np.ceil((start + len(block)) / step))
        at = np.floor(np.arange(taken, last) * step).astype(np.int64) - start
        at = at[at < len(block)]
        taken += len(at)
        if on_block:
            on_block(block)
        yield block[at]


def learned_seconds(trained: TrainedNetwork) -> np.ndarray | None:
    """Return the seconds of every class in what a network was trained on ``[classes]``; None where that is gone or changed."""
    try:
        dataset = own_dataset(trained)
        return _class_seconds(dataset.split("train"), str(trained.params.get("y_suffix") or ""), dataset.samplerate_hz)
    except DssWidgetsError:
        return None


def _class_seconds(split: Split, song_type: str, samplerate_hz: float) -> np.ndarray:
    """Return the seconds of every class in a split; of a long one, scaled up from some of its blocks."""
    targets = split.y(song_type)
    n_blocks = -(-len(targets) // _BLOCK_ROWS)
    chosen = np.unique(np.linspace(0, n_blocks - 1, min(n_blocks, _MOST_BLOCKS)).astype(int)) * _BLOCK_ROWS
    total, seen = np.zeros(targets.shape[1]), 0
    for start in chosen.tolist():
        block = targets[start : start + _BLOCK_ROWS]
        total += block.sum(axis=0, dtype=np.float64)
        seen += len(block)
    scaled: np.ndarray = total * (len(targets) / max(1, seen)) / samplerate_hz
    return scaled
