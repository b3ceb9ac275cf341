"""Annotations of recordings, made of a network's probabilities."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar

import numpy as np

from dss_widgets.dataset.annotations.table import PROPOSALS, Annotations, write_annotations
from dss_widgets.dataset.recordings.opening import Recording, open_recording
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.errors import Cancelled, DataError, OptionsError
from dss_widgets.events import RecordingDone
from dss_widgets.network.probabilities import OnNotice, OnProgress, check_channels, fitting, probabilities, probability_blocks
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import PredictionOptions
from dss_widgets.results.annotation_files import annotations_path, check_free, probabilities_path
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.results.probabilities_file import ProbabilitiesWriter, probabilities_file
from dss_widgets.whole_files import remove_leftovers_of

__all__ = ["annotate", "predict", "probabilities"]

OnBlock = Callable[[np.ndarray], None]
OnRecording = Callable[[RecordingDone], None]
Item = TypeVar("Item")
Result = TypeVar("Result")


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
        DataError: the recording has other channels than the network knows, or cannot be read.
    """
    options = options or PredictionOptions()
    fitted = fitting(trained, recording, on_notice)
    labeller = Labeller(
        trained.class_names, trained.class_types, trained.samplerate_hz, LabellingRules.of(options, trained.params)
    )
    for start, block in probability_blocks(trained, fitted.read, fitted.n_samples):
        labeller.add(block)
        if on_block:
            on_block(block)
        if on_progress:
            on_progress(start + len(block), fitted.n_samples)
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
    done: Collection[str | os.PathLike[str]] | None = None,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    on_recording: OnRecording | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Path]:
    """Annotate recordings with a trained network; one that is damaged does not hold up the others.

    Args:
        stem: path of the network's files, without their endings.
        recordings: audio files, or one.
        out_folder: where ``<base>_annotations.csv`` are written, made if it is not there; None: beside each recording.
        options: thresholds and durations.
        overwrite: whether annotations that are there already may be replaced.
        done: None for a first call. To continue after a call that was interrupted, the recordings that were told as done: they
            are left out. Annotations that lie there already are then no error: they are kept and their recordings told as
            skipped, unless ``overwrite`` says otherwise.
        on_progress: called with samples done and in total, of all recordings together, at the network's sample rate.
        on_notice: takes notices, such as that a recording is resampled; by default they are logged.
        on_recording: takes each recording's outcome as soon as its files are there, or it has failed.
        should_stop: is asked before every recording and after every block of one.

    Returns:
        The files that were written, in the order of the recordings; where probabilities are kept, those after the annotations.

    Raises:
        OptionsError: the thresholds and durations leave nothing to be found; nothing was written.
        DataError: the network cannot be used, or annotations are there already: nothing was written. Or recordings cannot be
            read: the others were annotated all the same, and the message tells of each that failed.
        Cancelled: ``should_stop`` said so; recordings that were told as done have their files, the others have none.
    """
    options = options or PredictionOptions()
    _refuse_errors(options)
    paths = [Path(path) for path in ([recordings] if isinstance(recordings, str | os.PathLike) else recordings)]
    folder = None if out_folder is None else Path(out_folder).expanduser()
    files = [annotations_path(path, folder) for path in paths]
    with_probabilities = [*files, *map(probabilities_path, files)] if options.probabilities else files
    check_free(with_probabilities, overwrite=overwrite or done is not None)
    targets = dict(zip(paths, files, strict=True))
    outcomes = _Outcomes(on_recording)
    paths = _to_annotate(targets, outcomes, done or (), overwrite=overwrite)
    trained = load_trained(stem)
    opened = outcomes.of_each(lambda path: _open_fitting(trained, path), paths, str)
    lengths = [resampled_length(recording.n_samples, recording.samplerate_hz, trained.samplerate_hz) for recording in opened]
    before = {recording.path: sum(lengths[:i]) for i, recording in enumerate(opened)}

    def annotate_one(recording: Recording) -> list[Path]:
        def progress(samples: int, n_samples: int) -> None:
            if on_progress:
                on_progress(before[recording.path] + samples, sum(lengths))
            if samples < n_samples:
                _raise_if_stopped(should_stop)

        _raise_if_stopped(should_stop)
        target = targets[recording.path]
        files = _annotate_file(trained, recording, target, options, on_progress=progress, on_notice=on_notice)
        outcomes.tell(RecordingDone(recording=str(recording.path), file=str(files[0])))
        return files

    try:
        if folder is not None and opened:
            folder.mkdir(parents=True, exist_ok=True)
        written = outcomes.of_each(annotate_one, opened, lambda recording: str(recording.path))
    except OSError as error:
        place = folder or "beside the recording"
        raise DataError(f"{place}: annotations cannot be written ({error.strerror}). Choose another folder.") from error
    outcomes.raise_failures(others_done=bool(written))
    return [path for files in written for path in files]


class _Outcomes:
    """Tells what became of recordings, and remembers which failed.

    Args:
        on_recording: takes the outcomes.
    """

    def __init__(self, on_recording: OnRecording | None) -> None:
        self.tell: OnRecording = on_recording or (lambda _done: None)
        self._failures: list[str] = []

    def of_each(self, work: Callable[[Item], Result], items: Iterable[Item], name: Callable[[Item], str]) -> list[Result]:
        """Do something with every item and return what came of those that did not fail; ``name`` is its recording's path."""
        results = []
        for item in items:
            try:
                results.append(work(item))
            except (DataError, MemoryError) as error:
                message = str(error) if isinstance(error, DataError) else f"{name(item)}: there is not enough memory for it."
                self._failures.append(message)
                self.tell(RecordingDone(recording=name(item), outcome="failed", message=message))
        return results

    def raise_failures(self, *, others_done: bool) -> None:
        """Raise DataError that tells of each failure, if there were any."""
        if self._failures:
            raise DataError("\n".join([*self._failures, *(["The other recordings were annotated."] if others_done else [])]))


def _raise_if_stopped(should_stop: Callable[[], bool] | None) -> None:
    if should_stop is not None and should_stop():
        raise Cancelled("Annotating was stopped: recordings that were done keep their annotations.")


def _to_annotate(
    targets: Mapping[Path, Path], outcomes: _Outcomes, done: Collection[str | os.PathLike[str]], *, overwrite: bool
) -> list[Path]:
    """Return the recordings that are left to be annotated; tell of those whose annotations are kept."""
    known = {Path(path).absolute() for path in done}
    left = []
    for path, target in targets.items():
        if path.absolute() in known:
            continue
        if target.exists() and not overwrite:
            message = "There are annotations of it already; they were kept."
            outcomes.tell(RecordingDone(recording=str(path), outcome="skipped", file=str(target), message=message))
            continue
        left.append(path)
    return left


def _open_fitting(trained: TrainedNetwork, path: Path) -> Recording:
    recording = open_recording(path)
    if recording.n_samples == 0:
        raise DataError(f"{path}: is empty: it has no samples. Leave it out.")
    check_channels(trained, recording.n_channels, str(path))
    return recording


def _refuse_errors(options: PredictionOptions) -> None:
    """Raise OptionsError if nothing could be found with such options."""
    errors = [problem for problem in options.problems() if problem.is_error]
    if errors:
        raise OptionsError(errors)


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
    remove_leftovers_of(target)
    with ExitStack() as kept:
        keep = None
        if options.probabilities:
            keep = kept.enter_context(_probabilities_file(probabilities_path(target), trained, recording, options)).add
        found = annotate(trained, recording, options, on_progress=on_progress, on_notice=on_notice, on_block=keep)
    return [write_annotations(target, found), *([probabilities_path(target)] if options.probabilities else [])]


def _probabilities_file(
    path: Path, trained: TrainedNetwork, recording: Recording, options: PredictionOptions
) -> AbstractContextManager[ProbabilitiesWriter]:
    return probabilities_file(
        path, trained.class_names, trained.class_types, trained.samplerate_hz,
        recording=recording.path.name, network=trained.stem.name, options=options,
    )  # fmt: skip
