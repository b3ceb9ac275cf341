"""Annotating recordings, however many: which ones, what is left of them, and who does it.

What computes networks is imported where a recording is annotated, be that here or in other processes.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.errors import Cancelled, DataError, OptionsError
from dss_widgets.network.elsewhere import Work
from dss_widgets.network.outcomes import OnRecording, Outcomes, Target
from dss_widgets.network.spread import Spread
from dss_widgets.options import PredictionOptions
from dss_widgets.options.prediction import Combine, Existing
from dss_widgets.results.annotation_files import annotations_path, check_free, probabilities_path
from dss_widgets.results.ensemble import plan_ensemble
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import why_refused
from dss_widgets.whole_files import remove_leftovers_of

Stems = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A network's stem, or several."""

OnNotice = Callable[[str], None]
OnProgress = Callable[[int, int], None]
ShouldStop = Callable[[], bool]

_log = logging.getLogger("dss_widgets")


def predict(
    stem: Stems,
    recordings: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    out_folder: str | os.PathLike[str] | None = None,
    options: PredictionOptions | None = None,
    *,
    combine: Combine = "best",
    list_file: str | os.PathLike[str] = "",
    relative_to: str | os.PathLike[str] = "",
    existing: Existing = "refuse",
    overwrite: bool = False,
    done: Collection[str | os.PathLike[str]] | None = None,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    on_recording: OnRecording | None = None,
    should_stop: ShouldStop | None = None,
    executor: Executor | None = None,
) -> list[Path]:
    """Annotate recordings with a trained network, or several together; one that is damaged does not hold up the others.

    They are opened one after the other, so that memory and open files do not grow with their number.

    Args:
        stem: path of the network's files, without their endings; or of several networks', which are used together as
            :func:`~dss_widgets.results.ensemble.plan_ensemble` tells.
        recordings: audio files, folders with recordings in them and below, or patterns such as ``season/**/*.wav``; or one.
        out_folder: where ``<base>_annotations.csv`` are written, within the folders that lie between what was named and the
            recording; made if they are not there. None: beside each recording.
        options: thresholds and durations, and whether to compute with fewer digits.
        combine: of several networks: ``best``, or the ``mean`` of those that know a song type.
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
        executor: annotates the recordings, in whichever order, threads, processes or machines: the files are the same, byte by
            byte, on processors of one kind; what ``fast`` changes is told of the processor here. It needs this package, and
            the paths must lead to the same files there. :class:`~dss_widgets.network.processes.Processes` are processes of
            this machine; ``dask.distributed``'s is ``Client.get_executor()``. None: one after the other, here. One that
            cannot take back what it began, such as ``dask.distributed``'s, may finish recordings after a stop. Where an
            executor loses a recording, such as when its process is killed, it is tried once more.

    Returns:
        The files that were written, in the order of the recordings; where probabilities are kept, those after the annotations.

    Raises:
        OptionsError: the thresholds and durations leave nothing to be found; nothing was written.
        DataError: a network cannot be used, several do not go together, or annotations are there already: nothing was written.
            Or recordings cannot be read: the others were annotated all the same, and the message tells of those that failed.
        Cancelled: ``should_stop`` said so; recordings that were told as done have their files, the others have none.
    """
    options = options or PredictionOptions()
    _refuse_errors(options)
    networks = _checked(stem, combine, options, on_notice or _log.warning)
    existing = "overwrite" if overwrite else existing
    named = [recordings] if isinstance(recordings, str | os.PathLike) else recordings
    folder = None if out_folder is None else Path(out_folder).expanduser()
    targets = [
        Target(each.path, annotations_path(each.path, folder, each.below)) for each in gathered(named, list_file, relative_to)
    ]
    check_free(files_of(targets, options), overwrite=existing != "refuse" or done is not None)
    outcomes = Outcomes(targets, on_recording)
    left = _left(targets, outcomes, done or (), keep=existing not in ("merge", "overwrite"))
    _tidy(files_of(left, options))
    at_work: dict[str, Any] = {
        "on_progress": on_progress or _nothing, "on_notice": on_notice or _log.warning, "check": partial(_check, should_stop),
    }  # fmt: skip
    if options.fast and left:
        _tell_half_precision(networks, combine, left, on_notice or _log.warning)
    try:
        if executor is None:
            _one_by_one(networks, combine, options, outcomes, merge=existing == "merge", **at_work).annotate(left)
        else:
            Spread(executor, _work(networks, combine, options, merge=existing == "merge"), outcomes, **at_work).annotate(left)
    except OSError as error:
        place = folder or "beside the recording"
        raise DataError(f"{place}: annotations cannot be written ({error.strerror}). Choose another folder.") from error
    outcomes.raise_failures()
    return files_of(outcomes.written, options)


def _checked(stem: Stems, combine: Combine, options: PredictionOptions, on_notice: OnNotice) -> tuple[Path, ...]:
    """Return the stems of the networks; of several, tell what should be known of how they go together."""
    named = (stem,) if isinstance(stem, str | os.PathLike) else tuple(stem)
    if len(named) > 1:
        ensemble = plan_ensemble(named, combine)
        if options.probabilities:
            ensemble.check_probabilities()
        for note in ensemble.notes:
            on_notice(note)
    return tuple(stem_of(each) for each in named)


def _one_by_one(
    networks: Sequence[Path], combine: Combine, options: PredictionOptions, outcomes: Outcomes, **at_work: Any
) -> Any:
    from dss_widgets.network.ensemble import load_networks
    from dss_widgets.network.one_by_one import OneByOne

    return OneByOne(load_networks(networks, combine, fast=options.fast), options, outcomes, **at_work)


def _tell_half_precision(networks: Sequence[Path], combine: Combine, targets: Sequence[Target], on_notice: OnNotice) -> None:
    from dss_widgets.network.ensemble import load_networks
    from dss_widgets.network.half_precision import tell_half_precision

    tell_half_precision(load_networks(networks, combine), [target.recording for target in targets], on_notice)


def _work(networks: Sequence[Path], combine: Combine, options: PredictionOptions, *, merge: bool) -> Callable[[Target], Work]:
    """Return what makes of a recording what an executor is given; every path means the same there as here."""
    alike: dict[str, Any] = {
        "call": uuid.uuid4().hex, "stems": tuple(str(stem.absolute()) for stem in networks), "combine": combine,
        "options": options.as_dict(), "merge": merge,
    }  # fmt: skip
    return lambda target: Work(recording=str(target.recording.absolute()), file=str(target.file.absolute()), **alike)


def files_of(targets: Sequence[Target], options: PredictionOptions) -> list[Path]:
    """Return the files of recordings' annotations, and of their probabilities where these are kept."""
    both = ((target.file, probabilities_path(target.file)) for target in targets)
    return [file for pair in both for file in (pair if options.probabilities else pair[:1])]


def _tidy(files: Sequence[Path]) -> None:
    """Remove what killed calls left half written of files, in folders that may be used."""
    allowed = {folder for folder in {file.parent for file in files} if not why_refused(folder)}
    remove_leftovers_of(*(file for file in files if file.parent in allowed))


def _nothing(_done: int, _total: int) -> None:
    """Take progress that nobody wants to hear of."""


def _check(should_stop: ShouldStop | None) -> None:
    if should_stop is not None and should_stop():
        raise Cancelled("Annotating was stopped: recordings that were done keep their annotations.")


def _left(
    targets: Sequence[Target], outcomes: Outcomes, done: Collection[str | os.PathLike[str]], *, keep: bool
) -> list[Target]:
    """Return what is left to be annotated; tell of recordings whose annotations are kept."""
    known = {Path(path).absolute() for path in done}
    left = []
    for target in targets:
        if target.recording.absolute() in known:
            continue
        if keep and target.file.exists():
            outcomes.kept(target)
        else:
            left.append(target)
    return left


def _refuse_errors(options: PredictionOptions) -> None:
    """Raise OptionsError if nothing could be found with such options."""
    errors = [problem for problem in options.problems() if problem.is_error]
    if errors:
        raise OptionsError(errors)
