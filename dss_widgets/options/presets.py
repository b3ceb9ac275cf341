"""Starting points by species, after those published (Steinfath et al. 2021, eLife, doi 10.7554/eLife.68837; docs of DAS).

The networks are the published ones. The finches' chunks are longer than published (1024 and 2048 samples): in the same time,
a network that sees 128 ms at once makes a third of the errors on Bengalese finches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dss_widgets.options.amount import SPECTROGRAM_RATE, WAVEFORM_RATE, for_little_data
from dss_widgets.options.song import SongFacts, milliseconds
from dss_widgets.options.training import TrainingOptions

LEAST_SEEN = 0.25
"""Share of a typical segment that a network must see at once, to know it."""

MOST_OF_SHORTEST = 0.25
"""Share of the shortest type's segments that a frame may last."""

MOST_FOR_EVENTS = 0.005
"""Seconds that a frame may last where events are to be found to 10 ms."""


@dataclass(frozen=True)
class Preset:
    """A named set of training options.

    Attributes:
        label: its name for people.
        about: what it is for, with the sample rate it was made for.
        options: option names and values; what it does not name is left as it is.
        samplerates_hz: lowest and highest rate of recordings that it suits; None: any.
        channels: fewest and most channels that it suits; None: any.
    """

    label: str
    about: str
    options: Mapping[str, Any]
    samplerates_hz: tuple[float, float] | None = None
    channels: tuple[int, int] | None = None


def _network(chunk: int, blocks: int, duration: int, filters: int, *, factor: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "frontend": "stft" if factor > 1 else "none",
        "downsample_factor": factor,
        "frontend_filter_duration": 64,
        "chunk_duration": chunk,
        "blocks": blocks,
        "filter_duration": duration,
        "filters": filters,
        "separable": [],
        "batch_size": max(1, 32_768 // chunk),
        "epochs": 16,
        "learning_rate_schedule": "cosine",
        "learning_rate": SPECTROGRAM_RATE if factor > 1 else WAVEFORM_RATE,
        **more,
    }


PRESETS: Mapping[str, Preset] = {
    "fly": Preset("Fly, pulse and sine", "10 kHz, one channel", _network(4096, 3, 32, 32), (8e3, 15e3), (1, 1)),
    "fly-multichannel": Preset(
        "Fly, several channels", "10 kHz, pulse or sine, up to 9 microphones",
        _network(2048, 4, 32, 32, separable=[True, True, False, False]), (8e3, 15e3), (2, 9),
    ),
    "mouse": Preset(
        "Mouse", "ultrasonic calls, 250 to 300 kHz", _network(8192, 2, 16, 32, factor=16, epochs=12), (190e3, 500e3),
    ),
    "marmoset": Preset("Marmoset", "44.1 kHz", _network(8192, 2, 16, 32, factor=16), (30e3, 100e3)),
    "bengalese-finch": Preset("Bengalese finch", "32 kHz", _network(4096, 4, 32, 64, factor=16), (20e3, 50e3)),
    "zebra-finch": Preset("Zebra finch", "32 kHz", _network(4096, 4, 32, 64, factor=16), (20e3, 50e3)),
    "quick": Preset(
        "Quick", "a small network, to try things out in a minute or two",
        _network(4096, 2, 16, 16, factor=16, epochs=20, batch_size=4),
    ),
    "small-laptop": Preset(
        "Small laptop", "one channel at 20 kHz or more; a network that needs little time and 1 GB of memory",
        _network(8192, 2, 16, 24, factor=16, epochs=16), (19e3, 100e3), (1, 1),
    ),
    "das": Preset(
        "DAS's own defaults", "what DAS's dialog begins with: small fixed learning rate, up to 400 epochs",
        {
            **_network(1024, 3, 16, 32, factor=16), "batch_size": 32, "learning_rate": 1e-4,
            "learning_rate_schedule": "fixed", "epochs": 400,
        },
    ),
}  # fmt: skip
"""The presets by the name that ``--preset`` takes."""


def preset_values(name: str, train_samples: int = 0) -> dict[str, Any]:
    """Return what a preset sets; where data is little, also the batch size and the epochs with which it is learned from.

    Args:
        name: in :data:`PRESETS`.
        train_samples: in the train split; 0 if that is not known.
    """
    values = dict(PRESETS[name].options)
    return {**values, **for_little_data({**TrainingOptions().as_dict(), **values}, train_samples)}


def misfit(name: str, samplerate_hz: float, n_channels: int, facts: SongFacts | None = None) -> str:
    """Return why a preset does not suit recordings, as a sentence; '' if it does.

    Args:
        name: in :data:`PRESETS`.
        samplerate_hz, n_channels: of the dataset.
        facts: of its song, where they are known: durations are then looked at, too.
    """
    preset = PRESETS[name]
    if preset.samplerates_hz is not None and not preset.samplerates_hz[0] <= samplerate_hz <= preset.samplerates_hz[1]:
        return f"Made for {preset.about}; this dataset has {samplerate_hz / 1000:.4g} kHz."
    if preset.channels is not None and not preset.channels[0] <= n_channels <= preset.channels[1]:
        return f"Made for {preset.about}; this dataset has {n_channels} channel{'' if n_channels == 1 else 's'}."
    return _misfit_of_durations(TrainingOptions(**preset.options), facts) if facts is not None else ""


def _misfit_of_durations(options: TrainingOptions, facts: SongFacts) -> str:
    """Return why song is too long or too short for a network, as a sentence; '' if it is neither."""
    rate, longest, shortest = facts.samplerate_hz, facts.longest, facts.shortest
    seen = min(options.receptive_field, options.chunk_duration) / rate
    if longest is not None and seen < longest.typical_seconds * LEAST_SEEN:
        return (
            f"It sees {milliseconds(seen)} at once; {longest.name!r} typically lasts {milliseconds(longest.typical_seconds)}."
        )
    frame = options.hop / rate
    if shortest is not None and frame > shortest.typical_seconds * MOST_OF_SHORTEST:
        lasts = milliseconds(shortest.typical_seconds)
        return f"It tells times to {milliseconds(frame)}; {shortest.name!r} typically lasts {lasts}."
    if any(found.kind == "event" for found in facts.present) and frame > MOST_FOR_EVENTS:
        return f"It tells times to {milliseconds(frame)}, and events to no less."
    return ""
