"""What a choice of options means for a dataset: durations in ms, weights, batches. Pure functions and their table."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.dataset.readiness import chunks_in
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.network import DILATIONS
from dss_widgets.panels.look.palette import song_colours
from dss_widgets.panels.look.theme import scrolling
from dss_widgets.panels.look.words import duration, escape, rate, swatch

SEPARABLE_DEPTH = 4
"""Depth multiplier of the separable convolutions."""


@dataclass(frozen=True)
class Meaning:
    """What options mean for a dataset.

    Attributes:
        chunk_seconds: what the network sees at once.
        context_seconds: how much audio one output can depend on.
        step_seconds: time resolution of the predictions.
        rate_hz: the rate at which the network works, after downsampling.
        n_weights: numbers that are learned.
        batches: batches an epoch.
    """

    chunk_seconds: float
    context_seconds: float
    step_seconds: float
    rate_hz: float
    n_weights: int
    batches: int


def meaning(options: TrainingOptions, dataset: Dataset) -> Meaning:
    """Return what the options mean for a dataset; they must be without errors."""
    samplerate_hz = dataset.samplerate_hz
    n_train = int(dataset.split("train").n_samples * options.data_fraction)
    n_classes = 2 if options.song_type else len(dataset.class_names)
    return Meaning(
        chunk_seconds=options.chunk_duration / samplerate_hz,
        context_seconds=min(options.receptive_field, options.chunk_duration) / samplerate_hz,
        step_seconds=options.hop / samplerate_hz,
        rate_hz=samplerate_hz / options.hop,
        n_weights=count_weights(options, dataset.n_channels, n_classes),
        batches=math.ceil(chunks_in(n_train, options) / options.batch_size),
    )


def count_weights(options: TrainingOptions, n_channels: int, n_classes: int) -> int:
    """Return how many weights the network has (domain: *the network*)."""
    f, k = options.filters, options.filter_duration
    total, features = 0, n_channels
    if options.has_frontend:
        window = options.frontend_filter_duration
        features = (window // 2 + 1) * n_channels
        total += 2 * window * (window // 2 + 1)
    total += features * f + f
    plain, separable = k * f * f + f, k * f * SEPARABLE_DEPTH + SEPARABLE_DEPTH * f * f + f
    for is_separable in options.separable_blocks:
        total += len(DILATIONS) * ((separable if is_separable else plain) + f * f + f)
    if options.lstm_units:
        units = options.lstm_units
        total += 2 * 4 * ((f + units) * units + units)
        f = 2 * units
    return total + f * n_classes + n_classes


def typical_durations(dataset: Dataset) -> dict[str, float]:
    """Return the median duration of every segment type in the train split, in seconds; {} if it keeps no annotations."""
    try:
        found, _ = read_annotations(dataset.path / "train" / "x_annotations.csv")
    except DataError:
        return {}
    lasted = found.stop_seconds - found.start_seconds
    names = [name for name, kind in zip(dataset.class_names, dataset.class_types, strict=True) if kind == "segment"]
    return {name: float(np.median(lasted[found.names == name])) for name in names if (found.names == name).any()}


def meaning_table(told: Meaning) -> str:
    """Return the meaning as HTML: a few numbers with their words."""
    facts = [
        ("Chunk", duration(told.chunk_seconds), "what the network sees at once"),
        ("Context", duration(told.context_seconds), "around every moment"),
        ("Time resolution", duration(told.step_seconds), f"working at {rate(told.rate_hz)}"),
        ("Weights", f"{told.n_weights:,}", "numbers to be learned"),
        ("Batches an epoch", f"{told.batches:,}", "steps of learning"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}<small>{words}</small></dd></div>" for name, value, words in facts)
    return f'<dl class="dss-facts">{rows}</dl>'


def duration_bars(told: Meaning, durations: dict[str, float], class_names: list[str]) -> str:
    """Return bars that compare chunk and context with the song types' typical durations."""
    if not durations:
        return ""
    colours = song_colours(class_names)
    rows = [("chunk", told.chunk_seconds, "var(--dss-accent)"), ("context", told.context_seconds, "var(--dss-accent)")]
    rows += [(name, seconds, colours[name]) for name, seconds in durations.items()]
    longest = max(seconds for _, seconds, _ in rows)
    cells = "".join(
        f'<tr><td class="dss-name">{escape(name)}</td><td style="width:60%"><div class="dss-bar"><span style="width:'
        f'{max(0.5, 100 * seconds / longest):.1f}%;background:{colour}"></span></div></td>'
        f'<td class="dss-number">{duration(seconds)}</td></tr>'
        for name, seconds, colour in rows
    )
    table = f'<table class="dss-table"><tbody>{cells}</tbody></table>'
    return (
        '<details class="dss-durations"><summary>Compare with the durations of your song types</summary>'
        f"{scrolling(table, 'Durations')}</details>"
    )


def dataset_words(dataset: Dataset) -> str:
    """Return what a dataset holds, in one sentence of HTML."""
    seconds = {name: split.n_samples / dataset.samplerate_hz for name, split in dataset.splits.items()}
    channels = f"{dataset.n_channels} channels" if dataset.n_channels > 1 else "one channel"
    colours = song_colours(dataset.class_names)
    names = "".join(f"<span>{swatch(colours[name], name)}</span>" for name in dataset.class_names[1:])
    return (
        f"<p>{rate(dataset.samplerate_hz)}, {channels}: {duration(seconds['train'])} train, {duration(seconds['val'])} "
        f"validation, {duration(seconds['test'])} test.</p><div class='dss-legend'>{names}</div>"
    )
