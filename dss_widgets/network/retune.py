"""Finding thresholds and durations again for a network that is already trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dss_widgets.dataset.splits.validation_cut import validation_cut
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.network.evaluate import own_dataset
from dss_widgets.network.probabilities import OnProgress
from dss_widgets.network.trained import load_trained
from dss_widgets.network.tune import tune
from dss_widgets.options import TrainingOptions
from dss_widgets.results.params_file import write_params


def retune(
    stem: str | os.PathLike[str], dataset: Dataset | None = None, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """Find thresholds and durations on a network's own validation data, and keep them in its params.

    Args:
        stem: path of the network's files, without their endings.
        dataset: the dataset that it was trained on, where it lies now; None, or any other: where the params say that it lies.
        on_progress: called with samples done and in total; what it raises ends the work, and the params stay as they are.

    Returns:
        What was found, as :func:`~dss_widgets.network.tune.tune` returns it.

    Raises:
        DataError: the network or its dataset cannot be used, or there is no song in its validation data.
    """
    trained = load_trained(stem)
    dataset = own_dataset(trained, dataset)
    found = tune(trained, dataset, validation_cut(_options(trained.params), dataset), thresholds=True, on_progress=on_progress)
    if found is None:
        raise DataError(f"{dataset.path}: has no song in its validation data to find thresholds with.")
    write_params(Path(str(trained.stem) + PARAMS_SUFFIX), {**trained.params, "post_opt": found})
    return found


def _options(params: Mapping[str, Any]) -> TrainingOptions:
    """Return the options that a network was trained with; the defaults for one of DAS's."""
    told = params.get("dss_widgets")
    values = told.get("options") if isinstance(told, Mapping) else None
    try:
        return TrainingOptions.from_dict(values) if isinstance(values, Mapping) else TrainingOptions()
    except OptionsError:
        return TrainingOptions()
