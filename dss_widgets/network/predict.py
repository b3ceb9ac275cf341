"""Annotations of recordings, however many, made of a network's probabilities."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.errors import Cancelled, DataError, OptionsError
from dss_widgets.events import RecordingDone
from dss_widgets.network.ahead import Ahead
from dss_widgets.network.annotate import Target, annotate, annotate_file, open_fitting, told_of_kept
from dss_widgets.network.probabilities import OnNotice, OnProgress, probabilities
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import PredictionOptions
from dss_widgets.options.prediction import Existing
from dss_widgets.results.annotation_files import annotations_path, check_free, probabilities_path

__all__ = ["annotate", "predict", "probabilities"]

OnRecording = Callable[[RecordingDone], None]
ShouldStop = Callable[[], bool]

_MOST_TOLD = 20
"""Failures that an error's message tells of; each was told when it happened."""


def predict(
    stem: str | os.PathLike[str],
    recordings: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    out_folder: str | os.PathLike[str] | None = None,
    options: PredictionOptions | None = None,
    *,
    list_file: str | os.PathLike[str] = "",
    relative_to: str | os.PathLike[str] = "",
    existing: Existing = "refuse",
    overwrite: bool = False,
    done: Collection[str | os.PathLike[str]] | None = None,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    on_recording: OnRecording | None = None,
    should_stop: ShouldStop | None = None,
) -> list[Path]:
    """Annotate recordings with a trained network; one that is damaged does not hold up the others.

    They are opened one after the other, so that memory and open files do not grow with their number.

    Args:
        stem: path of the network's files, without their endings.
        recordings: audio files, folders with recordings in them and below, or patterns such as ``season/**/*.wav``; or one.
        out_folder: where ``<base>_annotations.csv`` are written, within the folders that lie between what was named and the
            recording; made if they are not there. None: beside each recording.
        options: thresholds and durations.
        list_file: a file that names more recordings, see :func:`~dss_widgets.dataset.recordings.gathering.gathered`.
        relative_to: the folder from which on recordings' folders are made in ``out_folder``, too.
        existing: what becomes of annotations that are there already. ``refuse``: nothing is annotated; ``skip``: those
            recordings are left out and told as skipped; ``merge``: labels by hand stay, and what overlaps none of them is added
            as a proposal, in place of earlier proposals; ``overwrite``: they are replaced.
        overwrite: the same as ``existing="overwrite"``.
        done: None for a first call. To continue after a call that was interrupted, the recordings that were told as done: they
            are left out. Annotations that lie there already are then no error: they are kept and their recordings told as
            skipped, unless ``existing`` says otherwise.
        on_progress: called with samples done and in total, of all recordings together, at the network's sample rate; the
            total is reckoned from the files' sizes until the last one was opened.
        on_notice: takes notices, such as that a recording is resampled; by default they are logged.
        on_recording: takes each recording's outcome as soon as its files are there, or it has failed.
        should_stop: is asked before every recording and after every block of one.

    Returns:
        The files that were written, in the order of the recordings; where probabilities are kept, those after the annotations.

    Raises:
        OptionsError: the thresholds and durations leave nothing to be found; nothing was written.
        DataError: the network cannot be used, or annotations are there already: nothing was written. Or recordings cannot be
            read: the others were annotated all the same, and the message tells of those that failed.
        Cancelled: ``should_stop`` said so; recordings that were told as done have their files, the others have none.
    """
    options = options or PredictionOptions()
    _refuse_errors(options)
    existing = "overwrite" if overwrite else existing
    named = [recordings] if isinstance(recordings, str | os.PathLike) else recordings
    folder = None if out_folder is None else Path(out_folder).expanduser()
    targets = [
        Target(each.path, annotations_path(each.path, folder, each.below)) for each in gathered(named, list_file, relative_to)
    ]
    check_free(files_of(targets, options), overwrite=existing != "refuse" or done is not None)
    outcomes = _Outcomes(on_recording)
    left = _left(targets, outcomes, done or (), keep=existing not in ("merge", "overwrite"))
    batch = _Batch(
        trained=load_trained(stem), options=options, merge=existing == "merge", ahead=Ahead(each.recording for each in left),
        on_progress=on_progress, on_notice=on_notice, should_stop=should_stop,
    )  # fmt: skip
    try:
        for target in left:
            _raise_if_stopped(should_stop)
            outcomes.of(target, batch.annotated)
    except OSError as error:
        place = folder or "beside the recording"
        raise DataError(f"{place}: annotations cannot be written ({error.strerror}). Choose another folder.") from error
    outcomes.raise_failures()
    return files_of(outcomes.written, options)


def files_of(targets: Sequence[Target], options: PredictionOptions) -> list[Path]:
    """Return the files of recordings' annotations, and of their probabilities where these are kept."""
    both = ((target.file, probabilities_path(target.file)) for target in targets)
    return [file for pair in both for file in (pair if options.probabilities else pair[:1])]


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Annotates one recording of many, and tells how far all of them are."""

    trained: TrainedNetwork
    options: PredictionOptions
    merge: bool
    ahead: Ahead
    on_progress: OnProgress | None
    on_notice: OnNotice | None
    should_stop: ShouldStop | None

    def annotated(self, target: Target) -> RecordingDone:
        """Return what was done with a recording; raises as :func:`annotate_file`."""
        trained, ahead, n_samples = self.trained, self.ahead, 0
        try:
            recording = open_fitting(trained, target.recording)
            n_samples = resampled_length(recording.n_samples, recording.samplerate_hz, trained.samplerate_hz)
            ahead.opened(target.recording, n_samples)
            told = annotate_file(
                trained, recording, target.file, self.options, merge=self.merge, on_progress=self._progressed,
                on_notice=self.on_notice,
            )  # fmt: skip
        except (DataError, MemoryError):
            ahead.left_out(target.recording, n_samples)
            raise
        ahead.done += n_samples
        return told

    def _progressed(self, samples: int, n_samples: int) -> None:
        if self.on_progress:
            self.on_progress(self.ahead.done + samples, self.ahead.total)
        if samples < n_samples:
            _raise_if_stopped(self.should_stop)


class _Outcomes:
    """Tells what became of recordings, and remembers which failed.

    Args:
        on_recording: takes the outcomes.
    """

    def __init__(self, on_recording: OnRecording | None) -> None:
        self.tell: OnRecording = on_recording or (lambda _done: None)
        self.written: list[Target] = []
        self._failures: list[str] = []
        self._n_failed = 0

    def of(self, target: Target, work: Callable[[Target], RecordingDone]) -> None:
        """Do something with a recording, and tell what came of it."""
        try:
            told = work(target)
        except (DataError, MemoryError) as error:
            no_memory = f"{target.recording}: there is not enough memory for it."
            self.failed(target, str(error) if isinstance(error, DataError) else no_memory)
        else:
            self.written.append(target)
            self.tell(told)

    def failed(self, target: Target, message: str) -> None:
        """Tell that a recording failed, and why."""
        self._n_failed += 1
        if self._n_failed <= _MOST_TOLD:
            self._failures.append(message)
        self.tell(RecordingDone(recording=str(target.recording), outcome="failed", message=message))

    def raise_failures(self) -> None:
        """Raise DataError that tells of failures, if there were any."""
        if self._n_failed:
            more = self._n_failed - len(self._failures)
            others = ["The other recordings were annotated."] if self.written else []
            raise DataError("\n".join([*self._failures, *([f"... and {more} more."] if more else []), *others]))


def _raise_if_stopped(should_stop: ShouldStop | None) -> None:
    if should_stop is not None and should_stop():
        raise Cancelled("Annotating was stopped: recordings that were done keep their annotations.")


def _left(
    targets: Sequence[Target], outcomes: _Outcomes, done: Collection[str | os.PathLike[str]], *, keep: bool
) -> list[Target]:
    """Return what is left to be annotated; tell of recordings whose annotations are kept."""
    known = {Path(path).absolute() for path in done}
    left = []
    for target in targets:
        if target.recording.absolute() in known:
            continue
        if keep and target.file.exists():
            outcomes.tell(told_of_kept(target))
        else:
            left.append(target)
    return left


def _refuse_errors(options: PredictionOptions) -> None:
    """Raise OptionsError if nothing could be found with such options."""
    errors = [problem for problem in options.problems() if problem.is_error]
    if errors:
        raise OptionsError(errors)
