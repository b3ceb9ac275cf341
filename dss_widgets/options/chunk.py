"""How long a stretch of audio a network sees at once, and how many of them a step learns from. Pure functions."""

from __future__ import annotations

import math

from dss_widgets.options.song import SongFacts, milliseconds

_STEP_FRAMES = 2048
"""Frames that a step learns from behind the frontend."""

_LEAST_STRETCHES = 2
"""Chunks that they are divided into at least."""

_STRETCHES = 4
"""The same, where a chunk still holds a typical segment of the longest type: fewer are less varied."""

_LONGEST_WAVEFORM = 8192
"""Samples of the longest chunk without frontend."""


def samples_a_step(factor: int) -> int:
    """Return how many samples a step learns from, by the downsample factor (1: no frontend)."""
    return _STEP_FRAMES * factor if factor > 1 else 16_384


def chunk_for(facts: SongFacts, factor: int, boundary: int, shortest: int) -> int:
    """Return a chunk in samples, a power of two: some of the longest type's song, and short enough for the data.

    Args:
        facts: of the dataset.
        factor: the downsample factor; 1 without frontend.
        boundary: samples at each end of a chunk that may count nothing.
        shortest: samples that it has where the data are long enough, however short the song.
    """
    if facts.longest is not None:
        wanted = 1.5 * facts.longest.typical_seconds
    else:
        wanted = 8 * max((found.interval_seconds or 0.0 for found in facts.present), default=0.0)
    least = max(1024, 64 * factor, 2 ** math.ceil(math.log2(4 * boundary + 1)))
    chunk = max(shortest, min(_power_of_two(wanted * facts.samplerate_hz), _longest(facts, factor)))
    available = [n for n in (facts.train_samples // 8, facts.val_samples) if n]
    while chunk > least and any(chunk > n for n in available):
        chunk //= 2
    return int(max(chunk, least))


def _longest(facts: SongFacts, factor: int) -> int:
    """Return the longest chunk in samples.

    Behind the frontend it leaves a step four stretches of audio where it can. Mouse calls, 9 s of them, validation loss of
    two seeds: two chunks of 131 ms a step 0.077 and 0.082, four of 66 ms 0.069 and 0.063; learned from two other recordings
    0.104 and 0.095, 0.085 and 0.093. Four of 131 ms, which take twice the time: 0.064, one seed of the first.
    """
    if factor == 1:
        return _LONGEST_WAVEFORM
    most, shorter = (samples_a_step(factor) // stretches for stretches in (_LEAST_STRETCHES, _STRETCHES))
    if facts.longest is None:
        return most
    return min(most, max(shorter, _power_of_two(facts.longest.typical_seconds * facts.samplerate_hz)))


def _power_of_two(samples: float) -> int:
    """Return the least power of two that is no less."""
    return int(2 ** math.ceil(math.log2(max(1, samples))))


def chunk_reason(facts: SongFacts, chunk: int) -> str:
    """Return why a chunk of that many samples is suggested, as a sentence."""
    return f"The network sees {milliseconds(chunk / facts.samplerate_hz)} at once{_beside(facts)}."


def _beside(facts: SongFacts) -> str:
    longest = facts.longest
    if longest is not None:
        return f"; {longest.name!r}, the longest, typically lasts {milliseconds(longest.typical_seconds)}"
    apart = [found for found in facts.present if found.interval_seconds]
    return f"; {apart[0].name!r} comes every {milliseconds(apart[0].interval_seconds or 0)}" if apart else ""
