"""Finding thresholds and durations again for a network that is already trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dss_widgets.dataset.splits.validation_cut import validation_cut
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.network.evaluate import own_dataset
from dss_widgets.network.probabilities import OnProgress
from dss_widgets.network.trained import load_trained
from dss_widgets.network.tune import tune
from dss_widgets.options import TrainingOptions


def retune(
    stem: str | os.PathLike[str], dataset: Dataset | None = None, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """Find thresholds and durations on a network's own validation data, and keep them in its params.

    What each threshold does there, and how reliable probabilities are, is kept beside, to choose by.

    Args:
        stem: path of the network's files, without their endings.
        dataset: the dataset that it was trained on, where it lies now; None, or any other: where the params say that it lies.
        on_progress: called with samples done and in total; what it raises ends the work, and the params stay as they are.

    Returns:
        What was found, under DAS's names; see :class:`~dss_widgets.network.tune.FoundOnValidation`.

    Raises:
        DataError: the network or its dataset cannot be used, or there is no song in its validation data.
    """
    trained = load_trained(stem)
    dataset = own_dataset(trained, dataset)
    found = tune(trained, dataset, validation_cut(_options(trained.params), dataset), thresholds=True, on_progress=on_progress)
    if found.post_opt is None:
        raise DataError(f"{dataset.path}: has no song in its validation data to find thresholds with.")
    found.kept_with(trained)
    return dict(found.post_opt)


def _options(params: Mapping[str, Any]) -> TrainingOptions:
    """Return the options that a network was trained with; the defaults for one of DAS's."""
    told = params.get("dss_widgets")
    values = told.get("options") if isinstance(told, Mapping) else None
    try:
        return TrainingOptions.from_dict(values) if isinstance(values, Mapping) else TrainingOptions()
    except OptionsError:
        return TrainingOptions()
