"""Training options that suit a dataset: what is suggested for it, around what somebody has chosen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.options.suggestion import Advice, as_options, suggest
from dss_widgets.options.training import TrainingOptions


def advice_for(dataset: Dataset, chosen: Mapping[str, Any] | None = None) -> tuple[Advice, ...]:
    """Return what is suggested for a dataset, with the reasons.

    Args:
        dataset: what is trained on.
        chosen: options that somebody has chosen, with their values; nothing is suggested for them, and all else goes with them.

    Raises:
        DataError: the dataset has no individual targets for the song type that was chosen.
    """
    chosen = chosen or {}
    return suggest(song_facts(dataset, str(chosen.get("song_type", ""))), chosen)


def suited_options(store: str | os.PathLike[str], **chosen: Any) -> TrainingOptions:
    """Return training options that suit a dataset.

    Args:
        store: the dataset's folder.
        chosen: options that are to have a value of your own; the others go with them.

    Raises:
        DataError: the dataset cannot be read.
        OptionsError: a chosen option does not exist, or cannot have that value.

    Example:
        >>> suited_options("song.npy", seed=1, blocks=3).chunk_duration
        8192
    """
    TrainingOptions.from_dict(chosen)
    advice = advice_for(open_dataset(Path(store)), chosen)
    return TrainingOptions(**{**as_options(advice), **chosen, "store_folder": os.fspath(store)})
