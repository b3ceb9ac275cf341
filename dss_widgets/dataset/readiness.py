"""Whether a dataset can be trained on with given options: rules between the two, for form, terminal and worker alike."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import DataError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.options.assembly import SPLIT_WORDS


def training_problems(options: TrainingOptions) -> list[Problem]:
    """Return everything that stands against training: the options' own problems and those with their dataset."""
    problems = list(options.problems())
    if any(problem.is_error and problem.field == "store_folder" for problem in problems):
        return problems
    try:
        dataset = open_dataset(options.store_path)
        problems += _dataset_problems(options, dataset)
    except DataError as error:
        problems.append(Problem(str(error), field="store_folder"))
    return problems


def chunks_in(n_samples: int, options: TrainingOptions) -> int:
    """Return how many chunks a split of ``n_samples`` has; a last, incomplete one counts."""
    if n_samples == 0:
        return 0
    return max(1, math.ceil((n_samples - 2 * options.boundary) / max(1, options.chunk_stride)))


def _dataset_problems(options: TrainingOptions, dataset: Dataset) -> Iterator[Problem]:
    if options.has_frontend and dataset.n_channels > 1:
        yield Problem(
            f"needs audio with one channel, but this dataset has {dataset.n_channels}.",
            "Choose 'none' as frontend: the network then works on the waveforms of all channels.",
            field="frontend",
        )
    if options.song_type and options.song_type not in dataset.song_types:
        having = ", ".join(dataset.song_types)
        yield Problem(
            f"{options.song_type!r} has no individual targets in this dataset ({having or 'there are none at all'}).",
            "Choose one of those, or leave it empty." if having else "Leave it empty, or assemble with individual targets.",
            field="song_type",
        )
    train, val, test = (dataset.split(name).n_samples for name in ("train", "val", "test"))
    if train == 0:
        yield Problem("has an empty train split.", "Assemble it with a larger train fraction.", field="store_folder")
    elif options.data_fraction * train < options.chunk_duration:
        yield Problem(
            f"is longer than all training data ({options.data_fraction * train:.0f} samples).",
            "Use shorter chunks or more data.",
            field="chunk_duration",
        )
    if val == 0:
        yield Problem(
            "has an empty validation split: nothing tells when to stop, and the last epoch's network is kept.",
            "Assemble it with a validation fraction of 0.1 or more.",
            severity="warning",
            field="store_folder",
        )
    elif options.data_fraction * val < options.chunk_duration:
        yield Problem(
            f"is longer than the validation data ({options.data_fraction * val:.0f} samples), which is padded with silence.",
            "Use shorter chunks or more validation data.",
            severity="warning",
            field="chunk_duration",
        )
    if test == 0:
        yield Problem(
            f"has no {SPLIT_WORDS['test']} split: there will be no scores at the end.",
            "Assemble it with a test fraction above 0.",
            severity="warning",
            field="store_folder",
        )
