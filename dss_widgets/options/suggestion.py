"""Suggest from my data: a network and a training that suit a dataset, with the reason for each choice. Pure functions.

The rules were laid beside the published starting points (see the presets) and tried on recordings of finches, mice and flies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dss_widgets.options.amount import SPECTROGRAM_RATE, STEPS, WAVEFORM_RATE, batch_for, steps_an_epoch
from dss_widgets.options.chunk import chunk_for, chunk_reason, samples_a_step
from dss_widgets.options.network import DILATIONS
from dss_widgets.options.song import SongFacts, TypeFacts, milliseconds
from dss_widgets.options.training import TrainingOptions

FRONTEND_FROM_HZ = 15_000
"""Sample rate from which song is told by its frequencies, and a spectrogram in front of the network pays."""

ADVISED = (
    "validation_from_train", "frontend", "frontend_filter_duration", "downsample_factor", "chunk_duration", "filters",
    "filter_duration", "blocks", "separable", "batch_size", "learning_rate", "learning_rate_schedule", "augmentations",
    "oversample_rare", "epochs",
)  # fmt: skip
"""The options on which data may have a say."""

_LONG_SAMPLES = 1000
"""Samples of the shortest segment type from which it does so at lower rates, too, where there are no events: calls as those of
whales, at 2 kHz, are told by the course of their frequencies."""

_FINEST_SECONDS, _COARSEST_SECONDS = 0.0005, 0.02
"""Bounds of a frame's duration behind the frontend."""

_FRAMES_OF_SHORTEST = 256
"""Frames that the shortest song type may be divided into without coming below the finest frame."""

_MANY_TYPES = 12
"""With more song types than this, what comes before and after tells them apart, and more filters are needed."""

_SIZES = ((16, 2), (16, 3), (32, 3), (32, 4))
"""Filter durations and blocks, from small to large."""

_HIGHEST_FACTOR = 32
"""Downsampling above which calls of mice were told worse, however long the network learned."""

_FEW_CHANNELS = 4
"""Channels that the first filters take in together."""

_INTERVALS_SEEN = 8
"""Intervals between events that the network sees around every moment: pulses are known by their rhythm."""

_RARE_SHARE = 0.1
"""Share of the chunks that a song type may be in, to be rare."""


@dataclass(frozen=True)
class Advice:
    """One suggested value.

    Attributes:
        name: the option.
        value: what is suggested.
        reason: why, as a sentence.
    """

    name: str
    value: Any
    reason: str


def suggest(facts: SongFacts, chosen: Mapping[str, Any] | None = None) -> tuple[Advice, ...]:
    """Suggest values of training options for a dataset.

    Args:
        facts: from :func:`~dss_widgets.dataset.song_facts.song_facts`.
        chosen: options that somebody has chosen, with their values; what is suggested goes together with them.

    Returns:
        A value and a reason for every option on which data has a say and nobody else had, in the order of a form. Together
        they are free of contradictions.
    """
    chosen = chosen or {}
    return tuple(item for item in _advice(facts, chosen) if item.name not in chosen)


def as_options(advice: tuple[Advice, ...]) -> dict[str, Any]:
    """Return the suggested values by option name."""
    return {item.name: item.value for item in advice}


def _advice(facts: SongFacts, chosen: Mapping[str, Any]) -> Iterator[Advice]:
    if facts.val_samples == 0 and facts.train_samples:
        yield Advice(
            "validation_from_train", 0.15, "The dataset has no validation data, without which nothing tells when to stop."
        )
    factor, window = _frontend(facts, chosen)
    yield from _frontend_advice(facts, factor, window)
    duration, blocks = _size(facts, factor)
    blocks = chosen.get("blocks", len(chosen.get("separable", ())) or blocks)
    duration = chosen.get("filter_duration", duration)
    shortest = 2048 if _channels_apart(facts, factor) else 4096
    chunk = chosen.get("chunk_duration", chunk_for(facts, factor, duration * blocks, shortest))
    yield Advice("chunk_duration", chunk, chunk_reason(facts, chunk))
    n_types, many = len(facts.types), len(facts.types) > _MANY_TYPES
    filters = 64 if many else 32
    yield Advice(
        "filters", filters,
        f"It takes more filters to tell {n_types} song types apart." if many else f"Enough for {_count(n_types)}.",
    )  # fmt: skip
    context = milliseconds(min(chunk, (1 + blocks * sum(DILATIONS) * (duration - 1)) * factor) / facts.samplerate_hz)
    yield Advice("filter_duration", duration, f"With {blocks} blocks, every moment is seen with {context} around it.")
    apart = _channels_apart(facts, factor)
    yield Advice("blocks", blocks, _blocks_reason(apart=apart, many=many))
    yield Advice("separable", [i < 2 for i in range(blocks)] if apart else [], _separable_reason(facts, factor, apart=apart))
    yield from _training_advice(facts, factor, chunk, chosen)


def _training_advice(facts: SongFacts, factor: int, chunk: int, chosen: Mapping[str, Any]) -> Iterator[Advice]:
    per_step = samples_a_step(factor)
    batch = chosen.get("batch_size", batch_for(per_step // chunk, chunk, facts.train_samples))
    steps = steps_an_epoch(facts.train_samples, batch * chunk)
    epochs = min(100, max(5, round(STEPS / steps)))
    audio = milliseconds(batch * chunk / facts.samplerate_hz)
    yield Advice("batch_size", batch, f"Each step learns from {audio} of audio, which makes {steps:,} steps an epoch.")
    if factor > 1:
        yield Advice("learning_rate", SPECTROGRAM_RATE, "High at first, because the schedule lowers it.")
    else:
        yield Advice("learning_rate", WAVEFORM_RATE, "Waveforms are learned more reliably with a lower rate than spectrograms.")
    yield Advice("learning_rate_schedule", "cosine", "Warming up and decaying needs no tuning.")
    yield _augmentation(factor)
    rare = _rarest(facts, chunk)
    if rare is not None:
        yield Advice(
            "oversample_rare", True, f"Few chunks have {rare.name!r} ({rare.count} annotations): they are shown more often."
        )
    else:
        yield Advice("oversample_rare", False, "No song type is rare.")
    why = "little data needs many rounds" if steps < 50 else "as many as it takes"
    yield Advice("epochs", epochs, f"About {epochs * steps:,} steps in all: {why}.")


def _augmentation(factor: int) -> Advice:
    """Return how training audio is varied.

    Waveforms: pulses of a fly that was not trained on, event F1 0.81 without and 0.97 with it (0.82 both the other way round).
    Spectrograms, whose level tells nothing: mouse calls, 9 s of them, macro F1 0.933 without and 0.945 with noise and shifts,
    segments 0.80 and 0.88. As if by other microphones, too: Bengalese finch, three seeds, segments 0.964 without and 0.975 with
    it, macro F1 0.971 both; recordings without the lowest 5 % of the frequencies 0.11 and 0.75 (tests/benchmarks/defaults.py,
    sound_fit.py).
    """
    if factor == 1:
        return Advice(
            "augmentations", ["gain", "noise", "time_shift", "polarity"],
            "Other recordings are louder or softer, noisier, or upside down: the network learns that this does not matter.",
        )  # fmt: skip
    return Advice(
        "augmentations", ["noise", "time_shift", "microphone"],
        "Other recordings are noisier or of other microphones, and song begins anywhere: the network learns that this does not "
        "matter.",
    )  # fmt: skip


def _rarest(facts: SongFacts, chunk: int) -> TypeFacts | None:
    """Return the rarest song type, if few chunks can have it."""
    rarest = min(facts.present, key=lambda found: found.count, default=None)
    return rarest if rarest is not None and rarest.count * chunk < _RARE_SHARE * facts.train_samples else None


def _frontend(facts: SongFacts, chosen: Mapping[str, Any]) -> tuple[int, int]:
    """Return the downsample factor (1: no frontend) and the frontend's window in samples."""
    if "downsample_factor" in chosen or chosen.get("frontend") == "none":
        factor = 1 if chosen.get("frontend") == "none" else int(chosen["downsample_factor"])
        return factor, max(64, 2 * factor)
    shortest = None if any(found.kind == "event" for found in facts.present) else facts.shortest
    is_long = shortest is not None and shortest.typical_seconds * facts.samplerate_hz >= _LONG_SAMPLES
    is_low = facts.samplerate_hz < FRONTEND_FROM_HZ and not is_long
    if "frontend" not in chosen and is_low:
        return 1, 64
    frame = _FINEST_SECONDS
    if shortest is not None:
        frame = min(_COARSEST_SECONDS, max(frame, shortest.typical_seconds / _FRAMES_OF_SHORTEST))
    factor = min(_HIGHEST_FACTOR, max(4, 2 ** int(math.log2(facts.samplerate_hz * frame))))
    return factor, max(64, 2 * factor)


def _frontend_advice(facts: SongFacts, factor: int, window: int) -> Iterator[Advice]:
    if factor == 1:
        yield Advice(
            "frontend", "none", f"At {facts.samplerate_hz / 1000:g} kHz the waveform itself shows the song, to the sample."
        )
        return
    if facts.samplerate_hz < FRONTEND_FROM_HZ:
        why = "Song as long as this is recognised by the course of its frequencies: a spectrogram shows them."
    else:
        why = f"At {facts.samplerate_hz / 1000:g} kHz song is recognised by its frequencies: a spectrogram shows them."
    yield Advice("frontend", "stft", why)
    lasts, apart = milliseconds(window / facts.samplerate_hz), facts.samplerate_hz / window
    yield Advice(
        "frontend_filter_duration", window, f"Windows of {lasts} resolve frequencies {apart:.0f} Hz apart.",
    )  # fmt: skip
    frame, shortest = milliseconds(factor / facts.samplerate_hz), facts.shortest
    beside = f"; {shortest.name!r} lasts {milliseconds(shortest.typical_seconds)}" if shortest else ""
    yield Advice("downsample_factor", factor, f"Onsets and offsets to {frame}{beside}.")


def _size(facts: SongFacts, factor: int) -> tuple[int, int]:
    """Return the filters' duration in frames and the number of blocks: the smallest whose context is wide enough.

    Pulses of flies at 2.5 kHz are learned as well with 16 and 2 as with 32 and 3, in a third of the time (event F1 of a fly
    that was not trained on: 0.82 both, and 0.97 both).
    """
    if _channels_apart(facts, factor):
        return 32, 4
    many = len(facts.types) > _MANY_TYPES
    wanted = (5 if many else 2.5) * (facts.longest.typical_seconds if facts.longest else 0.05)
    if factor == 1:
        apart = (found.interval_seconds for found in facts.present if found.kind == "event" and found.interval_seconds)
        wanted = max(wanted if facts.longest else 0, _INTERVALS_SEEN * max(apart, default=math.inf if not facts.longest else 0))
    for duration, blocks in _SIZES[:3] if factor > 1 else (_SIZES[0], _SIZES[2]):
        if (1 + blocks * sum(DILATIONS) * (duration - 1)) * factor / facts.samplerate_hz >= wanted:
            return duration, blocks
    return _SIZES[2]


def _channels_apart(facts: SongFacts, factor: int) -> bool:
    """Return whether each channel has filters of its own, as published for nine: those of many waveforms.

    Of three, pulse and sine of the demo song are learned to F1 0.997 and 1.0 without, a step taking a fifth of the time.
    """
    return facts.n_channels > _FEW_CHANNELS and factor == 1


def _blocks_reason(*, apart: bool, many: bool) -> str:
    if apart:
        return "Several channels take a deeper network: the first blocks look at each channel alone."
    if many:
        return "With many song types, what comes before and after helps to tell them apart."
    return "As few as give enough context: each one takes time."


def _separable_reason(facts: SongFacts, factor: int, *, apart: bool) -> str:
    if apart:
        return f"In the first two blocks each of the {facts.n_channels} channels has filters of its own."
    if facts.n_channels == 1:
        return "There is one channel."
    if factor > 1:
        return f"Each of the {facts.n_channels} channels has its own spectrogram already."
    return f"So few channels ({facts.n_channels}) are looked at together, which takes a fifth of the time."


def _count(n_types: int) -> str:
    return "one song type" if n_types == 1 else f"{n_types} song types"


def changes(advice: tuple[Advice, ...], options: TrainingOptions) -> tuple[Advice, ...]:
    """Return the advice that differs from what the options say."""
    values = options.as_dict()
    return tuple(item for item in advice if values[item.name] != item.value)
