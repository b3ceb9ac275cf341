"""How long an epoch takes, measured on a few batches: nothing is written where the user would find it."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.events import Event
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.model import build_network
from dss_widgets.network.trainer_setup import new_trainer
from dss_widgets.options import TrainingOptions
from dss_widgets.results.measured import Measured

MEASURED_STEPS = 2
"""Steps that are measured, after a first one in which the network is compiled."""

VALIDATION_SHARE = 1 / 3
"""About what a batch of validation takes of what a step of learning takes: it computes no gradients."""


def measure(options: TrainingOptions, *, began: float | None = None, should_stop: Callable[[], bool] | None = None) -> Measured:
    """Take a few steps of learning and say how long an epoch will take.

    Args:
        options: of the training; without errors.
        began: when the process began (``time.time()``); None: now.
        should_stop: is asked after every step; once true, what was measured so far is returned.

    Returns:
        Seconds of a step, an epoch and the start, and the memory that the process took.

    Raises:
        DataError: the dataset cannot be read.
    """
    began = time.time() if began is None else began
    dataset = open_dataset(options.store_path)
    names, _ = dataset.classes(options.song_type)
    network = build_network(Architecture.of(options, n_channels=dataset.n_channels, n_classes=len(names)), seed=0)
    moments: list[float] = []

    def after_step() -> bool:
        moments.append(time.time())
        return len(moments) > MEASURED_STEPS or (should_stop is not None and should_stop())

    with tempfile.TemporaryDirectory() as folder:
        trainer = new_trainer(
            options, dataset, network, 0, run_folder=Path(folder), on_event=_ignore, should_stop=after_step, on_best=_nothing,
        )  # fmt: skip
        trainer.run()
        train, val = len(trainer.train), len(trainer.val) if trainer.val is not None else 0
    step = (moments[-1] - moments[0]) / (len(moments) - 1) if len(moments) > 1 else moments[0] - began
    return Measured(step, step * (train + VALIDATION_SHARE * val), moments[0] - began, peak_bytes())


def peak_bytes() -> int | None:
    """Return the most memory that this process has taken; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) if sys.platform == "darwin" else int(peak) * 1024


def _ignore(_event: Event) -> None:
    return None


def _nothing() -> None:
    return None
