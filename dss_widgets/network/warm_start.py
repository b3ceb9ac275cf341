"""Starting from another network's weights: what fits is taken over, also where the song types are others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dss_widgets.errors import DataError
from dss_widgets.network.architecture import OUTPUT
from dss_widgets.network.model import Network
from dss_widgets.network.trained import load_trained


@dataclass(frozen=True)
class WarmStart:
    """What was taken over.

    Attributes:
        source: name of the network that it came from.
        known: song types whose output was taken over.
        new: song types whose output is learned again.
    """

    source: str
    known: tuple[str, ...]
    new: tuple[str, ...]

    def __str__(self) -> str:
        told = [f"Started from {self.source}"]
        if self.known:
            told.append(f"which knows {', '.join(self.known)}")
        if self.new:
            told.append(f"{', '.join(self.new)} {'is' if len(self.new) == 1 else 'are'} new to it")
        return "; ".join(told) + "."


def warm_start(network: Network, source: str, class_names: Sequence[str]) -> WarmStart:
    """Give a network the weights of another one.

    All layers but the last are the same; in the last, every class has weights of its own, which are taken over for classes of
    the same name. Those of other classes stay as they are.

    Args:
        network: with random weights; it gets the others.
        source: stem of the other network's files, one of them, or its run's folder.
        class_names: of the network's outputs, noise first.

    Raises:
        DataError: the other network cannot be loaded, or has another architecture.
    """
    trained = load_trained(source)
    theirs, mine = trained.settings.architecture, network.architecture
    if replace(theirs, n_classes=mine.n_classes) != mine:
        raise DataError(f"{trained.stem}: has another architecture than the network that is to start from it.")
    columns = {name: i for i, name in enumerate(trained.class_names)}
    last = [np.array(array) for array in network.weights[OUTPUT]]
    for column, name in enumerate(class_names):
        if name in columns:
            for target, array in zip(last, trained.weights[OUTPUT], strict=True):
                target[..., column] = array[..., columns[name]]
    network.set_weights({**trained.weights, OUTPUT: last})
    song = class_names[1:]
    return WarmStart(
        trained.stem.name, tuple(name for name in song if name in columns), tuple(name for name in song if name not in columns)
    )
