"""What it changes to compute networks with half the digits, told before recordings are annotated so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.errors import DataError
from dss_widgets.machine import has_cuda
from dss_widgets.network.annotate import open_fitting
from dss_widgets.network.ensemble import TrainedEnsemble
from dss_widgets.network.inference import halves_digits
from dss_widgets.network.probabilities import fitting, probabilities
from dss_widgets.network.trained import TrainedNetwork

_SECONDS = 20.0
"""How much of a recording is computed both ways."""

_MOST_SAMPLES = 2**20
"""... at most: samples times classes."""


def tell_half_precision(ensemble: TrainedEnsemble, recordings: Iterable[Path], on_notice: Callable[[str], None]) -> None:
    """Tell in how many samples of the first recording that can be read networks give other labels with half the digits.

    Args:
        ensemble: the networks.
        recordings: that are to be annotated.
        on_notice: takes the words.
    """
    if has_cuda() or not halves_digits():
        on_notice(f"This {'GPU' if has_cuda() else 'processor'} gains nothing by half the digits: all are computed.")
        return
    for path in recordings:
        with suppress(DataError, MemoryError):  # it is told of when it is annotated
            told = [(network, _same_share(network, open_fitting(ensemble, path))) for network in ensemble.networks]
            for network, (share, seconds) in told:
                name = f"{network.stem.name}: " if len(told) > 1 else ""
                on_notice(
                    f"{name}Computed with half the digits, which gives {_percent(share)} of the samples in the first "
                    f"{seconds:.3g} s of {path.name} the same label."
                )
            return


def _same_share(trained: TrainedNetwork, recording: Recording) -> tuple[float, float]:
    """Return the share of samples at a recording's beginning with the same label either way, and how long it is in seconds."""
    fitted = fitting(trained, recording, lambda _notice: None)
    n_samples = min(fitted.n_samples, int(_SECONDS * trained.samplerate_hz), _MOST_SAMPLES // len(trained.class_names))
    audio = fitted.read(0, n_samples)
    exact, fast = (probabilities(replace(trained, half_precision=half), audio).argmax(axis=1) for half in (False, True))
    return float((exact == fast).mean()), n_samples / trained.samplerate_hz


def _percent(share: float) -> str:
    """Return a share in percent, rounded down: all is said only of all."""
    return f"{int(share * 10_000) / 100:.2f} %" if share < 1 else "all"
