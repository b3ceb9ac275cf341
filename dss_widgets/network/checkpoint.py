"""The checkpoint in the run's folder: all it takes to resume as if nothing had happened, also within an epoch."""

from __future__ import annotations

import glob
import json
import os
import shutil
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from dss_widgets.errors import RunError
from dss_widgets.network.schedule import BestSoFar, LearningRate
from dss_widgets.results.stems import CHECKPOINT
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

SAVE_EVERY_SECONDS = 30.0
"""Within an epoch: what a process that is killed loses, at most, is what it learned in that time."""

MAX_WRITING_SHARE = 0.05
"""Share of the time that may be spent on writing checkpoints; where one takes long, they are written less often."""

LIGHT_SECONDS = 0.2
"""A checkpoint that is written in less than that is written after every epoch, however short the epochs are."""

_MAX_CHARACTERS = 2**24
"""Characters of the state, at most; enough for tens of thousands of epochs."""

Arrays = list[np.ndarray]


@dataclass
class EpochProgress:
    """How far the current epoch has come.

    Attributes:
        steps: steps of learning that it has; 0 where it has not begun.
        step: how many of them are done.
        loss_sum, weight_sum: of these.
        seconds, waited: spent on them, and waiting for data meanwhile.
        val_step: batches of validation that are done.
        val_loss_sum, val_weight_sum: of these.
        val_seconds: spent on them.
        confusion: of these, ``[classes, classes]``, annotated classes in rows; empty before the first.
    """

    steps: int = 0
    step: int = 0
    loss_sum: float = 0.0
    weight_sum: float = 0.0
    seconds: float = 0.0
    waited: float = 0.0
    val_step: int = 0
    val_loss_sum: float = 0.0
    val_weight_sum: float = 0.0
    val_seconds: float = 0.0
    confusion: list[list[float]] = field(default_factory=list)

    @property
    def loss(self) -> float:
        """Mean loss of learning."""
        return self.loss_sum / max(self.weight_sum, 1e-9)

    @property
    def val_loss(self) -> float:
        """Mean loss of validation."""
        return self.val_loss_sum / max(self.val_weight_sum, 1e-9)


@dataclass
class TrainingState:
    """Where training stands.

    Attributes:
        epoch: epochs done.
        step: steps done, over all epochs.
        seconds: time spent on the epochs that are done.
        best: the best epoch so far.
        history: values by name, one an epoch; None where there was none.
        seed: fixes weights, choice of data and orders.
        zero_recall: epochs in a row in which a type was never found, by name.
        fingerprint: of the dataset; empty in checkpoints of early versions.
        so_far: the current epoch.
        first_epoch, first_step: epochs and steps that were done when learning was begun again; 0 in the first attempt.
    """

    seed: int
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: BestSoFar = field(default_factory=BestSoFar)
    history: dict[str, list[float | None]] = field(default_factory=dict)
    zero_recall: dict[str, int] = field(default_factory=dict)
    fingerprint: str = ""
    so_far: EpochProgress = field(default_factory=EpochProgress)
    first_epoch: int = 0
    first_step: int = 0

    @property
    def is_second_attempt(self) -> bool:
        """Whether learning was begun again."""
        return self.first_step > 0

    @property
    def losses(self) -> list[float]:
        """Losses of training of the epochs of this attempt."""
        return [loss for loss in self.history.get("loss", [])[self.first_epoch :] if loss is not None]


class CheckpointSchedule:
    """Decides when a checkpoint is written: often enough that little is lost, rarely enough that it costs little."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._took = 0.0

    def is_due(self, *, epoch_ended: bool) -> bool:
        """Return whether to write one at this moment."""
        least = 0.0 if epoch_ended else SAVE_EVERY_SECONDS
        if not epoch_ended or self._took > LIGHT_SECONDS:
            least = max(least, self._took / MAX_WRITING_SHARE)
        return time.monotonic() - self._last >= least

    def written(self, began: float) -> None:
        """Take note that one was written; ``began`` as :func:`time.monotonic` told then."""
        self._last = time.monotonic()
        self._took = self._last - began


def save_checkpoint(
    folder: Path, state: TrainingState, rate: LearningRate, *, weights: Arrays, optimizer: Arrays, best_weights: Arrays,
    average: Sequence[np.ndarray] = (),
) -> None:  # fmt: skip
    """Write a checkpoint, which replaces the last one when it is complete.

    Raises:
        RunError: it cannot be written; the last one is still there.
    """
    told = {"state": asdict(state), "rate": asdict(rate)}
    arrays = {"told": np.array(json.dumps(told))}
    for name, group in (("weights", weights), ("optimizer", optimizer), ("best", best_weights), ("average", average)):
        arrays |= {f"{name}_{i}": array for i, array in enumerate(group)}
    try:
        with appearing_whole(folder / CHECKPOINT) as partial, open(partial, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type] # numpy's stub takes a keyword for its flag
    except OSError as error:
        raise RunError(
            f"{folder / CHECKPOINT}: cannot be written ({error.strerror or error}). Free some space, then resume the run."
        ) from error


def remove_leftovers(folder: Path, beginning: str) -> None:
    """Remove what killed processes left half written: hidden partial files and folders whose names have this beginning."""
    for path in folder.glob(f".{glob.escape(beginning)}*.partial*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            continue
        with suppress(OSError):
            path.unlink()


def load_checkpoint(folder: Path, rate: LearningRate) -> tuple[TrainingState, Arrays, Arrays, Arrays, Arrays] | None:
    """Read a checkpoint; ``rate`` takes on what the checkpoint says of it.

    Returns:
        State, weights, the optimizer's variables, the best weights and the average; None if there is no checkpoint.

    Raises:
        RunError: the checkpoint cannot be read.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        arrays = _read_arrays(path)
        text = str(arrays.pop("told"))
        if len(text) > _MAX_CHARACTERS:
            raise ValueError("its state is too long")
        told = json.loads(text)
        state = _state(told["state"])
        rates = float(told["rate"]["factor"]), float(told["rate"]["best"]), _count(told["rate"]["waited"])
        groups = [_group(arrays, name) for name in ("weights", "optimizer", "best", "average")]
    except Exception as error:  # a damaged file makes anything go wrong that can
        raise RunError(f"{path}: is not a readable checkpoint ({error}). Start a new run.") from error
    rate.factor, rate.best, rate.waited = rates
    return state, groups[0], groups[1], groups[2], groups[3]


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an ``.npz`` file that is not compressed; never takes more memory than the file is long."""
    with open_confined(path) as opened, zipfile.ZipFile(opened) as archive:
        items = archive.infolist()
        if sum(item.file_size for item in items) > os.fstat(opened.fileno()).st_size:
            raise ValueError("its parts claim to be larger than the file")
        found = {}
        for item in items:
            with archive.open(item) as file:
                found[item.filename.removesuffix(".npy")] = _read_array(file)
    return found


def _read_array(file: IO[bytes]) -> np.ndarray:
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read_header(file)
    values = np.frombuffer(file.read(), dtype=dtype)
    return values.reshape(shape, order="F" if is_fortran else "C")


def _group(arrays: dict[str, np.ndarray], name: str) -> Arrays:
    numbers = sorted(int(key.rpartition("_")[2]) for key in arrays if key.startswith(f"{name}_"))
    return [arrays[f"{name}_{number}"] for number in numbers]


def _state(values: dict[str, Any]) -> TrainingState:
    """Return the state that values stand for; raises anything if they are no state."""
    best = values["best"]
    return TrainingState(
        seed=_count(values["seed"]), epoch=_count(values["epoch"]), step=_count(values["step"]),
        seconds=float(values["seconds"]), fingerprint=str(values.get("fingerprint", "")),
        best=BestSoFar(_count(best["epoch"]), _number_or_none(best["val_loss"]), _count(best["waited"])),
        history={name: [_number_or_none(value) for value in column] for name, column in values["history"].items()},
        zero_recall={name: _count(epochs) for name, epochs in values["zero_recall"].items()},
        so_far=_so_far(values.get("so_far", {})),  # checkpoints of version 0.1.0 are of ends of epochs
        first_epoch=_count(values.get("first_epoch", 0)), first_step=_count(values.get("first_step", 0)),
    )  # fmt: skip


def _so_far(values: dict[str, Any]) -> EpochProgress:
    sums = ("loss_sum", "weight_sum", "seconds", "waited", "val_loss_sum", "val_weight_sum", "val_seconds")
    return EpochProgress(
        steps=_count(values.get("steps", 0)), step=_count(values.get("step", 0)), val_step=_count(values.get("val_step", 0)),
        confusion=np.asarray(values.get("confusion", []), dtype=np.float64).tolist(),
        **{name: float(values.get(name, 0.0)) for name in sums},
    )  # fmt: skip


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def _number_or_none(value: Any) -> float | None:
    return None if value is None else float(value)
