"""What a network's errors are, in words, and where in the recordings they can be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.panels.datasets.facts import Source, sources
from dss_widgets.panels.forms.code import assembled_with
from dss_widgets.panels.results.outcome import OutcomeLabels, tested_split
from dss_widgets.panels.style.words import duration, listing
from dss_widgets.results.worst import WorstStretch, labels_of
from dss_widgets.review import Stretch
from dss_widgets.roots import why_refused


def mistakes(annotated: np.ndarray, predicted: np.ndarray, names: Sequence[str], samplerate_hz: float) -> str:
    """Return the three longest confusions in words, longest first: ``12 ms of ‘a’ labelled as ‘b’``.

    Args:
        annotated, predicted: classes, ``[samples]``.
        names: of the classes, noise first.
        samplerate_hz: of the samples.
    """
    pairs, counts = np.unique(np.stack([annotated, predicted]), axis=1, return_counts=True)
    told = []
    for i in np.argsort(-counts, kind="stable").tolist():
        was, taken = int(pairs[0, i]), int(pairs[1, i])
        if was == taken:
            continue
        lasting = duration(counts[i] / samplerate_hz)
        if taken == 0:
            told.append(f"{lasting} of ‘{names[was]}’ missed")
        elif was == 0:
            told.append(f"{lasting} of ‘{names[taken]}’ predicted where nothing is annotated")
        else:
            told.append(f"{lasting} of ‘{names[was]}’ labelled as ‘{names[taken]}’")
    return listing(told[:3])


def to_correct(labels: OutcomeLabels, stretches: Sequence[WorstStretch]) -> dict[int, Stretch]:
    """Return stretches of a test as those of the recordings that they are from, where these still lie where they were.

    Returns:
        The stretches by their places among those that were given.

    Raises:
        DataError: the results file cannot be read.
    """
    found, rate = {}, labels.samplerate_hz
    for i, (path, source) in recordings_of(labels, stretches).items():
        told = mistakes(*labels_of(labels.results, stretches[i].start, stretches[i].stop), labels.class_names, rate)
        found[i] = Stretch(str(path), source.start_seconds, source.stop_seconds, told, stretches[i].n_wrong / rate)
    return found


def recordings_of(labels: OutcomeLabels, stretches: Sequence[WorstStretch]) -> dict[int, tuple[Path, Source]]:
    """Return the recordings of stretches that are there, by the stretches' places."""
    rate, found = labels.samplerate_hz, dict[int, tuple[Path, Source]]()
    try:
        dataset, _ = tested_split(labels.results)
    except DataError:
        return {}
    options = assembled_with(dataset)
    named = [Path(options.data_folder)] if options is not None and options.data_folder else []
    for i, stretch in enumerate(stretches):
        for source in sources(dataset, "test", stretch.start / rate, stretch.stop / rate)[:1]:
            places = (folder / source.file for folder in (*named, dataset.path.with_suffix("")))
            path = next(filter(_is_there, places), None)
            if path is not None:
                found[i] = path, source
    return found


def _is_there(recording: Path) -> bool:
    return not why_refused(recording) and recording.is_file()
