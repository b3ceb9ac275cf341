"""How a training begins: its seed, and a network with its first weights."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.model import Network, build_network
from dss_widgets.network.warm_start import warm_start
from dss_widgets.options import TrainingOptions
from dss_widgets.results.stems import CHECKPOINT
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

SEED = "seed"
"""Name of the file in the run's folder with the seed that was drawn, where none was chosen."""

_SEED_DIGITS = 20


@dataclass(frozen=True)
class Beginning:
    """A network that is to learn.

    Attributes:
        network: with its first weights.
        class_names: of its outputs, noise first.
        seed: that they were drawn from.
        start: what was taken over from the network to start from, in words; '' if there is none, or if it goes on learning.
        renew: gives it other first weights.
    """

    network: Network
    class_names: list[str]
    seed: int
    start: str
    renew: Callable[[], None]


def begin_network(options: TrainingOptions, dataset: Dataset, seed: int, run_folder: Path | None) -> Beginning:
    """Return the network that options describe, with its first weights.

    Args:
        options: of the training.
        dataset: what it is to learn from.
        seed: of the run.
        run_folder: of a run that goes on where there is a checkpoint; None: it begins.

    Raises:
        DataError: the network to start from cannot be read, or has another architecture.
    """
    names, _ = dataset.classes(options.song_type)
    architecture = Architecture.of(options, n_channels=dataset.n_channels, n_classes=len(names))
    network = build_network(architecture, seed=seed)

    def take_over() -> str:
        return str(warm_start(network, options.initial_weights, names)) if options.initial_weights else ""

    def renew() -> None:
        network.model.set_weights(build_network(architecture, seed=seed + 1).model.get_weights())
        take_over()

    goes_on = run_folder is not None and (run_folder / CHECKPOINT).is_file()
    return Beginning(network, names, seed, "" if goes_on else take_over(), renew)


def chosen_seed(options: TrainingOptions, run_folder: Path) -> int:
    """Return the seed chosen, or one that is drawn once a run, so that a resumed run draws the same orders."""
    if options.seed is not None:
        return options.seed
    path = run_folder / SEED
    with suppress(FileNotFoundError, ValueError), open_confined(path) as file:  # an earlier version may have half written it
        return int(file.read(_SEED_DIGITS))
    seed = secrets.randbelow(2**31)
    with appearing_whole(path) as partial:
        partial.write_text(str(seed), encoding="utf-8")
    return seed
