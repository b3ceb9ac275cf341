"""Annotations of one recording, made of networks' probabilities, and the files that hold them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import chain, groupby
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import PROPOSALS, Annotations
from dss_widgets.dataset.annotations.table import write_annotations
from dss_widgets.dataset.recordings.opening import Recording, open_recording
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.dataset.reviewed import read_reviewed, reviewed_path
from dss_widgets.errors import DataError
from dss_widgets.events import RecordingDone
from dss_widgets.network.computed import Computed, computed
from dss_widgets.network.ensemble import TrainedEnsemble
from dss_widgets.network.outcomes import told_of
from dss_widgets.network.probabilities import OnNotice, OnProgress, check_channels
from dss_widgets.network.trained import TrainedNetwork
from dss_widgets.options import PredictionOptions
from dss_widgets.results.annotation_files import probabilities_path
from dss_widgets.results.merging import as_proposals, merge_annotations
from dss_widgets.results.probabilities_file import ProbabilitiesWriter, probabilities_file
from dss_widgets.roots import confined

OnBlock = Callable[[np.ndarray], None]

_log = logging.getLogger("dss_widgets")


def annotate(
    trained: TrainedNetwork | TrainedEnsemble,
    recording: Recording,
    options: PredictionOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
    on_block: OnBlock | None = None,
) -> Annotations:
    """Return the annotations that a network, or several together, give a recording, of any length, in bounded memory.

    Args:
        trained: the network, or several.
        recording: at any sample rate.
        options: thresholds and durations, and whether to compute with fewer digits.
        on_progress: called with samples done and in total, at the (first) network's sample rate.
        on_notice: takes notices; by default they are logged.
        on_block: takes the probabilities ``[samples, classes]``, block by block; of networks at one sample rate alone.

    Raises:
        DataError: the recording has other channels than the network knows, or cannot be read.
    """
    options = options or PredictionOptions()
    ensemble = trained if isinstance(trained, TrainedEnsemble) else TrainedEnsemble.alone(trained)
    ensemble = ensemble.with_half_precision() if options.fast else ensemble
    parts = computed(ensemble, recording, on_notice or _log.warning)
    return labels_of(ensemble, recording, parts, options, on_progress=on_progress, on_block=on_block)


def labels_of(
    ensemble: TrainedEnsemble,
    recording: Recording,
    parts: Iterable[Computed],
    options: PredictionOptions,
    *,
    on_progress: OnProgress | None = None,
    on_block: OnBlock | None = None,
) -> Annotations:
    """Return the annotations of a recording that follow from what networks make of it; see :func:`annotate`."""
    total = length_of(ensemble, recording)
    of_groups = list(_found(ensemble, total, parts, options, on_progress=on_progress, on_block=on_block))
    found = Annotations.joined(of_groups or [Annotations.of([])])
    order = np.lexsort((found.stop_seconds, found.start_seconds))
    ending = PROPOSALS if options.proposals else ""
    latest = recording.duration_seconds
    return Annotations.of(
        (f"{found.names[i]}{ending}", min(float(found.start_seconds[i]), latest), min(float(found.stop_seconds[i]), latest))
        for i in order
    )


def _found(
    ensemble: TrainedEnsemble,
    total: int,
    parts: Iterable[Computed],
    options: PredictionOptions,
    *,
    on_progress: OnProgress | None,
    on_block: OnBlock | None,
) -> Iterator[Annotations]:
    """Yield what each group of networks finds in a recording of so many samples in all."""
    for _, of_turn in groupby(parts, lambda part: part.turn):
        first = next(of_turn)
        groups = [group for group in ensemble.groups if any(group.networks[0] is network for network in first.networks)]
        labellers = [group.labeller(options) for group in groups]
        for part in chain([first], of_turn):
            of_network = {id(network): block for network, block in zip(part.networks, part.blocks, strict=True)}
            means = [group.mean(of_network) for group in groups]
            for labeller, mean in zip(labellers, means, strict=True):
                labeller.add(mean)
            if on_block:
                on_block(ensemble.side_by_side(means))
            if on_progress:
                on_progress((part.turn * total + part.stop * total // part.n_samples) // part.n_turns, total)
        yield from (group.answered(labeller) for group, labeller in zip(groups, labellers, strict=True))


def open_fitting(trained: TrainedEnsemble, path: Path) -> Recording:
    """Open a recording that networks can annotate.

    Raises:
        DataError: it cannot be opened, is empty, or has other channels than the network knows.
    """
    recording = open_recording(path)
    if recording.n_samples == 0:
        raise DataError(f"{path}: is empty: it has no samples. Leave it out.")
    check_channels(trained.first, recording.n_channels, str(path))
    return recording


def length_of(trained: TrainedEnsemble, recording: Recording) -> int:
    """Return how many samples a recording has at the sample rate of the (first) network."""
    return resampled_length(recording.n_samples, recording.samplerate_hz, trained.first.samplerate_hz)


def annotate_file(
    trained: TrainedEnsemble,
    recording: Recording,
    file: Path,
    options: PredictionOptions,
    *,
    merge: bool = False,
    parts: Iterable[Computed] | None = None,
    on_progress: OnProgress | None = None,
    on_notice: OnNotice | None = None,
) -> RecordingDone:
    """Write the annotations of a recording and, where they are kept, its probabilities.

    Args:
        trained: the networks.
        recording: from :func:`open_fitting`.
        file: where the annotations go; folders that are missing are made.
        options: thresholds and durations.
        merge: whether they are proposals, put beside annotations that are there already.
        parts: what the networks make of the recording, where that is computed in advance; None: it is computed here.
        on_progress, on_notice: as for :func:`annotate`.

    Returns:
        What was done.

    Raises:
        DataError: the recording cannot be read, the place lies outside of the allowed folders, or what is there cannot be read.
        OSError: the files cannot be written.
    """
    confined(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as kept:
        keep = None
        if options.probabilities:
            keep = kept.enter_context(_probabilities_file(probabilities_path(file), trained, recording, options)).add
        parts = computed(trained, recording, on_notice or _log.warning) if parts is None else parts
        found = labels_of(trained, recording, parts, options, on_progress=on_progress, on_block=keep)
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
    path: Path, trained: TrainedEnsemble, recording: Recording, options: PredictionOptions
) -> AbstractContextManager[ProbabilitiesWriter]:
    return probabilities_file(
        path, trained.class_names, trained.class_types, trained.first.samplerate_hz,
        recording=recording.path.name, network=trained.name, options=options, temperature=trained.temperature,
    )  # fmt: skip
