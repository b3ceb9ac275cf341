"""The checkpoint in the run's folder: all it takes to go on as if nothing had happened."""

from __future__ import annotations

import glob
import json
import shutil
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.errors import RunError
from dss_widgets.network.schedule import BestSoFar, LearningRate
from dss_widgets.results.stems import CHECKPOINT
from dss_widgets.whole_files import appearing_whole

_DAMAGED = (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile, zlib.error)
"""What reading a file raises that is not a checkpoint, or is no longer whole."""


@dataclass
class TrainingState:
    """Where training stands at the end of an epoch.

    Attributes:
        epoch: epochs done.
        step: steps done, over all epochs.
        seconds: time spent.
        best: the best epoch so far.
        history: values by name, one an epoch; None where there was none.
        seed: fixes weights, choice of data and orders.
        zero_recall: epochs in a row in which a type was never found, by name.
        fingerprint: of the dataset; empty in checkpoints of early versions.
    """

    seed: int
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: BestSoFar = field(default_factory=BestSoFar)
    history: dict[str, list[float | None]] = field(default_factory=dict)
    zero_recall: dict[str, int] = field(default_factory=dict)
    fingerprint: str = ""


Arrays = list[np.ndarray]


def save_checkpoint(
    folder: Path, state: TrainingState, rate: LearningRate, *, weights: Arrays, optimizer: Arrays, best_weights: Arrays
) -> None:
    """Write a checkpoint, which replaces the last one when it is complete.

    Raises:
        RunError: it cannot be written; the last one is still there.
    """
    told = {"state": asdict(state), "rate": asdict(rate)}
    arrays = {"told": np.array(json.dumps(told))}
    for name, group in (("weights", weights), ("optimizer", optimizer), ("best", best_weights)):
        arrays |= {f"{name}_{i}": array for i, array in enumerate(group)}
    try:
        with appearing_whole(folder / CHECKPOINT) as partial, open(partial, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type] # numpy's stub takes a keyword for its flag
    except OSError as error:
        raise RunError(
            f"{folder / CHECKPOINT}: cannot be written ({error.strerror or error}). Free some space, then go on with the run."
        ) from error


def remove_leftovers(folder: Path, beginning: str) -> None:
    """Remove what killed processes left half written: hidden partial files and folders whose names have this beginning."""
    for path in folder.glob(f".{glob.escape(beginning)}*.partial*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            continue
        with suppress(OSError):
            path.unlink()


def load_checkpoint(folder: Path, rate: LearningRate) -> tuple[TrainingState, Arrays, Arrays, Arrays] | None:
    """Read a checkpoint; ``rate`` takes on what the checkpoint says of it.

    Returns:
        State, weights, the optimizer's variables and the best weights; None if there is no checkpoint.

    Raises:
        RunError: the checkpoint cannot be read.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as archive:
            told: dict[str, Any] = json.loads(str(archive["told"]))
            groups = [_group(archive, name) for name in ("weights", "optimizer", "best")]
        values = told["state"]
        state = TrainingState(**{**values, "best": BestSoFar(**values["best"])})
        rates = {name: told["rate"][name] for name in ("factor", "best", "waited")}
    except _DAMAGED as error:
        raise RunError(f"{path}: is not a readable checkpoint ({error}). Start the training anew.") from error
    for name, value in rates.items():
        setattr(rate, name, value)
    return state, groups[0], groups[1], groups[2]


def _group(archive: Any, name: str) -> Arrays:
    numbers = sorted(int(key.rpartition("_")[2]) for key in archive.files if key.startswith(f"{name}_"))
    return [archive[f"{name}_{number}"] for number in numbers]
