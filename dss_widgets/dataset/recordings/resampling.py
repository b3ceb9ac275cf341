"""Reading a recording at another sample rate, block by block, with the same values as all at once."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import soxr

from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.errors import DataError

_MARGIN = 4096
"""Samples at the lower rate read on either side of a block; soxr's filters at quality HQ are far shorter."""

_WORLDS_APART = 1000
"""Rates that differ by more than this factor are a mistake: nothing would be left, or memory would not suffice."""

_LONGEST_GROUP = 10**6
"""Most source samples from one that lies on both rates' grids to the next."""


def resampled_length(n_samples: int, from_hz: float, to_hz: float) -> int:
    """Return how many samples a recording has at another rate; never rounded to an even rate, so that nothing drifts.

    However short a recording is, one sample of it remains.
    """
    if from_hz == to_hz or n_samples == 0:
        return n_samples
    return max(1, round(n_samples * Fraction(to_hz) / Fraction(from_hz)))


def worlds_apart(one_hz: float, other_hz: float) -> bool:
    """Return whether two sample rates are too different to be resampled."""
    return max(one_hz, other_hz) > _WORLDS_APART * min(one_hz, other_hz)


def resampled(recording: Recording, samplerate_hz: float) -> Recording:
    """Return the same recording at another sample rate (itself if the rate is the same).

    Every block is resampled with enough audio on both sides, from a source sample that lies on both grids, so that it
    has the same values whatever its borders. (Rates that are all but equal have grids that hardly meet: there, a block may
    be off by half a sample, and no error adds up.)

    Raises:
        DataError: the rates are worlds apart.
    """
    if recording.samplerate_hz == samplerate_hz:
        return recording
    if worlds_apart(recording.samplerate_hz, samplerate_hz):
        raise DataError(
            f"{recording.path}: its sample rate of {recording.samplerate_hz:.8g} Hz cannot be changed to "
            f"{samplerate_hz:.8g} Hz. Is its header damaged?"
        )
    n_samples = resampled_length(recording.n_samples, recording.samplerate_hz, samplerate_hz)
    reader = partial(_read_resampled, recording, samplerate_hz)
    return replace(recording, samplerate_hz=samplerate_hz, n_samples=n_samples, read_block=reader)


def _read_resampled(recording: Recording, samplerate_hz: float, start: int, stop: int) -> np.ndarray:
    exact = Fraction(samplerate_hz) / Fraction(recording.samplerate_hz)
    ratio = exact.limit_denominator(_LONGEST_GROUP)
    margin = math.ceil(_MARGIN * max(Fraction(1), ratio))
    first_group = max(0, (start - margin) // ratio.numerator)
    source_start = min(first_group * ratio.denominator, recording.n_samples)
    source_stop = min(recording.n_samples, math.ceil((stop + margin) / exact))
    source = recording.read(source_start, source_stop)
    audio = soxr.resample(source, recording.samplerate_hz, samplerate_hz, quality="HQ")
    offset = start - round(source_start * exact)  # within half a sample where the two grids never meet
    block: np.ndarray = audio[offset : offset + stop - start]
    missing = stop - start - len(block)
    if missing <= 0:
        return block
    # the last sample may fall just beyond what soxr returns: the nearest there is stands for it
    last = block[-1:] if len(block) else audio[-1:] if len(audio) else source[-1:]
    return np.concatenate([block, np.repeat(last, missing, axis=0)])
