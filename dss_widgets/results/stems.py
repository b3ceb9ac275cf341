"""The names of what a run leaves: a stem, and what follows it."""

from __future__ import annotations

import os
from pathlib import Path

RUN_SUFFIX = ".run"
"""Ending of the run's own folder."""

CHECKPOINT = "checkpoint.npz"
"""Name of the file in a run's folder from which a training goes on."""

KERAS_SUFFIX = "_model.keras"
"""Ending of the whole network's file: architecture and weights, as DAS 0.33 has them too."""

WEIGHTS_SUFFIX = "_model.h5"
"""Ending of the file with the weights alone, in the layout of DAS 0.32."""

NETWORK_SUFFIXES = (KERAS_SUFFIX, WEIGHTS_SUFFIX)
"""Endings of the files that hold a network's weights; either is enough, and the first that is there counts."""

PARAMS_SUFFIX = "_params.yaml"
"""Ending of the file with what a network was made and trained with."""

RESULTS_SUFFIX = "_results.h5"
"""Ending of the file with a test's scores, targets and predictions."""

ROUNDS_SUFFIX = "_rounds.json"
"""Ending of the file that tells what each round of correcting brought."""

ENDINGS = (*NETWORK_SUFFIXES, PARAMS_SUFFIX, RESULTS_SUFFIX, ROUNDS_SUFFIX, RUN_SUFFIX)
"""What follows the stem in the names of a run's files."""


def stem_of(text: str | os.PathLike[str]) -> Path:
    """Return the stem that a run's folder, one of its files, or the stem itself stands for."""
    path = Path(os.path.abspath(Path(text).expanduser()))
    for ending in ENDINGS:
        if path.name.endswith(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path


def network_files(stem: Path) -> list[Path]:
    """Return the files beside a stem that hold its network's weights, the one that counts first."""
    paths = [stem.with_name(stem.name + ending) for ending in NETWORK_SUFFIXES]
    return [path for path in paths if path.is_file()]
