"""The same answer tomorrow: what a network computed when it was tested is kept, and computed again where one asks."""

from __future__ import annotations

import hashlib
import os
import platform

import numpy as np

from dss_widgets import __version__
from dss_widgets.dataset.stores.store import Dataset, Split
from dss_widgets.errors import DataError
from dss_widgets.network.device import computes_on_gpu
from dss_widgets.network.params import library_versions
from dss_widgets.network.probabilities import check_channels, probabilities
from dss_widgets.network.rows import Rows
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.results.replay import Replay, Verification, read_replay, write_replay
from dss_widgets.results.stems import stem_of

_SECONDS = 4.0
"""How long the audio of a replay is, at most."""

_MOST_VALUES = 2**20
"""Most probabilities that are kept, samples times classes."""

_PLACES = 20
"""Stretches of a split that are looked at; the one with the most song types is kept."""

_SAME = 1e-4
"""Largest difference of a probability between processors, and versions of libraries, that compute the same."""

_CLOSE_SHARE = 1e-4
"""Share of the samples that may get another label where the network still finds the same song."""


def keep_replay(trained: TrainedNetwork, dataset: Dataset) -> None:
    """Keep a few seconds of a dataset (of its test data, if there are any) with what a network makes of them.

    A replay of the same weights stays: it tells what was computed first.

    Raises:
        DataError: it cannot be written, or the audio cannot be read.
    """
    digest = _digest(trained)
    try:
        if read_replay(trained.stem).weights == digest:
            return
    except DataError:
        pass  # none, or a damaged one
    splits = (dataset.split(name) for name in ("test", "val", "train"))
    split = next((split for split in splits if split.n_samples), None)
    if split is None:
        return
    start, stop = _most_telling(split, str(trained.params.get("y_suffix") or ""), trained)
    audio = np.asarray(Rows(split.x).read(start, stop), dtype=np.float32)
    write_replay(trained.stem, Replay(audio, probabilities(trained, audio), digest, _versions()))


def verify(stem: str | os.PathLike[str]) -> Verification:
    """Compute again what a network computed when it was tested, and compare.

    Args:
        stem: path of the network's files, without their endings, or one of them.

    Raises:
        DataError: the network cannot be used, it has no replay, or the replay does not fit it.
    """
    stem = stem_of(stem)
    replay, trained = read_replay(stem), load_trained(stem)
    check_channels(trained, replay.audio.shape[1], "the replay")
    if replay.probabilities.shape[1] != len(trained.class_names):
        raise DataError(
            f"{stem}: its replay is of {replay.probabilities.shape[1]} classes, the network has {len(trained.class_names)}. "
            f"Test the network again to keep another: dss-widgets evaluate {stem}"
        )
    now = probabilities(trained, replay.audio)
    difference = float(np.abs(now - replay.probabilities).max())
    others = int((now.argmax(axis=1) != replay.probabilities.argmax(axis=1)).sum())
    close = "close" if others <= _CLOSE_SHARE * len(now) else "different"
    return Verification(
        network=str(stem),
        verdict="same" if difference <= _SAME else close,
        largest_difference=difference,
        n_samples=len(now),
        n_other_labels=others,
        is_same_network=_digest(trained) == replay.weights,
        versions_then=replay.versions,
        versions_now=_versions(),
    )


def _most_telling(split: Split, song_type: str, trained: TrainedNetwork) -> tuple[int, int]:
    """Return first sample and the one after the last of the stretch, of some, with the most song types, then the most song."""
    targets = Rows(split.y(song_type))
    length = min(split.n_samples, int(_SECONDS * trained.samplerate_hz), _MOST_VALUES // len(trained.class_names))
    starts = np.unique(np.linspace(0, split.n_samples - length, _PLACES).astype(np.int64)).tolist()

    def told(start: int) -> tuple[int, float]:
        song = targets.read(start, start + length)[:, 1:].astype(np.float32)
        return int((song.max(axis=0, initial=0) > 0.5).sum()), float(song.sum())

    best = max(starts, key=told)
    return best, best + length


def _digest(trained: TrainedNetwork) -> str:
    """Return a SHA-256 of the network's weights."""
    digest = hashlib.sha256()
    for layer in trained.settings.architecture.layers():
        for array in trained.weights[layer.name]:
            digest.update(str((array.shape, array.dtype)).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    device = "GPU" if computes_on_gpu() else platform.machine()
    return {"dss_widgets": __version__, **library_versions(), "system": platform.system(), "device": device}
