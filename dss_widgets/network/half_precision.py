"""What it changes to compute networks with fewer digits, told before recordings are annotated so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.errors import DataError
from dss_widgets.network.annotate import open_fitting
from dss_widgets.network.device import computes_on_gpu
from dss_widgets.network.ensemble import TrainedEnsemble
from dss_widgets.network.inference import has_bfloat16
from dss_widgets.network.probabilities import fitting, probabilities
from dss_widgets.network.trained import TrainedNetwork

_SECONDS = 20.0
"""How much of a recording is computed both ways."""

_MOST_SAMPLES = 2**20
"""... at most: samples times classes."""

_MOST_RECORDINGS = 5
"""Recordings that are looked at for song."""


def tell_half_precision(ensemble: TrainedEnsemble, recordings: Sequence[Path], on_notice: Callable[[str], None]) -> None:
    """Tell how much of the song at the beginning of a recording, the first that has some there, is labelled otherwise.

    Args:
        ensemble: the networks.
        recordings: that are to be annotated.
        on_notice: takes the words.
    """
    if computes_on_gpu() or not has_bfloat16():
        device = "GPU" if computes_on_gpu() else "processor"
        on_notice(f"--fast changes nothing here: this {device} gains no time by fewer digits, so all are computed.")
        return
    for network in ensemble.networks:
        name = f"{network.stem.name}: " if len(ensemble.networks) > 1 else ""
        on_notice(f"{name}{_words(ensemble, network, recordings)}")


def _words(ensemble: TrainedEnsemble, network: TrainedNetwork, recordings: Sequence[Path]) -> str:
    for path in recordings[:_MOST_RECORDINGS]:
        with suppress(DataError, MemoryError):  # it is told of when it is annotated
            same, song, seconds = _compared(network, open_fitting(ensemble, path))
            if song:
                return (
                    f"Computed with fewer digits: of the song in the first {seconds:.3g} s of {path.name}, "
                    f"{_percent(same / song)} gets the same label as with all of them."
                )
    return "Computed with fewer digits. The first recordings begin without song, so what that changes is not known."


def _compared(trained: TrainedNetwork, recording: Recording) -> tuple[int, int, float]:
    """Compute a recording's beginning both ways.

    Returns:
        Samples that are song either way and have the same label, all that are song either way, and the seconds that were
        looked at.
    """
    fitted = fitting(trained, recording, lambda _notice: None)
    n_samples = min(fitted.n_samples, int(_SECONDS * trained.samplerate_hz), _MOST_SAMPLES // len(trained.class_names))
    audio = fitted.read(0, n_samples)
    exact, fast = (probabilities(replace(trained, half_precision=half), audio).argmax(axis=1) for half in (False, True))
    is_song = (exact > 0) | (fast > 0)
    return int(np.sum(exact[is_song] == fast[is_song])), int(is_song.sum()), n_samples / trained.samplerate_hz


def _percent(share: float) -> str:
    """Return a share in percent, rounded down: all is said only of all."""
    return f"{int(share * 10_000) / 100:.2f} %" if share < 1 else "all"
