"""How a network is trained that is to be like another one, or as is suggested for its data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.options import TrainingOptions
from dss_widgets.options.suggestion import as_options, suggest
from dss_widgets.results.params_file import read_params
from dss_widgets.results.params_options import options_of_params
from dss_widgets.results.stems import stem_of


def training_like(like: str, store: Path, *, epochs: int | None = None, **changes: Any) -> TrainingOptions:
    """Return how a network is trained on a dataset.

    Args:
        like: a trained network, whose options are taken; '': those that are suggested for the data.
        store: the dataset.
        epochs: instead of the others; None: as they are.
        changes: options that have other values.

    Raises:
        DataError: the network's params, or the dataset, cannot be read.
        OptionsError: they hold a value that an option cannot have.
    """
    if like:
        values = options_of_params(read_params(Path(f"{stem_of(like)}{PARAMS_SUFFIX}")))
    else:
        values = as_options(suggest(song_facts(open_dataset(store))))
    values |= {"store_folder": str(store), "save_folder": "", "tensorboard": False, **changes}
    return TrainingOptions(**values | ({"epochs": epochs} if epochs else {}))
