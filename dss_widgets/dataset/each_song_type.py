"""The trainings of which each is for one song type of a dataset."""

from __future__ import annotations

from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.dataset.suited import advice_for
from dss_widgets.errors import DataError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.options.each_song_type import EachSongTypeOptions
from dss_widgets.options.suggestion import as_options


def each_training(options: EachSongTypeOptions, dataset: Dataset) -> dict[str, TrainingOptions]:
    """Return how the network for each song type is trained, by the types' names.

    Args:
        options: what is the same for all.
        dataset: what is trained on; song types without individual targets have no network.

    Raises:
        DataError: the dataset cannot be read.
    """
    found = {}
    for song_type in dataset.song_types:
        common = {**options.common(), "song_type": song_type}
        found[song_type] = options.training(song_type, as_options(advice_for(dataset, common)) if options.suit else {})
    return found


def without_targets(options: EachSongTypeOptions) -> list[Problem]:
    """Return a problem where a dataset has no individual targets, for one or all of its song types.

    One that cannot be opened has none here: that is told elsewhere.
    """
    try:
        dataset = open_dataset(options.store_path)
        without = [name for name in dataset.class_names[1:] if name not in dataset.song_types]
    except DataError:
        return []
    if not dataset.song_types:
        return [
            Problem(
                "has no individual targets, which a network for one song type learns from.",
                "Assemble it with individual targets (--individual-targets).", field="store_folder",
            )
        ]  # fmt: skip
    if not without:
        return []
    told = f"has no individual targets for {', '.join(without)}: no network is trained for these."
    return [Problem(told, "Assemble it again with individual targets.", severity="warning", field="store_folder")]
