"""Annotations of one recording, made of a network's probabilities, and the files that hold them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.table import PROPOSALS, Annotations, write_annotations
from dss_widgets.dataset.recordings.opening import Recording, open_recording
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.dataset.reviewed import read_reviewed, reviewed_path
from dss_widgets.errors import DataError
from dss_widgets.events import RecordingDone
from dss_widgets.network.outcomes import told_of
from dss_widgets.network.probabilities import OnNotice, OnProgress, check_channels, fitting, probability_blocks
from dss_widgets.network.trained import TrainedNetwork
from dss_widgets.options import PredictionOptions
from dss_widgets.results.annotation_files import probabilities_path
from dss_widgets.results.calibration import temperature_of
from dss_widgets.results.labels import Labeller, LabellingRules
from dss_widgets.results.merging import as_proposals, merge_annotations
from dss_widgets.results.probabilities_file import ProbabilitiesWriter, probabilities_file
from dss_widgets.roots import confined
from dss_widgets.whole_files import remove_leftovers_of

OnBlock = Callable[[np.ndarray], None]


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


def open_fitting(trained: TrainedNetwork, path: Path) -> Recording:
    """Open a recording that a network can annotate.

    Raises:
        DataError: it cannot be opened, is empty, or has other channels than the network knows.
    """
    recording = open_recording(path)
    if recording.n_samples == 0:
        raise DataError(f"{path}: is empty: it has no samples. Leave it out.")
    check_channels(trained, recording.n_channels, str(path))
    return recording


def length_of(trained: TrainedNetwork, recording: Recording) -> int:
    """Return how many samples a recording has at the network's sample rate."""
    return resampled_length(recording.n_samples, recording.samplerate_hz, trained.samplerate_hz)


def annotate_file(
    trained: TrainedNetwork,
    recording: Recording,
    file: Path,
    options: PredictionOptions,
    *,
    merge: bool = False,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
) -> RecordingDone:
    """Write the annotations of a recording and, where they are kept, its probabilities.

    Args:
        trained: the network.
        recording: from :func:`open_fitting`.
        file: where the annotations go; folders that are missing are made.
        options: thresholds and durations.
        merge: whether they are proposals, put beside annotations that are there already.
        on_progress, on_notice: as for :func:`annotate`.

    Returns:
        What was done.

    Raises:
        DataError: the recording cannot be read, the place lies outside of the allowed folders, or what is there cannot be read.
        OSError: the files cannot be written.
    """
    confined(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers_of(file)
    with ExitStack() as kept:
        keep = None
        if options.probabilities:
            keep = kept.enter_context(_probabilities_file(probabilities_path(file), trained, recording, options)).add
        found = annotate(trained, recording, options, on_progress=on_progress, on_notice=on_notice, on_block=keep)
    if not merge:
        write_annotations(file, found)
    elif file.exists():
        beside = file.parent.resolve() == recording.path.parent.resolve()
        reviewed = read_reviewed(reviewed_path(recording.path)) if beside else None
        found = merge_annotations(file, found, reviewed or ())
    else:
        found = as_proposals(found)
        write_annotations(file, found)
    return told_of(recording.path, file, found, seconds=recording.duration_seconds)


def _probabilities_file(
    path: Path, trained: TrainedNetwork, recording: Recording, options: PredictionOptions
) -> AbstractContextManager[ProbabilitiesWriter]:
    return probabilities_file(
        path, trained.class_names, trained.class_types, trained.samplerate_hz,
        recording=recording.path.name, network=trained.stem.name, options=options,
        temperature=temperature_of(trained.params),
    )  # fmt: skip
